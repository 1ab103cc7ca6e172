"""Palettes in OKLCH: near black to near white, monotone lightness, drifting hue, bell-shaped chroma.

A palette is a *recolouring of light*: entry k of its table is the colour, in linear light, of a surface
that reflects so much light; lightness stays what the light made of it, only hue and chroma are the
palette's. It has two hue ramps, base and companion, between which the picture's hue field interpolates, and one
accent for the few per cent that glow.

OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020). Chroma ∝ (4L(1−L))^γ and
gamut mapping by chroma alone, never by clipping RGB. Interpolation: PCHIP, F. N. Fritsch and J. Butland,
"A method for constructing local monotone piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 5
(1984); written out here because importing scipy.interpolate takes longer than drawing a second of film.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import BT709
from avwalk.arrays.oklab import into_gamut, oklch_to_linear

TABLE_SIZE = 1024
Array = NDArray[np.float64]

LUMINANCE = np.array(BT709)
"""Weights of linear R, G, B in the luminance Y (BT.709)."""


@dataclass(frozen=True)
class HueRamp:
    """A hue ramp from shadow to highlight.

    Attributes:
        hues: degrees of OKLCH at shadow, middle and highlight; unwrapped, so 350 → 410 goes through red.
        chroma: largest chroma, at middle lightness (0.1 muted, 0.2 strong).
        gamma: width of the chroma bell; smaller keeps colour deeper into shadows and highlights.
    """

    hues: tuple[float, float, float]
    chroma: float
    gamma: float = 0.7


@dataclass(frozen=True)
class Palette:
    """Two hue ramps and the accent (OKLCH: lightness, chroma, hue in degrees)."""

    base: HueRamp
    companion: HueRamp
    accent: tuple[float, float, float]


def pchip(x: Array, y: Array, at: Array) -> Array:
    """Monotone cubic interpolation: no overshoot between knots.

    Args:
        x: knots, ascending, (n,), n ≥ 3.
        y: values at the knots, (n,).
        at: where to evaluate, any shape, within the knots.
    """
    step = np.diff(x)
    slope = np.diff(y) / step
    tangent = np.zeros_like(y)
    same = slope[:-1] * slope[1:] > 0
    w0, w1 = 2 * step[1:] + step[:-1], step[1:] + 2 * step[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (w0 + w1) / (w0 / slope[:-1] + w1 / slope[1:])  # Fritsch–Butland harmonic mean
    tangent[1:-1] = np.where(same, mean, 0.0)
    tangent[0], tangent[-1] = slope[0], slope[-1]
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(step) - 1)
    t = (at - x[k]) / step[k]
    a, b = (1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2
    c, d = t**2 * (3 - 2 * t), t**2 * (t - 1)
    result: Array = a * y[k] + b * step[k] * tangent[k] + c * y[k + 1] + d * step[k] * tangent[k + 1]
    return result


def ramp_table(ramp: HueRamp, size: int = TABLE_SIZE) -> NDArray[np.float32]:
    """Linear-light colours (size, 3) of a hue ramp; entry k stands for luminance (k / (size − 1))².

    Luminance of an entry is that of its index exactly up to lightness 0.985 (near white, never white) and
    down to black, so shading made in luminance survives the colouring.
    """
    luminance = np.linspace(0.0, 1.0, size) ** 2
    lightness = 0.985 * np.cbrt(luminance)
    hue = pchip(np.array([0.0, 0.5, 1.0]), np.array(ramp.hues, float), lightness)
    bell = np.maximum(4 * lightness * (1 - lightness), 0.0) ** ramp.gamma
    chroma = into_gamut(lightness, ramp.chroma * bell, hue)
    rgb = oklch_to_linear(lightness, chroma, hue)
    # OKLab's lightness is not luminance; a saturated colour is given the luminance of its grey by scaling,
    # as long as no channel leaves the gamut
    y = np.maximum(rgb @ LUMINANCE, 1e-9)
    scale = np.minimum(lightness**3 / y, 1.0 / np.maximum(rgb.max(axis=-1), 1e-9))
    table: NDArray[np.float32] = np.clip(rgb * scale[:, None], 0.0, 1.0).astype(np.float32)
    return table


def accent_colour(palette: Palette) -> NDArray[np.float32]:
    """The accent in linear light, (3,), in gamut."""
    lightness, chroma, hue = (np.array([v], float) for v in palette.accent)
    rgb = oklch_to_linear(lightness, into_gamut(lightness, chroma, hue), hue)
    colour: NDArray[np.float32] = np.clip(rgb[0], 0.0, 1.0).astype(np.float32)
    return colour
