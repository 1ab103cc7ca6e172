"""Downbeat detection: which beats begin a bar."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.features.onsets import COLOUR_RATE, ONSET_RATE, OnsetCurves
from avwalk.features.tempo import accents

_RATE = float(ONSET_RATE)


def find_bars(curves: OnsetCurves, beats: NDArray[np.float64], from_first: bool) -> NDArray[np.float64]:
    """The first beat of each bar.

    Args:
        curves: of the whole song.
        beats: (n,) seconds.
        from_first: the first beat is known to begin a bar; that moves the bars, and leaves the metre as it is heard.

    Returns:
        (m,) float64, a subset of ``beats``.
    """
    if len(beats) < 8:
        return beats[::4].copy()
    frames = np.arange(len(curves.low)) / _RATE
    low = np.interp(beats, frames, accents(curves.low))
    mid = np.interp(beats, frames, accents(curves.mid))
    change = _colour_change(curves, beats)
    score = 0.8 * low - 0.4 * mid + 1.2 * (change - change.mean()) / (change.std() + 1e-6)
    best: tuple[float, int, int] = (-np.inf, 4, 0)
    for meter, handicap in ((4, 0.0), (3, 0.3)):
        for phase in range(meter):
            first = np.zeros(len(beats), bool)
            first[phase::meter] = True
            value = float(score[first].mean() - score[~first].mean()) - handicap
            best = max(best, (value, meter, phase))
    _, meter, phase = best
    return beats[0 if from_first else phase :: meter].copy()


def _colour_change(curves: OnsetCurves, beats: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much bass and chords differ between the beat before and the beat after, (n,) float64."""
    colour = curves.colour
    rate = float(COLOUR_RATE)
    edges = np.clip(np.rint(np.append(beats, 2 * beats[-1] - beats[-2]) * rate).astype(int), 0, len(colour))
    # beat by beat: running sums over a song of hours would be larger than the colours themselves
    means = np.zeros((len(beats), colour.shape[1]), np.float32)
    for k, (start, stop) in enumerate(pairwise(edges)):
        if stop > start:
            means[k] = colour[start:stop].mean(axis=0, dtype=np.float32)
    change = np.zeros(len(beats))
    change[1:] = np.abs(np.diff(means, axis=0)).mean(axis=1)
    change[0] = change[1:].mean()
    return change
