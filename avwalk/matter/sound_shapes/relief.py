"""The shape ``ridge``: the sound as a relief, a line for each moment, the older the farther, filled below.

Near lines stand at the lower edge of the picture, far ones before the horizon. Bodies turn into the light that the
picture has at its horizon, as mountains do in mist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.contracts import Frames
from avwalk.matter.colours import Colours
from avwalk.matter.sound_shapes import kernels
from avwalk.matter.sound_shapes.sounding import Sounding
from avwalk.matter.view import View

Array = NDArray[np.float64]

LINES = 34
APART = 0.2
"""Seconds between two lines: all of them fit into the past of a trace."""
CLOSER = 3.0
"""How much larger the nearest line looks than the farthest."""
RISE = 0.36
"""Half-heights that the loudest moment of the song rises at the front."""
STILL = 0.11
"""Share of a crest's light where nothing sounds."""
WIDE = 1.9
"""Half-heights from the middle to the ends of the nearest line; beyond them it is flat."""
OUTSIDE = 12.0
LOSS = 0.35
"""How much of what falls is shown, of what rises all."""
SMOOTH = np.exp(-0.5 * (np.arange(-6, 7) / 2.4) ** 2) / np.exp(-0.5 * (np.arange(-6, 7) / 2.4) ** 2).sum()


