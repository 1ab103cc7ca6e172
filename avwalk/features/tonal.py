"""Tonal features: chroma, key, tuning, timbre bands and their novelty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve
from avwalk.features.signals import PITCH_NAMES
from avwalk.features.spectrum import SILENCE, Spectra, range_sums

SPECTRA_RATE = Fraction(30)
"""Spectra a second of which the analysis makes tones, whatever the film's frame rate: form and key are the song's."""
TONE_RATE = 10.0  # cells per second in which chroma and colour are pooled: a chord is no shorter
N_COLOURS = 20
_LOW, _HIGH = 60.0, 2200.0  # Hz: below, 8192 samples cannot part semitones; above are overtones and cymbals
_STEPS = 60  # per octave while the tuning is unknown: 20 cents
_RANGE = 1e-6  # peaks 60 dB below the frame's strongest are noise

_OPENING = 0.8  # correlation that the tonic at the beginnings of parts is worth

# Krumhansl & Kessler 1982, probe-tone ratings from the tonic upwards
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@dataclass(frozen=True)
class Tones:
    """The song's colour, ``rate`` cells per second; cell c covers [c, c + 1) / rate.

    Attributes:
        rate: cells per second.
        chroma: (n_cells, 12) float32 ≥ 0, magnitude per pitch class from C; the song's tuning is followed.
        colour: (n_cells, 20) float32, level in dB (−100 … 0) of 20 log-spaced bands.
        tuning: cents above A = 440 Hz, −50 … 50.
    """

    rate: float
    chroma: NDArray[np.float32]
    colour: NDArray[np.float32]
    tuning: float


class ToneMeter:
    """Accumulates chroma from spectral peaks, and timbre (band levels).

    Peaks, not bins: interpolated peaks have their frequency to a few cents even in the bass, and noise
    between them does not count.

    Args:
        freqs: frequency of each bin, Hz.
        n_spectra: how many there are, ``SPECTRA_RATE`` a second.
    """

    def __init__(self, freqs: NDArray[np.float64], n_spectra: int) -> None:
        self.rate = TONE_RATE
        self._cells = np.floor(np.arange(n_spectra) / float(SPECTRA_RATE) * self.rate + 1e-9).astype(np.int64)
        n_cells = int(self._cells[-1]) + 1
        self._low = max(1, int(np.searchsorted(freqs, _LOW)))
        self._high = max(self._low + 1, min(int(np.searchsorted(freqs, _HIGH)), len(freqs) - 1))
        self._bin = float(freqs[1])
        self._fine = np.zeros((n_cells, _STEPS), np.float32)
        self._colour = np.zeros((n_cells, N_COLOURS), np.float32)
        self._count = np.zeros(n_cells, np.int64)
        self._tuning = 0j
        self._cuts = _colour_cuts(freqs)

    def push(self, spectra: Spectra) -> None:
        """Takes the next spectra."""
        cells = self._cells[spectra.k : spectra.k + len(spectra.power)]
        first, n = int(cells[0]), int(cells[-1] - cells[0]) + 1
        here = slice(first, first + n)
        np.add.at(self._colour, cells, range_sums(spectra.power, self._cuts))
        np.add.at(self._count, cells, 1)
        row, semitones, magnitude = self._peaks(spectra)
        self._tuning += complex((magnitude * np.exp(2j * np.pi * semitones)).sum())
        step = np.rint(semitones * (_STEPS / 12)).astype(np.int64) % _STEPS
        flat = (cells[row] - first) * _STEPS + step
        self._fine[here] += np.bincount(flat, magnitude, n * _STEPS).reshape(n, _STEPS).astype(np.float32)

    def _peaks(self, spectra: Spectra) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Row, semitones above C (of A = 440 Hz) and magnitude of each spectral peak."""
        log_power = spectra.log_power[:, self._low - 1 : self._high + 1]
        left, middle, right = log_power[:, :-2], log_power[:, 1:-1], log_power[:, 2:]
        floor = np.maximum(middle.max(axis=1, keepdims=True) + np.log(_RANGE), np.log(SILENCE))
        row, column = np.nonzero((middle > left) & (middle >= right) & (middle > floor))
        a, b, c = (x[row, column].astype(np.float64) for x in (left, middle, right))
        offset = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)  # parabola through the logarithms
        frequency = (self._low + column + offset) * self._bin
        semitones = 12 * np.log2(frequency / 440.0) + 69.0
        return row, semitones, np.exp(0.5 * b)

    def finish(self) -> Tones:
        """The whole song's tones."""
        tuning = float(np.angle(self._tuning)) / (2 * np.pi) if self._tuning else 0.0  # semitones
        steps = np.arange(_STEPS) * (12 / _STEPS)
        away = (steps[:, None] - np.arange(12) - tuning + 6) % 12 - 6
        fold = np.exp(-0.5 * (away / 0.3) ** 2)  # 30 cents: vibrato stays with its note
        count = np.maximum(1, self._count)[:, None]
        chroma = (self._fine / count) @ fold.astype(np.float32)
        colour = 10 * np.log10(np.maximum(self._colour / count, 1e-10))
        return Tones(self.rate, chroma, np.minimum(colour, 0.0).astype(np.float32), 100 * tuning)


