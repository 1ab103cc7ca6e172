"""Contracts between stages: data that they hand over, frozen, and the protocols that they implement.

Stages import this module and never each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]
"""RGB (n, H, W, 3), float32, display-referred sRGB in [0, 1]."""

Curve = NDArray[np.float32]
"""One value per frame, (n_frames,), float32."""


@dataclass(frozen=True)
class Song:
    """A song on disk, probed and hashed.

    Attributes:
        path: where it is.
        sha256: of the file's bytes, hexadecimal.
        sample_rate: samples per second.
        channels: number of channels.
        n_samples: exact samples per channel, after encoder delay and padding are taken off; ≥ 1.
        codec: name as FFmpeg spells it, such as ``"aac"``, ``"pcm_s16le"``, ``"vorbis"``.
        title: from its tags, or None.
        artist: from its tags, or None.
        nonfinite: how many samples were NaN or infinite (they are read as 0).
        warnings: what is wrong but bearable, a line each.
        speakers: where each channel belongs, such as ``("FL", "FR", "LFE")``; empty: the file does not say.
        track: which of the file's audio tracks it is, from 1.
    """

    path: Path
    sha256: str
    sample_rate: int
    channels: int
    n_samples: int
    codec: str
    title: str | None = None
    artist: str | None = None
    nonfinite: int = 0
    warnings: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    track: int = 1


@dataclass(frozen=True)
class Section:
    """A part of the song: [start, end) in seconds; what repeats has the same label ("A", "B", …)."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Stretch:
    """A run of the song in one tempo and metre.

    Attributes:
        start: seconds.
        end: seconds.
        tempo_bpm: median tempo of its beats.
        meter: beats of a bar; 0: none can be told.
        division: eighths of a beat: 2, or 3 in compound metres, where 6/8 has two beats of three.
        swing: where the off-beat lies within the beat: 0.5 straight, 0.67 triplets.
        confidence: that tempo and metre are right, 0 to 1.
        tempo_given: whether the tempo is not heard but told, by ``--bpm`` or a cue.
    """

    start: float
    end: float
    tempo_bpm: float
    meter: int
    division: int = 2
    swing: float = 0.5
    confidence: float = 1.0
    tempo_given: bool = False


@dataclass(frozen=True)
class Score:
    """What the song does when. Times in seconds, ascending.

    Attributes:
        tempo_bpm: median tempo; 0 when there are no beats.
        beats: beat times, (n_beats,) float64.
        bars: downbeat times, (n_bars,) float64, a subset of the beats.
        drops: drop times, (n_drops,) float64.
        builds: (start, end) of each build-up; the end is a drop.
        sections: parts of the song, without gaps, from 0 to its end.
        stretches: runs in one tempo and metre, ascending, not overlapping; there may be gaps.
        second_bpm: the tempo that it may be instead, such as the double; 0 where none comes near.
    """

    tempo_bpm: float
    beats: NDArray[np.float64]
    bars: NDArray[np.float64]
    drops: NDArray[np.float64]
    builds: tuple[tuple[float, float], ...]
    sections: tuple[Section, ...]
    stretches: tuple[Stretch, ...] = ()
    second_bpm: float = 0.0


@dataclass(frozen=True)
class Analysis:
    """The whole song as curves on the frame clock, and its score.

    Attributes:
        fps: frames per second.
        n_frames: length of every curve.
        duration: of the song, seconds.
        score: tempo, beats, bars, sections, drops.
        signals: name → (n_frames,) float32; names, ranges and rules in the table of signals.
        bands: (n_frames, n_bands) float32 ≥ 0, the summarised spectrum; may be memory-mapped.
        recurrence: (n_nodes, 8) float32 in [−1, 1]: places of at most 4000 beats (two-second cells without them)
            in few dimensions, near each other where the music repeats.
        recurrence_times: (n_nodes,) float64 s, ascending: the middle of each node.
        hits: ``onset``, ``kick``, ``snare``, ``hat``, ``accent`` → times, (n,) float64 s, ascending, between frames.
        traits: of the song as a whole, against other songs: the names and units of `avwalk.features.traits`.
    """

    fps: Fraction
    n_frames: int
    duration: float
    score: Score
    signals: Mapping[str, Curve]
    bands: NDArray[np.float32]
    recurrence: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 8), np.float32))
    recurrence_times: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    hits: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    traits: Mapping[str, float] = field(default_factory=dict)


