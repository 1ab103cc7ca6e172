"""Scanlines: lines and aperture mask of a cathode ray tube, at low contrast."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import curve_at, rows
from avwalk.contracts import Drive, Frames

DEPTH = 0.42  # of the lines in dark tones; bright beams are wider and leave less between them
MASK_DEPTH = 0.10
MIN_PITCH = 3.0  # pixels: below, lines would beat with the grid of the pixels


class Scanlines:
    """Darkens the picture between lines, and draws its primaries a little apart along them.

    The profile is integrated over each pixel, so that lines are as strong at any size that can hold them.

    Args:
        amount: strength, multiplied by the curve ``scanlines.amount``, 0 to 1.
        pitch: from line to line, in 1/1000 of the shorter side, at least three pixels.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, pitch: float = 4.6) -> None:
        self._amount, self._pitch = amount, pitch

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        from avwalk.effects.kernels import scan

        frames, flat = rows(frames)
        height, width = frames.shape[1:3]
        pitch = max(MIN_PITCH, self._pitch / 1000 * min(height, width))
        lines = _wave(height, pitch, 0.0)
        mask = np.stack([_wave(width, pitch, turn) for turn in (0.0, -1 / 3, 1 / 3)], axis=1).ravel()
        for k in range(len(frames)):
            amount = min(1.0, self._amount * max(0.0, curve_at(drive.params, "scanlines.amount", k, 1.0)))
            if amount > 0:
                # half of what the lines take is given back
                gain = 1 + amount * (0.6 * DEPTH / 2 + MASK_DEPTH / 2) / 2
                scan(
                    flat[k],
                    np.float32(amount * DEPTH) * lines,
                    np.float32(amount * MASK_DEPTH) * mask,
                    np.float32(gain),
                )
        return frames


def _wave(n: int, pitch: float, turn: float) -> NDArray[np.float32]:
    """Mean over each of n pixels of (1 − cos(2π(x / pitch + turn))) / 2."""
    x = (np.arange(n) + 0.5) / pitch + turn
    box = math.sin(math.pi / pitch) * pitch / math.pi
    wave: NDArray[np.float32] = (0.5 - 0.5 * box * np.cos(2 * np.pi * x)).astype(np.float32)
    return wave