def _colour_cuts(freqs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where the log-spaced bands from 30 Hz to 16 kHz begin and end, in bins."""
    return np.searchsorted(freqs, np.geomspace(30.0, 16000.0, N_COLOURS + 1))


def chroma_curves(tones: Tones, level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Chroma relative to the strongest pitch class of its moment, fading out with the level.

    Args:
        tones: of the song.
        level: loudness of each cell relative to the song, (n_cells,) in [0, 1].

    Returns:
        (n_cells, 12) float32 in [0, 1].
    """
    strongest = tones.chroma.max(axis=1, keepdims=True)
    gate = np.minimum(1.0, 4.0 * level)[:, None]  # quiet music keeps its chords, silence has none
    result: NDArray[np.float32] = (tones.chroma / np.maximum(strongest, 1e-9) * gate).astype(np.float32)
    return result


def openings(tones: Tones, starts: Sequence[float], seconds: float) -> NDArray[np.float64]:
    """Mean chroma of the first ``seconds`` after each section start, (12,) of length 1.

    0 where there is no pitch.
    """
    total = np.zeros(12)
    for start in starts:
        a = int(start * tones.rate)
        part = tones.chroma[a : a + max(1, round(seconds * tones.rate))].sum(axis=0, dtype=np.float64)
        total += part / max(float(np.linalg.norm(part)), 1e-9)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9))


def key(chroma: NDArray[np.float32], prefer: int = -1, opening: NDArray[np.float64] | None = None) -> int:
    """The key whose profile (Krumhansl) correlates best with summed chroma.

    Relative keys share their notes; the beginnings of sections, mostly tonic and fifth, tell A minor from C major.

    Args:
        chroma: (12,) from C, ≥ 0.
        prefer: a key that wins unless another is clearly better (the whole song's); −1 is none.
        opening: (12,) of length 1, see ``openings``.

    Returns:
        0–11 C major … B major, 12–23 C minor … B minor; −1 where there is no pitch.
    """
    deviation = chroma.astype(np.float64) - chroma.mean()
    norm = float(np.linalg.norm(deviation))
    if norm < 1e-9:
        return -1
    scores = np.empty(24)
    for mode, profile in enumerate((_MAJOR, _MINOR)):
        p = np.array(profile) - np.mean(profile)
        for tonic in range(12):
            scores[12 * mode + tonic] = np.roll(p, tonic) @ deviation / (np.linalg.norm(p) * norm)
    if prefer >= 0:
        scores[prefer] += 0.25
    if opening is not None:
        scores += _OPENING * np.tile(opening + 0.5 * np.roll(opening, -7), 2)
    return int(scores.argmax())


def clarity(chroma: NDArray[np.float64], index: int) -> float:
    """How much of summed chroma (12,) a key explains: its profile's share, 0 to about 0.6; 0 without a key.

    Against all of the chroma, its mean included: noise has every pitch class, which no key explains.
    """
    norm = float(np.linalg.norm(chroma))
    if index < 0 or norm < 1e-9:
        return 0.0
    profile = np.roll(np.array(_MINOR if index >= 12 else _MAJOR), index % 12)
    profile = profile - profile.mean()
    return max(0.0, float(profile @ chroma) / (float(np.linalg.norm(profile)) * norm))


def key_name(index: int) -> str:
    """``"A minor"`` for 21; ``"none"`` for −1."""
    if index < 0:
        return "none"
    return f"{PITCH_NAMES[index % 12]} {'minor' if index >= 12 else 'major'}"


def novelty(tones: Tones, reach_s: float = 2.0) -> Curve:
    """How much the next ``reach_s`` differ from the last in colour and harmony, (n_cells,) float32 ≥ 0."""
    strength = np.linalg.norm(tones.chroma, axis=1, keepdims=True)
    harmony = tones.chroma / np.maximum(strength, 1e-9)
    rows = np.concatenate([tones.colour / 20.0, harmony], axis=1).astype(np.float64)
    n, reach = len(rows), max(1, round(reach_s * tones.rate))
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    i = np.arange(n)
    before, after = np.maximum(0, i - reach), np.minimum(n, i + reach)
    past = (sums[i] - sums[before]) / np.maximum(1, i - before)[:, None]
    future = (sums[after] - sums[i]) / np.maximum(1, after - i)[:, None]
    change = np.linalg.norm(future - past, axis=1)
    ramp = np.minimum(1.0, np.minimum(i, n - i) / reach)  # at the ends there is nothing to compare with
    result: NDArray[np.float32] = (change * ramp).astype(np.float32)
    return result
