"""A film as it was before it was edited: its segments that are as they would be drawn now are taken out of it.

The packets go from film to film as they are, so the frames are the same to the bit. What may be taken is known from
`avwalk.rendering.segment_cache`, not from the film.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from avwalk.errors import VideoError
from avwalk.files.atomic import output_error, raise_if_short_of_files, write_file
from avwalk.files.checksums import sha256_of, write_record
from avwalk.files.media import open_media
from avwalk.files.png_text import pixels_sha256, without_text
from avwalk.rendering.job import FilmJob
from avwalk.rendering.segment_cache import CachedSegment, recall
from avwalk.rendering.segment_label import ASPECTS
from avwalk.rendering.writers import changes_of, mark_pictures
from avwalk.runners.segments import Segment
from avwalk.score.musical_time import clock
from avwalk.video.profiles import segment_format
from avwalk.video.segment_packets import extradata_of, file_digest, packets_digest, packets_of, write_segment

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream


class Labels(Protocol):
    """What the frames of each segment depend on: `avwalk.rendering.segment_label.SegmentLabels`, and its like."""

    def label(self, segment: Segment) -> str:
        """sha256 of all that the segment's frames depend on."""
        ...

    def aspects(self, segment: Segment) -> Mapping[str, str]:
        """What the label was made of: the names of `ASPECTS` → sha256."""
        ...


