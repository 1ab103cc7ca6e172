"""Shapes of sound that are lines: ribbons and lissajous figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.matter.colours import Colours
from avwalk.matter.sound_shapes.sounding import Sounding

Array = NDArray[np.float64]
TURN = 2 * np.pi
ROUND = np.exp(-0.5 * (np.arange(-8, 9) / 3.0) ** 2) / np.exp(-0.5 * (np.arange(-8, 9) / 3.0) ** 2).sum()
"""What rounds a figure: its loops are to be followed by the eye."""


@dataclass(frozen=True)
class Curve:
    """A line through the picture.

    Attributes:
        points: (n, 2) half-heights of the world, y downwards.
        half: half-width, half-heights, (n,) or one.
        share: of its light, (n,) or one.
        mix: how much of the second colour it has, (n,) or one.
        colours: two in linear light, (2, 3).
        glow: radius, half-heights, and strength of its glow.
        mode: one of `primitives.MODES`.
        mirrored: whether the mirrors of the world show it; what is symmetric itself is its image.
    """

    points: Array
    half: Array | float
    share: Array | float
    mix: Array | float
    colours: Array
    glow: tuple[float, float] = (0.0, 0.0)
    mode: str = "light"
    mirrored: bool = True


def _two(one: Array, other: Array) -> Array:
    return np.concatenate([one, other]).reshape(2, 3)


def ribbon(sound: Sounding, c: Colours) -> list[Curve]:
    """A ribbon of strands across the picture, twisted, that the sound runs through."""
    strands, n = 18, 256
    x = np.linspace(-2.6, 2.6, n)
    out = []
    for j in range(strands):
        at = j / (strands - 1)
        row = sound.before(0.022 * j)
        row = row if len(row) == n else np.interp(np.abs(x) / 2.6 * (len(row) - 1), np.arange(len(row)), row)
        twist = 1.35 * x + 0.55 * sound.seconds
        wide = 0.17 * np.cos(twist) + 0.05 * np.sin(0.7 * x - 0.3 * sound.seconds)
        y = (
            sound.perspective.focus[1]
            + 0.10 * np.sin(0.8 * x - 0.4 * sound.seconds)
            + sound.size * wide * (at - 0.5) * 2
        )
        y = y - 0.42 * sound.reach * row * (1 - 0.6 * at)
        front = 0.5 + 0.5 * np.sin(twist + np.pi * at)
        colours = _two(c.tone(0.42, 0.2 + 0.7 * at), c.tone(0.93 - 0.2 * at, 0.8 * at) + 0.08 * c.glow(0.0))
        points = np.stack([x + sound.perspective.focus[0], y], axis=1)
        share = 0.25 + 0.6 * front * (1 - 0.5 * at)
        out.append(Curve(points, 0.0008 + 0.0022 * front, share, front, colours, (0.07 if j == 0 else 0.0, 0.3)))
    return out[::-1]


def lissajous(sound: Sounding, c: Colours) -> list[Curve]:
    """Left against right as a figure around the focus, with what it was a moment ago behind it."""
    strands = 5
    half = sound.rows.shape[1] // 2
    focus = np.array(sound.perspective.focus)
    out = []
    for j in range(strands):
        row = sound.before(0.035 * j)
        left, right = (np.convolve(side, ROUND, "same") for side in (row[:half], row[half:]))
        far = np.hypot(left, right)
        reach = 0.72 * sound.size * sound.reach * (1 + 0.05 * j)
        a = 0.12 * sound.seconds + 0.05 * j
        x, y = reach * (left * np.cos(a) - right * np.sin(a)), -reach * (left * np.sin(a) + right * np.cos(a))
        colours = _two(c.tone(0.5, 0.3), c.tone(0.98, 0.1) + 0.15 * c.glow(0.2))
        share = (1 - j / strands) ** 1.5 * np.clip(0.15 + 1.2 * far, 0, 1)
        points, wide = focus + np.stack([x, y], axis=1), sound.size * (0.0012 + 0.0035 * np.clip(far, 0, 1))
        glow = (0.08 * sound.size if j == 0 else 0.0, 0.35)
        out.append(Curve(points, wide, share, np.clip(far * 1.2, 0, 1), colours, glow))
    return out[::-1]


SHAPES: Mapping[str, Callable[[Sounding, Colours], list[Curve]]] = {
    "ribbon": ribbon,
    "lissajous": lissajous,
}
