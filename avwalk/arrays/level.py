"""Mean luma of a picture, and pictures brought to a wanted one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.arrays.compile import kernel
from avwalk.contracts import Frames

Array = NDArray[np.float32]
f = np.float32

MOST_LEVELLED = 1.25
"""By what factor a picture is made brighter or darker at most."""
_DARK = 1 / 255  # mean luma of a picture that is as good as black, and stays so


def mean_luma(picture: Frames) -> float:
    """Mean luma (BT.709 weights on sRGB values) of a picture, (H, W, 3) float32 in [0, 1]."""
    height, width = picture.shape[:2]
    sums = np.empty(3 * width, np.float32)
    _columns(np.ascontiguousarray(picture).reshape(height, 3 * width), sums)
    channels = [float(sums[c::3].mean(dtype=np.float64)) for c in range(3)]
    return float(np.dot(LUMA.astype(np.float64), np.array(channels)) / height)


def bring_to_level(picture: Frames, level: float) -> None:
    """Brings a picture to a mean luma, in place, as far as `MOST_LEVELLED` goes; what would burn out stays at 1.

    Args:
        picture: (H, W, 3) float32 in [0, 1], contiguous.
        level: the wanted mean luma, [0, 1].
    """
    if (there := mean_luma(picture)) > _DARK:
        _scale(picture.reshape(-1), f(min(max(level / there, 1 / MOST_LEVELLED), MOST_LEVELLED)))


@kernel("void(f4[:,::1], f4[::1])")
def _columns(rows: Array, sums: Array) -> None:
    sums[:] = f(0.0)
    for y in range(rows.shape[0]):  # down the columns: sums that do not wait for each other
        row = rows[y]
        for x in range(row.shape[0]):
            sums[x] += row[x]


@kernel("void(f4[::1], f4)")
def _scale(values: Array, gain: f) -> None:
    for k in range(values.shape[0]):
        values[k] = min(values[k] * gain, f(1.0))
