"""Downmix to mono that does not cancel out-of-phase channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OPPOSITE = 1e-4  # the mean of the channels holds less of their power than this: they cancel each other out
SHORTEST = 1024  # samples; of fewer nothing can be said


def to_mono(block: NDArray[np.float32], mid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mono mix: the mean of the channels, or the first channel where opposite phases cancel in the mean.

    Left = −right would otherwise give silence. The sign is the same in every block, so nothing clicks.

    Args:
        block: (n, channels) float32.
        mid: (n,) float32, its mean over the channels.

    Returns:
        (n,) float32: `mid` itself, unless it is 40 dB below the channels over at least `SHORTEST` samples.
    """
    channels = block.shape[1]
    if channels == 1 or len(block) < SHORTEST:
        return mid
    if float(np.vdot(mid, mid)) * channels >= OPPOSITE * float(np.vdot(block, block)):
        return mid
    return np.ascontiguousarray(block[:, 0] - mid)
