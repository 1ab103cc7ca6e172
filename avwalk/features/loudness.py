"""Raw level curves per frame: RMS, band levels, spectral centroid, flatness, stereo width, harmonic/percussive RMS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve
from avwalk.features.spectrum import SILENCE, Spectra, Stft, range_sums

RANGES = {"sub": (20.0, 60.0), "low": (60.0, 250.0), "mid": (250.0, 4000.0), "high": (4000.0, 16000.0)}  # Hz
HPSS_RATE = Fraction(50)
_HPSS_WINDOW = 2048  # samples at 44.1 kHz: short enough to separate hits
_HPSS_BANDS = 64
_HANN_BINS = 1.5  # a Hann window spreads a sine's power over this many bins (its noise bandwidth)
_CONTEXT = 13  # values on either side that the triple median reads: 1 + 3 + 9


@dataclass(frozen=True)
class Levels:
    """Raw curves, each (n_frames,) float32.

    Attributes:
        rms: of the mono mix under the frame's window, full scale = 1.
        ranges: RMS within each of ``RANGES``, by name.
        centroid: centre of the magnitude spectrum in octaves above 20 Hz; NaN in silence.
        flatness: geometric over arithmetic mean of the power from 60 Hz to 16 kHz, [0, 1]; NaN in silence.
    """

    rms: Curve
    ranges: dict[str, Curve]
    centroid: Curve
    flatness: Curve


class LevelMeter:
    """Levels, spectral centroid and flatness of spectra.

    Args:
        freqs: frequency of each bin, Hz.
        n_frames: how many frames there are.
    """

    def __init__(self, freqs: NDArray[np.float64], n_frames: int) -> None:
        limits = [low for low, _ in RANGES.values()] + [16000.0]  # each begins where the one before ends
        self._cuts = np.searchsorted(freqs, limits)
        self._freqs = freqs.astype(np.float32)
        self._noise = slice(*np.searchsorted(freqs, (60.0, min(16000.0, 0.9 * freqs[-1]))))
        self._raw = np.zeros((n_frames, 7), np.float32)  # total, 4 ranges, centroid, flatness

    def push(self, spectra: Spectra) -> None:
        """Takes the next spectra."""
        rows = self._raw[spectra.k : spectra.k + len(spectra.power)]
        scale = np.float32(1 / (2 * _HANN_BINS))
        rows[:, 0] = np.sqrt(spectra.power.sum(axis=1) * scale)
        rows[:, 1:5] = np.sqrt(range_sums(spectra.power, self._cuts) * scale)
        magnitude = np.sqrt(spectra.power)
        amount = magnitude.sum(axis=1)
        moment = np.einsum("ij,j->i", magnitude, self._freqs)
        noise = slice(self._noise.start, self._noise.stop)
        geometric = spectra.log_power[:, noise].mean(axis=1)
        arithmetic = np.log(np.maximum(spectra.power[:, noise].mean(axis=1), np.float32(1e-30)))
        silent = rows[:, 0] ** 2 < SILENCE
        centroid = np.log2(np.maximum(moment / np.maximum(amount, np.float32(1e-20)), 20.0) / 20.0)
        rows[:, 5] = np.where(silent, np.nan, centroid)
        rows[:, 6] = np.where(silent, np.nan, np.exp(np.minimum(0.0, geometric - arithmetic)))

    def finish(self) -> Levels:
        """The curves of the whole song."""
        curves = [np.ascontiguousarray(column) for column in self._raw.T]
        return Levels(curves[0], dict(zip(RANGES, curves[1:5], strict=True)), curves[5], curves[6])


class WidthMeter:
    """Stereo width: how much of each frame's energy lies outside the mono mix.

    Args:
        sample_rate: Hz.
        fps: frames per second.
        n_frames: how many there are.
    """

    def __init__(self, sample_rate: int, fps: Fraction, n_frames: int) -> None:
        step = Fraction(sample_rate) / fps
        i = np.arange(n_frames, dtype=np.int64)
        # frame i owns the samples from half a frame before it to half a frame after it
        self._cuts = np.maximum(0, ((2 * i - 1) * step.numerator) // (2 * step.denominator))
        self._sums = np.zeros((n_frames, 2))
        self._at = 0

    def push(self, block: NDArray[np.float32], mono: NDArray[np.float32]) -> None:
        """Takes the next samples (n, channels) and their mean over channels (n,)."""
        n = len(block)
        if block.shape[1] > 1 and n:
            first = int(np.searchsorted(self._cuts, self._at, side="right")) - 1
            last = int(np.searchsorted(self._cuts, self._at + n, side="left"))
            cuts = np.maximum(0, self._cuts[first:last] - self._at)
            total = np.einsum("nc,nc->n", block, block) / np.float32(block.shape[1])
            self._sums[first:last, 0] += np.add.reduceat(mono * mono, cuts)
            self._sums[first:last, 1] += np.add.reduceat(total, cuts)
        self._at += n

    def finish(self) -> Curve:
        """(n_frames,) float32 in [0, 1]: 0 mono, 0.5 as much side as mid, 1 opposite channels."""
        mid, total = self._sums.T
        side = np.maximum(0.0, total - mid)
        amount = np.sqrt(side) / np.maximum(np.sqrt(side) + np.sqrt(mid), 1e-12)
        return np.where(total > SILENCE, amount, 0.0).astype(np.float32)


class HarmonicPercussive:
    """Harmonic/percussive source separation by median filters (Fitzgerald 2010).

    On a spectrum reduced to 64 log-spaced bands, 50 times a second: a median along time keeps harmonic, a median along
    frequency keeps percussive energy; Wiener masks split the power between them. Medians are taken as medians of
    medians of three, spread 1, 3 and 9 apart, which numpy does quickly.

    Args:
        sample_rate: Hz.
        n_samples: length of the song.
    """

    def __init__(self, sample_rate: int, n_samples: int) -> None:
        self._n = max(1, -(-n_samples * HPSS_RATE.numerator // sample_rate) + 1)
        self._stft = Stft(sample_rate, HPSS_RATE, self._n, _HPSS_WINDOW)
        self._cuts = _log_cuts(self._stft.freqs)
        self._held: NDArray[np.float32] = np.zeros((_CONTEXT, _HPSS_BANDS), np.float32)
        self._out = np.zeros((self._n, 2), np.float32)
        self._done = 0

    def push(self, mono: NDArray[np.float32]) -> None:
        """Takes the next samples (n,)."""
        self._split(self._stft.push(mono))

    def finish(self, times: NDArray[np.float64]) -> tuple[Curve, Curve]:
        """RMS of the harmonic and of the percussive part at ``times`` (n,) s: two curves (n,) float32."""
        self._split(self._stft.finish())
        self._emit(np.zeros((_CONTEXT, _HPSS_BANDS), np.float32))
        at = np.arange(self._n) / float(HPSS_RATE)
        harmonic, percussive = (np.interp(times, at, c).astype(np.float32) for c in self._out.T)
        return harmonic, percussive

    def _split(self, spectra: Iterator[Spectra]) -> None:
        for part in spectra:
            self._emit(np.sqrt(range_sums(part.power, self._cuts) / np.float32(2 * _HANN_BINS)))

    def _emit(self, magnitude: NDArray[np.float32]) -> None:
        self._held = np.concatenate([self._held, magnitude])
        n = len(self._held) - 2 * _CONTEXT
        if n <= 0:
            return
        lasting = self._held
        for reach in (1, 3, 9):
            lasting = _median3(lasting[: -2 * reach], lasting[reach:-reach], lasting[2 * reach :])
        here = self._held[_CONTEXT:-_CONTEXT]
        striking = here
        for reach in (1, 3):
            padded = np.pad(striking, ((0, 0), (reach, reach)), mode="edge")
            striking = _median3(padded[:, : -2 * reach], striking, padded[:, 2 * reach :])
        h, p = lasting * lasting, striking * striking
        energy = here * here
        share = energy * (h / np.maximum(h + p, np.float32(1e-20)))
        self._out[self._done : self._done + n, 0] = np.sqrt(share.sum(axis=1))
        self._out[self._done : self._done + n, 1] = np.sqrt(np.maximum(0.0, energy - share).sum(axis=1))
        self._done += n
        self._held = self._held[n:]


def _median3(a: NDArray[np.float32], b: NDArray[np.float32], c: NDArray[np.float32]) -> NDArray[np.float32]:
    """Element-wise median of three."""
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))


def _log_cuts(freqs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where 64 log-spaced bands from 40 Hz up begin and end, in bins; where bins are scarce, one for each."""
    edges = np.geomspace(40.0, min(16000.0, 0.9 * freqs[-1]), _HPSS_BANDS + 1)
    cuts = np.rint(edges / freqs[1]).astype(np.int64)
    spread = np.arange(len(cuts))
    return np.maximum.accumulate(cuts - spread) + spread
