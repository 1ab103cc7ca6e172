"""Tempo estimation: the beat period over the course of a song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.features.onsets import ONSET_RATE, OnsetCurves

SLOWEST, FASTEST = 50.0, 215.0  # BPM
_RATE = float(ONSET_RATE)
_STEP = 0.004  # tempos are considered in steps of 0.4 %
_WINDOW, _HOP = 1200, 100  # frames: 12 s of sound for one estimate of tempo, one a second
_LAGS = 600  # frames: similarity is looked for up to 6 s
_TAP = 120.0  # BPM: where listeners like to tap; a wide preference (van Noorden and Moelants, 1999)
_TAP_WEIGHT = 0.35  # what an octave away from there costs, against similarity of 1
_TRIPLET_WEIGHT = 0.2
_CHANGE_COST = 6.0  # of a change of tempo by 1 % in a second


@dataclass(frozen=True)
class TempoCurve:
    """The tempo over time.

    Attributes:
        periods: seconds from beat to beat at each frame of the onset curves, (n,) float64.
        clarity: how periodic the song is, about 0 (noise) … 1 (a machine).
    """

    periods: NDArray[np.float64]
    clarity: float


def accents(curve: NDArray[np.float32], width: float = 2.0, power: float = 0.5) -> NDArray[np.float32]:
    """An onset curve without its slow part, smoothed and scaled to its surroundings: (n,) float32, about ± 1.

    Args:
        curve: (n,) float32 ≥ 0.
        width: standard deviation of the smoothing, in frames.
        power: below 1, the loudest hits are not all that counts.
    """
    reach = int(np.ceil(3 * width))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    root = curve.astype(np.float64) ** power
    rest = root - box_mean(root, 40)
    smooth = np.convolve(rest, bell / bell.sum(), "same")[: len(curve)] if len(curve) > 2 * reach else rest
    energy = np.sqrt(box_mean(smooth**2, 600))
    floor = 0.25 * float(np.sqrt(np.mean(smooth**2))) + 0.01
    return (smooth / np.maximum(energy, floor)).astype(np.float32)


def box_mean(values: NDArray[np.floating], reach: int) -> NDArray[np.float64]:
    """Mean over frames k − reach … k + reach, as far as there are any."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    k = np.arange(len(values))
    a, b = np.maximum(k - reach, 0), np.minimum(k + reach + 1, len(values))
    mean: NDArray[np.float64] = (total[b] - total[a]) / (b - a)
    return mean


def find_tempo(curves: OnsetCurves) -> TempoCurve | None:
    """The most plausible tempo curve, following slow changes; None without periodicity."""
    n = len(curves.strength)
    if n < 2 * _RATE or float(curves.strength.max()) < 0.02:
        return None
    voices = [accents(c) for c in (curves.strength, curves.low, curves.mid, curves.high) if c.max() > 0.02]
    similarity = _similarity(voices, n)
    periods = np.exp(np.arange(np.log(60 / FASTEST), np.log(60 / SLOWEST), _STEP))
    raw = _scores(similarity, periods)
    octaves = np.log2(60.0 / periods / _TAP)
    preferred = raw - _TAP_WEIGHT * octaves**2
    path = _smooth_path(preferred)
    clarity = float(raw[np.arange(len(raw)), path].mean())
    logs = np.log(periods[0]) + _between(raw, path) * _STEP
    centres = np.minimum(np.arange(len(raw)) * _HOP, n - 1)
    return TempoCurve(np.exp(np.interp(np.arange(n), centres, logs)), clarity)


