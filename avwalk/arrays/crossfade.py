"""Cross-fade between two pictures, highlights first, as used between shots and presets (``melt``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.contracts import Frames

Array = NDArray[np.float32]
f = np.float32

SOFTNESS = 0.6  # share of the duration between the brightest and the darkest part of a picture


def crossfade(going: Frames, coming: Frames, share: float) -> None:
    """Luminance-weighted cross-fade, in place: the highlights of the new picture come in first, shadows last.

    Args:
        going: (H, W, 3) float32, contiguous; becomes the mixture.
        coming: (H, W, 3) float32.
        share: of the new picture, 0 to 1.
    """
    _mix(going, np.ascontiguousarray(coming), f(share), f(SOFTNESS))


@kernel("void(f4[:,:,::1], f4[:,:,::1], f4, f4)")
def _mix(going: Array, coming: Array, share: f, softness: f) -> None:
    one = f(1.0)
    start, slope = share * (one + softness) - softness, softness
    for y in range(going.shape[0]):
        old, new = going[y], coming[y]
        for x in range(old.shape[0]):
            light = max(new[x, 0], max(new[x, 1], new[x, 2]))
            at = min(max(start + slope * light, f(0.0)), one)
            weight = at * at * (f(3.0) - f(2.0) * at)
            old[x, 0] += weight * (new[x, 0] - old[x, 0])
            old[x, 1] += weight * (new[x, 1] - old[x, 1])
            old[x, 2] += weight * (new[x, 2] - old[x, 2])
