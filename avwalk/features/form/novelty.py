"""Novelty: how abruptly features change from one bar to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_BLOCK = 4096  # edges at once


def change(rows: Array, bars: int, per_bar: int) -> Array:
    """How far the usual bar after each edge is from the usual bar before, as far as the bars agree that it is there.

    Usual is the mean of the middle half, so that a fill before an edge and a cymbal after it count little. Each bar
    then votes for the side that it is on, which tells the edge from the bars around it. A step at u has half its size
    left at u ± bars / 2; a ramp has all of it, and is no boundary.

    Args:
        rows: (n, d), a row for each unit.
        bars: that are compared on either side, ≥ 2.
        per_bar: units in a bar.

    Returns:
        (n + 1,) float64 ≥ 0, a value for each edge; 0 at both ends.
    """
    n = len(rows)
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    bar = (sums[per_bar:] - sums[:-per_bar]) / per_bar  # the bar that begins at each unit
    step, agreed = np.zeros((n + 1, rows.shape[1])), np.zeros(n + 1)
    k = np.arange(bars)
    for a in range(1, n, _BLOCK):
        u = np.arange(a, min(n, a + _BLOCK))
        there, ahead = np.maximum(1, u // per_bar)[:, None], np.maximum(1, (n - u) // per_bar)[:, None]
        before = bar[np.maximum(0, u[:, None] - per_bar * (k % there + 1))]  # near the ends those that there are
        after = bar[np.minimum(len(bar) - 1, u[:, None] + per_bar * (k % ahead))]
        left, right = usual(before), usual(after)
        step[u] = right - left
        agreed[u] = _agreement(before, after, (left + right) / 2, step[u])
    size = np.linalg.norm(step, axis=1)
    along = step / np.maximum(size, 1e-9)[:, None]
    u, reach = np.arange(n + 1), bars * per_bar
    rest = np.zeros(n + 1)
    for beside in (u - reach // 2, u + reach // 2):
        inside = (beside > 0) & (beside < n)
        there = (step[np.clip(beside, 0, n)] * along).sum(axis=1)
        rest += np.where(inside, np.maximum(there, 0.0), 0.5 * size)
    known = np.minimum(1.0, np.minimum(u, n - u) / reach)  # few bars beside the ends say less
    return np.asarray(np.maximum(2 * size - rest, 0.0) * agreed * np.sqrt(known))


def usual(bars: Array) -> Array:
    """The mean of the middle half along the second axis."""
    rank = np.sort(bars, axis=1)
    cut = bars.shape[1] // 4
    return np.asarray(rank[:, cut : bars.shape[1] - cut].mean(axis=1))


def _agreement(before: Array, after: Array, middle: Array, step: Array) -> Array:
    """How far the bars are on their own side of the middle, −1 (all on the other) … 1, not below 0."""
    half = np.maximum((step**2).sum(axis=1), 1e-12)[:, None] / 2
    votes = [np.clip(((x - middle[:, None]) * step[:, None]).sum(axis=2) / half, -1, 1) for x in (before, after)]
    return np.asarray(np.maximum(0.0, (votes[1].mean(axis=1) - votes[0].mean(axis=1)) / 2))
