"""Births for tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.config.matter import NUMBERS, SPECIES
from avwalk.contracts import Birth


def births_of(
    species: str, frame: int = 0, *, count: int = 6, seed: int = 123456789, fps: float = 30
) -> NDArray[np.float64]:
    """One birth at a hit of full height, at 120 BPM."""
    life = SPECIES[species].beats * 0.5 * fps
    return np.array([Birth(frame, life, NUMBERS[species], count, 1.0, seed, 0.5, 0.0, 0.0)], np.float64)
