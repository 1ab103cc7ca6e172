"""Seeds and variations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OptionError
from avwalk.scenes.draw.seeds import CHILDREN, PLAIN, fresh, mixed, variation, varied
from avwalk.scenes.project.prompts_csv import MAX_SEED


@given(st.integers(0, PLAIN - 1), st.integers(0, CHILDREN - 1), st.integers(1, 16))
def test_a_variation_is_a_seed_that_says_all(parent: int, child: int, sixteenths: int) -> None:
    seed = variation(parent, child, sixteenths / 16)
    assert PLAIN <= seed <= MAX_SEED and varied(seed) == (parent, child, sixteenths / 16)
    assert varied(parent) is None


def normal(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((4, 16, 16))


def test_noise_of_a_variation_is_as_far_as_it_says() -> None:
    assert np.array_equal(mixed(7, normal), normal(7))
    angles = []
    for amount in (1 / 16, 0.25, 0.5, 1.0):
        a, b = normal(7).ravel(), mixed(variation(7, 3, amount), normal).ravel()
        angles.append(np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))))
        assert 0.9 < np.linalg.norm(b) / np.linalg.norm(a) < 1.1
    assert np.allclose(angles, [90 / 16, 22.5, 45, 90], rtol=0.1)
    assert not np.array_equal(mixed(variation(7, 3, 0.5), normal), mixed(variation(7, 4, 0.5), normal))


def test_seeds_of_a_sheet_are_always_the_same_and_never_twice() -> None:
    first = [fresh(0, k) for k in range(100)]
    assert first[:2] == [2247248172, 759045492] and len(set(first)) == 100
    assert not set(first) & {fresh(1, k) for k in range(100)}


def test_what_cannot_be_varied_is_refused() -> None:
    for bad in ((variation(1, 1, 0.5), 0, 0.5), (1, CHILDREN, 0.5), (1, 0, 0.0), (1, 0, 1.5)):
        with pytest.raises(OptionError):
            variation(*bad)
