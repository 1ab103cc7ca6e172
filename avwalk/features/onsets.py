"""Onset strength curves, computed while the song streams by, and the onsets, kicks, snares and hats picked from them.

Spectral flux of log-compressed, log-spaced bands with a maximum filter against vibrato (Böck and Widmer,
"Maximum filter vibrato suppression for onset detection", DAFx 2013), here with a lopsided window: a slow rise
into the past and a steep edge at the frame's time, so that a sound enters within a few milliseconds of its
beginning and a decaying one leaves slowly, without a second bump.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from avwalk.features.beats.bands import N_BANDS, band_bank, band_roots
from avwalk.features.framing import Framer

ONSET_RATE = Fraction(100)
"""Frames of the onset curves per second."""

_WINDOW = 2048 / 44100  # seconds
_EDGE = 0.012  # seconds, length of the window's steep end
_LEAD = 0.0015  # seconds: the edge lies so much earlier; set so that clicks have no mean error (see the tests)
_LOWEST, _HIGHEST = 30.0, 16000.0  # Hz
_PER_OCTAVE = 12
_COMPRESSION = 2000.0  # log(1 + c·a): a full-scale sine has a = 1, so about −66 dB is where levels begin to count
_KICK, _HAT = (30.0, 150.0), (6000.0, 16000.0)  # Hz
_AUDIBLE = 0.004  # rise of the root of amplitude: a tenth of it is 40 dB down
_SLOW = 0.045  # seconds from a bass drum's beginning to its steepest rise, at most


@dataclass(frozen=True)
class OnsetCurves:
    """Onset strength curves at ``ONSET_RATE``; frame k is centred at k / 100 s.

    Attributes:
        strength: mean rise of the log spectrum over all bands, (n,) float32 ≥ 0, natural log units per 20 ms.
        low: rise of the square root of amplitude over 30–150 Hz (bass drum), (n,) float32 ≥ 0; narrow sounds
            count less than broad ones.
        high: as ``strength`` over 6–16 kHz (hats), broad ones count more; 0 where the sound has no such frequencies.
        bass: amplitude of 30–150 Hz, (n,) float32 ≥ 0.
        bands: square roots of amplitude in the network's bands, (n, 64) float16 ≥ 0.
    """

    strength: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    bass: NDArray[np.float32]
    bands: NDArray[np.float16]


class OnsetDetector:
    """Onset curves of sound that arrives in blocks; holds nothing but the curves.

    Args:
        sample_rate: Hz.
        n_samples: length of the song, ≥ 1; the curves have ``ceil(100 · duration) + 1`` frames.
    """

    def __init__(self, sample_rate: int, n_samples: int) -> None:
        from scipy import fft  # late: it takes a while, and events need none of it

        self._rfft = fft.rfft
        self._n = math.ceil(Fraction(n_samples, sample_rate) * ONSET_RATE) + 1
        self._fold = max(1, sample_rate // 44100)  # above 60 kHz neighbouring samples are added: nothing is up there
        rate = sample_rate / self._fold
        size = int(fft.next_fast_len(max(8, math.ceil(_WINDOW * rate / 2)), real=True)) * 2
        edge = max(2, round(_EDGE * rate))
        rise, fall = np.arange(size - edge) / (size - edge), np.arange(edge) / edge
        window = np.concatenate([0.5 - 0.5 * np.cos(np.pi * rise), 0.5 + 0.5 * np.cos(np.pi * fall)])
        self._window = (window * (2.0 / window.sum() / self._fold)).astype(np.float32)
        freqs = np.arange(size // 2 + 1, dtype=np.float64) * (rate / size)
        self._bank, self._centres = _filter_bank(freqs)
        self._net_bank = band_bank(freqs[: len(self._bank)])
        self._bands = np.zeros((self._n, N_BANDS), np.float16)
        self._framer = Framer(size * self._fold, sample_rate, ONSET_RATE, self._n)
        # the window's steep edge, not its centre, belongs at the frame's time
        delay = (size // 2 - edge // 2 + round(_LEAD * rate)) * self._fold
        self._curves = np.zeros((4, self._n), np.float32)
        self._kick, self._hat = self._range(*_KICK), self._range(*_HAT)
        self._tail = np.zeros((2, len(self._centres)), np.float32)  # rows k − 2 and k − 1
        self._deep = self._tail[:, self._kick]
        self._take(self._framer.push(np.zeros(delay, np.float32)))

    def _range(self, low: float, high: float) -> slice:
        first, last = np.searchsorted(self._centres, (low, high))
        return slice(int(first), int(last))

    def push(self, mono: NDArray[np.float32]) -> None:
        """Takes the next samples, (n,) float32, full scale ± 1."""
        self._take(self._framer.push(mono))

    def finish(self) -> OnsetCurves:
        """The curves of the whole song."""
        self._take(self._framer.finish())
        strength, low, high, bass = self._curves
        return OnsetCurves(strength, low, high, bass, self._bands)

    def _take(self, chunks: Iterator[tuple[int, NDArray[np.float32]]]) -> None:
        for k, windows in chunks:
            for j in range(0, len(windows), 64):  # 64 windows stay in the processor's cache
                self._measure(k + j, windows[j : j + 64])

    def _measure(self, k: int, windows: NDArray[np.float32]) -> None:
        if self._fold > 1:
            windows = windows.reshape(len(windows), -1, self._fold).sum(axis=2)
        spectrum = self._rfft(windows * self._window, axis=1, overwrite_x=True)
        parts = spectrum.view(np.float32)[:, : 2 * len(self._bank)]
        np.multiply(parts, parts, out=parts)
        power = parts[:, 0::2] + parts[:, 1::2]
        self._bands[k : k + len(power)] = band_roots(power, self._net_bank)
        amplitudes = power @ self._bank
        np.sqrt(amplitudes, out=amplitudes)
        levels = np.float32(_COMPRESSION) * amplitudes
        np.log1p(levels, out=levels)
        rows = np.concatenate([self._tail, levels])
        # a bass drum under a sounding bass hardly raises decibels: below 150 Hz the square root is kinder
        deep = np.concatenate([self._deep, np.sqrt(amplitudes[:, self._kick])])
        self._tail, self._deep = rows[-2:], deep[-2:]
        # row k − before row k − 2 is the rise around frame k − 1; frame −1 is nobody's
        skip = 1 if k == 0 else 0
        rises = _rises(rows)[skip:]
        part = slice(k - 1 + skip, k - 1 + skip + len(rises))
        self._curves[0, part] = rises.mean(axis=1)
        self._curves[1, part] = _spread(_rises(deep)[skip:])
        self._curves[2, part] = _spread(rises[:, self._hat])
        self._curves[3, k : k + len(levels)] = np.sqrt((amplitudes[:, self._kick] ** 2).sum(axis=1))


def _rises(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far row k + 2 lies above the highest of its neighbours in row k: (n + 2, bands) → (n, bands)."""
    before = rows[:-2].copy()
    np.maximum(before[:, 1:], rows[:-2, :-1], out=before[:, 1:])
    np.maximum(before[:, :-1], rows[:-2, 1:], out=before[:, :-1])
    return np.asarray(np.maximum(rows[2:] - before, 0.0), np.float32)