EXPOSURE = ("exposure.dark", "exposure.bright")
"""Curves beside the targets: what `Previewable.meter` measures, as the plan wants it exposed."""


class Lineage(NamedTuple):
    """A world by where it comes from.

    Attributes:
        seed: picks it: of all worlds, or of its parents' children.
        parents: none; one that it is a variation of; or those that it is bred from.
        variation: how far it is from its parents, 0 to 1.
        world: which of its seed's worlds, 0 if nothing speaks against the first.
        song: number of the song whose own path through it is walked; 0: one that the seed has for all.
    """

    seed: int
    parents: tuple[Lineage, ...] = ()
    variation: float = 0.0
    world: int = 0
    song: int = 0

    @classmethod
    def read(cls, stored: Sequence[Any]) -> Lineage:
        """From JSON, where tuples are lists."""
        seed, parents, variation, world, *song = stored
        return cls(seed, tuple(cls.read(parent) for parent in parents), variation, world, *song[:1])

    @property
    def ordered_parents(self) -> tuple[Lineage, ...]:
        """The parents, the one that it takes most after first; its seed says which."""
        if len(self.parents) < 2:
            return self.parents
        first = int(np.random.SeedSequence([self.seed, 0xE1DE5]).generate_state(1)[0]) % len(self.parents)
        return (*self.parents[first:], *self.parents[:first])

    @property
    def path_seed(self) -> int:
        """Seed of the way through it: that of the parent that it takes most after, so that kin move alike."""
        own = self.ordered_parents[0].path_seed if self.parents else self.seed
        return int(np.random.SeedSequence([own, self.song]).generate_state(1)[0]) if self.song else own


class Shot(NamedTuple):
    """A run of frames drawn in one world.

    Attributes:
        i0: first frame, counted from the start of the song.
        i1: one past its last.
        lead: frames before ``i0`` in which it comes in over the shot before.
        label: number of its section's label; what repeats has the same. The further worlds of a long section have
            numbers of their own, above those of the labels.
        occurrence: how often the label was there before.
        kin: its world, and the way through it.
        palette: name, or None for the preset's.
        transition: how it comes in: ``"cut"``, ``"whip"`` or ``"melt"``.
    """

    i0: int
    i1: int
    lead: int
    label: int
    occurrence: int
    lineage: Lineage
    palette: str | None
    transition: str


class PresetSpan(NamedTuple):
    """A run of frames in which one preset has the picture.

    Attributes:
        i0: first frame, counted from the start of the song.
        i1: one past its last.
        lead: frames before ``i0`` in which it comes in over the one before.
        preset: its name; empty for the film's own.
    """

    i0: int
    i1: int
    lead: int
    preset: str


class Caption(NamedTuple):
    """Words over the picture for a while.

    Attributes:
        i0: first frame, counted from the start of the song.
        i1: one past its last.
        kind: ``"card"``, ``"credit"`` or ``"words"``.
        lines: of a card the title, then the artist.
        ease: frames in which it comes, and in which it goes.
    """

    i0: int
    i1: int
    kind: str
    lines: tuple[str, ...]
    ease: float


@dataclass(frozen=True)
class Drive:
    """All that is needed to draw a run of frames: positions and parameters.

    Attributes:
        i0: index of the first frame in the whole film (not in the excerpt).
        latents: (n, latent_dim) float32.
        params: target → (n,) float32, such as ``"camera.zoom"``; every declared target is present.
        fps: frames per second.
        seed: of the film.
        signals: name → (n,) float32, only those a stage asked for at plan time (may be empty).
    """

    i0: int
    latents: NDArray[np.float32]
    params: Mapping[str, Curve]
    fps: Fraction
    seed: int
    signals: Mapping[str, Curve] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.latents)


