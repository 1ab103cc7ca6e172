"""Horizons differ from world to world, and their sun is in the picture."""

from __future__ import annotations

import numpy as np

from avwalk.generators.cppn.land import Land

LANDS = [Land.sample(np.random.default_rng([seed, 7])) for seed in range(200)]


def test_the_sun_is_in_the_frame_and_above_the_horizon() -> None:
    for land in LANDS:
        assert land.level - land.sun - land.size > -0.95, "its upper edge"
        assert land.sun + land.size > 0.05 and -0.2 < land.level < 0.6


def test_lands_differ() -> None:
    assert len({land.size for land in LANDS}) == 4
    assert np.std([land.level for land in LANDS]) > 0.1 and np.std([land.sun for land in LANDS]) > 0.1
    peaks = [land.far[1] for land in LANDS]
    assert min(peaks) == 0 and max(peaks) > 0.25, "open water, and mountains"
    assert {bool(land.crescent) for land in LANDS} == {bool(land.ring) for land in LANDS} == {True, False}
