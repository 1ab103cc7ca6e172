"""Mean luma, and pictures brought to one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.arrays.colour import LUMA
from avwalk.arrays.level import MOST_LEVELLED, bring_to_level, mean_luma


def picture(seed: int, shape: tuple[int, int] = (18, 32)) -> np.ndarray:
    return np.random.default_rng(seed).random((*shape, 3), np.float32) * np.float32(0.7)


def test_mean_luma_is_that_of_bt709() -> None:
    for seed, shape in ((0, (18, 32)), (1, (1, 1)), (2, (7, 5))):
        some = picture(seed, shape)
        assert mean_luma(some) == pytest.approx(float((some.astype(np.float64) @ LUMA).mean()), rel=1e-5)
    assert mean_luma(np.ones((720, 1280, 3), np.float32)) == pytest.approx(1, abs=1e-6)
    turned = picture(3).transpose(1, 0, 2)
    assert mean_luma(turned) == pytest.approx(mean_luma(np.ascontiguousarray(turned)))


@given(st.integers(0, 99), st.floats(0, 1))
def test_a_picture_is_brought_to_its_level_as_far_as_that_goes(seed: int, level: float) -> None:
    some = picture(seed)
    there = mean_luma(some)
    bring_to_level(some, level)
    gain = min(max(level / there, 1 / MOST_LEVELLED), MOST_LEVELLED)
    assert mean_luma(some) == pytest.approx(there * gain, rel=1e-4)
    assert some.max() <= 1


def test_black_stays_black_and_white_does_not_burn() -> None:
    black, white = np.full((4, 4, 3), 1e-4, np.float32), np.ones((4, 4, 3), np.float32)
    bring_to_level(black, 0.5)
    assert black.max() == np.float32(1e-4)
    bring_to_level(white, 2.0)
    assert white.max() == 1
