"""The film of a story: its shots drawn, encoded in segments that survive an interrupt, joined with sound and words."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from avwalk._version import __version__
from avwalk.clock import Clock
from avwalk.config.text import Text as Style
from avwalk.contracts import Caption, Lyric, Song
from avwalk.errors import PlanError, VideoError
from avwalk.events import warning, warnings_as_events
from avwalk.files.chapters import Chapter
from avwalk.files.checksums import State, is_labelled
from avwalk.rendering.draw import Report, draw
from avwalk.rendering.earlier_film import Taken, take
from avwalk.rendering.finish import finish, keep_partial, problems, publish
from avwalk.rendering.job import FilmFile, FilmJob, Piece
from avwalk.rendering.partial_segment import n_done
from avwalk.rendering.segment_cache import CachedSegment, remember
from avwalk.rendering.segment_label import ASPECTS
from avwalk.rendering.soundtrack import Soundtrack
from avwalk.rendering.work_folder import WorkFolder
from avwalk.rendering.writers import FilmWriter, measured_changes, measured_state
from avwalk.runners.segment_work import Drawing
from avwalk.runners.segments import MIN_FRAMES, Segment, partition
from avwalk.runners.threads import draw_segments
from avwalk.spec import PACKAGES
from avwalk.spec.encoder import Encoder
from avwalk.spec.json_form import Spec
from avwalk.story.story_frames import FADE_SECONDS, StoryShots, StorySource
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import read_metadata
from avwalk.video.segment_packets import file_digest
from avwalk.video.subtitle_track import Subtitle

TAG = "avwalk_story"
"""Tag of a film in which it says, as JSON, what it tells."""
SEGMENT_SECONDS = 10
SOUND = "sound"
FRAMES_VERSION = 1
"""Raised whenever the same film would have other frames."""


@dataclass(frozen=True)
class StoryFilmSpec(Spec):
    """Everything that decides a film of a story.

    Attributes:
        avwalk: version that made it.
        sound: sha256 of what is heard.
        fps: frames per second.
        size: width and height, pixels.
        encoder: settings.
        shots: of each, number, frames, sha256 of its picture, and camera.
        how: whether pictures are mixed where they meet, and whether the camera rests.
        captions: of the title.
        lyrics: what is burnt in.
        style: of what is written.
        profile: what the film is for.
        subtitles: of the track.
        chapters: of the film.
    """

    avwalk: str
    sound: str
    fps: str
    size: tuple[int, int]
    encoder: Encoder
    shots: tuple[Any, ...]
    how: tuple[bool, bool]
    captions: tuple[Any, ...]
    lyrics: tuple[Any, ...]
    style: Mapping[str, Any]
    profile: str
    subtitles: tuple[Any, ...]
    chapters: tuple[Any, ...]


EDITS = tuple(StoryFilmSpec.__dataclass_fields__)
"""What may change while a film is unfinished: what is as it was is kept, see `StoryLabels`."""


@dataclass(frozen=True)
class StoryFilm:
    """A film of a story, settled: nothing is drawn yet.

    Attributes:
        path: of the film.
        song: what is heard, or what is as long as the film where nothing is.
        shots: what is seen.
        digests: sha256 of each shot's picture; empty: it has none.
        encoder: settings.
        captions: of the title.
        lyrics: what is said, burnt in.
        style: of what is written.
        profile: what the film is for.
        subtitles: of the track; none: there is no such track.
        chapters: one for each storylet.
        tags: title and the like.
        workers: segments drawn at once; None: one for each core.
    """

    path: Path
    song: Song
    shots: StoryShots
    digests: tuple[str, ...]
    encoder: Encoder
    captions: tuple[Caption, ...] = ()
    lyrics: tuple[Lyric, ...] = ()
    style: Style = field(default_factory=Style)
    profile: str = ""
    subtitles: tuple[Subtitle, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    tags: Mapping[str, str] | None = None
    workers: int | None = None

    @property
    def spec(self) -> StoryFilmSpec:
        """Everything that decides it."""
        return StoryFilmSpec(
            avwalk=__version__,
            sound=self.song.sha256,
            fps=str(self.shots.fps),
            size=self.shots.size,
            encoder=self.encoder,
            shots=tuple(_plain_shot(self, k) for k in range(len(self.shots.shots))),
            how=(self.shots.walk, self.shots.still),
            captions=tuple(tuple(caption) for caption in self.captions),
            lyrics=tuple(tuple(lyric) for lyric in self.lyrics),
            style=self.style.model_dump(mode="json"),
            profile=self.profile,
            subtitles=tuple(tuple(each) for each in self.subtitles),
            chapters=tuple(tuple(each) for each in self.chapters),
        )

    @property
    def job(self) -> FilmJob:
        """The film, as far as drawing and joining it is concerned."""
        return FilmJob(
            song=self.song,
            clock=Clock(self.shots.fps, self.song.sample_rate, self.song.n_samples),
            size=self.shots.size,
            encoder=self.encoder,
            segments=segments_of(self.shots),
            hash=self.spec.hash,
            tempo_bpm=None,
            retry="call again with --force",
            workers=self.workers,
            subtitles=self.subtitles,
            chapters=self.chapters,
        )


def segments_of(shots: StoryShots) -> list[Segment]:
    """Pieces that are encoded on their own: none goes across the begin of a storylet, so that a new picture changes
    the pieces of its storylet alone."""
    length = max(MIN_FRAMES, round(shots.fps * SEGMENT_SECONDS))
    cuts = [0]
    for shot in shots.shots:
        if shot.i0 - cuts[-1] >= MIN_FRAMES and shots.n_frames - shot.i0 >= MIN_FRAMES:
            cuts.append(shot.i0)
    return [
        each
        for a, b in zip(cuts, [*cuts[1:], shots.n_frames], strict=True)
        for each in (Segment(a + s.i0, a + s.i1) for s in partition(0, b - a, length))
    ]


class StoryLabels:
    """What the frames of each segment depend on.

    Args:
        film: settled.
    """

    def __init__(self, film: StoryFilm) -> None:
        self._film = film
        names = (*PACKAGES, "pillow")
        settings = [FRAMES_VERSION, {name: version(name) for name in names}, film.encoder.to_json()]
        self._settings = [*settings, str(film.shots.fps), film.shots.size, film.shots.walk, film.shots.still]

    def label(self, segment: Segment) -> str:
        """sha256 of all that the segment's frames depend on, 64 hexadecimal digits."""
        return _digest(list(self.aspects(segment).items()))

    def aspects(self, segment: Segment) -> dict[str, str]:
        """What the label is made of: the names of `ASPECTS` → sha256, or empty."""
        film, shots = self._film, self._film.shots
        shown = {k for i in (segment.i0, segment.i1 - 1, *self._meets(segment)) for k, _ in shots.pictures_of(i)}
        if segment.i0 < shots.shots[0].i0:
            shown.add(0)
        end = shots.n_frames - segment.i1 < FADE_SECONDS * float(shots.fps)
        words = [each for each in film.lyrics if each.i0 < segment.i1 and segment.i0 < each.i1]
        captions = [each for each in film.captions if each.i0 < segment.i1 and segment.i0 < each.i1]
        text = [captions, words, film.profile, film.style.model_dump(mode="json")] if captions or words else []
        found = dict.fromkeys(ASPECTS, "")
        found["settings"] = _digest([*self._settings, list(segment), shots.n_frames if end else 0])
        found["worlds"] = _digest([[k, film.digests[k]] for k in sorted(shown)])
        found["camera"] = _digest([_plain_shot(film, k)[1:3] + _plain_shot(film, k)[4:] for k in sorted(shown)])
        found["text"] = _digest(text) if text else ""
        return found

    def _meets(self, segment: Segment) -> list[int]:
        """Frames of a segment on which another picture begins."""
        return [shot.i0 for shot in self._film.shots.shots if segment.i0 <= shot.i0 < segment.i1]


