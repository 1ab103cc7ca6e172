from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.features.recurrence import recurrence_basis, recurrence_on_frames
from avwalk.features.signals import Grid
from avwalk.features.tonal import Tones

BEAT = 0.5  # seconds
PARTS = {"a": (-20, (9, 5, 0, 7)), "b": (-30, (2, 7, 11, 4)), "c": (-14, (5, 8, 1, 3))}  # dB, a chord for each bar


def tones_of(form: str, bars: int = 8, noise: float = 1.0, seed: int = 0) -> tuple[Tones, np.ndarray, float]:
    """Ten cells a second of a song whose parts are letters, ``bars`` bars of four beats each."""
    rng = np.random.default_rng(seed)
    colour, chroma = [], []
    for part in form:
        level, chords = PARTS[part]
        for bar in range(bars):
            chord = np.zeros(12)
            chord[[(chords[bar % 4] + k) % 12 for k in (0, 4, 7)]] = 1
            for _ in range(20):
                colour.append(level - np.arange(20) / 3 + rng.normal(0, noise, 20))
                chroma.append(chord + rng.uniform(0, 0.1, 12))
    seconds = len(colour) / 10
    tones = Tones(10.0, np.array(chroma, np.float32), np.minimum(0, np.array(colour, np.float32)), 0.0)
    return tones, np.arange(0, seconds, BEAT), seconds


@pytest.mark.parametrize("form", ["abab", "abacab", "aabca"])
@pytest.mark.parametrize("noise", [0.5, 3.0])
def test_repeats_are_nearer_than_others(form: str, noise: float) -> None:
    times, basis = recurrence_basis(*tones_of(form, noise=noise))
    part = np.array(list(form))[(times / 16).astype(int)]
    inside = np.abs(times % 16 - 8) < 6  # away from the borders, where parts blend
    pairs = np.ix_(inside, inside)
    same = (part[:, None] == part)[pairs]
    apart = (times - times[:, None])[pairs]
    repeat = same & (apart > 1) & (apart % 16 < 0.1)  # the same beat of the part, another time
    distance = np.linalg.norm(basis[:, None] - basis, axis=2)[pairs]
    assert distance[repeat].mean() < 0.1 * distance[~same].mean()
    slow = np.linalg.norm(basis[:, None, :2] - basis[:, :2], axis=2)[pairs]
    assert slow[same].mean() < 0.5 * slow[~same].mean()  # the slowest tell the parts from each other


def test_shape_range_and_sign() -> None:
    times, basis = recurrence_basis(*tones_of("abc"))
    assert basis.shape == (len(times), 8) and basis.dtype == np.float32
    assert (np.diff(times) > 0).all() and times[0] > 0 and times[-1] < 48
    np.testing.assert_allclose(np.abs(basis).max(axis=0), 1, rtol=1e-6)
    assert ((basis.astype(float) ** 3).sum(axis=0) >= 0).all()


def test_the_same_song_has_the_same_places() -> None:
    a, b = recurrence_basis(*tones_of("abab")), recurrence_basis(*tones_of("abab"))
    np.testing.assert_allclose(a[1], b[1], atol=1e-6)


def test_without_beats_cells_stand_in() -> None:
    tones, _, seconds = tones_of("abab")
    times, basis = recurrence_basis(tones, np.zeros(0), seconds)
    np.testing.assert_allclose(times, np.arange(32) * 2 + 1)
    part = (times / 16).astype(int) % 2
    slow = basis[:, 0] - basis[:, 0].mean()
    assert abs(slow[part == 0].mean() - slow[part == 1].mean()) > 0.5


@pytest.mark.parametrize("seconds", [0.02, 1.0, 3.9, 7.0, 60.0])
def test_silence_and_short_songs_are_finite(seconds: float) -> None:
    n = max(1, round(10 * seconds))
    tones = Tones(10.0, np.zeros((n, 12), np.float32), np.full((n, 20), -100, np.float32), 0.0)
    times, basis = recurrence_basis(tones, np.zeros(0), seconds)
    assert len(times) == len(basis) >= 1 and np.isfinite(basis).all() and np.abs(basis).max() <= 1


@pytest.mark.parametrize("n", [3, 4, 7, 60])
@pytest.mark.parametrize("kind", ["alike", "nearly alike", "unlike", "a slope"])
def test_songs_without_repeats_are_a_path(n: int, kind: str) -> None:
    rng = np.random.default_rng(0)
    row = rng.uniform(-60, 0, 20)
    colour = {
        "alike": np.repeat(row[None], 20 * n, axis=0),
        "nearly alike": row + rng.normal(0, 1e-5, (20 * n, 20)),
        "unlike": np.repeat(rng.uniform(-60, 0, (n, 20)), 20, axis=0),
        "a slope": row + np.linspace(-40, 0, 20 * n)[:, None],
    }[kind]
    tones = Tones(10.0, np.ones((20 * n, 12), np.float32), np.minimum(0, colour).astype(np.float32), 0.0)
    times, basis = recurrence_basis(tones, np.zeros(0), 2.0 * n)
    used = basis[:, : min(8, n - 2)]
    assert len(times) == n and np.isfinite(basis).all()
    np.testing.assert_allclose(np.abs(used).max(axis=0), 1, rtol=1e-6)


def test_three_hours_have_no_more_nodes_than_others() -> None:
    tones, _, seconds = tones_of("abac" * 14, bars=96)
    times, basis = recurrence_basis(tones, np.arange(0, seconds, BEAT), seconds)
    assert seconds > 3 * 3500 and 2000 < len(times) <= 4001 and np.isfinite(basis).all()


def test_on_frames_there_are_no_corners() -> None:
    times, basis = recurrence_basis(*tones_of("abab"))
    grid = Grid(Fraction(30), 64 * 30)
    curves = recurrence_on_frames(times, basis, grid, 1000.0)
    assert curves.shape == (grid.n_frames, 8) and curves.dtype == np.float32
    straight = np.interp(grid.times, times, basis[:, 0])
    assert np.abs(np.diff(curves[:, 0], 2)).max() < 0.3 * np.abs(np.diff(straight, 2)).max()
    middle = curves[(grid.times > 4) & (grid.times < 12), 0].mean()
    assert middle == pytest.approx(basis[(times > 4) & (times < 12), 0].mean(), abs=0.02)
    assert not recurrence_on_frames(np.zeros(0), basis[:0], grid, 100.0).any()
