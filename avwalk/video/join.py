"""Joins segments and sound into one film by packet copy, with exact time stamps.

Times are computed from frame numbers: frame i is shown at i / fps, and packet k of the film is decoded at
(k − delay) / fps, with a delay that never changes. Time stamps of the segments' containers
only give the order of frames within a segment.
"""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import VideoError
from avwalk.files.atomic import output_error, whole_file
from avwalk.files.chapters import Chapter, set_chapters
from avwalk.files.media import media_url, open_media
from avwalk.files.names import name_problem
from avwalk.spec.encoder import Encoder
from avwalk.video.delivery import deliver, hap_file
from avwalk.video.mux import Sound, add_sound
from avwalk.video.subtitle_track import Subtitle, add_subtitles
from avwalk.video.timebase import DELAY, ticks_per_frame, timescale

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class Tracks:
    """What is in a film beside its pictures.

    Attributes:
        sound: from `plan_sound`; None for a silent film.
        blocks: samples [sound.start, sound.stop) of the song, (n, channels) float32, at the song's own rate.
        metadata: tags, written as they are.
        subtitles: a track that players show when asked; none: no such track.
        chapters: parts of the film that players list, ascending; none: it has no parts.
    """

    sound: Sound | None = None
    blocks: Iterable[NDArray[np.float32]] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    subtitles: Sequence[Subtitle] = ()
    chapters: Sequence[Chapter] = ()


def join(
    segments: Sequence[Path],
    n_frames_each: Sequence[int],
    fps: Fraction,
    out: Path,
    encoder: Encoder,
    *,
    sound: Sound | None = None,
    blocks: Iterable[NDArray[np.float32]] = (),
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Copies all segments and the sound into ``out``, renamed to its final name when complete.

    Args:
        segments: MP4 files, in order, made by ``SegmentEncoder`` with equal settings.
        n_frames_each: how many frames each must have.
        fps: frames per second.
        out: the film; an existing file is replaced.
        encoder: its suffix says the container.
        sound: from `plan_sound`; None for a silent film.
        blocks: samples [sound.start, sound.stop) of the song, (n, channels) float32, at the song's own rate.
        metadata: tags, written as they are.

    Raises:
        VideoError: a segment is missing, damaged, of other settings or length, or the sound is refused.
        OutputError: the film cannot be written.
    """
    join_tracks(segments, n_frames_each, fps, out, encoder, Tracks(sound, blocks, metadata or {}))


def join_tracks(
    segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction, out: Path, encoder: Encoder, tracks: Tracks
) -> None:
    """The same as `join`, with all that is in a film beside its pictures.

    Raises:
        VideoError: see `join`; or the container takes no subtitles.
        OutputError: the film cannot be written.
    """
    import av

    if not segments or len(segments) != len(n_frames_each):
        raise VideoError(f"{len(segments)} segments and {len(n_frames_each)} lengths make no film; render again")
    if encoder.delivery in ("gif", "webp"):
        deliver(segments, n_frames_each, fps, out, encoder)
        return
    if encoder.delivery == "hap":
        with hap_file(segments, n_frames_each, fps, out) as made:
            joined = replace(encoder, delivery="", codec="hap")
            join_tracks([made], [sum(n_frames_each)], fps, out, joined, tracks)
        return
    options = {
        "movflags": "+faststart+use_metadata_tags",
        "video_track_timescale": str(timescale(fps)),
        "movie_timescale": str(timescale(fps)),
    }
    options = {} if encoder.suffix == ".webm" else options
    with whole_file(out) as part:
        container = av.open(media_url(part), "w", format=encoder.suffix.removeprefix("."), options=options)
        try:
            container.metadata.update(tracks.metadata)
            if tracks.chapters:
                set_chapters(container, tracks.chapters)
            with _open(segments[0]) as first:
                stream = container.add_stream_from_template(first.streams.video[0], opaque=encoder.codec != "libx264")
                if encoder.suffix == ".webm":  # its ticks are milliseconds, which do not tell it
                    stream.codec_context.framerate = fps
                if encoder.codec in ("libx265", "prores_ks"):
                    stream.codec_context.codec_tag = first.streams.video[0].codec_context.codec_tag
            sound = tracks.sound
            sounds: Iterator[Packet[Any]] = (
                add_sound(container, sound, tracks.blocks) if sound and sound.codec != "none" else iter(())
            )
            texts: Iterator[Packet[Any]] = add_subtitles(container, tracks.subtitles) if tracks.subtitles else iter(())
            pictures: Iterator[Packet[Any]] = _pictures(segments, n_frames_each, fps, stream)
            for packet in heapq.merge(sounds, pictures, texts, key=_seconds):
                _mux(container, packet, out)
            container.close()  # the last sectors and the index are written here, so errors are, too
        except BaseException as error:
            with contextlib.suppress(Exception):
                container.close()
            if isinstance(error, av.error.FFmpegError) and not isinstance(error, OSError):
                raise VideoError(f"'{out}' cannot be joined: {error.strerror}") from None
            raise


def _mux(container: OutputContainer, packet: Packet[Any], out: Path) -> None:
    import av

    try:
        container.mux(packet)
    except OSError as error:
        raise output_error(out, error) from None
    except av.error.FFmpegError as error:
        raise VideoError(f"'{out}' cannot be joined: {error.strerror}") from None


def _open(path: Path) -> InputContainer:
    import av

    try:
        container = open_media(path, "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm")
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(f"segment '{path}' cannot be read: {error.strerror}; render again with --fresh") from None
    if not container.streams.video:
        container.close()
        raise VideoError(f"segment '{path}' holds no picture; render again with --fresh")
    return container


def _pictures(
    segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction, out: VideoStream
) -> Iterator[Packet[VideoStream]]:
    """All video packets in decoding order, with the film's times."""
    ticks, base = ticks_per_frame(fps), Fraction(1, timescale(fps))
    before = 0  # frames of the segments already done
    extradata: bytes | None = None
    for path, n_frames in zip(segments, n_frames_each, strict=True):
        with _open(path) as container:
            stream = container.streams.video[0]
            own = stream.codec_context.extradata or b""
            extradata = own if extradata is None else extradata
            if own != extradata:
                raise VideoError(f"segment '{path}' has other encoder settings; render again with --fresh")
            packets = [p for p in container.demux(stream) if p.size]
            if len(packets) != n_frames:
                raise VideoError(f"segment '{path}' has {len(packets)} frames, not {n_frames}; render again")
            rank = {pts: k for k, pts in enumerate(sorted(p.pts or 0 for p in packets))}
            if len(rank) != n_frames:
                raise VideoError(f"segment '{path}' has two frames at one time; render again with --fresh")
            for k, packet in enumerate(packets):
                pts = before + rank[packet.pts or 0]
                dts = before + k - DELAY
                if pts < dts:
                    raise VideoError(f"segment '{path}' reorders frames by more than {DELAY}; use fewer B-frames")
                packet.time_base, packet.stream = base, out
                packet.pts, packet.dts, packet.duration = pts * ticks, dts * ticks, ticks
                yield packet
        before += n_frames


def _seconds(packet: Packet[Any]) -> Fraction:
    return (packet.dts or 0) * (packet.time_base or Fraction(1))


def read_metadata(path: Path) -> dict[str, str]:
    """Tags of a film, their names in small letters.

    Raises:
        VideoError: the file cannot be opened.
    """
    import av

    if problem := name_problem(path):
        raise VideoError(f"video {problem}")
    try:
        with open_media(path) as container:
            return {name.lower(): text for name, text in container.metadata.items()}  # Matroska has them in capitals
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"video '{path}' cannot be opened: {reason}") from None
