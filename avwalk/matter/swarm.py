"""A swarm: all pieces of one species in one frame, with what a closed form of (event, age, seed) needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Birth, Perspective

Array = NDArray[np.float64]

GROUND = 0.34 * 1.5
"""Of a plain: height of the eye times the scale along the view; what lies v below the horizon is GROUND / v away."""
AHEAD = 0.04
"""Seconds by which what is thrown has left when its hit is heard: the change is largest on the hit's own frame."""
_NOTHING = 1e-6


@dataclass(frozen=True)
class Scene:
    """What a frame says to all matter in it.

    Attributes:
        frame: its index, counted from the start of the song.
        fps: frames per second.
        phase: ``cppn.phase`` of the frame.
        depth: ``camera.depth`` of the frame.
        size: ``matter.size``.
        perspective: of the world.
    """

    frame: int
    fps: float
    phase: float
    depth: float
    size: float
    perspective: Perspective


class Swarm:
    """The pieces of one species in a frame.

    Args:
        births: its births that are there, rows of `Birth`.
        scene: the frame.

    Attributes:
        k: of each piece its number within its birth, from 0, (n,).
        count: how many pieces its birth has, (n,).
        height: of the hit, (n,) in [0, 1].
        age: seconds since the birth, (n,).
        u: age as a share of its life, (n,) in [0, 1).
        beat: seconds of a beat, (n,).
    """

    def __init__(self, births: NDArray[np.float64], scene: Scene) -> None:
        self.scene = scene
        self._throws = _throws(births.tobytes(), births.shape[1])
        self._birth = b = self._throws.birth
        self.k, self.count, self.height, self.beat = self._throws.k, b.count, b.height, b.beat
        frames = scene.frame - b.frame
        self.age, self.u = frames / scene.fps, frames / np.maximum(b.life, _NOTHING)
        self.focus = np.array(scene.perspective.focus)

    def __len__(self) -> int:
        return len(self.k)

    def random(self, purpose: int) -> Array:
        """A number in [0, 1) of each piece, always the same for the same birth, piece and purpose."""
        return self._throws.of(purpose)

    def signed(self, purpose: int) -> Array:
        """The same in [−1, 1)."""
        return np.asarray(2 * self._throws.of(purpose) - 1)

    def of_birth(self, purpose: int) -> Array:
        """A number in [0, 1) that all pieces of a birth share."""
        return self._throws.of(purpose, whole=True)

    @cached_property
    def size(self) -> Array:
        """How large the hit makes it: 0.55 to 1, times ``matter.size``."""
        return np.asarray(self.scene.size * (0.55 + 0.45 * self.height))

    @cached_property
    def fade(self) -> Array:
        """How bright it is: a flash on the hit, gone in a tenth of a second, over a rest that goes slowly, (n,)."""
        return np.asarray(0.58 * np.exp(-self.age / 0.06) + 0.42 * np.clip(1 - self.u, 0, 1))

    def out(self, seconds: Array | float) -> Array:
        """How far something has come that drag brings to rest: 0 to 1; it is under way on the frame of the hit."""
        return np.asarray(1 - np.exp(-(self.age + AHEAD) / seconds))

    def drift(self, x: Array, y: Array, reach: Array | float) -> tuple[Array, Array]:
        """Positions carried off by a curl of three slow waves, ``reach`` half-heights at most.

        R. Bridson, J. Hourihan, M. Nordenstam, "Curl-noise for procedural fluid flow", SIGGRAPH (2007): what follows
        the curl of a potential neither gathers nor thins out. The waves move with the flow of the world.
        """
        t = 0.35 * (self.scene.phase - self._birth.phase) + 0.25 * self.age
        dx, dy = np.zeros(len(self)), np.zeros(len(self))
        for kx, ky, start in ((2.1, 1.3, 0.3), (-1.7, 2.6, 2.1), (3.9, -3.1, 4.4)):
            slope = np.cos(kx * x + ky * y + start + t) / np.hypot(kx, ky)
            dx, dy = dx + ky * slope, dy - kx * slope
        return x + 0.5 * reach * dx, y + 0.5 * reach * dy

    def carry(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        """Where the world has taken what was at a place when it was born.

        Args:
            x: half-heights in the world, (n,).
            y: the same, downwards.

        Returns:
            x and y in the world now, and how much larger everything there looks; 0: it is behind the viewer.
        """
        kind = self.scene.perspective.kind
        flow, dive = self.scene.phase - self._birth.phase, self.scene.depth - self._birth.depth
        if kind == "ground":
            level = self.scene.perspective.level
            v = y - level
            away = GROUND / np.maximum(v, _NOTHING) - flow - 1.5 * np.log(2) * dive
            near = GROUND / np.maximum(away, _NOTHING) / np.maximum(v, _NOTHING)
            near = np.where(v > 0.01, np.where(away > 0.12, near, 0.0), 1.0)  # the sky stays where it is
            return x * near, level + v * near, near
        dx, dy = x - self.focus[0], y - self.focus[1]
        if kind == "bore":
            outwards, around = self.scene.perspective.stream
            grown = np.exp(np.clip(outwards * flow + np.log(2) * dive, -6, 6))
            turn = around * flow
            c, s = np.cos(turn), np.sin(turn)
            dx, dy = dx * c - dy * s, dx * s + dy * c
        else:
            grown = np.exp2(np.clip(dive, -8, 8))
        return self.focus[0] + dx * grown, self.focus[1] + dy * grown, np.asarray(grown)


class _Throws:
    """What does not change while the same births are there: their pieces, and what chance gave them.

    Args:
        births: rows of `Birth`.
    """

    def __init__(self, births: NDArray[np.float64]) -> None:
        counts = births[:, Birth._fields.index("count")].astype(np.int64)
        rows = np.repeat(births, counts, axis=0)
        starts = np.cumsum(counts) - counts
        self.birth = Birth(*np.ascontiguousarray(rows.T))
        self.k = (np.arange(len(rows)) - np.repeat(starts, counts)).astype(np.float64)
        self._known: dict[tuple[int, bool], Array] = {}
        for column in (*self.birth, self.k):
            column.flags.writeable = False

    def of(self, purpose: int, *, whole: bool = False) -> Array:
        """Numbers for a purpose, not to be written to: one for each piece, or one that all of a birth share."""
        if (purpose, whole) not in self._known:
            made = _uniform(self.birth.seed, np.full(len(self.k), -1.0) if whole else self.k, purpose)
            made.flags.writeable = False
            self._known[purpose, whole] = made
        return self._known[purpose, whole]


@lru_cache(maxsize=32)
def _throws(births: bytes, columns: int) -> _Throws:
    return _Throws(np.frombuffer(births).reshape(-1, columns))


def _uniform(seed: Array, k: Array, purpose: int) -> Array:
    """splitmix64 of (seed, k, purpose) as a number in [0, 1)."""
    with np.errstate(over="ignore"):
        z = seed.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * (k.astype(np.int64) + 2).astype(np.uint64)
        z ^= np.uint64(0xD1B54A32D192ED03) * np.uint64(purpose + 1)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray((z ^ (z >> np.uint64(31))) >> np.uint64(11), np.float64) / 2**53
