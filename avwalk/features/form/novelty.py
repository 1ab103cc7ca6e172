"""Novelty: how abruptly features change from one beat to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def change(rows: Array, reach: int) -> Array:
    """Distance between the means of ``reach`` units before and after each edge, minus the part due to slow change.

    A step at u has half its size left at u ± reach / 2; a ramp has all of it, and is no boundary.

    Args:
        rows: (n, d), a row for each unit.
        reach: units, ≥ 2.

    Returns:
        (n + 1,) float64 ≥ 0, a value for each edge; 0 at both ends.
    """
    n = len(rows)
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    u = np.arange(n + 1)
    a, b = np.maximum(0, u - reach), np.minimum(n, u + reach)
    step = (sums[b] - sums[u]) / np.maximum(1, b - u)[:, None] - (sums[u] - sums[a]) / np.maximum(1, u - a)[:, None]
    step[0] = step[n] = 0.0
    size = np.linalg.norm(step, axis=1)
    along = step / np.maximum(size, 1e-9)[:, None]
    left = np.zeros(n + 1)
    for beside in (u - reach // 2, u + reach // 2):
        inside = (beside > 0) & (beside < n)
        there = (step[np.clip(beside, 0, n)] * along).sum(axis=1)
        left += np.where(inside, np.maximum(there, 0.0), 0.5 * size)
    known = np.minimum(1.0, np.minimum(u, n - u) / reach)  # few bars beside the ends say less
    return np.asarray(np.maximum(2 * size - left, 0.0) * np.sqrt(known))