def _similarity(voices: Sequence[NDArray[np.float32]], n: int) -> NDArray[np.float32]:
    """Mean autocorrelation of the voices around each second of the song, (windows, lags) float32, 1 at lag 0."""
    from scipy import fft

    count = (n - 1) // _HOP + 1
    size = int(fft.next_fast_len(_WINDOW + _LAGS, real=True))
    taper = np.hanning(_WINDOW + 2)[1:-1].astype(np.float32)
    overlap = fft.irfft(np.abs(fft.rfft(taper, size)) ** 2, size)[:_LAGS]
    out = np.zeros((count, _LAGS), np.float32)
    for voice in voices:
        padded = np.pad(voice, (_WINDOW // 2, _WINDOW // 2 + _HOP))
        view = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
        for a in range(0, count, 128):
            spectrum = fft.rfft(view[a : a + 128] * taper, size, axis=1)
            product = fft.irfft(spectrum.real**2 + spectrum.imag**2, size, axis=1)[:, :_LAGS]
            product /= overlap
            out[a : a + 128] += product / np.maximum(product[:, :1], 0.1)
    return out / np.float32(max(1, len(voices)))


def _scores(similarity: NDArray[np.float32], periods: NDArray[np.float64]) -> NDArray[np.float64]:
    """How well a period explains what repeats: as a beat with its bar of four, or of three."""

    def at(multiple: float) -> NDArray[np.float64]:
        lag = np.minimum(multiple * periods * _RATE, _LAGS - 2.0)
        whole = lag.astype(np.int64)
        part = lag - whole
        return similarity[:, whole] * (1 - part) + similarity[:, whole + 1] * part

    one, two, three, four = (at(m) for m in (1, 2, 3, 4))
    half = np.maximum(at(1 / 2), -0.3)
    # a beat taken one and a half times too long is full of thirds and has no half; swing has no first third
    triplets = np.maximum(np.minimum(at(1 / 3), at(2 / 3)) - np.maximum(half, 0.0), 0.0)
    fours = (one + two + four + 0.5 * half) / 3.5
    threes = (one + three + 0.5 * half) / 2.5 - 0.1
    best: NDArray[np.float64] = np.maximum(fours, threes) - _TRIPLET_WEIGHT * triplets
    return best


def _smooth_path(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The best way through the scores (time, tempo) that changes slowly: Viterbi, (time,) int64."""
    n, m = scores.shape
    reach = 6
    cost = _CHANGE_COST * (np.arange(-reach, reach + 1) * _STEP) ** 2 / 0.01**2 * 0.01
    best = scores[0].copy()
    back = np.zeros((n, m), np.int16)
    jump = 0.6  # a break to another tempo: what it gains must last
    for t in range(1, n):
        padded = np.pad(best, reach, constant_values=-np.inf)
        options = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1) - cost
        choice = options.argmax(axis=1)
        value = options[np.arange(m), choice]
        leap = int(best.argmax())
        leaps = best[leap] - jump > value
        back[t] = np.where(leaps, leap, np.arange(m) + choice - reach)
        best = np.where(leaps, best[leap] - jump, value) + scores[t]
    path = np.zeros(n, np.int64)
    path[-1] = int(best.argmax())
    for t in range(n - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


def _between(scores: NDArray[np.float64], path: NDArray[np.int64]) -> NDArray[np.float64]:
    """The path between the steps of tempo: peaks of scores averaged over 9 seconds along it."""
    at = np.clip(path, 3, scores.shape[1] - 4)
    near = scores[np.arange(len(at))[:, None], at[:, None] + np.arange(-3, 4)]
    total = np.cumsum(np.pad(near, ((1, 0), (0, 0))), axis=0)
    k = np.arange(len(at))
    a, b = np.maximum(k - 4, 0), np.minimum(k + 5, len(at))
    mean = (total[b] - total[a]) / (b - a)[:, None]
    x = np.arange(-3, 4)
    # least-squares parabola through seven values
    curvature = mean @ (3.0 * x**2 - 12.0) / 252.0
    slope = mean @ x / 28.0
    shift = np.where(curvature < -1e-9, -slope / (2 * np.minimum(curvature, -1e-9)), 0.0)
    exact = at + np.clip(shift, -3.0, 3.0)
    return np.convolve(np.pad(exact, 2, mode="edge"), np.ones(5) / 5, "valid") if len(exact) > 5 else exact
