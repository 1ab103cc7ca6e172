from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk.features.spectrum import (
    SOFTMAX_EXPONENT,
    BandBank,
    BandRows,
    Stft,
    band_edges,
    classic_band_edges,
    classic_bands,
    classic_rows,
    range_sums,
)


@pytest.mark.parametrize(
    ("top", "growth", "count", "at_8k"),
    [
        (4292, 1.015, 235, 231),
        (11000, 1.01, 405, 307),
        (11000, 1.015, 297, 231),
        (11000, 1.05, 114, 93),
        (8000, 1.1, 62, 54),
    ],
)
def test_classic_band_counts(top: int, growth: float, count: int, at_8k: int) -> None:
    assert len(classic_band_edges(44100, top, 16, growth)) == count
    assert len(classic_band_edges(8000, top, 16, growth)) == at_8k


def test_classic_edges() -> None:
    a, b = classic_band_edges(44100, 4292, 16, 1.015), classic_band_edges(44100, 11000, 16, 1.01)
    assert a[0].tolist() == [62, 64] and a[-1].tolist() == [4186, 4251]
    assert b[0].tolist() == [85, 87] and b[-1].tolist() == [10866, 10977]


def test_classic_exponent() -> None:
    assert pytest.approx(8.685889638) == SOFTMAX_EXPONENT
    assert pytest.approx(3.474355855) == SOFTMAX_EXPONENT * (1 - 0.6)
    assert pytest.approx(0.868588964) == SOFTMAX_EXPONENT * (1 - 0.9)


def test_classic_row_counts() -> None:
    assert classic_rows(60 * 44100, 44100) == 1770
    assert classic_rows(10 * 44100, 44100) == 270
    assert classic_rows(44100, 44100) == 0


def test_classic_is_digcreas_softmax() -> None:
    """DIGCREA's own words: softmax of decibels, to the power 1 − detail, means over bands."""
    rate = 4000
    y = np.random.default_rng(1).normal(size=rate * 2).astype(np.float32) * 1e-3  # small: exp() stays finite
    rows = classic_bands(y, rate, 0.6, 1900, 16, 1.05)
    hop = -(-rate // 30)
    starts = range(0, len(y) - (rate + 1), hop)
    assert len(rows) == len(starts)
    for start, row in list(zip(starts, rows, strict=True))[::7]:
        db = 20 * np.log10(np.abs(np.fft.rfft(y[start : start + rate].astype(np.float64))))
        w = (np.exp(db) / np.exp(db).sum()) ** 0.4
        np.testing.assert_allclose(row, [w[a:b].mean() for a, b in classic_band_edges(rate, 1900, 16, 1.05)], rtol=1e-5)


def test_classic_ignores_gain_and_survives_what_overflowed() -> None:
    y = np.sign(np.sin(np.arange(66150) * 0.05)).astype(np.float32)  # full-scale square wave
    rows = classic_bands(y, 44100)
    assert np.isfinite(rows).all() and rows.max() > 0
    np.testing.assert_allclose(rows, classic_bands(y * np.float32(0.01), 44100), rtol=1e-4)
    assert not classic_bands(np.zeros(66150, np.float32), 44100).any()


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000])
def test_every_corrected_band_has_a_bin_and_none_is_lost(rate: int) -> None:
    edges = band_edges(rate, 11000, 16, 1.01)
    assert edges[0] == 16 and edges[-1] <= min(11000, rate / 2)
    assert edges[-1] > 0.97 * min(11000, rate / 2)
    assert np.diff(edges).min() >= 44100 / 8192 - 1e-9


def spectra_of(y: np.ndarray, rate: int, fps: Fraction, n: int) -> tuple[Stft, np.ndarray, BandBank]:
    stft = Stft(rate, fps, n)
    bank = BandBank(stft.freqs, band_edges(rate))
    parts = [s for block in np.array_split(y, 7) for s in stft.push(block)] + list(stft.finish())
    assert [p.k for p in parts] == np.cumsum([0] + [len(p.power) for p in parts[:-1]]).tolist()
    return stft, np.concatenate([bank.weights(p) for p in parts]), bank


@pytest.mark.parametrize("frequency", [30.0, 100.0, 1000.0, 9000.0])
def test_a_tone_lights_its_band(frequency: float) -> None:
    y = np.sin(2 * np.pi * frequency * np.arange(44100) / 44100).astype(np.float32)
    _, weights, _ = spectra_of(y, 44100, Fraction(30), 30)
    edges = band_edges(44100)
    band = int(weights[15].argmax())
    assert edges[band] - 6 <= frequency <= edges[band + 1] + 6  # within a bin
    assert weights.shape == (30, len(edges) - 1)


def test_sub_bass_counts_and_the_last_second_too() -> None:
    y = np.sin(2 * np.pi * 40 * np.arange(3 * 44100) / 44100).astype(np.float32)
    _, weights, _ = spectra_of(y, 44100, Fraction(30), 90)
    assert weights[:, :8].max(axis=1).min() > 0.5


def test_a_click_shows_on_its_frame() -> None:
    y = np.zeros(2 * 44100, np.float32)
    y[44100] = 1
    stft = Stft(44100, Fraction(30), 60)
    parts = [*stft.push(y), *stft.finish()]
    energy = np.concatenate([p.power.sum(axis=1) for p in parts])
    assert energy.argmax() == 30


def test_full_scale_sine_has_power_one() -> None:
    stft = Stft(44100, Fraction(30), 30)
    frequency = stft.freqs[100]
    parts = list(stft.push(np.sin(2 * np.pi * frequency * np.arange(44100) / 44100).astype(np.float32)))
    assert parts[0].power[15, 100] == pytest.approx(1, rel=1e-3)


def test_range_sums() -> None:
    values = np.arange(12, dtype=np.float32).reshape(2, 6)
    assert range_sums(values, np.array([0, 2, 2, 5])).tolist() == [[1, 0, 9], [13, 0, 27]]


@pytest.mark.parametrize("on_disk", [True, False])
def test_rows_keep_loudness(tmp_path: Path, on_disk: bool) -> None:
    rows = BandRows(5000, 3, tmp_path / "bands.npy" if on_disk else None)
    rows.append(np.ones((2000, 3), np.float32))
    rows.append(np.ones((3000, 3), np.float32))
    level = np.full(5000, 0.5, np.float32)
    level[:1000] = 0.05
    bands = rows.finish(level)
    assert bands.shape == (5000, 3) and bands.dtype == np.float32
    np.testing.assert_allclose(bands[1000:], 1)
    np.testing.assert_allclose(bands[:1000], 0.1**0.6, rtol=1e-5)
    if on_disk:
        assert isinstance(bands, np.memmap)


def test_silence_is_zero() -> None:
    _, weights, _ = spectra_of(np.zeros(44100, np.float32), 44100, Fraction(30), 30)
    assert not weights.any()
