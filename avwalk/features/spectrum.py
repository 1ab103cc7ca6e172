"""Short-time spectrum on the frame clock, and its summary in frequency bands.

Two summaries share the names of DIGCREA's parameters. ``classic_bands`` reproduces DIGCREA: one-second
rectangular windows that begin at the frame, bands one bin wide dropped, independent of loudness. ``BandBank``
corrects it: a Hann window centred on the frame, every band at least a bin wide, loudness kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve
from avwalk.features.framing import Framer

EXTRA_DETAIL = 0.9
MAX_FREQUENCY_LEVEL = 11000.0  # Hz
LOW_FREQUENCY_SKIP = 16.0  # Hz
FREQUENCY_BAND_GROWTH_RATE = 1.01

SOFTMAX_EXPONENT = 20.0 / math.log(10.0)  # exp(20·log10 a) = a^8.6859: a softmax of decibels is a power law
WINDOW = 8192  # samples at 44.1 kHz
BIN_HZ = 44100.0 / WINDOW
SILENCE = 1e-10  # power of the strongest bin, full-scale sine = 1: below −100 dB is silence
CLASSIC_RATE = 30  # DIGCREA knows no other frame rate
_LOUDNESS = 0.6  # loudness in sones halves for 10 dB less: amplitude^0.6 (Stevens)
_BLOCK = 4096  # rows of a band file handled at once


@dataclass(frozen=True)
class BandOptions:
    """How the spectrum is summarised in bands.

    Attributes:
        classic: exactly as DIGCREA has it: 30 fps, one second ahead, blind to loudness.
        extra_detail: in [0, 1): how many bands take part.
        max_frequency_level: Hz, upper end of the bands.
        low_frequency_skip: Hz, lower end.
        frequency_band_growth_rate: factor from band to band, > 1.
    """

    classic: bool = False
    extra_detail: float = EXTRA_DETAIL
    max_frequency_level: float = MAX_FREQUENCY_LEVEL
    low_frequency_skip: float = LOW_FREQUENCY_SKIP
    frequency_band_growth_rate: float = FREQUENCY_BAND_GROWTH_RATE


@dataclass(frozen=True)
class Spectra:
    """Spectra of consecutive frames.

    Attributes:
        k: index of the first frame.
        power: (m, n_bins) float32; a full-scale sine gives 1 in its bin.
    """

    k: int
    power: NDArray[np.float32]

    @cached_property
    def log_power(self) -> NDArray[np.float32]:
        """Natural logarithm of ``power``, (m, n_bins) float32, ≥ −69 (−300 dB)."""
        log = np.maximum(self.power, np.float32(1e-30))
        return np.log(log, out=log)


class Stft:
    """Hann-windowed spectra centred on the frames, for sound that arrives in blocks.

    Args:
        sample_rate: Hz.
        fps: frames per second.
        n_frames: how many there are.
        window: window length in samples at 44.1 kHz; scaled to the rate, up to a length that transforms fast.
    """

    def __init__(self, sample_rate: int, fps: Fraction, n_frames: int, window: int = WINDOW) -> None:
        from scipy import fft  # late: names of signals are looked up without it

        self._rfft = fft.rfft
        wanted = max(16, math.ceil(window * sample_rate / 44100))
        self.size = int(fft.next_fast_len((wanted + 1) // 2, real=True)) * 2
        self.freqs = np.arange(self.size // 2 + 1, dtype=np.float64) * (sample_rate / self.size)
        self._framer = Framer(self.size, sample_rate, fps, n_frames)
        n = np.arange(self.size)
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / self.size)
        self._window = (hann * (2.0 / hann.sum())).astype(np.float32)  # a full-scale sine has magnitude 1

    def push(self, mono: NDArray[np.float32]) -> Iterator[Spectra]:
        """Takes the next samples (n,), gives the spectra that they complete."""
        for k, windows in self._framer.push(mono):
            yield self._transform(k, windows)

    def finish(self) -> Iterator[Spectra]:
        """The spectra that were waiting for the end."""
        for k, windows in self._framer.finish():
            yield self._transform(k, windows)

    def _transform(self, k: int, windows: NDArray[np.float32]) -> Spectra:
        np.multiply(windows, self._window, out=windows)
        spectrum = self._rfft(windows, axis=1, overwrite_x=True)
        parts = spectrum.view(np.float32)
        np.multiply(parts, parts, out=parts)
        power = parts[:, 0::2] + parts[:, 1::2]
        return Spectra(k, power)


def range_sums(values: NDArray[np.float32], cuts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Sums over the columns [cuts[j], cuts[j + 1]), (m, len(cuts) − 1) float32; 0 for an empty range.

    Not a matrix product: BLAS would start threads for it that cost more than they bring.
    """
    stop = max(1, int(cuts[-1]))
    starts = np.minimum(cuts[:-1], stop - 1)
    sums = np.add.reduceat(values[:, :stop], starts, axis=1)
    sums[:, np.diff(cuts) <= 0] = 0.0
    return sums