def encoded(light: Array) -> Array:
    """Linear light to sRGB."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def _luminance(srgb: Array) -> float:
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return float(light @ LUMA)


def draw_ridge(picture: Frames, view: View, sound: Sounding, colours: Colours) -> None:
    """Draws the relief into a picture, (H, W, 3) sRGB."""
    screen = _Screen(picture, view)
    perspective = sound.perspective
    level = perspective.level if perspective.kind == "ground" else perspective.focus[1] + 0.12
    middle = 0.0 if perspective.mirrors else perspective.focus[0]
    bottom = max(screen.bottom, level + 0.25)
    ages = np.concatenate([[0.0], sound.seconds % APART + APART * np.arange(LINES - 1)])
    far = np.minimum(ages / (APART * (LINES - 1)), 1)
    near = 1 / (1 + (CLOSER - 1) * far)
    base = level + (bottom - level) * (near - 1 / CLOSER) / (1 - 1 / CLOSER)
    base[-1] = level  # nothing of the ground is left to be seen before the horizon
    heights = np.stack([_profile(sound.before(age), perspective.mirrors) for age in ages])
    loud = np.abs(heights).max(axis=1)
    n = heights.shape[1]
    points = np.zeros((LINES, n + 2, 4))
    across = np.concatenate([[-OUTSIDE], WIDE * sound.size * np.linspace(-1, 1, n), [OUTSIDE]])
    points[:, :, 0] = middle + near[:, None] * across
    points[:, [0, -1], 0] = middle - OUTSIDE, middle + OUTSIDE
    points[:, :, 1] = base[:, None]
    points[:, 1:-1, 1] -= (near * RISE * sound.size * sound.reach * np.clip((1 - far) * 6, 0, 1))[:, None] * heights
    points[:, :, :2] = screen.points(points[:, :, :2])
    points[:, :, 2] = facing(np.gradient(points[:, :, :2], axis=1), colours.light)
    points[:, :, 3] = STILL
    points[:, 1:-1, 3] += (1 - STILL) * np.clip(2.2 * np.abs(heights), 0, 1)
    shine = np.exp(
        -0.5 * ((across * near[:, None] + middle - perspective.focus[0]) / (0.10 + 0.16 * near[:, None])) ** 2
    )
    points[:, :, 3] *= 1 + 1.3 * shine  # the way to the light glitters
    points[:, :, 3] += 0.25 * shine
    fog = screen.light_at(middle, level)
    lines = _lines(colours, fog, far, loud, sound.opacity)
    lines[:, kernels.HALF] = np.maximum(0.0042 * near * view.scale, 0.4)
    gaps = np.append(0.12, base[:-1] - base[1:])
    lines[:, kernels.DEPTH] = 1 / np.maximum(view.scale * (gaps + 0.15 * RISE * (1 + 3 * sound.reach) * near), 1)
    scratch = np.empty((5, LINES, screen.turned.shape[1]), np.float32)
    kernels.draw_relief(
        screen.turned, scratch, np.ascontiguousarray(points, np.float32), np.ascontiguousarray(lines, np.float32)
    )


class _Screen:
    """A picture, turned so that the world's ground lies on its lower side, whichever way the camera is turned.

    Args:
        picture: (H, W, 3).
        view: before it.
    """

    def __init__(self, picture: Frames, view: View) -> None:
        self._height, self._width = picture.shape[:2]
        self._view = view
        down = view.turn @ np.array([0.0, 1.0])
        self._quarter = int(np.rint(np.arctan2(down[0], down[1]) / (np.pi / 2))) % 4
        self.turned = np.rot90(picture, -self._quarter)

    @property
    def bottom(self) -> float:
        """Lowest point of the world that is in the picture, half-heights."""
        corners = np.array([[x, y] for x in (0, self._width) for y in (0, self._height)], np.float64)
        return float(((corners - self._view.middle) / self._view.scale @ self._view.turn + self._view.eye)[:, 1].max())

    def points(self, world: Array) -> Array:
        """Points of the world, (…, 2), in pixels of the turned picture."""
        view = self._view
        seen = (world - view.eye) @ view.turn.T * view.scale + view.middle
        x, y, right, low = seen[..., 0], seen[..., 1], self._width - 1, self._height - 1
        x, y = [(x, y), (low - y, x), (right - x, low - y), (y, right - x)][self._quarter]
        return np.stack([x, y], axis=-1)

    def light_at(self, x: float, level: float) -> Array:
        """Mean colour of the picture along a level, sRGB (3,); behind its edge, of the nearest rows."""
        height, width = self.turned.shape[:2]
        row = float(self.points(np.array([x, level]))[1])
        a = int(np.clip(row - 0.05 * height, 0, height - 2))
        b = int(np.clip(row + 0.01 * height, a + 1, height))
        return np.asarray(self.turned[a:b, :: max(1, width // 160)].mean(axis=(0, 1), dtype=np.float64))


def _profile(row: Array, mirrors: int) -> Array:
    """Heights along a line: a waveform as it is, a spectrum with its lowest band in the middle."""
    if len(row) < 128:
        row = np.concatenate([row[::-1], row[1:]])
    else:  # rounder than a line would be: what stands behind each other is a tangle else
        row = np.convolve(row, SMOOTH, "same")
        if mirrors:
            half = row[len(row) // 2 :]
            row = np.concatenate([half[::-1], half])
    return np.where(row > 0, row, LOSS * row)


def facing(step: Array, light: tuple[float, float]) -> Array:
    """How much lines that run along ``step``, (…, 2), face the light with what is above them: −1 to 1."""
    length = np.maximum(np.hypot(step[..., 0], step[..., 1]), 1e-9)
    return np.asarray((step[..., 1] * light[0] - step[..., 0] * light[1]) / length)


def _lines(colours: Colours, fog: Array, far: Array, loud: Array, opacity: float) -> Array:
    """The looks of the lines, see `kernels.LINE`; their sizes are left out."""
    lines = np.zeros((len(far), kernels.LINE))
    mist = (far**1.15)[:, None]
    fog = 0.6 * fog + 0.4 * encoded(colours.tone(float(np.sqrt(_luminance(fog))), 0.0))[0]
    dark, foot = encoded(colours.tone(0.07 + 0.10 * far, 0.6)), encoded(colours.tone(0.17 + 0.20 * far, 0.2))
    lines[:, kernels.TOP : kernels.TOP + 3] = dark + (0.78 * mist) * (fog - dark)
    lines[:, kernels.FOOT : kernels.FOOT + 3] = foot + (0.84 * mist) * (fog - foot)
    hot = np.clip(loud, 0, 1)
    crest = colours.tone(0.66 + 0.32 * hot, 0.1)
    lines[:, kernels.CREST : kernels.CREST + 3] = crest
    lines[:, kernels.CREST_SHARE] = opacity * (0.95 - 0.55 * far) * (0.45 + 0.55 * hot)
    lines[:, kernels.LIT] = 0.75 * (1 - 0.6 * far)
    lines[:, kernels.BODY_SHARE] = opacity
    return lines
