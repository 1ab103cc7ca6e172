"""Posterise: luma quantised to few tones with soft borders."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import curve_at, rows
from avwalk.contracts import Drive, Frames


class Posterise:
    """Gathers the tones of the picture into flat bands with smooth borders; hues stay what they are.

    Args:
        amount: share of the flat picture over the other, multiplied by the curve ``posterise.amount``, 0 to 1.
        levels: number of tones where the curve ``posterise.levels`` is absent, at least 2.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, levels: float = 5.0) -> None:
        self._amount, self._levels = amount, levels

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        import cv2

        from avwalk.effects.kernels import posterise

        frames, flat = rows(frames)
        height, width = frames.shape[1:3]
        # borders without teeth: neither grain nor fine structure decides where a band ends
        half = (max(1, width // 2), max(1, height // 2))
        scratch = np.empty(width, np.float32)
        sigma = 0.0025 * min(height, width) / 2
        for k in range(len(frames)):
            amount = min(1.0, self._amount * max(0.0, curve_at(drive.params, "posterise.amount", k, 1.0)))
            levels = max(2.0, np.floor(curve_at(drive.params, "posterise.levels", k, self._levels) + 0.5))
            if amount > 0:
                tone = cv2.cvtColor(frames[k], cv2.COLOR_RGB2GRAY)
                small = cv2.GaussianBlur(cv2.resize(tone, half, interpolation=cv2.INTER_AREA), (7, 7), sigma)
                tone = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
                posterise(flat[k], tone, scratch, np.float32(levels), np.float32(amount))
        return frames