# --- corrected bands -------------------------------------------------------------------------------------


def band_edges(
    sample_rate: int,
    max_frequency_level: float = MAX_FREQUENCY_LEVEL,
    low_frequency_skip: float = LOW_FREQUENCY_SKIP,
    frequency_band_growth_rate: float = FREQUENCY_BAND_GROWTH_RATE,
) -> NDArray[np.float64]:
    """Edges of the bands in Hz: widths grow as in DIGCREA, none narrower than a bin, none dropped.

    Args:
        sample_rate: Hz; no band goes above half of it.
        max_frequency_level: upper limit, Hz.
        low_frequency_skip: where the first band begins, Hz.
        frequency_band_growth_rate: factor from one band's width to the next, > 1.

    Returns:
        (n_bands + 1,) float64 ascending; n_bands ≥ 1.
    """
    top = min(max_frequency_level, sample_rate / 2)
    edges, precise = [min(low_frequency_skip, top - BIN_HZ)], 1.0
    while True:
        precise *= frequency_band_growth_rate
        end = edges[-1] + max(BIN_HZ, math.floor(precise))
        if end > top + 1e-9:
            break
        edges.append(end)
    if len(edges) == 1:
        edges.append(top)
    return np.array(edges)


class BandBank:
    """Band weights of spectra: DIGCREA's power law, computed in the log domain over centred windows.

    A bin's weight is (|X|^e / Σ|X|^e)^(1 − extra_detail) with e = 8.6859, the sum over all bins; a band is
    the mean of its bins. Silence gives 0. The weights do not depend on gain: ``BandRows.finish`` brings
    loudness in.

    Args:
        freqs: frequency of each bin, Hz.
        edges: of the bands, Hz, from ``band_edges``.
        extra_detail: in [0, 1): near 0 only the loudest partials count, near 1 all bands.
    """

    def __init__(
        self, freqs: NDArray[np.float64], edges: NDArray[np.float64], extra_detail: float = EXTRA_DETAIL
    ) -> None:
        bins = np.rint(edges / freqs[1]).astype(np.int64)
        start = np.minimum(bins[:-1], len(freqs) - 1)
        stop = np.clip(bins[1:], start + 1, len(freqs))
        self.n_bands = len(start)
        self._start, self._top = start, int(stop.max())
        # sums over [start, stop): every second sum of reduceat; one more column lets stop reach the end
        self._cuts = np.stack([start, stop], axis=1).ravel()
        self._widths = (stop - start).astype(np.float32)
        self._share = np.float32(1.0 - extra_detail)

    def weights(self, spectra: Spectra) -> NDArray[np.float32]:
        """(m, n_bands) float32 in [0, 1]."""
        peak = spectra.log_power.max(axis=1, keepdims=True)
        u = spectra.log_power - peak
        u *= np.float32(SOFTMAX_EXPONENT / 2)
        total = np.log(np.exp(u).sum(axis=1, keepdims=True))
        bins = np.zeros((len(u), self._top + 1), np.float32)
        kept = bins[:, :-1]
        np.subtract(u[:, : self._top], total, out=kept)
        kept *= self._share
        np.exp(kept, out=kept)
        means = np.add.reduceat(bins, self._cuts, axis=1)[:, ::2] / self._widths
        means[peak[:, 0] < math.log(SILENCE)] = 0.0
        result: NDArray[np.float32] = means
        return result


