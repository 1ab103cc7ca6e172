"""Engrave: lines of ink on paper that follow the form and swell where it is dark."""

from __future__ import annotations

import math

import numpy as np

from avwalk.arrays.colour import curve_at, rows
from avwalk.contracts import Drive, Frames

MIN_PITCH = 3.0  # pixels
SMOOTH = 0.012
"""Width of the blur of the form that lines follow, of the shorter side: finer structure would tear them."""


class Engrave:
    """Turns the picture into an engraving: parallel lines, bent by its light, and across them others in the shadows.

    Ink has the hue of the picture; towards the corners there is paper alone, as around a portrait on a banknote.

    Args:
        amount: share of the engraving over the picture, multiplied by the curve ``engrave.amount``, 0 to 1.
        pitch: from line to line, in 1/1000 of the shorter side.
        angle: of the lines, degrees.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, pitch: float = 12.0, angle: float = 18.0) -> None:
        self._amount, self._pitch, self._angle = amount, pitch, math.radians(angle)

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        import cv2

        from avwalk.effects.kernels import engrave

        frames, flat = rows(frames)
        height, width = frames.shape[1:3]
        half = (max(1, width // 2), max(1, height // 2))
        pitch = max(MIN_PITCH, self._pitch / 1000 * min(height, width))
        across = np.array([-math.sin(self._angle) / pitch, math.cos(self._angle) / pitch], np.float32)
        sigma = max(0.6, SMOOTH * min(height, width) / 2)
        for k in range(len(frames)):
            amount = min(1.0, self._amount * max(0.0, curve_at(drive.params, "engrave.amount", k, 1.0)))
            if amount > 0:
                tone = cv2.cvtColor(frames[k], cv2.COLOR_RGB2GRAY)
                small = cv2.GaussianBlur(cv2.resize(tone, half, interpolation=cv2.INTER_AREA), (0, 0), sigma)
                form = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
                bend = curve_at(drive.params, "engrave.bend", k, 5.0)
                engrave(flat[k], tone, form, across, np.float32(bend), np.float32(amount))
        return frames