def _spread(rises: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over bands of roots, squared: sounds that fill all bands count more than a few loud ones."""
    if rises.shape[1] == 0:
        return np.zeros(len(rises), np.float32)
    return np.asarray(np.sqrt(rises).mean(axis=1) ** 2, np.float32)


def _filter_bank(freqs: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Triangles on a logarithmic frequency axis, none narrower than a bin.

    Args:
        freqs: of the bins, Hz.

    Returns:
        Weights of power (bins up to the highest band, n_bands), and centres in Hz, ascending.
    """
    top = min(_HIGHEST, freqs[-1] * 0.95)
    steps = np.arange(math.floor(math.log2(top / _LOWEST) * _PER_OCTAVE) + 1)
    bins = np.unique(np.rint(_LOWEST * 2.0 ** (steps / _PER_OCTAVE) / freqs[1]).astype(np.int64))
    bins = bins[bins > 0]
    edges = np.concatenate([[bins[0] - 1], bins, [bins[-1] + max(1, bins[-1] - bins[-2])]])
    index = np.arange(min(len(freqs), edges[-1] + 1))[:, None]
    up = (index - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - index) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(up, down), 0.0, None).astype(np.float32), np.asarray(freqs[bins])


@dataclass(frozen=True)
class Events:
    """Timed events with strengths.

    Attributes:
        times: (n,) float64 seconds, ascending.
        heights: (n,) float32 in [0, 1], 1 is as strong as the strongest of the song (98th percentile).
    """

    times: NDArray[np.float64]
    heights: NDArray[np.float32]


