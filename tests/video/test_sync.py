"""The measure of sync on pictures whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from avwalk.video.sync import HEIGHT, WIDTH, correlate, flicker, luma_change, picture_change

EVENTS = np.arange(20, 280, 15)


def film(lag: int, moves: bool) -> list[np.ndarray]:
    """300 frames of texture that jumps (or flashes) ``lag`` frames after each event."""
    rng = np.random.default_rng(0)
    texture = gaussian_filter(rng.random((90, 400)), 2).astype(np.float32)
    out, at = [], 0
    for i in range(300):
        hit = i - lag in EVENTS
        at = (at + 6 * (hit and moves)) % 200
        out.append(texture[:, at : at + 160] * (1.6 if hit and not moves else 1.0))
    return out


@pytest.mark.parametrize("lag", [-3, 0, 2, 7])
def test_the_lag_is_found(lag: int) -> None:
    change, _ = picture_change(film(lag, moves=True))
    r, found = correlate(change, EVENTS)
    assert found == lag
    assert r > 0.7


def test_strobing_buys_no_score() -> None:
    change, pump = picture_change(film(0, moves=False))
    moved, _ = picture_change(film(0, moves=True))
    assert np.ptp(change) < 0.2 * np.ptp(moved)
    assert correlate(pump, EVENTS)[0] > 0.6


def test_change_is_as_defined() -> None:
    frames = [f.astype(np.float32) for f in np.random.default_rng(1).random((3, 90, 160))]
    n = []
    for g in frames:
        d = g - gaussian_filter(g, 8)
        n.append(d / (np.sqrt(gaussian_filter(d * d, 8)) + 0.03))
    raw = [np.abs(n[1] - n[0]).mean(), np.abs(n[1] - n[0]).mean(), np.abs(n[2] - n[1]).mean()]
    np.testing.assert_allclose(picture_change(frames)[0], raw - np.mean(raw), atol=1e-4)


def test_nothing_to_measure_is_zero() -> None:
    assert correlate(np.zeros(100), EVENTS) == (0.0, 0)
    assert correlate(np.zeros(1), np.array([0])) == (0.0, 0)
    assert [len(x) for x in picture_change(iter([]))] == [0, 0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", range(12))
def test_films_of_a_few_frames(n: int) -> None:
    change = np.zeros(n)
    change[n // 2 :][:1] = 1.0
    r, lag = correlate(change, np.array([n // 2]))
    assert lag == 0 and (0.6 < r <= 1.0 if n >= 3 else r == 0.0)


def test_flicker_is_the_change_of_luma_far_from_all_hits() -> None:
    """Luma jumps by 0.3 on hits and 0.004 elsewhere: only the latter is flicker."""
    steps = [0.3 * (-1) ** (i // 30) if i % 30 == 0 else 0.004 * (-1) ** i for i in range(1, 121)]
    lumas = [np.full((HEIGHT, WIDTH), level, np.float32) for level in 0.5 + np.cumsum([0.0, *steps])]
    change = luma_change(lumas)
    assert change[0] == 0 and change[30] == pytest.approx(0.3, rel=1e-3)
    assert flicker(change, np.arange(0, 121, 30), 30.0) == pytest.approx(0.004, rel=1e-3)
    assert flicker(change, np.arange(0, 121, 4), 30.0) == 0.0, "no frame is far from a hit"
    assert flicker(luma_change([]), np.zeros(0, np.int64), 30.0) == 0.0
