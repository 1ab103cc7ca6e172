"""Halftone: the picture as dots whose area follows its light."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import curve_at, rows, to_linear
from avwalk.contracts import Drive, Frames

Table = NDArray[np.float32]
MIN_PITCH = 3.0  # pixels: smaller dots than that cannot be told apart


class Halftone:
    """Screens the picture: bright dots on black that meet in the middle tones and become holes in the light ones.

    The share of a cell that its dot covers is the light there, so tones stay what they were, in linear light.

    Args:
        amount: share of the dots over the picture, multiplied by the curve ``halftone.amount``, 0 to 1.
        pitch: from dot to dot, in 1/1000 of the shorter side.
        angle: of the rows, degrees.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, pitch: float = 10.0, angle: float = 22.5) -> None:
        self._amount, self._pitch, self._angle = amount, pitch, math.radians(angle)

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        from avwalk.effects.kernels import halftone

        frames, flat = rows(frames)
        height, width = frames.shape[1:3]
        for k in range(len(frames)):
            amount = min(1.0, self._amount * max(0.0, curve_at(drive.params, "halftone.amount", k, 1.0)))
            if amount > 0:
                halftone(flat[k], *screen((height, width), self._pitch, self._angle), np.float32(amount))
        return frames


@lru_cache(maxsize=4)
def screen(size: tuple[int, int], pitch: float, angle: float) -> tuple[Table, Table, Table]:
    """Threshold and edge width (H, W) of the dots of a screen, and the polynomial of their growth over sRGB values.

    Args:
        size: height and width of the picture, pixels.
        pitch: from dot to dot, in 1/1000 of the shorter side.
        angle: of the rows, radians.
    """
    height, width = size
    pitch = max(MIN_PITCH, pitch / 1000 * min(size))
    cos, sin = math.cos(angle) / pitch, math.sin(angle) / pitch
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32((height - 1) / 2)
    x = np.arange(width, dtype=np.float32)[None, :] - np.float32((width - 1) / 2)
    u, v = x * np.float32(cos) + y * np.float32(sin), y * np.float32(cos) - x * np.float32(sin)
    ranks, spots = _ranks()
    spot = _spot(u, v)
    threshold = np.interp(spot, spots, ranks).astype(np.float32)
    # how fast it changes: the spot's gradient, times the slope of the ranks
    slope = np.interp(spot, spots, np.abs(np.gradient(ranks, spots)))
    turn = np.hypot(np.sin(2 * np.pi * u), np.sin(2 * np.pi * v)) * (np.pi / pitch)
    soft = np.clip(slope * turn, 1 / pitch**2, 0.5).astype(np.float32)
    return threshold, soft, _growth(threshold, soft)


def _growth(threshold: Table, soft: Table) -> Table:
    """A polynomial: how far dots must grow for an sRGB value so that their mean is the light."""
    from avwalk.effects.kernels import POWERS

    step = max(1, threshold.size // 20_000)
    some, widths = threshold.ravel()[::step], soft.ravel()[::step]
    grown = np.linspace(-0.25, 1.25, 301)
    mean = np.array([np.clip((g - some) / widths + 0.5, 0, 1).mean() for g in grown])
    values = np.linspace(0, 0.985, 250, dtype=np.float32)  # beyond, there are no holes left to fill
    light = to_linear(values)
    fit = np.polynomial.Polynomial.fit(values, np.interp(light, mean, grown), POWERS - 1, w=1 / (0.03 + light))
    return fit.convert().coef[::-1].astype(np.float32)


def _spot(u: Table, v: Table) -> Table:
    """1 in the middle of a dot, −1 in the middle of a hole, 0 where dots meet."""
    spot: NDArray[np.float32] = (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v)) * np.float32(0.5)
    return spot


def _ranks() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of a cell that is nearer to the dot's middle than a value of the spot, at ascending values."""
    at = (np.arange(256, dtype=np.float32) + np.float32(0.5)) / np.float32(256)
    spots = np.sort(_spot(at[:, None], at[None, :]).ravel())
    edges = np.linspace(-1, 1, 129)
    return 1 - np.searchsorted(spots, edges) / len(spots), edges
