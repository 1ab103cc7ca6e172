"""Numba kernels of the topology coral: activator and inhibitor on a grid of nodes, and that grid read between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, squash

REACH = 8  # nodes beyond which a kernel is 0, and that a row is repeated by on either side


@kernel()
def _across(row: Array, taps: Array, out: Array) -> None:
    """A row, repeated by ``REACH`` nodes on either side, weighed by symmetric taps, the middle one first."""
    n = out.shape[0]
    middle = row[REACH : REACH + n]
    for c in range(n):
        out[c] = taps[0] * middle[c]
    for k in range(1, taps.shape[0]):
        left, right, tap = row[REACH - k : REACH - k + n], row[REACH + k : REACH + k + n], taps[k]
        for c in range(n):
            out[c] += tap * (left[c] + right[c])


@kernel()
def _down(rows: Array, at: int, taps: Array, sign: f, out: Array) -> None:
    """Adds the same down the columns, beside row ``at``; the first and the last row are repeated."""
    n, last = out.shape[0], rows.shape[0] - 1
    middle, first = rows[at], sign * taps[0]
    for c in range(n):
        out[c] += first * middle[c]
    for k in range(1, taps.shape[0]):
        above, below, tap = rows[max(at - k, 0)], rows[min(at + k, last)], sign * taps[k]
        for c in range(n):
            out[c] += tap * (above[c] + below[c])


@kernel("void(f4[:,::1], f4[:,::1], f4[:,:,::1], f4[:,::1], i8, f4, f4)")
def react(pattern: Array, pull: Array, room: Array, taps: Array, steps: int, gain: f, keep: f) -> None:
    """Steps of u ← squash(gain · (A − B) ∗ u + pull), A and B Gaussians: what is near helps, what is around hinders.

    D. A. Young, "A local activator-inhibitor model of vertebrate skin patterns", Mathematical Biosciences 72 (1984).

    Args:
        pattern: u, (rows, columns), in place; in [-1, 1] afterwards.
        pull: what each node is drawn to at each step, (rows, columns).
        room: scratch, (3, rows, columns + 2 · REACH).
        taps: half of A and of B, (2, REACH), the middle first.
        steps: how many.
        gain: of the difference.
        keep: share of u that stays.
    """
    rows, n = pattern.shape
    wide, near, far = room[0], room[1, :, :n], room[2, :, :n]
    for _ in range(steps):
        for r in range(rows):
            row, u = wide[r], pattern[r]
            for c in range(REACH):
                row[c], row[REACH + n + c] = u[0], u[n - 1]
            for c in range(n):
                row[REACH + c] = u[c]
            _across(row, taps[0, :5], near[r])
            _across(row, taps[1], far[r])
        for r in range(rows):
            out = wide[r, :n]
            for c in range(n):
                out[c] = f(0.0)
            _down(near, r, taps[0, :5], gain, out)
            _down(far, r, taps[1], -gain, out)
            u, drawn = pattern[r], pull[r]
            for c in range(n):
                u[c] = squash(out[c] + keep * u[c] + drawn[c])


@kernel("void(f4[:,:,::1], f4[:,:,::1], i4[::1], f4[:,::1], i4[::1], f4[:,::1], f4[::1])")
def read(
    nodes: Array, out: Array, rows: NDArray[np.int32], down: Array, columns: NDArray[np.int32], across: Array,
    room: Array,
) -> None:  # fmt: skip
    """Fields between their nodes, by uniform cubic B-splines along rows and columns.

    Args:
        nodes: (n, rows, columns).
        out: (n, rows, columns), of another grid.
        rows: first of the four nodes of each row of ``out``; down: their weights, (rows, 4).
        columns: the same of each column; across: (columns, 4).
        room: scratch, (columns of ``nodes``,).
    """
    for n in range(out.shape[0]):
        for r in range(out.shape[1]):
            at = rows[r]
            w0, w1, w2, w3 = down[r, 0], down[r, 1], down[r, 2], down[r, 3]
            a, b, d, e = nodes[n, at], nodes[n, at + 1], nodes[n, at + 2], nodes[n, at + 3]
            for c in range(room.shape[0]):
                room[c] = w0 * a[c] + w1 * b[c] + w2 * d[c] + w3 * e[c]
            to = out[n, r]
            for c in range(to.shape[0]):
                j = columns[c]
                to[c] = (
                    across[c, 0] * room[j]
                    + across[c, 1] * room[j + 1]
                    + across[c, 2] * room[j + 2]
                    + across[c, 3] * room[j + 3]
                )
