"""Overprint: two inks on paper, each through a screen of its own, a little out of register."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import curve_at, rows, to_linear
from avwalk.contracts import Drive, Frames
from avwalk.effects.halftone import screen

PAPER = "f4efe4"
INKS = (
    ("0078bf", "ff48b0"),
    ("00838a", "ff6c2f"),
    ("5f4bb6", "ffc24a"),
    ("765ba7", "ff665e"),
    ("235ba8", "f15060"),
    ("1f6f5c", "ffa48f"),
)
"""Pairs of a stencil printer's inks as they look on paper: one takes the red out of its light, the other the blue."""
SCREENS_APART = math.radians(30)  # the angle at which two screens make rosettes, not moiré


class Overprint:
    """Prints the picture: the first ink where it lacks red, the second where it lacks blue, both where it is dark.

    Inks multiply: each lets through its share of the light that the paper and the other ink have left.

    Args:
        amount: share of the print over the picture, multiplied by the curve ``overprint.amount``, 0 to 1.
        pitch: from dot to dot, in 1/1000 of the shorter side.
        angle: of the first screen, degrees.
        negative: print what is light, leave what is dark as paper.
    """

    needs = (0, 0)

    def __init__(
        self, *, amount: float = 1.0, pitch: float = 10.0, angle: float = 15.0, negative: bool = False
    ) -> None:
        self._amount, self._pitch, self._angle, self._negative = amount, pitch, math.radians(angle), negative

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        from avwalk.effects.kernels import overprint

        frames, flat = rows(frames)
        size = (frames.shape[1], frames.shape[2])
        cool = screen(size, self._pitch, self._angle)
        warm = screen(size, self._pitch, self._angle + SCREENS_APART)
        sign = np.float32(1.0 if self._negative else -1.0)
        for k in range(len(frames)):
            amount = min(1.0, self._amount * max(0.0, curve_at(drive.params, "overprint.amount", k, 1.0)))
            if amount > 0:
                far = curve_at(drive.params, "overprint.shift", k, 3.0) / 1000 * min(size)
                inks = linear_inks(curve_at(drive.params, "overprint.pair", k, 0.0))
                second = _moved(flat[k], round(0.8 * far), round(0.6 * far))
                overprint(flat[k], second, *cool, *warm, inks, sign * np.float32(amount))
        return frames


def linear_inks(pair: float) -> NDArray[np.float32]:
    """Paper, and the shares of its light that the two inks of a pair let through, R G B each, (9,)."""
    paper, first, second = (_light(name) for name in (PAPER, *INKS[math.floor(pair) % len(INKS)]))
    return np.concatenate([paper, first / paper, second / paper]).clip(0, 1).astype(np.float32)


def _light(name: str) -> NDArray[np.float32]:
    """A colour ``rrggbb`` in linear light, (3,)."""
    values: NDArray[np.float32] = np.frombuffer(bytes.fromhex(name), np.uint8).astype(np.float32) / np.float32(255)
    return np.asarray(to_linear(values), np.float32)


def _moved(flat: NDArray[np.float32], across: int, down: int) -> NDArray[np.float32]:
    """A copy of a picture (H, W·3), moved by so many pixels; its edges go on."""
    height, width = flat.shape[0], flat.shape[1] // 3
    y = np.clip(np.arange(height) - down, 0, height - 1)
    x = np.clip(np.arange(width) - across, 0, width - 1)
    picture = flat.reshape(height, width, 3)
    return np.ascontiguousarray(picture[y][:, x]).reshape(flat.shape)
