"""Lays the light of a wake over a picture that is larger."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.matter.kernels import Array, f

DARK = f(0.003)
"""What is darker is not laid over anything."""


def lay_over(picture: Array, over: Array, amount: float) -> None:
    """Lays smaller light over a picture, both sRGB, read between its pixels: v + amount · over · (1 − v).

    Args:
        picture: (H, W·3), written in place.
        over: (h, w·3).
        amount: 0 to 1.
    """
    width, columns = picture.shape[1] // 3, over.shape[1] // 3
    at = np.clip((np.arange(width, dtype=np.float32) + 0.5) * np.float32(columns / width) - 0.5, 0, columns - 1)
    left = np.minimum(at.astype(np.int64), max(columns - 2, 0))
    further = 3 if columns > 1 else 0
    between, wide = np.empty(over.shape[1], np.float32), np.empty(picture.shape[1], np.float32)
    _lay_over(
        picture,
        over,
        np.float32(amount),
        (3 * left).astype(np.uint64),
        (at - left).astype(np.float32),
        further,
        between,
        wide,
    )


@kernel("void(f4[:,::1], f4[:,::1], f4, u8[::1], f4[::1], i8, f4[::1], f4[::1])")
def _lay_over(
    picture: Array, over: Array, amount: f, left: NDArray[np.uint64], shares: Array, further: int,
    between: Array, wide: Array,
) -> None:  # fmt: skip
    """``left`` and ``shares``: the value on the left of each pixel, and how far it is from there to the one on the
    right, ``further`` numbers on; ``between`` and ``wide``: room for a row of each."""
    height, width = picture.shape[0], picture.shape[1] // 3
    rows, numbers = over.shape[0], over.shape[1]
    for y in range(height):
        v = min(max((f(y) + f(0.5)) * f(rows) / f(height) - f(0.5), f(0.0)), f(rows - 1))
        y0 = int(v)
        above, below, t = over[y0], over[min(y0 + 1, rows - 1)], v - f(y0)
        for k in range(numbers):
            between[k] = above[k] + t * (below[k] - above[k])
        first, last = 0, numbers
        while first < last and between[first] <= DARK:
            first += 1
        while last > first and between[last - 1] <= DARK:
            last -= 1
        if first == last:
            continue
        begin = max(0, (first // 3 - 1) * width // (numbers // 3))
        end = min(width, (last // 3 + 2) * width // (numbers // 3))
        for x in range(begin, end):
            a, s = left[x], shares[x]
            b = a + np.uint64(further)
            wide[3 * x] = between[a] + s * (between[b] - between[a])
            a, b = a + np.uint64(1), b + np.uint64(1)
            wide[3 * x + 1] = between[a] + s * (between[b] - between[a])
            a, b = a + np.uint64(1), b + np.uint64(1)
            wide[3 * x + 2] = between[a] + s * (between[b] - between[a])
        row, light = picture[y, 3 * begin : 3 * end], wide[3 * begin : 3 * end]
        for i in range(row.shape[0]):
            row[i] += amount * light[i] * (f(1.0) - min(max(row[i], f(0.0)), f(1.0)))
