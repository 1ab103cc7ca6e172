"""Colours by name, as points of OKLab.

The names of the XKCD survey and of CSS, as matplotlib has them, and pigments, dyes and stones that these lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_linear
from avwalk.arrays.oklab import linear_to_oklab, oklch_to_linear

Lab = tuple[float, float, float]
"""Lightness, green–red and blue–yellow of OKLab."""

MORE = {
    "alabaster": "#f2f0e6", "amethyst": "#9966cc", "argent": "#c0c4c8", "ash": "#b2beb5", "auburn": "#9a3001",
    "blond": "#faf0be", "blonde": "#faf0be", "brass": "#b5a642", "bronze": "#a87900", "buff": "#f0dc82",
    "cadmium": "#e30022", "carmine": "#9d0216", "celadon": "#ace1af", "chalk": "#f4f3ec", "cinnabar": "#e34234",
    "cobalt": "#0047ab", "cochineal": "#a02030", "copper": "#b66325", "ebony": "#1c1b1a", "emerald": "#01a049",
    "gamboge": "#e49b0f", "garnet": "#733635", "gilded": "#d4a933", "gilt": "#d4a933", "heliotrope": "#d94ff5",
    "honey": "#e8a317", "inky": "#14161f", "jade": "#1fa774", "jet": "#131314", "malachite": "#0bda51",
    "obsidian": "#16161d", "opal": "#a8c3bc", "pearl": "#eae0d2", "pewter": "#8e9195", "pitch": "#0d0c0b",
    "puce": "#a57e52", "ruby": "#ca0147", "russet": "#a13905", "sable": "#1d1713", "saffron": "#f4c430",
    "sapphire": "#2138ab", "scarlet": "#be0119", "smaragdine": "#4a9976", "snowy": "#f4f8fb", "tawny": "#c97b3c",
    "titian": "#bd5620", "topaz": "#ffbb5c", "turmeric": "#e0a52b", "verdant": "#3f8f3f", "vermeil": "#e0582b",
    "vermilion": "#f4320c", "viridian": "#1e9167", "walnut": "#5c4033", "xanthic": "#eeed09", "grey": "#929591",
    "gray": "#929591", "gold": "#dbb40c", "golden": "#e0ac1e", "silver": "#c5c9c7", "wooden": "#8a5a34",
}  # fmt: skip


def oklab_of(hex_colour: str) -> Lab:
    """``"#dbb40c"`` as a point of OKLab."""
    rgb = np.array([int(hex_colour[k : k + 2], 16) / 255 for k in (1, 3, 5)], np.float32)
    lab = linear_to_oklab(to_linear(rgb).astype(np.float64))
    return float(lab[0]), float(lab[1]), float(lab[2])


def from_lch(lightness: float, chroma: float, hue: float) -> Lab:
    """OKLCH as a point of OKLab; hue in degrees."""
    angle = np.deg2rad(hue)
    return lightness, float(chroma * np.cos(angle)), float(chroma * np.sin(angle))


@cache
def colour_names() -> dict[str, str]:
    """Name in lower case → ``"#rrggbb"``; names of up to three words."""
    from matplotlib.colors import CSS4_COLORS, XKCD_COLORS

    found = {name.lower(): value for name, value in CSS4_COLORS.items()}
    found |= {name.removeprefix("xkcd:").replace("/", " "): value for name, value in XKCD_COLORS.items()}
    return {name: str(value).lower() for name, value in {**found, **MORE}.items()}


def find_colour(words: Sequence[str]) -> str:
    """The colour that words name, ``"#rrggbb"``; empty if they name none. ``reddish`` and ``rosy`` are red and rose."""
    names = colour_names()
    if (whole := " ".join(words)) in names:
        return names[whole]
    *before, last = words
    for ending, instead in (("ish", ""), ("ish", "e"), ("y", ""), ("y", "e"), ("en", ""), ("en", "e"), ("tinted", "")):
        stem = last.removesuffix(ending) + instead
        if last.endswith(ending) and len(stem) >= 3:
            for root in (stem, stem[:-1] if stem[-1:] == stem[-2:-1] else stem):
                if (name := " ".join([*before, root])) in names:
                    return names[name]
    return ""


def linear_of(lab: Lab) -> NDArray[np.float64]:
    """Linear sRGB of a colour, clipped into the gamut."""
    lightness, chroma = np.array([lab[0]]), np.array([float(np.hypot(lab[1], lab[2]))])
    hue = np.array([np.rad2deg(np.arctan2(lab[2], lab[1]))])
    return np.asarray(np.clip(oklch_to_linear(lightness, chroma, hue)[0], 0.0, 1.0))
