from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.arrays.interpolation import slerp
from avwalk.walk import bands, bounds, recurrence, tour
from avwalk.walk.identity import SIZE, identity

vectors = st.integers(0, 2**32 - 1).map(lambda s: np.random.default_rng(s).standard_normal((2, 12)))


@given(vectors, st.floats(0, 1))
def test_slerp_keeps_the_norm_between_the_ends(pair: np.ndarray, t: float) -> None:
    norm = np.linalg.norm(slerp(pair[0], pair[1], np.array(t)))
    low, high = sorted(np.linalg.norm(pair, axis=1))
    assert low - 1e-9 <= norm <= high + 1e-9


@given(vectors)
def test_slerp_meets_both_ends(pair: np.ndarray) -> None:
    ends = slerp(pair[0], pair[1], np.array([0.0, 1.0]))
    assert np.allclose(ends, pair, atol=1e-12)


def test_slerp_of_a_vector_with_itself_zero_and_its_opposite_is_finite() -> None:
    a = np.ones(4)
    for b in (a, -a, 0 * a):
        assert np.isfinite(slerp(a, b, np.linspace(0, 1, 5))).all()


def test_a_jump_becomes_a_ramp_around_its_middle() -> None:
    z = np.zeros((101, 3))
    z[50:] = 1.0
    bounded = bounds.bound_steps(z, 0.1)
    assert np.linalg.norm(np.diff(bounded, axis=0), axis=1).max() <= 0.1 + 1e-12
    assert np.allclose(bounded[49] + bounded[50], 1.0, atol=0.05)  # no delay: symmetric about the jump


def test_small_steps_are_left_alone() -> None:
    z = np.linspace(0, 1, 50)[:, None] * np.ones(3)
    assert bounds.bound_steps(z, 0.1) is z


def test_radius_is_bounded_and_small_vectors_stay() -> None:
    z = np.array([[0.01, 0.0], [100.0, 0.0]])
    out = bounds.bound_radius(z, 2.0)
    assert np.allclose(out[0], z[0], rtol=1e-4) and np.linalg.norm(out[1]) <= 2.0


def test_a_longer_tour_begins_like_a_shorter_one() -> None:
    song = np.eye(1, SIZE)[0]
    assert np.array_equal(tour.anchors(7, 3, 12, 0.7, song), tour.anchors(7, 9, 12, 0.7, song)[:3])
    assert not np.array_equal(tour.anchors(7, 3, 12, 0.7, song), tour.anchors(8, 3, 12, 0.7, song))