class Source(Protocol):
    """Gives frames for a range of indices."""

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1) of the film. The same range gives the same bits, whatever was asked before."""
        ...

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Indices of frames whose own picture could not be had so far, so that one beside it is shown; ascending."""
        ...


class Generator(Protocol):
    """Draws latent positions. Built once by ``(size, seed, options)``, then stateless.

    ``finishes`` names the effects that are part of its own last pass, where they cost less; their amounts are
    parameters of the drive, 0 where the preset does not list them. ``handles`` is ``("camera",)`` where it takes the
    camera as coordinates; the pictures of others are warped.
    """

    latent_dim: int
    finishes: tuple[str, ...]
    handles: tuple[str, ...]

    def draw(self, drive: Drive) -> Frames:
        """One frame for each row of ``drive.latents``; row k does not depend on the other rows."""
        ...


@runtime_checkable
class Batched(Protocol):
    """A generator that draws several pictures at once, whatever is asked of it."""

    def set_batch(self, batch: int | None = None) -> int:
        """Pictures drawn at once from now on: as given, else what it was before, else what a short trial finds."""
        ...


@runtime_checkable
class Fallible(Protocol):
    """A generator that can fail at single pictures, or have them blocked, and shows the ones beside them."""

    failed_frames: set[int]
    """Indices of those so far."""


@runtime_checkable
class Sketches(Protocol):
    """A generator that gives cheap pictures of positions between prompts."""

    def sketch(self, positions: NDArray[np.floating]) -> Frames:
        """Pictures of positions (n,), where k is prompt k: (n, h, w, 3), small, with few steps."""
        ...


@runtime_checkable
class Previewable(Protocol):
    """A generator that can show any frame in the small for next to nothing."""

    def meter(self, drive: Drive) -> NDArray[np.float32]:
        """Of each row: log2 of the luminance, before exposure, of a dark and of a bright point, (n, 2)."""
        ...

    def thumbnails(self, drive: Drive) -> Frames:
        """Of each row the picture, about 64×36 in the film's shape, (n, h, w, 3)."""
        ...

    def fault(self, thumbnails: Frames) -> float:
        """How badly pictures are composed; 0: well."""
        ...


@runtime_checkable
class RendersPasses(Protocol):
    """A generator that knows more of every pixel than its colour."""

    def passes(self, drive: Drive, names: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Passes of each row, of the size of its picture, before any effect.

        Args:
            drive: frames that follow each other.
            names: out of those below.

        Returns:
            depth: (n, H, W), 0 near to 1 far, the same for the same world in every frame.
            normal: (n, H, W, 3), unit vectors to the right, upwards, to the viewer.
            mask: (n, H, W), 0 to 1: the subject.
            flow: (n, H, W, 2), pixels to the right and downwards: what is at p in a row was at p + flow in the row
                before. The first row has none before it, and 0.
        """
        ...


class Effect(Protocol):
    """Maps frames to frames, cheaply.

    ``needs = (before, after)`` frames are put around the frames asked for (fewer at the film's ends) and
    the effect returns as many frames as it got; the caller drops the extra ones.
    """

    needs: tuple[int, int]

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames of the same shape. May write into ``frames`` and return it."""
        ...


Memory = NDArray[np.float32]
"""What an effect with feedback keeps between two frames, such as its last picture (H, W, 3)."""


@runtime_checkable
class Feedback(Protocol):
    """An effect that follows from frame to frame, and forgets.

    ``needs = (W, 0)``: begun afresh W frames earlier it gives the same bits, so keeping its memory is a saving and
    never a state: a frame remains a function of the W frames before it.
    """

    needs: tuple[int, int]

    def follow(self, frames: Frames, drive: Drive, memory: Memory | None) -> tuple[Frames, Memory]:
        """Frames of the same shape, and the memory after the last of them; may write into both. None: begins afresh."""
        ...


Event = Mapping[str, Any]
"""What a run reports: ``event`` is one of resolved, plan, segment, progress, kept, done, warning."""
