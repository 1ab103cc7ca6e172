"""`Land`: the horizon, ridges and sun of a world."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Land(NamedTuple):
    """Where a horizon, its ridges and its sun stand, half-heights.

    Attributes:
        level: of the horizon, below the middle.
        sun: of the middle of its disc, above the horizon; size: its radius; aside: share of the subject's x.
        near, far: lift, height, pitch and phase of the near and of the far ridge, see `kernels.maps.crest`.
        seas: strength of the dark patches of the disc; crescent: share of light that is cut off; ring: around it.
    """

    level: float
    sun: float
    size: float
    aside: float
    near: tuple[float, float, float, float]
    far: tuple[float, float, float, float]
    seas: float
    crescent: float
    ring: float

    @classmethod
    def sample(cls, rng: np.random.Generator) -> Land:
        """One of a sea, hills, mountains and islands, under a sun or moon of its own."""
        kind = int(rng.choice([0, 1, 1, 2, 2, 3]))
        level = float(rng.uniform(*((-0.05, 0.35), (-0.1, 0.3), (0.15, 0.5), (0.0, 0.35))[kind]))
        size = float(rng.choice([0.11, 0.16, 0.22, 0.32]))
        low = (0.6 * size, 0.2 + 0.5 * size, 0.45, 0.6 * size)[kind]  # the sun of mountains stands above most of them
        sun = float(rng.uniform(low, max(low + 0.05, level + 0.80 - size)))
        a, b, c, d, e = (float(v) for v in rng.random(5))
        near = ((0.0, 0.03, 0.4, a), (0.05, 0.075, 0.21, a), (0.05, 0.11, 0.35, a), (-0.035, 0.11, 0.45, a))[kind]
        far = (
            (-0.3, 0.0, 0.3, b),
            (0.10 + 0.05 * c, 0.10, 0.18, b),
            (0.24 + 0.10 * c, 0.22 + 0.14 * c, 0.27 + 0.2 * d, b),
            (-0.06, 0.14, 0.3, b),
        )[kind]
        face = int(4 * e)
        seas, crescent, ring = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.6, 0.0, 1.0), (0.0, 0.97, 0.0))[face]
        aside = float(rng.choice([1.0, 1.0, 0.1]))
        return cls(level, sun, size, aside, near, far, seas, crescent, ring)
