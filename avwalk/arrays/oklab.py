"""OKLab and OKLCH, to and from linear sRGB.

Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LMS_FROM_OKLAB = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_RGB_FROM_LMS = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def oklch_to_linear(lightness: Array, chroma: Array, hue_degrees: Array) -> Array:
    """OKLCH to linear sRGB, (…, 3); outside [0, 1] when the colour is out of gamut."""
    hue = np.deg2rad(hue_degrees)
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    linear: Array = (lab @ _LMS_FROM_OKLAB.T) ** 3 @ _RGB_FROM_LMS.T
    return linear


def linear_to_oklab(rgb: Array) -> Array:
    """Linear sRGB (…, 3) to OKLab: lightness, green–red, blue–yellow."""
    lab: Array = np.cbrt(rgb @ np.linalg.inv(_RGB_FROM_LMS).T) @ np.linalg.inv(_LMS_FROM_OKLAB).T
    return lab


def into_gamut(lightness: Array, chroma: Array, hue_degrees: Array) -> Array:
    """The largest chroma ≤ ``chroma`` for which the colour is inside sRGB (bisection, 24 halvings)."""
    low, high = np.zeros_like(chroma), chroma.copy()
    for _ in range(24):
        middle = 0.5 * (low + high)
        rgb = oklch_to_linear(lightness, middle, hue_degrees)
        inside = ((rgb >= 0.0) & (rgb <= 1.0)).all(axis=-1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low
