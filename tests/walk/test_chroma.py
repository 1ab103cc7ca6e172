from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.walk import chroma, chroma_classic
from avwalk.walk.chroma import FRAME, JITTER_SECONDS

seeds = st.integers(0, 2**63 - 1)


def curve(times: np.ndarray, seed: int = 0) -> np.ndarray:
    """Pitch classes that come and go, the same whatever the times asked for."""
    rng = np.random.default_rng(seed)
    phase, period = rng.uniform(0, 6.3, 12), rng.uniform(3, 12, 12)
    return np.clip(np.sin(phase + 2 * np.pi * times[:, None] / period), 0, 1) ** 2


def loudness(times: np.ndarray) -> np.ndarray:
    return 0.6 + 0.4 * np.sin(2 * np.pi * times / 3.7) * np.sin(2 * np.pi * times / 11)


def test_the_average_is_as_slow_as_theirs_at_their_own_rate() -> None:
    """Their step towards the present is 1/81 by default: what is left of the past after a frame is 80/81."""
    assert np.exp(-FRAME / chroma.time_constant(220)) == pytest.approx(80 / 81)
    assert np.exp(-FRAME / chroma.time_constant(295)) == pytest.approx(5 / 6)
    assert pytest.approx(43.06640625) == 1 / FRAME
    assert pytest.approx(4.6440, abs=1e-4) == JITTER_SECONDS


def test_two_sides_spread_as_far_as_their_one_side() -> None:
    hit = np.zeros((4001, 1))
    hit[2000] = 1
    seconds = chroma.time_constant(220)
    share = chroma.averaged(hit, 60.0, 220)[:, 0]
    times = (np.arange(4001) - 2000) / 60
    share /= share.sum()
    assert share @ times == pytest.approx(0, abs=1e-6)  # theirs lags by its time constant
    assert np.sqrt(share @ times**2) == pytest.approx(seconds, rel=0.01)


def test_an_average_keeps_what_is_constant_up_to_the_ends() -> None:
    assert np.allclose(chroma.zero_phase_average(np.full((300, 2), 0.7), 30.0, 1.3), 0.7)
    ramp = chroma.zero_phase_average(np.arange(300.0)[:, None], 30.0, 0.2)[:, 0]
    assert np.allclose(ramp[100:200], np.arange(100, 200), atol=1e-3)
    direct = [np.average(np.arange(300.0), weights=np.exp(-np.abs(np.arange(300) - i) / 6.0)) for i in range(300)]
    assert np.allclose(ramp, direct)


def test_class_k_belongs_to_pitch_class_k_from_c() -> None:
    strength = np.array([5, 1, 9, 2, 8, 3, 7, 4, 6, 10, 11, 12.0])
    song = np.tile(strength, (10, 1))
    assert chroma.class_pitches(song, 12).tolist() == list(range(12))
    assert chroma.class_pitches(song, 40).tolist() == list(range(12))
    assert chroma.class_pitches(song, 4).tolist() == [2, 9, 10, 11]  # the four strongest, from C
    assert chroma.class_pitches(song, 4, sort_by_power=True).tolist() == [11, 10, 9, 2]


@pytest.mark.parametrize("pitch", range(12))
def test_a_pitch_shows_its_class(pitch: int) -> None:
    song = np.full((300, 12), 0.1)
    song[:, pitch] = 1.0
    weights = chroma.weights(song, 30.0, 12)
    assert (weights.argmax(axis=1) == pitch).all() and weights[:, pitch].min() > 0.99


@given(seeds, st.integers(1, 15), st.integers(1, 12), st.booleans(), st.floats(0.01, 1), st.floats(0, 40))
def test_weights_are_a_mix(
    seed: int, n_classes: int, num_classes: int, sort_by_power: bool, depth: float, smooth_factor: float
) -> None:
    song = curve(np.arange(200) / 24, seed % 1000)
    weights = chroma.weights(
        song,
        24.0,
        n_classes,
        num_classes=num_classes,
        sort_by_power=sort_by_power,
        depth=depth,
        smooth_factor=smooth_factor,
    )
    taking_part = min(n_classes, num_classes, 12)
    assert weights.shape == (200, n_classes) and (weights >= 0).all()
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-12)
    assert weights.max() <= max(depth, 1 / taking_part) + 1e-9
    assert (weights.max(axis=0) > 0).sum() == taking_part


def test_only_the_strongest_take_part() -> None:
    song = curve(np.arange(600) / 30) * np.array([1, 1, 1, 9, 1, 1, 1, 9, 1, 1, 9, 1.0])
    weights = chroma.weights(song, 30.0, 12, num_classes=3)
    assert np.flatnonzero(weights.sum(axis=0)).tolist() == [3, 7, 10]