class BandRows:
    """Rows of bands, kept in memory or written to an ``.npy`` file block by block.

    Args:
        n_frames: rows in all.
        n_bands: columns.
        path: file to write, None for memory. Rows must come in order.
    """

    def __init__(self, n_frames: int, n_bands: int, path: Path | None = None) -> None:
        self._shape = (n_frames, n_bands)
        self._path = path
        self._rows: list[NDArray[np.float32]] = []
        if path is not None:
            with path.open("wb") as file:
                header = {"descr": "<f4", "fortran_order": False, "shape": self._shape}
                np.lib.format.write_array_header_1_0(file, header)
            self._file = path.open("r+b")
            self._file.seek(0, 2)
            self._data_at = self._file.tell()

    def append(self, rows: NDArray[np.float32]) -> None:
        """Takes the next rows (m, n_bands)."""
        if self._path is None:
            self._rows.append(rows)
        else:
            self._file.write(rows.astype("<f4").tobytes())

    def finish(self, level: Curve | None = None) -> NDArray[np.float32]:
        """The rows (n_frames, n_bands) float32 ≥ 0, memory-mapped read-only if a path was given.

        Args:
            level: amplitude of each frame, (n_frames,) ≥ 0: rows are scaled by the frame's loudness
                (amplitude^0.6, sones) relative to the song's 98th percentile, at most 1.
                None leaves them unscaled.
        """
        gains = None if level is None else loudness_gain(level)[:, None]
        if self._path is None:
            held = np.concatenate(self._rows) if self._rows else np.zeros(self._shape, np.float32)
            return held if gains is None else held * gains
        for a in range(0, self._shape[0] if gains is not None else 0, _BLOCK):
            assert gains is not None
            # plain reads and writes: pages of a writable map would count as this process's memory
            self._file.seek(self._data_at + a * self._shape[1] * 4)
            rows = np.fromfile(self._file, "<f4", min(_BLOCK, self._shape[0] - a) * self._shape[1])
            rows = rows.reshape(-1, self._shape[1]) * gains[a : a + _BLOCK]
            self._file.seek(self._data_at + a * self._shape[1] * 4)
            self._file.write(rows.tobytes())
        self._file.close()
        mapped: NDArray[np.float32] = np.load(self._path, mmap_mode="r")
        return mapped


def loudness_gain(level: Curve) -> Curve:
    """Amplitude (n,) ≥ 0 → loudness relative to the song's 98th percentile, (n,) float32 in [0, 1]."""
    reference = float(np.percentile(level, 98)) or float(level.max())
    if reference <= 0.0:
        return np.zeros(len(level), np.float32)
    result: NDArray[np.float32] = (np.minimum(1.0, level / reference) ** _LOUDNESS).astype(np.float32)
    return result


# --- DIGCREA's bands -------------------------------------------------------------------------------------


