"""A canvas in OKLab, what is laid over it, and light added to it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_srgb
from avwalk.arrays.oklab import into_gamut, oklch_to_linear
from avwalk.painters.worlds.colour_names import Lab
from avwalk.painters.worlds.noise import Field, noise

Colours = NDArray[np.float32]
"""(H, W, 3) OKLab."""
_GAMUT_STEPS = (48, 48, 90)  # lightness, chroma, hue of the table of what sRGB can show


class Canvas:
    """The picture while it is painted.

    Args:
        size: width and height, pixels.
        pan: where we look, in heights of the picture to the right.

    Attributes:
        lab: (H, W, 3) OKLab.
        light: (H, W, 3) linear light that is added at the end.
        depth: (H, W), 0 near to 1 at the horizon and beyond.
    """

    def __init__(self, size: tuple[int, int], pan: float = 0.0) -> None:
        self.width, self.height = size
        self.aspect = self.width / self.height
        self.pan = pan
        across = ((np.arange(self.width) + 0.5) / self.width - 0.5) * self.aspect
        down = (np.arange(self.height) + 0.5) / self.height
        self.across, self.down = across.astype(np.float32), down.astype(np.float32)
        self.lab = np.zeros((self.height, self.width, 3), np.float32)
        self.light = np.zeros_like(self.lab)
        self.depth = np.ones((self.height, self.width), np.float32)

    @cached_property
    def x(self) -> Field:
        """Heights of the picture from its middle, (H, W)."""
        return np.ascontiguousarray(np.broadcast_to(self.across, (self.height, self.width)))

    @cached_property
    def y(self) -> Field:
        """Share of the picture from the top, (H, W)."""
        return np.ascontiguousarray(np.broadcast_to(self.down[:, None], (self.height, self.width)))

    @property
    def pixel(self) -> float:
        """Height of a pixel, share of the picture."""
        return 1.0 / self.height

    def lay(
        self, mask: Field, colour: Lab | Colours, depth: float | Field | None = None, *, hides: float = 0.0
    ) -> None:
        """Lays a colour over the canvas where the mask says, and moves the depth there.

        Args:
            mask: (H, W), 0 to 1.
            colour: OKLab of all of it, or of each pixel.
            depth: of what is laid.
            hides: share of the light behind it that it takes away.
        """
        share = mask[..., None]
        if hides:
            self.light *= 1 - np.float32(hides) * share
        self.lab += (np.asarray(colour, np.float32) - self.lab) * share
        if depth is not None:
            self.depth += (np.asarray(depth, np.float32) - self.depth) * mask

    def shine(self, mask: Field, linear: NDArray[np.float64], strength: float = 1.0) -> None:
        """Adds light of a colour (3,), linear sRGB."""
        self.light += mask[..., None] * (linear * strength).astype(np.float32)

    def finished(self, grain: float, seed: int) -> Colours:
        """The picture, (H, W, 3) sRGB in [0, 1]: into the gamut, with added light, darker corners, a little grain."""
        linear = lab_to_linear(self.lab) + self.light
        radius = (self.x / (0.5 * self.aspect)) ** 2 + ((self.y - 0.5) / 0.5) ** 2
        linear *= (1 - 0.10 * np.clip(radius - 0.5, 0, 1.5))[..., None]
        over = np.maximum(linear - 0.8, 0)
        linear = np.minimum(linear, 0.8) + 0.2 * (1 - np.exp(-over / 0.2))
        picture = to_srgb(linear)
        if grain:
            picture += (
                grain
                / 255
                * np.random.default_rng([seed, 0x6A]).standard_normal(picture.shape[:2])[..., None].astype(np.float32)
            )
        return np.asarray(np.clip(picture, 0, 1), np.float32)


def shaded(tone: Field, colour: Lab, span: float = 0.4) -> Colours:
    """A colour lit by a tone of −1 (shadow) to 1 (light), (H, W, 3)."""
    out = np.empty((*tone.shape, 3), np.float32)
    out[..., 0] = np.clip(colour[0] * (1 + span * tone), 0, 0.985)
    rest = 1 - 0.3 * np.abs(tone)
    out[..., 1], out[..., 2] = colour[1] * rest, colour[2] * rest
    return out


def ramp(share: Field, a: Lab, b: Lab) -> Colours:
    """From one colour to another, (H, W, 3)."""
    first, last = np.array(a, np.float32), np.array(b, np.float32)
    return np.asarray(first + (last - first) * share[..., None], np.float32)


def lab_to_linear(lab: Colours) -> Colours:
    """OKLab to linear sRGB, in gamut by chroma alone, (H, W, 3)."""
    most = _most_chroma()
    lightness = np.clip(lab[..., 0], 0.0, 0.999)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.arctan2(lab[..., 2], lab[..., 1]) * np.float32(_GAMUT_STEPS[2] / (2 * np.pi))
    row = np.clip((lightness * (_GAMUT_STEPS[0] - 1)).astype(np.int32), 0, _GAMUT_STEPS[0] - 2)
    part = lightness * (_GAMUT_STEPS[0] - 1) - row
    column = hue.astype(np.int32) % _GAMUT_STEPS[2]
    limit = most[row, column] * (1 - part) + most[row + 1, column] * part
    scale = np.minimum(1.0, limit / np.maximum(chroma, 1e-6))
    inside: Any = np.stack([lightness, lab[..., 1] * scale, lab[..., 2] * scale], axis=-1)
    linear = oklch_to_linear(
        inside[..., 0], np.hypot(inside[..., 1], inside[..., 2]), np.rad2deg(np.arctan2(inside[..., 2], inside[..., 1]))
    )
    return np.asarray(np.clip(linear, 0, 1), np.float32)


def _most_chroma() -> NDArray[np.float32]:
    """Largest chroma inside sRGB by lightness and hue."""
    global _CHROMA
    if _CHROMA is None:
        rows = np.repeat(np.linspace(0, 1, _GAMUT_STEPS[0])[:, None], _GAMUT_STEPS[2], axis=1)
        hues = np.broadcast_to(np.arange(_GAMUT_STEPS[2]) * (360 / _GAMUT_STEPS[2]), rows.shape)
        _CHROMA = into_gamut(rows, np.full(rows.shape, 0.4), hues).astype(np.float32)
    return _CHROMA


_CHROMA: NDArray[np.float32] | None = None


def clouds_at(canvas: Canvas, seed: int, scale: float, shift: float) -> Field:
    """Clouds seen from below: noise that becomes flat towards the horizon is left to the caller's scale."""
    return noise(canvas.x * scale + shift, canvas.y * scale * 2.2, seed, 6)
