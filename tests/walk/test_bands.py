"""Classic bands against DIGCREA's algorithm, written down once more, step by step."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.config.preset import Preset, Structure, Walk
from avwalk.contracts import Analysis, Lineage, Shot, Song
from avwalk.features.analysis import analyze_song
from avwalk.features.spectrum import BandOptions, classic_rows
from avwalk.plan.latents import paths
from avwalk.walk import bands, classes

RATE, SECONDS, DIM = 24000, 2.7, 16
SETTINGS: dict[str, Any] = {"extra_detail": 0.93, "max_frequency_level": 4292, "low_frequency_skip": 16}
GROWTH, FACTOR, ITERATIONS, TRUNCATION = 1.04, 0.34, 2, 0.7


def song() -> np.ndarray:
    """A tone that rises, a chord that comes and goes, and a little noise."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (196.0, 247.0, 294.0)) * np.sin(np.pi * t / SECONDS) ** 2
    tone = np.sin(2 * np.pi * (300 * t + 250 * t**2))
    noise = np.random.default_rng(0).standard_normal(len(t))
    return (0.2 * chord + 0.3 * tone + 0.01 * noise).astype(np.float32)


def weight_rows(y: np.ndarray, rate: int, detail: float, top: int, skip: int, growth: float) -> np.ndarray:
    hop, window, rows, start = math.ceil(rate / 30), rate, [], 0
    while start < len(y) - (window + 1):
        spectrum = np.fft.rfft(y[start : start + window].astype(np.float64))
        with np.errstate(divide="ignore"):
            decibels = 20 * np.log10(np.abs(spectrum))
        share = (np.exp(decibels) / np.sum(np.exp(decibels))) ** (1 - detail)
        row, low, precise, width = [], skip, 1.0, 10
        while width * growth + low < min(top, rate // 2):
            precise *= growth
            width = math.floor(precise)
            if width > 1:
                row.append(np.mean(share[low : low + width]))
            low += width
        rows.append(row)
        start += hop
    return np.array(rows)


def basis(noise: np.ndarray, factor: float, iterations: int) -> np.ndarray:
    left = [v for v in noise]
    chain = [left.pop(0)]
    while left:
        likeness = [np.corrcoef(chain[-1], v)[0, 1] for v in left]
        chain.append(left.pop(int(np.argmin(likeness))))
    for _ in range(iterations):
        for b in range(1, len(chain)):
            chain[b] = factor * chain[b - 1] + (1 - factor) * chain[b]
    return np.array(chain)


def latents(weights: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    out = []
    for row in weights:
        z = np.zeros(vectors.shape[1])
        for weight, vector in zip(row, vectors, strict=True):
            z += weight * vector
        out.append(np.clip(z, -1, 1))
    return np.array(out)


def class_vectors(n_classes: int, n_frames: int) -> np.ndarray:
    each, out = n_frames // (n_classes - 1), []
    for k in range(n_classes - 1):
        for step in range(each):
            vector = np.zeros(n_classes)
            vector[k] = 1 - step / (each - 1)
            vector[k + 1] = step / (each - 1)
            out.append(vector)
    return np.array(out)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    y = song()
    facts = Song(Path("song.wav"), "0" * 64, RATE, 1, len(y), "pcm_s16le")
    options = BandOptions(classic=True, frequency_band_growth_rate=GROWTH, **SETTINGS)
    return analyze_song(facts, [y[:, None]], Fraction(30), bands=options)


def walk(**other: Any) -> Walk:
    settings: dict[str, Any] = {
        "frequency_band_growth_rate": GROWTH,
        "smoothing_factor": FACTOR,
        "iterations": ITERATIONS,
    }
    return Walk(kind="bands", classic=True, truncation=TRUNCATION, **SETTINGS, **settings, **other)


def shots(n_frames: int) -> tuple[Shot, ...]:
    return (
        Shot(0, 40, 0, 0, 0, Lineage(7), None, "cut"),
        Shot(40, 60, 10, 1, 0, Lineage(9), None, "melt"),
        Shot(60, n_frames, 0, 0, 1, Lineage(7), None, "cut"),
    )


def expected() -> np.ndarray:
    """DIGCREA's latents with the noise that avwalk draws for seed 7."""
    detail, top, skip = SETTINGS.values()
    weights = weight_rows(song(), RATE, detail, top, skip, GROWTH)
    rng = np.random.default_rng([7, 0x62616E64])
    noise = bands.truncated_noise(rng, (weights.shape[1], DIM), TRUNCATION)
    return latents(weights, basis(noise, FACTOR, ITERATIONS))


def test_the_basis_is_the_chain_and_the_filter_across_bands() -> None:
    noise = bands.truncated_noise(np.random.default_rng(3), (40, DIM), TRUNCATION)
    assert np.allclose(bands.mixed(noise, FACTOR, ITERATIONS), basis(noise, FACTOR, ITERATIONS), atol=1e-12)


def test_a_film_takes_digcreas_latents_as_they_were(analysis: Analysis) -> None:
    """Not smoothed, not bounded, blind to loudness and to development; the last second stands still."""
    theirs = expected()
    phase = np.zeros(analysis.n_frames, np.float32)
    asked = Preset(walk=walk(smoothing_ms=500, level=1.0), structure=Structure(development=0.5))
    found = paths(asked, shots(analysis.n_frames), analysis, phase, DIM)
    assert len(theirs) == classic_rows(round(SECONDS * RATE), RATE) == analysis.n_frames - 30 == 51
    padded = np.concatenate([theirs, np.repeat(theirs[-1:], 30, axis=0)])
    for z, shot in zip(found, shots(analysis.n_frames), strict=True):
        assert np.allclose(z, padded[shot.i0 - shot.lead : shot.i1], atol=2e-6)
    assert np.abs(theirs).max() == 1.0  # the clip had something to do


@pytest.mark.parametrize(("seconds", "n_classes"), [(60.0, 3), (10.0, 5), (2.7, 2)])
def test_class_vectors_go_straight_from_label_to_label(seconds: float, n_classes: int) -> None:
    n_frames = math.ceil(30 * seconds)
    theirs = class_vectors(n_classes, n_frames)
    drawn = n_frames - 30
    found = classes.classic_along(n_classes, seconds, np.arange(n_frames) / 30)
    assert np.allclose(found[:drawn], theirs[:drawn], atol=1e-12)
    assert np.array_equal(found[drawn:], np.repeat(found[drawn - 1 : drawn], 30, axis=0))


def test_class_vectors_on_another_clock_are_the_nearest() -> None:
    theirs = class_vectors(3, 300)
    found = classes.classic_along(3, 10.0, np.arange(240) / 24)
    assert np.allclose(found[200], theirs[250]) and np.allclose(found[7], theirs[9])


def test_one_label_and_a_song_too_short_are_held() -> None:
    assert np.array_equal(classes.classic_along(1, 5.0, np.arange(150) / 30), np.ones((150, 1)))
    assert np.array_equal(classes.classic_along(9, 0.1, np.arange(3) / 30), np.tile(np.eye(9)[0], (3, 1)))


def test_rows_of_a_minute_and_of_ten_seconds() -> None:
    assert classic_rows(60 * 44100, 44100) == 1770 and classic_rows(10 * 44100, 44100) == 270
