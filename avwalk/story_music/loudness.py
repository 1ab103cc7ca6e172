"""Loudness as broadcasting measures it: ITU-R BS.1770-4."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SILENT = -70.0
"""LUFS of what has no block above the absolute gate."""


def loudness(samples: NDArray[np.float32], rate: int) -> float:
    """Integrated loudness in LUFS: K-weighting, blocks of 400 ms, both gates.

    Args:
        samples: (n, channels), full scale = 1.
        rate: samples per second.
    """
    from scipy.signal import lfilter

    x = samples.astype(np.float64)
    for b, a in _k_weighting(rate):
        x = lfilter(b, a, x, axis=0)
    energy = np.concatenate([[0.0], np.cumsum((x**2).sum(axis=1))])
    size = min(round(0.4 * rate), len(x))
    starts = np.arange(0, len(x) - size + 1, max(1, size // 4))
    power = (energy[starts + size] - energy[starts]) / max(1, size)
    power = power[power > 10 ** ((SILENT + 0.691) / 10)]
    if not len(power):
        return SILENT
    power = power[power > power.mean() / 10]
    return float(10 * np.log10(power.mean()) - 0.691)


def _k_weighting(rate: int) -> list[tuple[list[float], list[float]]]:
    """A shelf for the head and a high-pass, as the standard's analogue prototypes give them at any rate."""
    stages = []
    for gain_db, q, f0 in ((3.999843854, 0.7071752370, 1681.974451), (None, 0.5003270373, 38.13547088)):
        k = np.tan(np.pi * f0 / rate)
        norm = 1 + k / q + k * k
        b = [1.0, -2.0, 1.0]
        if gain_db is not None:
            vh, vb = 10 ** (gain_db / 20), 10 ** (gain_db / 20 * 0.499666774155)
            b = [(vh + vb * k / q + k * k) / norm, 2 * (k * k - vh) / norm, (vh - vb * k / q + k * k) / norm]
        stages.append((b, [1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]))
    return stages