def notes(seed: int, n_frames: int = 960, n_bands: int = 400) -> np.ndarray:
    """Bands of a song with its own chords, over the slope that all music has."""
    rng = np.random.default_rng(seed)
    slope = np.exp(-np.arange(n_bands) / 120)
    chords = rng.random((8, n_bands)) ** 12 * slope * 20
    return (chords[np.arange(n_frames) // 60 % 8] + slope * rng.random((n_frames, n_bands))).astype(np.float32)


def test_the_same_music_takes_the_same_way_other_music_another() -> None:
    song = notes(1)
    mine = identity(song)
    changed = np.float32(0.3) * song[:900] * np.random.default_rng(0).uniform(0.97, 1.03, (900, 400)).astype(np.float32)
    assert mine @ identity(changed) > 0.95
    others = [identity(notes(seed)) for seed in range(2, 10)]
    assert np.abs([mine @ other for other in others]).max() < 0.7
    assert np.linalg.norm(mine) == pytest.approx(1)


def test_silence_has_an_identity() -> None:
    assert np.isfinite(identity(np.zeros((10, 400), np.float32))).all()


def test_anchors_are_reached_exactly_on_their_times() -> None:
    frame_times = np.arange(600) / 30
    arrive = tour.arrivals(np.arange(0, 20, 2.0), 2, 20.0, 10.0)
    phase = np.cumsum(np.random.default_rng(0).uniform(0, 1, 600)) / 30
    position = tour.positions_on(arrive, frame_times, phase)
    for k, t in enumerate(arrive):
        if t < frame_times[-1]:
            assert position[round(t * 30)] == pytest.approx(k, abs=1e-6)
    assert (np.diff(position) >= 0).all()


def test_where_little_moves_a_tour_arrives_less_often() -> None:
    arrive = np.arange(12.0)
    assert np.array_equal(tour.thin_arrivals(arrive, np.full(12, 0.5)), arrive)
    quiet = np.where((arrive >= 3) & (arrive <= 8), 0.2, 1.0)
    assert tour.thin_arrivals(arrive, quiet).tolist() == [0, 1, 2, 5, 8, 9, 10, 11]
    assert tour.thin_arrivals(arrive, np.zeros(12)).tolist() == [0, 11]  # the ends stay
    assert tour.thin_arrivals(arrive[:2], np.zeros(2)).tolist() == [0, 1]


def test_without_beats_the_tour_drifts_on() -> None:
    arrive = tour.arrivals(np.array([]), 4, 95.0, 10.0)
    assert np.diff(arrive).max() <= 20.0 and arrive[-1] >= 95.0


def test_truncated_noise_keeps_within_two_sigma() -> None:
    z = bands.truncated_noise(np.random.default_rng(0), (500, 128), 0.5)
    assert np.abs(z).max() <= 1.0 and z.std() == pytest.approx(0.44, abs=0.02)


def test_band_smoothing_is_the_recursive_filter_across_bands() -> None:
    raw = bands.basis(3, 20, 8, 0.7, 0.0, 1)
    mixed = bands.basis(3, 20, 8, 0.7, 0.25, 1)
    expected = raw.copy()
    for b in range(1, 20):
        expected[b] = 0.25 * expected[b - 1] + 0.75 * raw[b]
    assert np.allclose(mixed, expected)


def test_neighbours_in_the_chain_are_unlike() -> None:
    rng = np.random.default_rng(0)
    v = rng.standard_normal((60, 32))
    chain = v[bands.anticorrelated_order(v)]
    r_chain = np.mean([np.corrcoef(a, b)[0, 1] for a, b in itertools.pairwise(chain)])
    assert sorted(bands.anticorrelated_order(v)) == list(range(60)) and r_chain < -0.15


def test_the_sum_does_not_depend_on_blocks() -> None:
    rng = np.random.default_rng(0)
    a, n = rng.random((9000, 5)).astype(np.float32), rng.standard_normal((5, 3))
    assert np.allclose(bands.weighted_sum(a, n), a.astype(np.float64) @ n)


def test_swing_is_wider_where_it_is_loud_and_still_in_silence() -> None:
    z = np.random.default_rng(0).standard_normal((1000, 8))
    level = np.repeat([0.0, 1.0], 500).astype(np.float32)
    out = bands.swing(z, level, 1.0, 2.0)
    assert np.abs(out[:500]).max() == 0 and np.linalg.norm(out[500:], axis=1).max() > 1.5


def test_a_steady_spectrum_is_not_blown_up() -> None:
    z = np.ones((100, 8)) + 1e-9 * np.random.default_rng(0).standard_normal((100, 8))
    assert np.abs(bands.swing(z, np.ones(100, np.float32), 0.5, 2.0)).max() < 1e-6


def test_recurrence_returns_where_the_music_returns() -> None:
    t = np.linspace(0, 1, 400)
    verse, chorus = np.stack([t, t**2, 0 * t], axis=1), np.stack([-t, 0 * t, t], axis=1)
    z = recurrence.positions(np.concatenate([verse, chorus, verse]).astype(np.float32), 3, 12, 2.0)
    assert np.allclose(z[:400], z[800:]) and not np.allclose(z[:400], z[400:800], atol=0.3)
    assert np.array_equal(
        z, recurrence.positions(np.concatenate([verse, chorus, verse]).astype(np.float32), 3, 12, 2.0)
    )