def classic_band_edges(
    sample_rate: int,
    max_frequency_level: float = MAX_FREQUENCY_LEVEL,
    low_frequency_skip: float = LOW_FREQUENCY_SKIP,
    frequency_band_growth_rate: float = FREQUENCY_BAND_GROWTH_RATE,
) -> NDArray[np.int64]:
    """DIGCREA's bands, (n_bands, 2) int64 [start, end) in Hz; those one bin (1 Hz) wide are dropped."""
    start, precise, width = int(low_frequency_skip), 1.0, 10
    limit = min(int(max_frequency_level), sample_rate // 2)
    bands = []
    while width * frequency_band_growth_rate + start < limit:
        precise *= frequency_band_growth_rate
        width = math.floor(precise)
        if width > 1:
            bands.append((start, start + width))
        start += width
    return np.array(bands, np.int64).reshape(-1, 2)


def classic_rows(n_samples: int, sample_rate: int) -> int:
    """How many frames DIGCREA analyses: none in the last second."""
    return len(range(0, n_samples - (sample_rate + 1), classic_hop(sample_rate)))


def classic_hop(sample_rate: int) -> int:
    """DIGCREA's step between frames in samples, rounded up: its clock drifts where 30 does not divide."""
    return math.ceil(sample_rate / CLASSIC_RATE)


class ClassicBands:
    """DIGCREA's rows for sound that arrives in blocks.

    Args:
        sample_rate: Hz.
        n_samples: length of the song.
        extra_detail: in [0, 1).
        max_frequency_level: Hz.
        low_frequency_skip: Hz.
        frequency_band_growth_rate: > 1.
    """

    def __init__(
        self,
        sample_rate: int,
        n_samples: int,
        extra_detail: float = EXTRA_DETAIL,
        max_frequency_level: float = MAX_FREQUENCY_LEVEL,
        low_frequency_skip: float = LOW_FREQUENCY_SKIP,
        frequency_band_growth_rate: float = FREQUENCY_BAND_GROWTH_RATE,
    ) -> None:
        bands = classic_band_edges(sample_rate, max_frequency_level, low_frequency_skip, frequency_band_growth_rate)
        self.n_bands = len(bands)
        self.n_rows = classic_rows(n_samples, sample_rate)
        self._cuts = bands.ravel()
        self._widths = bands[:, 1] - bands[:, 0]
        self._share = 1.0 - extra_detail
        self._rate, self._hop = sample_rate, classic_hop(sample_rate)
        self._held: NDArray[np.float32] = np.zeros(0, np.float32)
        self._done = 0

    def push(self, mono: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes the next samples (n,), gives the rows they complete, (m, n_bands) float32."""
        self._held = np.concatenate([self._held, mono])
        rows, at = [], 0
        while self._done < self.n_rows and at + self._rate <= len(self._held):
            rows.append(self._row(self._held[at : at + self._rate]))
            self._done += 1
            at += self._hop
        self._held = self._held[min(at, len(self._held)) :]
        return np.array(rows, np.float32).reshape(-1, self.n_bands)

    def _row(self, second: NDArray[np.float32]) -> NDArray[np.float32]:
        magnitude = np.abs(np.fft.rfft(second.astype(np.float64)))
        peak = float(magnitude.max())
        if self.n_bands == 0 or peak == 0.0:  # DIGCREA: NaN, which it turns into 0
            return np.zeros(self.n_bands, np.float32)
        power = (magnitude / peak) ** SOFTMAX_EXPONENT
        weights = np.append((power / power.sum()) ** self._share, 0.0)
        means = np.add.reduceat(weights, self._cuts)[::2] / self._widths
        result: NDArray[np.float32] = means.astype(np.float32)
        return result


def classic_bands(
    mono: NDArray[np.float32],
    sample_rate: int,
    extra_detail: float = EXTRA_DETAIL,
    max_frequency_level: float = MAX_FREQUENCY_LEVEL,
    low_frequency_skip: float = LOW_FREQUENCY_SKIP,
    frequency_band_growth_rate: float = FREQUENCY_BAND_GROWTH_RATE,
) -> NDArray[np.float32]:
    """DIGCREA's band weights of a whole song.

    Args:
        mono: (n_samples,) float32.
        sample_rate: Hz.
        extra_detail: in [0, 1).
        max_frequency_level: Hz.
        low_frequency_skip: Hz.
        frequency_band_growth_rate: > 1.

    Returns:
        (n_rows, n_bands) float32, ``classic_rows`` rows: a song of a second or less has none.
    """
    bank = ClassicBands(
        sample_rate,
        len(mono),
        extra_detail,
        max_frequency_level,
        low_frequency_skip,
        frequency_band_growth_rate,
    )
    return bank.push(mono)
