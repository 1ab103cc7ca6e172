import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.features import onsets
from avwalk.features.onsets import ONSET_RATE, OnsetCurves, OnsetDetector
from tests.rhythms import Rhythm, perform

MEDIA = Path(__file__).parents[2] / "media"


def detect(sound: np.ndarray, rate: int, block: int = 50_000) -> OnsetCurves:
    detector = OnsetDetector(rate, len(sound))
    for a in range(0, len(sound), block):
        detector.push(sound[a : a + block].astype(np.float32))
    return detector.finish()


def bursts(rate: int, times: np.ndarray, seconds: float) -> np.ndarray:
    rng = np.random.default_rng(3)
    sound = 1e-4 * rng.standard_normal(round(seconds * rate))
    length = rate // 20
    for t in times:
        burst = 0.5 * rng.standard_normal(length) * np.exp(-np.arange(length) / (0.008 * rate))
        sound[round(t * rate) :][:length] += burst
    return sound.astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000, 192000])
def test_clicks_are_found_where_they_are(rate: int) -> None:
    times = 0.2 + np.cumsum(np.random.default_rng(rate).uniform(0.15, 0.4, 15))
    found = onsets.onsets(detect(bursts(rate, times, 6.5), rate))
    assert len(found.times) == len(times)
    error = found.times - times
    assert np.abs(error).max() < 0.005
    assert abs(error.mean()) < 0.002
    assert (found.heights > 0.5).all() and (found.heights <= 1).all()


def test_blocks_do_not_matter() -> None:
    sound = bursts(22050, np.array([0.3, 0.9, 1.4]), 2.0)
    whole, parts = detect(sound, 22050, len(sound)), detect(sound, 22050, 777)
    for name in ("strength", "low", "high", "bass"):
        np.testing.assert_allclose(getattr(whole, name), getattr(parts, name), atol=1e-5)
    np.testing.assert_allclose(whole.bands, parts.bands, atol=1e-2)


@pytest.mark.parametrize("n", [1, 2, 441, 1103, 44100])
def test_silence_and_scraps_are_silent_and_finite(n: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for sound in (np.zeros(n), np.ones(n)):
            curves = detect(sound, 44100)
            assert len(curves.strength) == int(np.ceil(n / 441)) + 1 == len(curves.high)
            assert all(np.isfinite(c).all() and (c >= 0).all() for c in vars(curves).values())
            for pick in (onsets.onsets, onsets.bass_hits):
                events = pick(curves)
                assert len(events.times) == len(events.heights) <= (0 if sound[0] == 0 else 2)


def _share(wanted: np.ndarray, found: np.ndarray) -> float:
    """How many of the wanted times are found, within 25 ms."""
    return float((np.abs(wanted[:, None] - found).min(axis=1) < 0.025).mean())


def test_nothing_comes_before_its_sound() -> None:
    played = perform(Rhythm("rock", 100, seconds=12, seed=4), 44100)
    kicks = onsets.bass_hits(detect(played.sound, 44100)).times
    nearest = played.kicks[np.abs(played.kicks[:, None] - kicks).argmin(axis=0)]
    error = (kicks - nearest)[np.abs(kicks - nearest) < 0.05]
    assert error.min() > -0.006 and abs(error.mean()) < 0.006


def test_vibrato_is_no_onset() -> None:
    t = np.arange(4 * 22050) / 22050
    steady = 0.3 * np.sin(2 * np.pi * 440 * t + 4 * np.sin(2 * np.pi * 6 * t))
    steady *= np.clip(np.minimum(t, 4 - t) / 0.05, 0, 1)
    hit = bursts(22050, np.array([2.0]), 4.0)
    inside = slice(50, 350)
    still = detect(steady, 22050).strength[inside].max()
    assert detect(steady + hit, 22050).strength[inside].max() > 5 * still


def test_a_flat_curve_has_no_events() -> None:
    for curve in (np.zeros(500, np.float32), np.full(500, 0.3, np.float32), np.ones(2, np.float32)):
        assert len(onsets.pick_events(curve).times) == 0


def test_frames_per_second() -> None:
    assert ONSET_RATE == 100


def test_bass_notes_are_hits_where_there_are_no_drums() -> None:
    played = perform(Rhythm("rock", 120, seconds=12, pitched=True), 44100)
    kicks = onsets.bass_hits(detect(played.sound, 44100)).times
    assert _share(played.kicks, kicks) > 0.95 and _share(kicks, played.kicks) > 0.95
    t = np.arange(44100 // 2) / 44100
    tones = sum(np.sin(2 * np.pi * 55 * k * t) / k for k in range(1, 7))
    note = 0.2 * tones * np.minimum(1, t / 0.01) * np.exp(-2 * t) * np.minimum(1, (0.5 - t) / 0.05)
    alone = onsets.bass_hits(detect(np.tile(note, 12).astype(np.float32), 44100)).times
    assert _share(np.arange(0.5, 6, 0.5), alone) > 0.9


def test_a_swept_bass_drum_counts_from_its_beater() -> None:
    """Its deep part rises some 20 ms later; the drum is heard at once."""
    truth = np.array(json.loads((MEDIA / "demo-song.json").read_text())["kick"])
    sound, rate = soundfile.read(MEDIA / "demo-song.ogg", dtype="float32")
    kicks = onsets.bass_hits(detect(sound.mean(axis=1), rate)).times
    error = kicks[:, None] - truth
    found = np.abs(error).min(axis=0) < 0.025
    assert found.mean() > 0.9
    assert (np.abs(error).min(axis=1) < 0.05).mean() > 0.93
    assert abs(np.mean([column[np.abs(column).argmin()] for column in error.T[found]])) < 0.008
