"""Dilated convolution over time whose sums have one order: the same bits on one CPU, whatever runs beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel


@kernel("void(f4[:,::1], f4[:,:,::1], f4[::1], i8, f4[:,::1])")
def _convolve(x: Any, w: Any, bias: Any, dilation: int, out: Any) -> None:
    """out[t] = bias + Σ x[t + (k − taps // 2) · dilation] @ w[k]; beyond the ends x is 0."""
    taps, n_in, n_out = w.shape
    n = x.shape[0]
    for t in range(n):
        for o in range(n_out):
            out[t, o] = bias[o]
    for block in range(0, n, 64):
        stop = min(n, block + 64)
        for k in range(taps):
            shift = (k - taps // 2) * dilation
            first, last = max(block, -shift), min(stop, n - shift)
            t = first
            while t + 4 <= last:  # four rows by four inputs at once: what is added stays in registers
                u, i = t + shift, 0
                while i + 4 <= n_in:
                    a0, a1, a2, a3 = x[u, i], x[u, i + 1], x[u, i + 2], x[u, i + 3]
                    b0, b1, b2, b3 = x[u + 1, i], x[u + 1, i + 1], x[u + 1, i + 2], x[u + 1, i + 3]
                    c0, c1, c2, c3 = x[u + 2, i], x[u + 2, i + 1], x[u + 2, i + 2], x[u + 2, i + 3]
                    d0, d1, d2, d3 = x[u + 3, i], x[u + 3, i + 1], x[u + 3, i + 2], x[u + 3, i + 3]
                    for o in range(n_out):
                        v0, v1, v2, v3 = w[k, i, o], w[k, i + 1, o], w[k, i + 2, o], w[k, i + 3, o]
                        out[t, o] = (((out[t, o] + a0 * v0) + a1 * v1) + a2 * v2) + a3 * v3
                        out[t + 1, o] = (((out[t + 1, o] + b0 * v0) + b1 * v1) + b2 * v2) + b3 * v3
                        out[t + 2, o] = (((out[t + 2, o] + c0 * v0) + c1 * v1) + c2 * v2) + c3 * v3
                        out[t + 3, o] = (((out[t + 3, o] + d0 * v0) + d1 * v1) + d2 * v2) + d3 * v3
                    i += 4
                while i < n_in:
                    a0, b0, c0, d0 = x[u, i], x[u + 1, i], x[u + 2, i], x[u + 3, i]
                    for o in range(n_out):
                        v0 = w[k, i, o]
                        out[t, o] += a0 * v0
                        out[t + 1, o] += b0 * v0
                        out[t + 2, o] += c0 * v0
                        out[t + 3, o] += d0 * v0
                    i += 1
                t += 4
            while t < last:
                for i in range(n_in):
                    a = x[t + shift, i]
                    for o in range(n_out):
                        out[t, o] += a * w[k, i, o]
                t += 1


def convolve(
    x: NDArray[np.float32], w: NDArray[np.float32], bias: NDArray[np.float32], dilation: int
) -> NDArray[np.float32]:
    """Convolution over time, zeros beyond the ends.

    Args:
        x: (n, channels in) float32.
        w: (taps, channels in, channels out) float32; an odd number of taps, the middle one is now.
        bias: (channels out,) float32.
        dilation: frames from tap to tap.

    Returns:
        (n, channels out) float32.
    """
    out = np.empty((len(x), w.shape[2]), np.float32)
    _convolve(np.ascontiguousarray(x), w, bias, dilation, out)
    return out
