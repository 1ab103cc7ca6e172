"""Vignette: darkens the frame towards its corners."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import curve_at
from avwalk.contracts import Drive, Frames


class Vignette:
    """Multiplies the frame by a smooth fall towards its corners.

    Args:
        amount: strength, multiplied by the curve ``vignette.amount``, 0 to 2.
        roundness: 1 follows a circle, 0 the shape of the frame.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, roundness: float = 0.5) -> None:
        self._amount, self._roundness = amount, roundness

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        height, width = frames.shape[1:3]
        y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
        x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
        longest = max(height, width)
        x *= (width / longest) ** self._roundness
        y *= (height / longest) ** self._roundness
        r2 = (x**2)[None, :] + (y**2)[:, None]
        r2 /= max(float(r2[0, 0]), 1e-6)  # one pixel is its own middle
        for k in range(len(frames)):
            amount = self._amount * max(0.0, curve_at(drive.params, "vignette.amount", k, 1.0))
            if amount > 0:
                frames[k] *= (1 / (1 + np.float32(0.22 * amount) * r2 * (1 + r2)))[..., None]
        return frames
