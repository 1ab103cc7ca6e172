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
    firsts, shares = (3 * left).astype(np.uint64), (at - left).astype(np.float32)
    _lay_over(picture, over, np.float32(amount), firsts, shares, further, np.empty((2, picture.shape[1]), np.float32))


@kernel()
def _widen(light: Array, left: NDArray[np.uint64], shares: Array, further: int, wide: Array) -> tuple[int, int]:
    """Fills a row as wide as the picture; returns between which pixels it is not dark."""
    width, numbers = shares.shape[0], light.shape[0]
    first, last = 0, numbers
    while first < last and light[first] <= DARK:
        first += 1
    while last > first and light[last - 1] <= DARK:
        last -= 1
    for x in range(width):
        a, s = left[x], shares[x]
        b = a + np.uint64(further)
        wide[3 * x] = light[a] + s * (light[b] - light[a])
        a, b = a + np.uint64(1), b + np.uint64(1)
        wide[3 * x + 1] = light[a] + s * (light[b] - light[a])
        a, b = a + np.uint64(1), b + np.uint64(1)
        wide[3 * x + 2] = light[a] + s * (light[b] - light[a])
    if first == last:
        return width, 0
    return max(0, (first // 3 - 1) * width // (numbers // 3)), min(width, (last // 3 + 2) * width // (numbers // 3))


@kernel("void(f4[:,::1], f4[:,::1], f4, u8[::1], f4[::1], i8, f4[:,::1])")
def _lay_over(
    picture: Array, over: Array, amount: f, left: NDArray[np.uint64], shares: Array, further: int, wide: Array
) -> None:
    """``left`` and ``shares``: the value on the left of each pixel, and how far it is from there to the one on the
    right, ``further`` numbers on; ``wide``: room for two rows of the smaller light, made as wide as the picture."""
    height, rows, known = picture.shape[0], over.shape[0], -1
    begin_even, end_even, begin_odd, end_odd = 0, 0, 0, 0
    for y in range(height):
        v = min(max((f(y) + f(0.5)) * f(rows) / f(height) - f(0.5), f(0.0)), f(rows - 1))
        y0 = int(v)
        y1, t = min(y0 + 1, rows - 1), v - f(y0)
        known = max(known, y0 - 1)
        while known < y1:
            known += 1
            begin, end = _widen(over[known], left, shares, further, wide[known % 2])
            if known % 2:
                begin_odd, end_odd = begin, end
            else:
                begin_even, end_even = begin, end
        first, last = min(begin_even, begin_odd), max(end_even, end_odd)
        if first < last:
            above, below = wide[y0 % 2, 3 * first : 3 * last], wide[y1 % 2, 3 * first : 3 * last]
            row = picture[y, 3 * first : 3 * last]
            for i in range(row.shape[0]):
                light = above[i] + t * (below[i] - above[i])
                row[i] += amount * light * (f(1.0) - min(max(row[i], f(0.0)), f(1.0)))
