"""Musical time units (beats, or half-second cells) and the mean features of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve
from avwalk.features.tonal import Tones

Array = NDArray[np.float64]

_CELL = 0.5  # seconds of a unit where there are no bars; four of them stand in for a bar
_SLOW_BEAT = 0.55  # seconds; beats longer than that are halved, since they may be every other beat of a fast song
_FEWEST = 8  # bars that are needed to count in bars
_FLOOR_DB = 45.0  # what lies further below the song's loudest is silence
_BASS = 5  # the lowest colour bands: 30 to 145 Hz
_TREBLE = 11  # the colour bands from here up: 940 Hz and above


@dataclass(frozen=True)
class Units:
    """Boundaries of units, and which of them are bar lines.

    Attributes:
        edges: (n + 1,) float64 s, from 0 to the end of the song.
        lines: (m + 1,) int64 ascending, indices of ``edges`` from 0 to n: where bars begin.
        per_bar: units in a bar.
        rhythmic: whether they are beats, or halves of beats; otherwise cells of even length.
    """

    edges: Array
    lines: NDArray[np.int64]
    per_bar: int
    rhythmic: bool


@dataclass(frozen=True)
class UnitFeatures:
    """Features of n units.

    ``colour`` (n, 20) dB, ``harmony`` (n, 12) of length 1, ``loudness``, ``bass`` and ``treble`` (n,) dB,
    ``activity`` (n,) 0…1.
    """

    colour: Array
    harmony: Array
    loudness: Array
    bass: Array
    treble: Array
    activity: Array


def extend_marks(marks: Array, duration: float) -> Array:
    """Marks, (n ≥ 2,) s, extrapolated at their own period to both ends; 0 and ``duration`` are the first and the last.

    Rests shorter than half the usual distance join their neighbours.
    """
    period = float(np.median(np.diff(marks)))
    lead = np.arange(marks[0] - period, 0.5 * period, -period)[::-1]
    tail = np.arange(marks[-1] + period, duration - 0.5 * period, period)
    inner = np.concatenate([lead, marks, tail])
    inner = inner[(inner > 0.5 * period) & (inner < duration - 0.5 * period)]
    return np.concatenate([[0.0], inner, [duration]])


def divide(beats: Array, bars: Array, duration: float) -> Units:
    """Beats, or halves of slow ones, as units; half-second cells, four to a bar, where there are fewer than 8 bars."""
    if len(bars) < _FEWEST:
        n = 4 * max(1, round(duration / (4 * _CELL)))
        return Units(np.linspace(0.0, duration, n + 1), np.arange(0, n + 1, 4), 4, False)
    if float(np.median(np.diff(beats))) > _SLOW_BEAT:
        beats = np.interp(np.arange(2 * len(beats) - 1) / 2, np.arange(len(beats)), beats)
    edges = extend_marks(beats, duration)
    n = len(edges) - 1
    known = np.unique(np.abs(np.searchsorted(edges, bars - 1e-6)))
    per_bar = max(1, round(float(np.median(np.diff(known)))))
    lead = np.arange(known[0] - per_bar, 0, -per_bar)[::-1]
    tail = np.arange(known[-1] + per_bar, n, per_bar)
    lines = np.concatenate([lead, known, tail])
    lines = lines[(lines >= (per_bar + 1) // 2) & (lines <= n - (per_bar + 1) // 2)]
    return Units(edges, np.concatenate([[0], lines, [n]]), per_bar, True)


def cell_ranges(edges: Array, tones: Tones) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last + 1 of the cells of ``tones`` in each unit, at least one."""
    n = len(tones.colour)
    start = np.clip(np.rint(edges[:-1] * tones.rate).astype(np.int64), 0, n - 1)
    return start, np.clip(np.rint(edges[1:] * tones.rate).astype(np.int64), start + 1, n)


def measure(tones: Tones, activity: Curve, edges: Array) -> UnitFeatures:
    """Means over units of what was measured in cells."""
    start, stop = cell_ranges(edges, tones)

    def mean(rows: NDArray[np.float32]) -> Array:
        sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
        means: Array = (sums[stop] - sums[start]) / (stop - start)[:, None]
        return means

    power = mean(10.0 ** (tones.colour / 10.0))
    floor = 10 * np.log10(max(float(power.sum(axis=1).max()), 1e-10)) - _FLOOR_DB

    def level(bands: Array) -> Array:
        return np.asarray(np.maximum(10 * np.log10(np.maximum(bands.sum(axis=1), 1e-12)), floor))

    chroma = mean(tones.chroma)
    active = mean(activity[:, None])[:, 0]
    return UnitFeatures(
        np.maximum(10 * np.log10(np.maximum(power, 1e-12)), floor - 10),
        chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9),
        level(power),
        level(power[:, :_BASS]),
        level(power[:, _TREBLE:]),
        active / max(float(active.max()), 1e-9),
    )
