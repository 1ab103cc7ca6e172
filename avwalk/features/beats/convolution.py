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
            while t + 4 <= last:  # four rows at once: a weight is read once for them
                for i in range(n_in):
                    a, b = x[t + shift, i], x[t + 1 + shift, i]
                    c, d = x[t + 2 + shift, i], x[t + 3 + shift, i]
                    for o in range(n_out):
                        v = w[k, i, o]
                        out[t, o] += a * v
                        out[t + 1, o] += b * v
                        out[t + 2, o] += c * v
                        out[t + 3, o] += d * v
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
