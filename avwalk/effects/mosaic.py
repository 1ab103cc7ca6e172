"""Mosaic: large square pixels, as a games console of the eighties had."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import curve_at
from avwalk.contracts import Drive, Frames

MIN_PITCH = 2  # pixels


class Mosaic:
    """Shows the picture in large pixels, each of the colour in its middle: flat tones stay as flat as they were.

    Args:
        amount: share of the large pixels over the picture, multiplied by the curve ``mosaic.amount``, 0 to 1.
        pitch: size of a large pixel, in 1/1000 of the shorter side; a whole number of pixels is taken.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, pitch: float = 11.0) -> None:
        self._amount, self._pitch = amount, pitch

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        height, width = frames.shape[1:3]
        size = max(MIN_PITCH, round(self._pitch / 1000 * min(height, width)))
        down, across = _middles(height, size), _middles(width, size)
        for k in range(len(frames)):
            amount = min(1.0, self._amount * max(0.0, curve_at(drive.params, "mosaic.amount", k, 1.0)))
            if amount >= 1:
                frames[k] = frames[k][down[:, None], across]
            elif amount > 0:
                frames[k] += np.float32(amount) * (frames[k][down[:, None], across] - frames[k])
        return frames


def _middles(n: int, size: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """For each of n pixels in a row, the one in the middle of its block; the middle of the picture is a border."""
    first = (n // 2) % size  # pixels before the first border
    block = (np.arange(n) - first) // size
    return np.clip(first + block * size + size // 2, 0, n - 1)
