from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from avwalk.contracts import Score, Section
from avwalk.features.signals import SIGNALS, TIME_LIMIT, Grid, impulses, levels, musical_time, scale_by_loudness

GRID = Grid(Fraction(30), 600)  # 20 s
BEATS = np.arange(0.5, 20, 0.5)
SCORE = Score(
    120.0,
    BEATS,
    BEATS[::4],
    np.array([8.5]),
    ((4.5, 8.5),),
    (Section(0, 8.5, "A"), Section(8.5, 16.5, "B"), Section(16.5, 20, "A")),
)
EMPTY = Score(0.0, np.zeros(0), np.zeros(0), np.zeros(0), (), (Section(0, 20, "A"),))


def test_names_can_be_looked_up_without_scipy() -> None:
    code = "import sys, avwalk.features.signals; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "scipy" not in loaded
    assert {kind for kind, _ in SIGNALS.values()} == {"level", "impulse", "phase", "label", "time"}


def test_an_impulse_is_on_the_nearest_frame() -> None:
    times = np.array([0.0, 1.0, 2.01, 2.02, 19.99])
    out = impulses(times, np.array([0.2, 0.4, 0.6, 0.8, 1.0], np.float32), GRID)
    assert {i: round(float(out[i]), 3) for i in np.flatnonzero(out)} == {0: 0.2, 30: 0.4, 60: 0.6, 61: 0.8}


def test_the_higher_of_two_counts() -> None:
    out = impulses(np.array([1.0, 1.001]), np.array([0.9, 0.3], np.float32), GRID)
    assert out[30] == np.float32(0.9)


def test_phases() -> None:
    s = musical_time(SCORE, GRID)
    assert s["beat_phase"][15] == 0 and s["beat_phase"][14] > 0.9  # 0.5 s
    assert s["beat_phase"][0] == pytest.approx(0, abs=1e-6)  # even before the first beat
    assert s["bar_phase"][15 + 30] == pytest.approx(0.5)
    assert s["section_phase"][255] == 0 and s["section_phase"][254] > 0.98  # 8.5 s
    assert s["phrase_phase.4"][255] == 0  # phrases count from the section's start
    np.testing.assert_array_equal(s["phrase_phase"], s["phrase_phase.8"])
    for name, curve in s.items():
        if SIGNALS[name][0] == "phase":
            assert curve.min() >= 0 and curve.max() < 1


def test_labels_and_times() -> None:
    s = musical_time(SCORE, GRID)
    assert s["section"][[0, 254, 255, 494, 495]].tolist() == [0, 0, 1, 1, 0]
    assert s["bar_index"][[0, 14, 15, 74, 75]].tolist() == [0, 0, 1, 1, 2]
    assert s["since_beat"][15] == 0 and s["since_beat"][20] == pytest.approx(5 / 30, abs=1e-5)
    assert s["since_beat"][0] == TIME_LIMIT
    assert s["time_to_beat"][0] == pytest.approx(0.5) and s["time_to_beat"][15] == 0
    assert s["time_to_section"][0] == pytest.approx(8.5)
    assert s["time_to_drop"][0] == pytest.approx(8.5) and s["time_to_drop"][300] == TIME_LIMIT


def test_build_rises_to_the_drop_and_ends() -> None:
    build = musical_time(SCORE, GRID)["build"]
    assert not build[:135].any() and build[195] == pytest.approx(0.5) and build[255] == 1 and not build[256:].any()
    assert (np.diff(build[135:256]) > 0).all()


def test_without_beats_everything_is_calm() -> None:
    s = musical_time(EMPTY, GRID)
    for name in ("beat", "bar", "beat_phase", "bar_phase", "phrase_phase", "bar_index", "build"):
        assert not s[name].any(), name
    assert (s["time_to_beat"] == TIME_LIMIT).all()


def test_all_curves_are_named_and_typed() -> None:
    for score in (SCORE, EMPTY):
        for name, curve in musical_time(score, GRID).items():
            assert name in SIGNALS and curve.dtype == np.float32 and curve.shape == (600,)


def raw(level: np.ndarray) -> dict[str, np.ndarray]:
    names = ("rms", "sub", "low", "mid", "high", "harmonic", "percussive")
    out = {name: level.astype(np.float32) for name in names}
    silent = level == 0
    out["centroid"] = np.where(silent, np.nan, 5 + level).astype(np.float32)
    out["flatness"] = np.where(silent, np.nan, 0.1 + 0.1 * level).astype(np.float32)
    out["width"] = np.zeros(len(level), np.float32)
    return out


def test_levels_of_silence_are_zero() -> None:
    for curve in levels(raw(np.zeros(600)), GRID, 2.0).values():
        assert not curve.any()


def test_levels_follow_the_sound() -> None:
    level = np.concatenate([np.zeros(200), np.full(200, 0.1), np.full(200, 1.0)])
    for name, curve in levels(raw(level), GRID, 2.0).items():
        assert not curve[:200].any(), name
        if name not in ("width", "flatness", "centroid"):
            assert curve[500] >= curve[300] > 0, name


def test_hits_out_of_near_silence_are_small() -> None:
    grid = Grid(Fraction(30), 300)
    hits, level = np.zeros(300, np.float32), np.linspace(0, 1, 300, dtype=np.float32)
    hits[[0, 75, 200]] = 1.0
    found = scale_by_loudness(hits, level, grid)
    assert found[0] == pytest.approx(0.25, abs=0.01) and 0.5 < found[75] < 0.75 and found[200] == 1
    assert np.count_nonzero(found) == 3
