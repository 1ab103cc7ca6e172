from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avwalk.features.framing import Framer


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3000),
    st.sampled_from([16, 64, 333]),
    st.sampled_from([Fraction(30), Fraction(30000, 1001), Fraction(25, 2)]),
    st.lists(st.integers(1, 700), max_size=12),
)
def test_windows_are_where_they_belong_whatever_the_blocks(n: int, size: int, fps: Fraction, cuts: list[int]) -> None:
    rate = 1000
    y = np.arange(1, n + 1, dtype=np.float32)
    n_windows = max(1, round(Fraction(n, rate) * fps))
    framer = Framer(size, rate, fps, n_windows)
    got = []
    for block in np.split(y, np.minimum(np.cumsum(cuts), n)):
        got += [(k, w.copy()) for k, w in framer.push(block)]
    got += [(k, w.copy()) for k, w in framer.finish()]
    windows = np.concatenate([w for _, w in got])
    assert windows.shape == (n_windows, size)
    padded = np.concatenate([np.zeros(size), y, np.zeros(size + rate)])
    for k in range(n_windows):
        centre = math.floor(k * rate / fps + Fraction(1, 2))
        start = centre - size // 2 + size
        np.testing.assert_array_equal(windows[k], padded[start : start + size])


def test_windows_may_be_written_into() -> None:
    """The transform works in place; a view into shared samples would spoil the next window."""
    framer = Framer(64, 1000, Fraction(100), 10)
    first = next(iter(framer.push(np.ones(100, np.float32))))[1]
    first[:] = 7
    rest = [w for _, w in framer.finish()]
    assert all(w.max() <= 1 for w in rest)


@pytest.mark.parametrize("block", [1, 4096])
def test_memory_stays_small(block: int) -> None:
    framer = Framer(64, 1000, Fraction(10), 100)
    for _ in range(10_000 // block):
        for _ in framer.push(np.zeros(block, np.float32)):
            pass
    assert len(framer._held) < 64 + 200 + block
