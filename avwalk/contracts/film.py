"""What a film is made of: shots, spans, captions, what is born at hits, and all that is needed to draw some frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts.song import Curve

EXPOSURE = ("exposure.dark", "exposure.bright")
"""Curves beside the targets: what `Previewable.meter` measures, as the plan wants it exposed."""

LEVEL = "exposure.level"
"""Another: the mean luma, [0, 1], that the picture is brought to, so that it does not pump. Not in every plan."""


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


class Lyric(NamedTuple):
    """A line that is sung or said, or a single word of it, over the picture.

    Attributes:
        i0: first frame on which something of it is seen, counted from the start of the song.
        i1: one past the last.
        enter: frames in which it comes.
        leave: frames in which it goes.
        words: text with the blanks behind it, and the frames, not whole ones, on which it begins and ends.
        row: how many lines that are there at the same time stand below it.
    """

    i0: int
    i1: int
    enter: float
    leave: float
    words: tuple[tuple[str, float, float], ...]
    row: int = 0


class Birth(NamedTuple):
    """Matter born at a hit: a row of `Drive.births`.

    Attributes:
        frame: on which it is born, counted from the start of the song.
        life: frames until it is gone.
        species: its number, see `avwalk.config.matter.NUMBERS`.
        count: how many of them, ≥ 1.
        height: of the hit, 0 to 1.
        seed: of all that differs from hit to hit, below 2⁵³.
        beat: seconds of a beat.
        phase: ``cppn.phase`` at birth, so that the world's flow carries it.
        depth: ``camera.depth`` at birth.
    """

    frame: Any
    life: Any
    species: Any
    count: Any
    height: Any
    seed: Any
    beat: Any
    phase: Any
    depth: Any


class Perspective(NamedTuple):
    """How a generator's world lies before the camera.

    Attributes:
        kind: ``"plane"``, ``"bore"`` (a tunnel around the focus) or ``"ground"`` (a plain below a horizon).
        focus: of the subject, the tunnel's end or the sun, x and y in half-heights, y downwards.
        level: of the horizon, half-heights downwards.
        mirrors: that fold it: 0 none, 1 left and right, n ≥ 2 a kaleidoscope of n around the origin.
        stream: of a bore: what a radian of ``cppn.phase`` adds to the logarithm of a radius, and to its angle.
    """

    kind: str = "plane"
    focus: tuple[float, float] = (0.0, 0.0)
    level: float = 0.0
    mirrors: int = 0
    stream: tuple[float, float] = (0.0, 0.0)


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
        births: (k, 9) float64, ascending: what was born at hits and may still be there, see `Birth`.
        trace: (past + n, columns) float16: the sound of these frames and of those before them, see
            `avwalk.features.traces`; (0, 0): it is not drawn.
    """

    i0: int
    latents: NDArray[np.float32]
    params: Mapping[str, Curve]
    fps: Fraction
    seed: int
    signals: Mapping[str, Curve] = field(default_factory=dict)
    births: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, len(Birth._fields))))
    trace: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 0), np.float16))

    def __len__(self) -> int:
        return len(self.latents)
