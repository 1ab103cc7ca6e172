from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.features.loudness import HarmonicPercussive, LevelMeter, Levels, WidthMeter
from avwalk.features.spectrum import Stft

RATE, FPS = 22050, Fraction(30)


def levels_of(y: np.ndarray, rate: int = RATE) -> Levels:
    n = round(len(y) / rate * 30)
    stft = Stft(rate, FPS, n)
    meter = LevelMeter(stft.freqs, n)
    for spectra in [*stft.push(y.astype(np.float32)), *stft.finish()]:
        meter.push(spectra)
    return meter.finish()


def tone(frequency: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def test_rms_of_a_sine() -> None:
    assert levels_of(0.5 * tone(440)).rms[15] == pytest.approx(0.5 / np.sqrt(2), rel=1e-3)


@pytest.mark.parametrize(("frequency", "name"), [(40, "sub"), (120, "low"), (1000, "mid"), (8000, "high")])
def test_a_tone_is_in_its_range_only(frequency: float, name: str) -> None:
    ranges = levels_of(tone(frequency)).ranges
    assert ranges[name][15] == pytest.approx(1 / np.sqrt(2), rel=0.02)
    assert all(curve[15] < 0.1 for other, curve in ranges.items() if other != name)


def test_ranges_above_the_sound_are_silent() -> None:
    assert levels_of(tone(1000, rate=8000), 8000).ranges["high"].max() < 1e-3


def test_a_rising_sine_gets_brighter() -> None:
    t = np.arange(4 * RATE) / RATE
    sweep = np.sin(2 * np.pi * 50 * (2.0**t - 1) / np.log(2) * 3)  # 150 Hz to 2.4 kHz
    centroid = levels_of(sweep).centroid[5:-5]
    assert (np.diff(centroid) > 0).all()
    assert centroid[-1] - centroid[0] == pytest.approx(3.67, abs=0.4)  # octaves


def test_noise_is_flat_a_tone_is_not_and_silence_is_neither() -> None:
    noise = np.random.default_rng(0).normal(size=RATE)
    assert levels_of(noise).flatness[15] > 0.4
    assert levels_of(tone(440)).flatness[15] < 0.01
    silent = levels_of(np.zeros(RATE))
    assert np.isnan(silent.flatness).all() and np.isnan(silent.centroid).all() and not silent.rms.any()


@pytest.mark.parametrize(("right", "width"), [(1.0, 0.0), (0.0, 0.5), (-1.0, 1.0)])
def test_width(right: float, width: float) -> None:
    left = tone(440)
    stereo = np.stack([left, right * left], axis=1)
    meter = WidthMeter(RATE, FPS, 30)
    for block in np.array_split(stereo, 9):
        meter.push(block, block.mean(axis=1))
    np.testing.assert_allclose(meter.finish(), width, atol=1e-3)


def split(y: np.ndarray, blocks: int = 5) -> tuple[np.ndarray, np.ndarray]:
    meter = HarmonicPercussive(RATE, len(y))
    for block in np.array_split(y.astype(np.float32), blocks):
        meter.push(block)
    return meter.finish(np.arange(len(y) * 30 // RATE) / 30)


def test_tones_last_and_clicks_strike() -> None:
    chord = tone(220, 4) + tone(330, 4) + tone(1100, 4)
    harmonic, percussive = split(0.2 * chord)
    assert harmonic[20:-20].mean() > 5 * percussive[20:-20].mean()
    rng = np.random.default_rng(0)
    hits = np.zeros(4 * RATE)
    for start in range(0, len(hits) - 800, RATE // 2):
        hits[start : start + 800] = rng.normal(size=800) * np.exp(-np.arange(800) / 150)
    harmonic, percussive = split(hits)
    assert percussive[20:-20].mean() > 5 * harmonic[20:-20].mean()


def test_the_split_does_not_depend_on_the_blocks() -> None:
    y = np.random.default_rng(0).normal(size=2 * RATE)
    for a, b in zip(split(y, 1), split(y, 23), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
