from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from avwalk.features.smoothing import balance, normalise, smooth

curves = arrays(np.float32, st.integers(1, 300), elements=st.floats(-1e3, 1e3, width=32))


@given(curves, st.floats(0, 2000))
def test_smoothing_stays_in_the_curves_range(curve: np.ndarray, width: float) -> None:
    out = smooth(curve, 30, width)
    assert out.shape == curve.shape and out.dtype == np.float32
    assert curve.min() <= out.min() and out.max() <= curve.max()


@given(st.floats(-1e3, 1e3, width=32), st.integers(1, 3000), st.floats(0, 5000))
def test_a_constant_stays_constant(value: float, n: int, width: float) -> None:
    np.testing.assert_array_equal(smooth(np.full(n, value, np.float32), 30, width), np.float32(value))


@pytest.mark.parametrize("width", [50, 400, 5000])
def test_the_width_is_the_full_width_at_half_maximum(width: float) -> None:
    impulse = np.zeros(8001)
    impulse[4000] = 1
    out = smooth(impulse, 200, width)
    assert out.argmax() == 4000
    np.testing.assert_allclose(out, out[::-1], atol=1e-12)  # zero phase
    assert (out > out.max() / 2).sum() / 200 == pytest.approx(width / 1000, abs=2 / 200)
    assert out.sum() == pytest.approx(1)  # away from the ends the mean is kept


def test_nothing_wraps_around() -> None:
    curve = np.zeros(900, np.float32)
    curve[-30:] = 1
    assert smooth(curve, 30, 1000)[:500].max() < 1e-6


def test_columns_are_smoothed_one_by_one() -> None:
    table = np.random.default_rng(0).normal(size=(200, 3))
    both = smooth(table, 30, 300)
    for j in range(3):
        np.testing.assert_array_equal(both[:, j], smooth(table[:, j].copy(), 30, 300))


def test_normalise_uses_percentiles() -> None:
    curve = np.linspace(10, 20, 1001).astype(np.float32)
    curve[0] = 1000  # an outlier does not squash the rest
    out = normalise(curve, 0.1)
    assert out[500] == pytest.approx(0.5, abs=0.01) and out[-1] == 1 and out.min() == 0


def test_silence_is_zero_and_no_movement_is_neutral() -> None:
    assert not normalise(np.zeros(100, np.float32), 0.1).any()
    np.testing.assert_allclose(normalise(np.full(100, 3, np.float32), 0.1), 0.5)


@given(curves, st.floats(0.0, 1.0), st.floats(0.1, 100))
def test_balance_stays_in_range(curve: np.ndarray, amount: float, window: float) -> None:
    out = balance(curve, 30, window, 0.1, amount)
    assert out.dtype == np.float32 and out.min() >= 0 and out.max() <= 1


def test_balance_lets_a_flat_part_breathe() -> None:
    t = np.arange(3000) / 30
    curve = np.where(t < 50, 0.85 + 0.1 * np.sin(6 * t), 0.2 + 0.2 * np.sin(6 * t)).astype(np.float32) + 0.1
    late = slice(100, 1300)
    whole, mixed = normalise(curve, 0.05), balance(curve, 30, 16, 0.05)
    assert np.ptp(mixed[late]) > np.ptp(whole[late]) * 1.3
    assert mixed[late].mean() > mixed[1700:].mean()  # loud parts are still louder
