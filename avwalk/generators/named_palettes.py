"""Palettes by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avwalk.errors import OptionError, did_you_mean
from avwalk.generators.palette import HueRamp, Palette
from avwalk.generators.palette_in_key import in_key, parts_of

PALETTES: dict[str, Palette] = {
    "ember": Palette(HueRamp((12, 40, 74), 0.20), HueRamp((350, 378, 410), 0.17), (0.80, 0.17, 78)),
    "abyss": Palette(HueRamp((262, 232, 205), 0.14), HueRamp((286, 262, 232), 0.16), (0.84, 0.14, 186)),
    "ultraviolet": Palette(HueRamp((292, 306, 334), 0.21), HueRamp((268, 282, 300), 0.20), (0.86, 0.19, 158)),
    "bone": Palette(HueRamp((42, 62, 84), 0.045), HueRamp((236, 256, 276), 0.035), (0.63, 0.19, 34)),
    "verdigris": Palette(HueRamp((215, 182, 156), 0.10), HueRamp((160, 140, 110), 0.10), (0.76, 0.15, 62)),
    "orchid": Palette(HueRamp((325, 352, 386), 0.18), HueRamp((284, 312, 344), 0.17), (0.86, 0.13, 88)),
    "aurora": Palette(HueRamp((226, 194, 166), 0.15), HueRamp((300, 292, 322), 0.17), (0.90, 0.15, 122)),
    "gilt": Palette(HueRamp((52, 76, 96), 0.12), HueRamp((268, 250, 226), 0.07), (0.72, 0.18, 44)),
    "moss": Palette(HueRamp((158, 136, 108), 0.11), HueRamp((112, 92, 76), 0.09), (0.80, 0.16, 84)),
    "petrol": Palette(HueRamp((232, 210, 190), 0.10), HueRamp((28, 50, 72), 0.15), (0.78, 0.16, 58)),
    "carmine": Palette(HueRamp((8, 22, 46), 0.20), HueRamp((272, 264, 250), 0.06), (0.88, 0.11, 92)),
    "neon": Palette(HueRamp((300, 332, 356), 0.22), HueRamp((258, 226, 200), 0.16), (0.90, 0.17, 130)),
    "graphite": Palette(HueRamp((262, 254, 232), 0.022), HueRamp((40, 52, 76), 0.022), (0.66, 0.22, 28)),
    "sumi": Palette(HueRamp((42, 66, 92), 0.035, 1.3), HueRamp((266, 250, 226), 0.045, 1.3), (0.58, 0.21, 31)),
    "indigo": Palette(HueRamp((272, 256, 222), 0.13, 1.5), HueRamp((292, 268, 240), 0.11, 1.5), (0.66, 0.19, 40)),
    "madder": Palette(HueRamp((8, 24, 66), 0.15, 1.5), HueRamp((196, 214, 250), 0.09, 1.5), (0.42, 0.10, 210)),
    "dusk": Palette(HueRamp((338, 370, 398), 0.16), HueRamp((284, 266, 240), 0.13), (0.80, 0.17, 62)),
    "midnight": Palette(HueRamp((276, 264, 238), 0.15, 0.6), HueRamp((264, 242, 212), 0.13, 0.6), (0.87, 0.13, 76)),
    "amethyst": Palette(HueRamp((290, 300, 318), 0.15, 0.6), HueRamp((276, 266, 246), 0.14, 0.6), (0.88, 0.12, 66)),
    "spruce": Palette(HueRamp((232, 206, 184), 0.10, 0.6), HueRamp((262, 246, 220), 0.11, 0.6), (0.84, 0.15, 58)),
    "garnet": Palette(HueRamp((344, 368, 398), 0.13, 0.6), HueRamp((296, 282, 262), 0.13, 0.6), (0.90, 0.12, 84)),
    "sakura": Palette(HueRamp((346, 362, 376), 0.15, 0.8), HueRamp((300, 280, 250), 0.06, 1.3), (0.66, 0.19, 6)),
    "laser": Palette(HueRamp((266, 232, 204), 0.20, 0.5), HueRamp((316, 340, 358), 0.24, 0.5), (0.92, 0.16, 100)),
    "token": Palette(HueRamp((24, 46, 86), 0.20, 0.5), HueRamp((288, 318, 348), 0.23, 0.5), (0.90, 0.13, 200)),
    "poster": Palette(HueRamp((26, 36, 84), 0.19), HueRamp((246, 228, 188), 0.12), (0.88, 0.15, 96)),
}


def find_palette(name: str | Mapping[str, Any]) -> Palette:
    """The palette of that name, such as ``"ember"`` or ``"ember in A minor 0.42"``, or a custom one from values:
    ``base``, ``companion`` (``hues``, ``chroma``, ``gamma``), ``accent``.

    Raises:
        OptionError: no such palette.
    """
    if not isinstance(name, str):
        base, companion = (
            HueRamp(tuple(shore["hues"]), shore["chroma"], shore["gamma"])
            for shore in (name["base"], name["companion"])
        )
        return Palette(base, companion, tuple(name["accent"]))
    if name not in PALETTES:
        if (parts := parts_of(name)) and parts[0] in PALETTES:
            return in_key(PALETTES[parts[0]], *parts[1:])
        known = ", ".join(PALETTES)
        raise OptionError(f"palette '{name}' is unknown{did_you_mean(name, PALETTES)}; choose from {known}")
    return PALETTES[name]