def test_weights_do_not_lag() -> None:
    """A chord that sounds from 10 to 20 s has the picture from 10 to 20 s; played backwards it is mirrored."""
    times = np.arange(900) / 30
    song = np.zeros((900, 12))
    song[:, 0], song[:, 7] = (times < 10) | (times >= 20), (times >= 10) & (times < 20)
    weights = chroma.weights(song, 30.0, 12)
    there = np.flatnonzero(weights[:, 7] > 0.5)
    assert abs(there[0] - 300) <= 3 and abs(there[-1] - 599) <= 3
    assert np.allclose(chroma.weights(song[::-1], 30.0, 12), weights[::-1])


@pytest.mark.parametrize("fps", [24000 / 1001, 30.0])
def test_the_same_look_at_any_frame_rate(fps: float) -> None:
    n = round(20 * fps)
    slow, quick = np.arange(n) / fps, np.arange(3 * n) / (3 * fps)
    a, b = chroma.weights(curve(slow), fps, 12), chroma.weights(curve(quick), 3 * fps, 12)
    assert np.abs(a - b[::3]).max() < 0.02
    a, b = chroma.latents(loudness(slow), fps, 16, 3), chroma.latents(loudness(quick), 3 * fps, 16, 3)
    assert np.abs(a - b[::3]).max() < 0.1  # of a range of 4, after 20 s


def test_in_a_pause_the_classes_stay_and_silence_has_one() -> None:
    song = np.zeros((900, 12))
    song[:300, 4] = 1.0
    weights = chroma.weights(song, 30.0, 12)
    assert weights[:600, 4].min() > 0.99
    silent = chroma.weights(np.zeros((90, 12)), 30.0, 5)
    assert np.allclose(silent, np.eye(5)[0])


@given(seeds, st.floats(0.05, 0.8), st.floats(0, 1), st.floats(0.1, 1))
def test_latents_stay_in_their_range(seed: int, tempo_sensitivity: float, jitter: float, truncation: float) -> None:
    z = chroma.latents(
        loudness(np.arange(300) / 30),
        30.0,
        12,
        seed,
        tempo_sensitivity=tempo_sensitivity,
        jitter=jitter,
        truncation=truncation,
    )
    assert z.shape == (300, 12) and np.abs(z).max() <= 2 * truncation + 1e-9


def test_latents_bounce_and_are_faster_where_it_is_loud() -> None:
    times = np.arange(1800) / 30
    level = np.where(times < 30, 0.3, 1.0)
    z = chroma.latents(level, 30.0, 64, 1, truncation=0.5)
    speed = np.abs(np.diff(z, axis=0)).mean(axis=1)
    assert speed[1000:].mean() > 10 * speed[:800].mean()
    assert z[900:].max() > 0.9 and z[900:].min() < -0.9  # to and fro between ±1
    assert np.array_equal(z, chroma.latents(level, 30.0, 64, 1, truncation=0.5))
    assert not np.allclose(z[0], chroma.latents(level, 30.0, 64, 2, truncation=0.5)[0])


def test_silence_stands_still() -> None:
    z = chroma.latents(np.zeros(90), 30.0, 8, 1)
    assert np.allclose(z, z[0]) and np.isfinite(z).all()
    assert chroma.latents(np.ones(1), 30.0, 8, 1).shape == (1, 8)


def test_at_full_power_it_is_as_fast_as_theirs() -> None:
    way = chroma.distances(np.full(900, 0.25 / FRAME), 30.0, 400, 5, 0.5)
    assert np.allclose(np.unique(np.round(way[100] / (100 / 30), 6)), [0.125 / FRAME, 0.25 / FRAME])
    share = np.mean(way[100] > way[100].mean())
    assert 0.4 < share < 0.6


def test_jitter_is_drawn_anew_on_the_clock_and_not_on_frames() -> None:
    """Between two draws each coordinate's speed is constant, and a draw inside of a frame counts from then on."""
    fps = 7.0
    way = chroma.distances(np.ones(100), fps, 6, 9, 1.0)
    factors = [np.random.default_rng([9, 0x6A697474, e]).random(6) < 0.5 for e in range(4)]
    for i in (20, 40, 60, 90):
        t = i / fps
        due = sum(
            np.clip(t - e * JITTER_SECONDS, 0, JITTER_SECONDS) * factor.astype(float)
            for e, factor in enumerate(factors)
        )
        assert np.allclose(way[i], due)


def test_latents_are_as_fast_as_the_classic_ones() -> None:
    """On the same power; a slow walk, for in a quick one theirs runs far over its limits before it turns."""
    times = np.arange(2584) * FRAME
    level = loudness(times)
    rng = np.random.default_rng(0)
    first, drawn = rng.standard_normal(64) * 0.5, rng.random((chroma_classic.n_draws(2584), 64))
    theirs = chroma_classic.noise(level ** (2 / 0.6), first, drawn, tempo_sensitivity=0.05)
    mine = chroma.latents(level, 1 / FRAME, 64, 1, tempo_sensitivity=0.05)
    ratio = np.abs(np.diff(mine, axis=0)).mean() / np.abs(np.diff(theirs, axis=0)).mean()
    assert 0.93 < ratio < 1.07
