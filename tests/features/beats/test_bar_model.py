"""Beats and bars from probabilities that are known."""

from dataclasses import replace

import numpy as np
import pytest

from avwalk.features.beats.bar_model import METERS, RATE, Path, Prices, find_path


class Played:
    """Probabilities as a good network would give them, beat by beat."""

    def __init__(self, seconds: float) -> None:
        n = int(seconds * RATE)
        self.beat, self.downbeat = np.full(n, 0.01, np.float32), np.full(n, 0.01, np.float32)
        self.sounding = np.ones(n, bool)
        self.beats: list[float] = []
        self.bars: list[float] = []
        self.now = 0.5

    def bars_of(self, meter: int, count: int, bpm: float, sure: float = 0.9) -> "Played":
        for k in range(meter * count):
            frame = round(self.now * RATE)
            self.beat[frame] = sure
            self.beats.append(self.now)
            if k % meter == 0:
                self.downbeat[frame] = sure
                self.bars.append(self.now)
            self.now += 60 / bpm
        return self

    def pause(self, seconds: float, *, silent: bool = False) -> "Played":
        if silent:
            self.sounding[round(self.now * RATE) : round((self.now + seconds) * RATE)] = False
        self.now += seconds
        return self

    def find(self, **prices: float) -> Path:
        return find_path(self.beat, self.downbeat, self.sounding, replace(Prices(), **prices))


def assert_same(path: Path, played: Played) -> None:
    found = path.frames / RATE
    assert len(found) == len(played.beats)
    assert np.abs(found - played.beats).max() < 0.03
    bars = found[path.places == 0]
    assert len(bars) == len(played.bars)
    assert np.abs(bars - played.bars).max() < 0.03


@pytest.mark.parametrize("meter", [3, 4, 5, 7])
@pytest.mark.parametrize("bpm", [62.0, 97.3, 128.0, 174.0])
def test_a_steady_song(meter: int, bpm: float) -> None:
    bars = int(20 * bpm / 60 / meter)
    played = Played(23 + 60 * meter / bpm).bars_of(meter, bars, bpm)
    path = played.find()
    assert_same(path, played)
    assert {len(METERS[m]) for m in path.meters} == {meter}


@pytest.mark.parametrize("bpm", [62.0, 97.3, 128.0, 174.0])
def test_bars_of_two_are_bars_or_halves_of_bars(bpm: float) -> None:
    """Where nothing else tells, two bars of two are one of four: there is more such music."""
    played = Played(24).bars_of(2, int(10 * bpm / 60), bpm)
    path = played.find()
    found = path.frames / RATE
    assert len(found) == len(played.beats) and np.abs(found - played.beats).max() < 0.03
    bars = found[path.places == 0]
    assert len(bars) >= len(played.bars) // 2
    assert np.abs(bars[:, None] - played.bars).min(axis=1).max() < 0.03


@pytest.mark.parametrize("gap", [1.3, 4.0])
@pytest.mark.parametrize("silent", [False, True])
def test_bars_begin_anew_after_a_pause(gap: float, silent: bool) -> None:
    played = Played(30 + gap).bars_of(4, 6, 120).pause(gap, silent=silent).bars_of(4, 7, 120)
    path = played.find()
    assert_same(path, played)
    assert len(set(path.runs)) == 2


def test_a_bar_of_two_among_bars_of_four() -> None:
    played = Played(30).bars_of(4, 5, 120).bars_of(2, 1, 120).bars_of(4, 7, 120)
    assert_same(played.find(), played)


def test_metre_and_tempo_change() -> None:
    played = Played(40).bars_of(4, 8, 110).bars_of(3, 8, 140)
    assert_same(played.find(), played)


def test_weak_beats_do_not_break_the_grid() -> None:
    played = Played(30).bars_of(4, 12, 100)
    rng = np.random.default_rng(0)
    for t in rng.choice(played.beats[4:-4], 8, replace=False):
        played.beat[round(t * RATE)] = 0.05
    assert_same(played.find(), played)


def test_no_beats_where_nothing_is_heard() -> None:
    n = 1500
    nothing = np.full(n, 0.01, np.float32)
    assert len(find_path(nothing, nothing, np.ones(n, bool)).frames) == 0
    assert len(find_path(nothing + 0.9, nothing, np.zeros(n, bool)).frames) == 0
    assert len(find_path(nothing[:0], nothing[:0], np.zeros(0, bool)).frames) == 0


def test_seven_in_uneven_beats() -> None:
    played = Played(40)
    for _ in range(12):
        for k, units in enumerate((1.0, 1.0, 1.5)):
            frame = round(played.now * RATE)
            played.beat[frame] = 0.9
            if k == 0:
                played.downbeat[frame] = 0.9
                played.bars.append(played.now)
            played.beats.append(played.now)
            played.now += units * 60 / 140
    path = played.find()
    assert_same(path, played)
    assert {METERS[m] for m in path.meters} == {(1, 1, 1.5)}


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played(150).bars_of(4, 30, 123).pause(3, silent=True).bars_of(3, 30, 97)
    whole = played.find()
    monkeypatch.setattr("avwalk.features.beats.bar_model._BLOCK", 700)
    for name in ("frames", "places", "meters", "runs"):
        np.testing.assert_array_equal(getattr(played.find(), name), getattr(whole, name))
    monkeypatch.setattr("avwalk.features.beats.bar_model._BLOCK", 100000)
    np.testing.assert_array_equal(played.find().frames, whole.frames)


def test_a_song_stays_on_one_level_of_its_metre() -> None:
    """In the second half the network hears beats between the beats, too."""
    played = Played(74).bars_of(4, 12, 80.0)
    middle = played.now
    played.bars_of(4, 12, 80.0)
    between = (np.array(played.beats[:-1]) + np.diff(played.beats) / 2)[np.array(played.beats[:-1]) >= middle]
    played.beat[np.rint(between * RATE).astype(int)] = 0.9
    path = played.find()
    assert np.ptp(np.diff(path.frames)) <= 2
    assert np.ptp(np.diff(played.find(level=0.0).frames)) > 15


def test_a_new_tempo_is_no_other_level() -> None:
    played = Played(60).bars_of(4, 10, 100.0).bars_of(4, 10, 122.0)
    assert_same(played.find(), played)


def test_overwhelming_evidence_changes_the_level() -> None:
    """A medley: two minutes at 70, two at 140."""
    played = Played(245).bars_of(4, 35, 70.0).bars_of(4, 70, 140.0)
    found = played.find().frames / RATE
    assert np.median(np.diff(found[found < 115])) == pytest.approx(60 / 70, abs=0.03)
    assert np.median(np.diff(found[found > 125])) == pytest.approx(60 / 140, abs=0.03)
