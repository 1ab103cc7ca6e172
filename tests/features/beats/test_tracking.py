"""Beats, bars and drums of sounds whose truth is known, through the network that is shipped."""

import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.features.beats.drums import hits_of
from avwalk.features.beats.network import Activations, listen
from avwalk.features.beats.tracking import Rhythm, track_beats
from avwalk.features.onsets import OnsetCurves, OnsetDetector
from tests.conftest import clicks
from tests.rhythms import RATE, perform
from tests.rhythms import Rhythm as Pattern


@dataclass(frozen=True)
class Sound:
    """A sound, heard: what ``track_beats`` needs."""

    curves: OnsetCurves
    activations: Activations
    duration: float

    def rhythm(self, bpm: float | None = None, first_beat: float | None = None) -> Rhythm:
        found = track_beats(self.curves, self.activations, self.duration, bpm, first_beat)
        assert np.isfinite(found.beats).all() and np.isin(found.bars, found.beats).all()
        assert (np.diff(found.beats) > 0).all()
        assert ((found.beats >= 0) & (found.beats <= self.duration)).all()
        assert 0 <= found.confidence <= 1 and np.isfinite(found.tempo_bpm)
        for a, b in zip(found.stretches, found.stretches[1:], strict=False):
            assert a.start < a.end <= b.start + 1e-6 < b.end
        return found


def sound_of(samples: NDArray[np.floating], rate: int) -> Sound:
    detector = OnsetDetector(rate, len(samples))
    for a in range(0, len(samples), 1 << 16):
        detector.push(samples[a : a + (1 << 16)].astype(np.float32))
    curves = detector.finish()
    return Sound(curves, listen(curves.bands), len(samples) / rate)


@pytest.fixture(scope="module")
def rock() -> tuple[Sound, NDArray[np.float64], NDArray[np.float64]]:
    played = perform(Pattern("rock", 117.3, seconds=20, seed=5))
    return sound_of(played.sound, RATE), played.beats, played.bars


def test_beats_lie_on_clicks() -> None:
    found = sound_of(clicks(20.0, every=0.5), 44100).rhythm()
    assert found.tempo_bpm == pytest.approx(120, rel=0.002)
    assert np.abs(found.beats - np.round(found.beats * 2) / 2).max() < 0.005


def test_bars_begin_on_the_first_beat(rock: tuple[Sound, NDArray[np.float64], NDArray[np.float64]]) -> None:
    sound, beats, bars = rock
    found = sound.rhythm()
    assert np.abs(found.beats[:, None] - beats[2:-2]).min(axis=0).max() < 0.02
    assert (np.abs(found.bars[:, None] - bars).min(axis=1) < 0.03).mean() > 0.8
    assert np.median(np.diff(found.bars)) == pytest.approx(4 * 60 / 117.3, rel=0.01)
    assert [s.meter for s in found.stretches] == [4]
    assert found.stretches[0].tempo_bpm == pytest.approx(117.3, rel=0.01)


def test_a_tempo_that_is_told_is_held_exactly(rock: tuple[Sound, NDArray[np.float64], NDArray[np.float64]]) -> None:
    sound, beats, _ = rock
    found = sound.rhythm(bpm=117.3)
    assert found.tempo_bpm == 117.3
    np.testing.assert_allclose(np.diff(found.beats), 60 / 117.3, atol=1e-9)
    inside = found.beats[found.beats < beats[-1]]
    assert np.abs(beats[:, None] - inside).min(axis=0).max() < 0.015


def test_a_first_beat_is_where_it_is_said(rock: tuple[Sound, NDArray[np.float64], NDArray[np.float64]]) -> None:
    sound, beats, _ = rock
    grid = sound.rhythm(bpm=100.0, first_beat=1.234)
    np.testing.assert_allclose(grid.beats, 1.234 + np.arange(len(grid.beats)) * 0.6, atol=1e-9)
    np.testing.assert_array_equal(grid.bars, grid.beats[::4])
    assert sound.duration - grid.beats[-1] <= 0.6
    free = sound.rhythm(first_beat=float(beats[3]))
    assert free.beats[0] == free.bars[0] == beats[3]
    assert free.tempo_bpm == pytest.approx(117.3, rel=0.01)
    assert np.median(np.diff(free.bars)) == pytest.approx(4 * 60 / 117.3, rel=0.01)