def pick_events(curve: NDArray[np.float32], floor: float = 0.05, share: float = 0.15, gap: float = 0.05) -> Events:
    """Peak picking: peaks of an onset curve above their local mean.

    Args:
        curve: (n,) float32 ≥ 0 at ``ONSET_RATE``.
        floor: height that a peak must have, in units of the curve: keeps noise from counting.
        share: height above the mean of the surrounding 0.6 s, relative to the song's strong peaks.
        gap: seconds within which only the highest peak counts.

    Returns:
        Events; none for a curve that is flat or shorter than three frames.
    """
    n = len(curve)
    if n < 3:
        return Events(np.zeros(0), np.zeros(0, np.float32))
    reach = max(1, round(gap * ONSET_RATE))
    padded = np.concatenate([np.zeros(reach, np.float32), curve, np.zeros(reach, np.float32)])
    around = sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    later = sliding_window_view(padded, reach + 1).max(axis=1)[:n]  # of equal neighbours the first
    before = sliding_window_view(padded, reach)[:n].max(axis=1)
    highest = (curve >= around) & (curve > before) & (curve >= later) & (curve > floor)
    peaks = np.flatnonzero(highest)
    if len(peaks) == 0:
        return Events(np.zeros(0), np.zeros(0, np.float32))
    strong = float(np.percentile(curve[peaks], 98))
    peaks = peaks[curve[peaks] - _local_mean(curve, 30)[peaks] > share * strong]
    heights = np.clip(curve[peaks] / strong, 0.0, 1.0).astype(np.float32)
    return Events(_centre(curve, peaks) / float(ONSET_RATE), heights)


def _local_mean(curve: NDArray[np.float32], reach: int) -> NDArray[np.float64]:
    """Mean over frames k − reach … k + reach, as far as there are any."""
    total = np.concatenate([[0.0], np.cumsum(curve, dtype=np.float64)])
    k = np.arange(len(curve))
    a, b = np.maximum(k - reach, 0), np.minimum(k + reach + 1, len(curve))
    mean: NDArray[np.float64] = (total[b] - total[a]) / (b - a)
    return mean


def _centre(curve: NDArray[np.float32], peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Peaks between frames: the centre of gravity of what rises above the lower neighbour, in frames."""
    left = curve[np.maximum(peaks - 1, 0)].astype(np.float64)
    right = curve[np.minimum(peaks + 1, len(curve) - 1)].astype(np.float64)
    base = np.minimum(left, right)
    weight = np.maximum(left + curve[peaks] + right - 3 * base, 1e-12)
    return np.asarray(np.maximum(peaks + (right - left) / weight, 0.0))


def onsets(curves: OnsetCurves) -> Events:
    """All onsets."""
    return pick_events(curves.strength)


def bass_hits(curves: OnsetCurves) -> Events:
    """What takes the role of the bass drum in a song without one: broadband onsets below 150 Hz.

    A drum differs from a bass note by onsets in other bands at the same time and by a fast decay. Both are weights, so
    that bass notes count as kicks in songs without drums, and hardly at all in songs with them.

    Low sounds take a period or two to rise. Where another onset precedes by at most ``_SLOW``, it is the drum's
    beater, and its time is used.
    """
    struck = _highest(curves.strength, -2, 2)
    sounds_on = _mean(curves.bass, 12, 18) / np.maximum(_highest(curves.bass, 0, 6), 1e-6)
    over = np.sqrt(np.clip(1.1 - sounds_on, 0.1, 0.7))  # a drum sounds on for less than 0.4 of its height
    weighed = np.where(curves.low > _AUDIBLE, curves.low * over * struck / (struck + np.float32(0.2)), 0)
    found = pick_events(np.asarray(weighed, np.float32), floor=0.0, share=0.36)
    heard = onsets(curves).times
    if len(heard) == 0:
        return found
    first = heard[np.minimum(np.searchsorted(heard, found.times - _SLOW), len(heard) - 1)]
    times = np.where(np.abs(first - found.times) <= _SLOW, np.minimum(first, found.times), found.times)
    times, kept = np.unique(times, return_index=True)
    return Events(times, found.heights[kept])


def _around(curve: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    """Frames k + first … k + last for every k; beyond the ends those of the ends: (n, last − first + 1)."""
    at = np.arange(len(curve))[:, None] + np.arange(first, last + 1)
    return np.asarray(curve[np.clip(at, 0, len(curve) - 1)])


def _highest(curve: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    return np.asarray(_around(curve, first, last).max(axis=1))


def _mean(curve: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    return np.asarray(_around(curve, first, last).mean(axis=1))