def _plain_shot(film: StoryFilm, k: int) -> list[Any]:
    shot = film.shots.shots[k]
    return [shot.number, shot.i0, shot.i1, film.digests[k], [list(shot.move.first), list(shot.move.last)]]


def _digest(values: Sequence[Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class _StoryFiles:
    """What earlier runs left of a film."""

    def __init__(self, film: StoryFilm, labels: StoryLabels, work: WorkFolder) -> None:
        self._film, self._labels, self._work = film, labels, work

    def state(self, segment: Segment) -> State:
        """What is there of a segment."""
        return measured_state(self._work.file(segment), segment, self._labels.label(segment))

    def n_done(self, segment: Segment) -> int:
        """How many first frames there are of a segment that was cut short."""
        label = self._labels.label(segment)
        return n_done(self._work.file(segment), self._film.shots.size, label, self._film.encoder.pix_fmt)


def render_story(film: StoryFilm, on_event: Report | None = None) -> dict[str, Any]:
    """Makes the film, or what is missing of it: of a film that is there, what is as it was is taken over to the bit.

    Args:
        film: settled.
        on_event: called with ``plan``, ``progress``, ``segment``, ``warning``, ``kept`` and ``done``.

    Returns:
        The ``done`` event: ``out``, ``n_frames``, ``resumed_frames``, ``drawn_segments``, ``wall_s``.

    Raises:
        AvwalkError: what happened; finished segments stay for the next call.
        KeyboardInterrupt: as it came; what is done can be seen in ``<stem>.partial.mp4``.
    """
    began, report = time.perf_counter(), on_event or (lambda event: None)
    job, labels = film.job, StoryLabels(film)
    file = FilmFile(film.path, 0, job.segments[-1].i1, _tags(film))
    resumed, drawn = job.n_frames, 0
    if not _is_there(film, job, file):
        with warnings_as_events(report), _work_folder(film, labels, job) as work:
            taken = _take(film, job, labels, work)
            sounds = {SOUND: job.sound(0, file.i1)}
            if note := sounds[SOUND].note:
                report(warning(note))
            with Soundtrack(sounds, work.path, job.hash) as soundtrack:
                resumed, drawn = _draw(film, job, labels, work, report)
                made = work.path / f"film{film.encoder.suffix}"
                pieces = [work.piece(segment) for segment in job.segments]
                finish(job, file, pieces, soundtrack.ready(SOUND), made)
            _remember(job, labels, work, taken)
            publish(made, film.path)
            film.path.with_suffix(f".partial{film.encoder.suffix}").unlink(missing_ok=True)
            work.remove()
    done = {
        "event": "done",
        "out": str(film.path),
        "n_frames": job.n_frames,
        "resumed_frames": resumed,
        "drawn_segments": drawn,
        "wall_s": round(time.perf_counter() - began, 3),
        "lag_frames": None,
    }
    report(done)
    return done


def _tags(film: StoryFilm) -> dict[str, str]:
    told = json.dumps({"version": __version__, "film": film.spec.hash}, separators=(",", ":"))
    return {**(film.tags or {}), "comment": f"avwalk {__version__}, a story", TAG: told}


def _is_there(film: StoryFilm, job: FilmJob, file: FilmFile) -> bool:
    """Whether this very film is finished."""
    if not film.path.exists():
        return False
    try:
        return read_metadata(film.path).get(TAG) == file.tags[TAG] and not problems(job, file, film.path)
    except VideoError:
        return False


def _work_folder(film: StoryFilm, labels: StoryLabels, job: FilmJob) -> WorkFolder:
    """The pieces that are done, as far as they are of this film."""
    work = WorkFolder(film.path, film.spec, edits=EDITS)
    try:
        work.go_on(labels.label, job.segments)
    except PlanError:  # nothing of it is as it was
        work.__exit__(None, None, None)
        return WorkFolder(film.path, film.spec, fresh=True)
    return work


def _take(film: StoryFilm, job: FilmJob, labels: StoryLabels, work: WorkFolder) -> Taken:
    """Takes what is as it was out of the film that is replaced."""
    if not film.path.is_file():
        return Taken()
    there = {each for each in job.segments if is_labelled(work.file(each), labels.label(each))}
    return take([film.path], job, labels, work.file, there)


def _remember(job: FilmJob, labels: StoryLabels, work: WorkFolder, taken: Taken) -> None:
    """Keeps what is known of the segments, for the next edit."""
    fresh = [each for each in job.segments if each not in taken.segments]
    remember(
        {
            file_digest(work.file(each), each.i1 - each.i0): CachedSegment(
                labels.label(each), labels.aspects(each), measured_changes(work.file(each))
            )
            for each in fresh
        }
    )


def _draw(film: StoryFilm, job: FilmJob, labels: StoryLabels, work: WorkFolder, report: Report) -> tuple[int, int]:
    """Draws the segments that are not there; gives the number of frames that were, and of segments drawn."""
    source = StorySource(film.shots, film.captions, film.lyrics, film.style, film.profile)
    drawn = set[Segment]()

    def open_writer(segment: Segment) -> FilmWriter:
        drawn.add(segment)
        encoder = SegmentEncoder(work.file(segment), job.size, job.fps, job.encoder, 0, segment.i0)
        return FilmWriter(encoder, job.size, None, labels.label(segment))

    def keep(pieces: Sequence[Piece]) -> None:
        keep_partial(job, pieces, film.path.with_suffix(f".partial{film.encoder.suffix}"), _tags(film))

    drawing = Drawing(source, open_writer, job.size[0] * job.size[1] * 12)
    run = partial(draw_segments, drawing=drawing, workers=job.workers or os.cpu_count() or 1)
    resumed, _ = draw(job, run, _StoryFiles(film, labels, work), work, report, on_interrupt=keep)
    return resumed, len(drawn)