@dataclass
class Taken:
    """What came of earlier films.

    Attributes:
        segments: those that were taken.
        changed: those that were there, but are drawn otherwise now → the aspects in which they differ.
    """

    segments: set[Segment] = field(default_factory=set)
    changed: dict[Segment, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there was an earlier film."""
        return bool(self.segments or self.changed)


def earlier_films(out: Path, again: Path | None) -> list[Path]:
    """Films that a new one may be an edit of: the one that it replaces, a folder of pictures too, and the one that is
    made again."""
    if out.is_dir():
        return [out]
    return [film for film in dict.fromkeys((out, again)) if film is not None and film.is_file()]


def take(
    films: Sequence[Path],
    job: FilmJob,
    labels: Labels,
    file: Callable[[Segment], Path],
    there: Collection[Segment],
) -> Taken:
    """Takes segments out of films into files of their own, with their records.

    Films that cannot be read, or were encoded otherwise, give nothing.

    Args:
        films: the earlier ones.
        job: the film that is made now.
        labels: of its segments.
        file: where a segment is kept.
        there: segments that are kept already.

    Raises:
        OutputError: a file cannot be written.
    """
    taken = Taken()
    if segment_format(job.encoder) != "mp4" or job.encoder.delivery:
        return taken  # what lies beside the packets, or what they were made of, is not in a film
    for film in films:
        _take_from(film, job, labels, file, taken, there)
    return taken


def _take_from(
    film: Path,
    job: FilmJob,
    labels: Labels,
    file: Callable[[Segment], Path],
    taken: Taken,
    there: Collection[Segment],
) -> None:
    import av

    try:
        with open_media(film) as container:
            context = container.streams.video[0].codec_context
            if context is None or (context.extradata or b"") != extradata_of(job.size, job.fps, job.encoder):
                return  # of a codec that is not known here, or encoded otherwise
            packets = packets_of(container)
            for segment in job.segments:
                own = list(islice(packets, segment.i1 - segment.i0))
                drawn = recall(packets_digest(own)) if len(own) == segment.i1 - segment.i0 else None
                if drawn is None or segment in there or segment in taken.segments:
                    continue
                if drawn.label == labels.label(segment):
                    _keep(own, drawn, job, file(segment))
                    taken.segments.add(segment)
                    taken.changed.pop(segment, None)
                else:
                    aspects = labels.aspects(segment)
                    taken.changed[segment] = tuple(n for n in ASPECTS if drawn.aspects.get(n) != aspects[n])
    except (av.error.FFmpegError, VideoError, IndexError, OSError) as error:
        if isinstance(error, OSError):
            raise_if_short_of_files(film, error)


def take_pictures(
    earlier: Path,
    job: FilmJob,
    labels: Labels,
    file: Callable[[Segment], Path],
    frames: Path,
    there: Collection[Segment],
) -> Taken:
    """Takes the pictures of segments out of a finished folder, which stays as it is, as a `PictureWriter` leaves them.

    Args:
        earlier: the folder.
        job: the film that is made now.
        labels: of its segments.
        file: where it is kept that a segment's pictures are there.
        frames: where its pictures are kept.
        there: segments that are kept already.

    Raises:
        OutputError: a file cannot be written.
    """
    taken = Taken()
    for segment in job.segments:
        names = picture_names(segment)
        if segment in there or not all((earlier / name).is_file() for name in names):
            continue
        try:
            digests = {frames / name: pixels_sha256(earlier / name) for name in names}
            drawn = recall(pictures_digest([*digests.values()]))
            if drawn is not None and drawn.label == labels.label(segment):
                if _keep_pictures(earlier, digests, drawn.label, file(segment), frames):
                    taken.segments.add(segment)
            elif drawn is not None:
                aspects = labels.aspects(segment)
                taken.changed[segment] = tuple(n for n in ASPECTS if drawn.aspects.get(n) != aspects[n])
        except OSError as error:
            raise_if_short_of_files(earlier, error)
    return taken


def picture_names(segment: Segment) -> list[str]:
    """Names of a segment's pictures, in order."""
    return [f"{i:06d}.png" for i in range(segment.i0, segment.i1)]


def pictures_digest(digests: Sequence[str]) -> str:
    """sha256 of the sha256 of a segment's pictures without their texts, in order: what they are known by."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _keep_pictures(earlier: Path, digests: Mapping[Path, str], label: str, marker: Path, frames: Path) -> bool:
    """Copies pictures; False where one is no longer what it was when it was looked at."""
    frames.mkdir(parents=True, exist_ok=True)
    for picture, digest in digests.items():
        data = without_text((earlier / picture.name).read_bytes())
        if hashlib.sha256(data).hexdigest() != digest:
            return False
        write_file(picture, data, sync="no")
    mark_pictures(marker, frames, label, digests)
    return True


def _keep(packets: Sequence[Packet[VideoStream]], drawn: CachedSegment, job: FilmJob, path: Path) -> None:
    """Writes a segment as a `FilmWriter` leaves it."""
    digest, measured = packets_digest(packets), io.BytesIO()
    np.savez(measured, changes=drawn.changes)

    def record(part: Path) -> None:
        if file_digest(part, len(packets)) != digest:
            raise VideoError(f"'{path}' does not hold what was taken")
        beside = changes_of(path)
        # what is lost is taken again: nothing waits for the disk
        write_file(beside, measured.getvalue(), sync="no")
        write_record(path, drawn.label, {path: sha256_of(part), beside: sha256_of(beside)}, sync="no")

    try:
        write_segment(path, packets, job.fps, record)
    except OSError as error:
        raise output_error(path, error) from None


def redrawn(taken: Taken, segments: Sequence[Segment], fps: float, there: Collection[Segment] = ()) -> str:
    """Which times of an edited film are drawn again, and why, in a line: ``2:10.000–2:20.000 (camera, exposure)``.

    Args:
        taken: what came of earlier films.
        segments: of the film.
        fps: frames per second.
        there: segments that are kept already.
    """
    kept = {*taken.segments, *there}
    why: Mapping[Segment, tuple[str, ...]] = taken.changed
    parts = []
    for reason, run in groupby(segments, key=lambda each: None if each in kept else why.get(each, ())):
        if reason is not None:
            both = list(run)
            span = f"{clock(both[0].i0 / fps)}–{clock(both[-1].i1 / fps)}"
            parts.append(f"{span} ({', '.join(reason)})" if reason else span)
    return ", ".join(parts)
