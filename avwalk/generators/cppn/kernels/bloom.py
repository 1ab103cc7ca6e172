"""Numba kernels of the bloom: a pyramid of half-size pictures, down and back up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel

Array = NDArray[np.float32]
f = np.float32


@kernel("void(f4[:,::1], f4[:,::1])")
def halve(src: Array, dst: Array) -> None:
    """(h, w·3) to (⌈h/2⌉, ⌈w/2⌉·3), weights 1 3 3 1 both ways, edges repeated."""
    h, w = src.shape[0], src.shape[1] // 3
    for r in range(dst.shape[0]):
        a, b = max(2 * r - 1, 0), min(2 * r, h - 1)
        c, d = min(2 * r + 1, h - 1), min(2 * r + 2, h - 1)
        for q in range(dst.shape[1] // 3):
            i, j = max(2 * q - 1, 0) * 3, min(2 * q, w - 1) * 3
            m, n = min(2 * q + 1, w - 1) * 3, min(2 * q + 2, w - 1) * 3
            for ch in range(3):
                outer = src[a, i + ch] + src[d, i + ch] + src[a, n + ch] + src[d, n + ch]
                inner = src[b, j + ch] + src[c, j + ch] + src[b, m + ch] + src[c, m + ch]
                side = src[a, j + ch] + src[a, m + ch] + src[d, j + ch] + src[d, m + ch]
                side += src[b, i + ch] + src[c, i + ch] + src[b, n + ch] + src[c, n + ch]
                dst[r, 3 * q + ch] = (outer + f(3.0) * side + f(9.0) * inner) * f(1 / 64)


@kernel("void(f4[:,::1], f4[:,::1], f4, f4)")
def raise_onto(low: Array, high: Array, keep: f, share: f) -> None:
    """high = keep · high + share · low, enlarged twofold (bilinear)."""
    h, w = low.shape[0], low.shape[1] // 3
    for y in range(high.shape[0]):
        r = (y - 1) // 2 if y > 0 else 0
        r1 = min(r + 1, h - 1)
        t = f(0.75) if y % 2 == 0 else f(0.25)
        for x in range(high.shape[1] // 3):
            c = (x - 1) // 2 if x > 0 else 0
            c1 = min(c + 1, w - 1)
            s = f(0.75) if x % 2 == 0 else f(0.25)
            for ch in range(3):
                a = low[r, 3 * c + ch] + (low[r1, 3 * c + ch] - low[r, 3 * c + ch]) * t
                b = low[r, 3 * c1 + ch] + (low[r1, 3 * c1 + ch] - low[r, 3 * c1 + ch]) * t
                high[y, 3 * x + ch] = keep * high[y, 3 * x + ch] + share * (a + (b - a) * s)
