import warnings
from pathlib import Path

import numpy as np
import pytest

from avwalk.features.onsets import OnsetCurves
from avwalk.features.rhythm import Rhythm, track_beats
from tests.benchmarks import beats as benchmark
from tests.benchmarks.beats import listen
from tests.conftest import clicks
from tests.rhythms import RATE, catalogue, perform
from tests.rhythms import Rhythm as Pattern

QUICK = 6  # every sixth rhythm of the catalogue


@pytest.fixture(scope="module")
def rock() -> tuple[OnsetCurves, float, np.ndarray, np.ndarray]:
    played = perform(Pattern("rock", 117.3, seconds=20, seed=5))
    return listen(played.sound, RATE), len(played.sound) / RATE, played.beats, played.bars


def well_formed(found: Rhythm, duration: float) -> None:
    assert np.isfinite(found.beats).all() and np.isin(found.bars, found.beats).all()
    assert (np.diff(found.beats) > 0).all()
    assert ((found.beats >= 0) & (found.beats <= duration)).all()
    assert 0 <= found.confidence <= 1 and np.isfinite(found.tempo_bpm)


def assert_good(rows: list[tuple[str, benchmark.Marks]]) -> None:
    marks = [m for _, m in rows]
    assert np.mean([m.amlt for m in marks]) >= 0.9
    assert np.nanmean([m.tempo_ok for m in marks]) >= 0.9
    offsets = [m.offset for m in marks]
    assert abs(np.nanmean(offsets)) < 6 and np.nanmax(np.abs(offsets)) < 15


def test_the_catalogue_covers_what_it_should() -> None:
    rhythms = catalogue()
    assert len(rhythms) >= 60 and len({r.name for r in rhythms}) == len(rhythms)
    assert min(r.bpm for r in rhythms) <= 60 and max(r.bpm for r in rhythms) >= 200
    assert max(r.swing for r in rhythms) >= 0.66 and max(abs(r.drift) for r in rhythms) >= 0.04
    assert max(r.missing for r in rhythms) >= 0.2


def test_beats_of_some_rhythms() -> None:
    assert_good(benchmark.table(benchmark.ours, benchmark.generated(QUICK)))


@pytest.mark.slow
def test_beats_of_all_rhythms() -> None:
    rows = benchmark.table(benchmark.ours, benchmark.generated())
    assert len(rows) >= 60
    assert_good(rows)


@pytest.mark.slow
def test_beats_of_songs(songs_dir: Path) -> None:
    assert_good(benchmark.table(benchmark.ours, benchmark.songs(songs_dir)))


def test_beats_lie_on_clicks() -> None:
    found = track_beats(listen(clicks(20.0, every=0.5), 44100), 20.0)
    assert found.tempo_bpm == pytest.approx(120, rel=0.002)
    error = found.beats - np.round(found.beats * 2) / 2
    assert np.abs(error).max() < 0.005
    assert found.confidence > 0.5


def test_bars_begin_on_the_first_beat(rock: tuple[OnsetCurves, float, np.ndarray, np.ndarray]) -> None:
    curves, duration, _, bars = rock
    found = track_beats(curves, duration)
    well_formed(found, duration)
    close = np.abs(found.bars[:, None] - bars).min(axis=1) < 0.03
    assert close.mean() > 0.8
    assert np.median(np.diff(found.bars)) == pytest.approx(4 * 60 / 117.3, rel=0.01)


def test_bpm_is_held_exactly(rock: tuple[OnsetCurves, float, np.ndarray, np.ndarray]) -> None:
    curves, duration, beats, _ = rock
    found = track_beats(curves, duration, bpm=117.3)
    assert found.tempo_bpm == 117.3
    np.testing.assert_allclose(np.diff(found.beats), 60 / 117.3, atol=1e-9)
    inside = found.beats[found.beats < beats[-1]]
    assert np.abs(beats[:, None] - inside).min(axis=0).max() < 0.015


def test_first_beat_is_where_it_is_said(rock: tuple[OnsetCurves, float, np.ndarray, np.ndarray]) -> None:
    curves, duration, beats, _ = rock
    grid = track_beats(curves, duration, bpm=100.0, first_beat=1.234)
    np.testing.assert_allclose(grid.beats, 1.234 + np.arange(len(grid.beats)) * 0.6, atol=1e-9)
    np.testing.assert_array_equal(grid.bars, grid.beats[::4])
    assert duration - grid.beats[-1] <= 0.6
    free = track_beats(curves, duration, first_beat=float(beats[3]))
    assert free.beats[0] == free.bars[0] == beats[3]
    assert free.tempo_bpm == pytest.approx(117.3, rel=0.01)
    well_formed(free, duration)


def noise(seconds: float) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(int(seconds * RATE))


def swell(seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    return 0.4 * np.sin(2 * np.pi * 220 * t) * np.sin(np.pi * t / seconds)


@pytest.mark.parametrize("bpm", [None, 120.0])
@pytest.mark.parametrize("first", [None, 0.25, 99.0])
def test_without_a_beat(bpm: float | None, first: float | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for sound in (np.zeros(1), np.zeros(RATE), np.ones(50), np.zeros(6 * RATE), noise(12), swell(12)):
            duration = len(sound) / RATE
            found = track_beats(listen(sound.astype(np.float32), RATE), duration, bpm, first)
            well_formed(found, duration)
            if bpm is None:
                assert found.tempo_bpm == 0 and len(found.beats) == len(found.bars) == 0


def test_a_drifting_tempo_is_followed() -> None:
    played = perform(Pattern("drift", 110, "house", drift=0.04, seconds=40, seed=3))
    found = track_beats(listen(played.sound, RATE), 40.0)
    inside = played.beats[(played.beats > 2) & (played.beats < 36)]
    assert np.abs(found.beats[:, None] - inside).min(axis=0).max() < 0.02
