"""What drawing, sound and finishing need to know of a film, whatever it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, NamedTuple

from avwalk.clock import Clock
from avwalk.contracts import Song
from avwalk.files.chapters import Chapter
from avwalk.rendering.soundtrack import samples
from avwalk.runners.segments import Segment
from avwalk.spec.encoder import Encoder
from avwalk.video.mux import Sound, plan_sound
from avwalk.video.subtitle_track import Subtitle


class Piece(NamedTuple):
    """A file of encoded frames, and how many there are in it."""

    file: Path
    n_frames: int


@dataclass(frozen=True)
class FilmFile:
    """A video that is made of a job's segments: all of the film, or a part of it.

    Attributes:
        path: the final name.
        i0: first frame, counted from the start of the song.
        i1: one past the last.
        tags: metadata, name → text.
    """

    path: Path
    i0: int
    i1: int
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FilmJob:
    """A film, as far as the machinery is concerned that draws, joins and checks it.

    Attributes:
        song: what is heard.
        clock: frames against samples of the song.
        size: width and height.
        encoder: settings of the video encoder.
        segments: frames that are encoded on their own, in order and without gaps.
        hash: of everything that decides the film.
        tempo_bpm: of the song.
        retry: what to do when the finished film turns out to be wrong, such as ``"--fresh starts anew"``.
        audio: ``"copy"`` forces copying of the song's packets.
        workers: segments drawn at once; None: one for each core.
        subtitles: a track of the film, in seconds from the first frame of the song.
        chapters: parts of the film that players list, on the same clock.
    """

    song: Song
    clock: Clock
    size: tuple[int, int]
    encoder: Encoder
    segments: Sequence[Segment]
    hash: str
    tempo_bpm: float | None
    retry: str
    audio: Literal["auto", "copy"] = "auto"
    workers: int | None = None
    subtitles: Sequence[Subtitle] = ()
    chapters: Sequence[Chapter] = ()

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return self.clock.fps

    @property
    def n_frames(self) -> int:
        """Of all segments."""
        return self.segments[-1].i1 - self.segments[0].i0

    def subtitles_of(self, i0: int, i1: int) -> list[Subtitle]:
        """The subtitles of a video of frames [i0, i1), on its own clock."""
        zero, length = float(i0 / self.fps), float((i1 - i0) / self.fps)
        there = (each for each in self.subtitles if each.end > zero and each.start < zero + length)
        return [Subtitle(max(0.0, each.start - zero), min(each.end - zero, length), each.text) for each in there]

    def chapters_of(self, i0: int, i1: int) -> list[Chapter]:
        """The chapters of a video of frames [i0, i1), on its own clock."""
        zero, length = float(i0 / self.fps), float((i1 - i0) / self.fps)
        there = (each for each in self.chapters if each.end > zero and each.start < zero + length)
        return [Chapter(max(0.0, each.start - zero), min(each.end - zero, length), each.title) for each in there]

    def sound(self, i0: int, i1: int) -> Sound:
        """How the song goes into a video of frames [i0, i1)."""
        return plan_sound(self.song, self.encoder, samples(self.clock, i0, i1), self.audio)