def test_what_is_told_leaves_the_metre_as_it_was_heard(
    rock: tuple[Sound, NDArray[np.float64], NDArray[np.float64]],
) -> None:
    sound, beats, _ = rock
    (heard,) = sound.rhythm().stretches
    off = float(beats[3] + beats[4]) / 2  # where onsets say nothing of how beats are divided
    for told in (sound.rhythm(first_beat=off), sound.rhythm(117.3, off), sound.rhythm(117.3)):
        (found,) = told.stretches
        assert (found.meter, found.division, found.swing, found.confidence) == (
            heard.meter, heard.division, heard.swing, heard.confidence)  # fmt: skip
    (other,) = sound.rhythm(bpm=100.0).stretches
    assert (other.meter, other.division, other.swing) == (4, 2, 0.5)


def swell(seconds: float) -> NDArray[np.float64]:
    t = np.arange(int(seconds * RATE)) / RATE
    return 0.4 * np.sin(2 * np.pi * 220 * t) * np.sin(np.pi * t / seconds)


@pytest.mark.parametrize("bpm", [None, 120.0])
@pytest.mark.parametrize("first", [None, 0.25, 99.0])
def test_without_a_beat(bpm: float | None, first: float | None) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(12 * RATE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for samples in (np.zeros(1), np.zeros(RATE), np.ones(50), np.zeros(6 * RATE), noise, swell(12)):
            found = sound_of(samples, RATE).rhythm(bpm, first)
            if bpm is None:
                assert found.tempo_bpm == 0 and len(found.beats) == len(found.bars) == len(found.stretches) == 0


def test_a_drifting_tempo_is_followed() -> None:
    played = perform(Pattern("drift", 110, "house", drift=0.04, seconds=40, seed=3))
    found = sound_of(played.sound, RATE).rhythm()
    inside = played.beats[(played.beats > 2) & (played.beats < 36)]
    assert np.abs(found.beats[:, None] - inside).min(axis=0).max() < 0.02


def test_no_beats_in_silence_within_a_song() -> None:
    played = perform(Pattern("rock", 120, seconds=15, seed=5)).sound
    found = sound_of(np.concatenate([np.zeros(2 * RATE), played, np.zeros(10 * RATE), played]), RATE).rhythm()
    assert not ((found.beats < 1.9) | ((found.beats > 17.3) & (found.beats < 26.9))).any()
    assert (found.beats < 17).sum() > 20 and (found.beats > 27).sum() > 20
    assert len(found.stretches) == 2


def test_the_same_song_at_any_loudness_has_the_same_beats() -> None:
    played = perform(Pattern("house", 124, "house", seconds=20, seed=2)).sound
    loud, quiet = (sound_of(played * gain, RATE) for gain in (0.5, 0.0005))
    assert len(quiet.rhythm().beats) == len(loud.rhythm().beats)
    assert np.abs(quiet.rhythm().beats - loud.rhythm().beats).max() < 0.02


def share(wanted: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """How many of the wanted times are found, within 25 ms."""
    return float((np.abs(wanted[:, None] - found).min(axis=1) < 0.025).mean())


def test_drums_are_told_apart() -> None:
    played = perform(Pattern("rock", 120, seconds=20))
    hits = hits_of(sound_of(played.sound, RATE).activations)
    assert share(played.kicks, hits["kick"].times) > 0.95 and share(hits["kick"].times, played.kicks) > 0.9
    assert share(played.beats[1:-4:2], hits["snare"].times) > 0.95
    assert share(hits["snare"].times, played.beats) > 0.9
    for events in hits.values():
        assert ((events.heights >= 0) & (events.heights <= 1)).all()
        assert (np.diff(events.times) > 0.02).all()


def test_a_piano_has_no_drums() -> None:
    t = np.arange(RATE) / RATE
    k = np.arange(1, 9)[:, None]
    note = (np.sin(2 * np.pi * 110 * k * t) * np.exp(-3 * k * t) / k).sum(axis=0)
    tune = np.concatenate([0.2 * note[: RATE // 2] * 2 ** (j % 3 / 3) for j in range(60)])
    hits = hits_of(sound_of(tune, RATE).activations)
    assert sum(len(events.times) for events in hits.values()) <= 2
