"""Light and colour of the built-in generator: what a topology, a palette and the scout make of a frame."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.generators import cppn_kernels as kernels
from avwalk.generators import cppn_shading as shading
from avwalk.generators.cppn_world import World
from avwalk.generators.palette import LUMINANCE, accent_colour, find_palette, shore_table

Vector = NDArray[np.float32]

TOPOLOGIES = {"relief": kernels.RELIEF, "void": kernels.VOID, "lines": kernels.LINES}
MATERIALS: dict[str, dict[int, float]] = {
    "relief": {
        shading.AMBIENT: 0.10, shading.KEY: 0.9, shading.GLOSS: 0.34, shading.FRESNEL: 0.7,
        shading.STUDIO: 1.5, shading.GLOW: 0.9, shading.GLOW_WIDTH: 0.005, shading.DARK: 0.008, shading.BRIGHT: 0.55,
    },
    "void": {
        shading.AMBIENT: 0.06, shading.KEY: 0.75, shading.GLOSS: 0.30, shading.FRESNEL: 0.5,
        shading.STUDIO: 1.6, shading.RIM: 1.6, shading.GLOW: 0.9, shading.DARK: 0.012, shading.BRIGHT: 0.42,
        shading.BACKDROP: 0.075, shading.DOME: 0.8,
    },
    "lines": {
        shading.AMBIENT: 0.12, shading.KEY: 1.0, shading.GLOSS: 0.2, shading.FRESNEL: 0.3,
        shading.STUDIO: 1.0, shading.GLOW: 0.8, shading.DARK: 0.02, shading.BRIGHT: 0.7,
        shading.N_LINES: 7.0, shading.LINE_LOW: 0.04, shading.LINE_HIGH: 0.9,
    },
}  # fmt: skip
"""Constants of the shading, by eye; see cppn_shading for what each does."""
OCCLUSION = {"relief": 1.5, "void": 0.8, "lines": 0.9}
KEY_ELEVATION = math.radians(42)
GRAIN_SIGMA = 1.1 / 255

DARK_POINT = (0.36, 0.03)
BRIGHT_POINT = (0.965, 0.62)
"""Quantile of the pixels, and the linear Y that it gets."""
DARK_ON_VOID = 0.40
"""The dark quantile where a body stands before a backdrop: much of the picture may be night."""
LIGHT = np.linspace(0.0, 8.0, 4001)
FILMIC = LIGHT * (2.51 * LIGHT + 0.03) / (LIGHT * (2.43 * LIGHT + 0.59) + 0.14)


@dataclass(frozen=True)
class Look:
    """What does not change from frame to frame.

    Attributes:
        topology: RELIEF, VOID or LINES.
        material: shading constants, (LOOK_SIZE,).
        table: palette in linear light, (TABLE · 8,).
        noise: of the grain, (NOISE_SIZE + 16384,), sigma 1.
        occlusion: strength of the shade in hollows.
        relief: gain on height: slopes of the 90th percentile are 40°.
        exposure: gain on light.
        toe: luminance below which light falls towards black (quadratically).
        points: luminance of the dark and the bright quantile of the world, which exposure and toe are laid
            through; None when the artist set the exposure, and it stays.
    """

    topology: int
    material: Vector
    table: Vector
    noise: Vector
    occlusion: float
    relief: float = 1.0
    exposure: float = 1.0
    toe: float = 0.0
    points: tuple[float, float] | None = None

    @classmethod
    def of(cls, topology: str, palette: str | Mapping[str, Any], accent: float) -> Look:
        """The look of a topology and a palette; ``accent`` scales what glows."""
        colours = find_palette(palette)
        material = np.zeros(shading.LOOK_SIZE, np.float32)
        for slot, value in MATERIALS[topology].items():
            material[slot] = value
        material[shading.ACCENT : shading.ACCENT + 3] = accent_colour(colours)
        material[shading.GLOW] *= accent
        table = np.zeros((shading.TABLE, 8), np.float32)
        table[:, :3] = shore_table(colours.base, shading.TABLE)
        table[:, 3:6] = shore_table(colours.companion, shading.TABLE)
        raw = np.random.default_rng(0x6121).standard_normal(shading.NOISE_SIZE + 16385).astype(np.float32)
        noise = 0.8 * raw[1:] + 0.6 * raw[:-1]  # neighbours alike: half the bits of white noise
        return cls(TOPOLOGIES[topology], material, table.ravel(), noise, OCCLUSION[topology])

    def exposed(self, dark: float, bright: float) -> Look:
        """This look with its tone curve laid through two luminances (log2, before exposure)."""
        if self.points is None:
            return self
        gain, toe = tone_curve(2.0**dark, 2.0**bright)
        return dataclasses.replace(self, exposure=gain, toe=toe)

    def coloured(self, saturation: float) -> Vector:
        """The palette's table, drawn towards grey of equal luminance."""
        if saturation >= 1.0:
            return self.table
        table = self.table.reshape(-1, 8).copy()
        for side in (slice(0, 3), slice(3, 6)):
            grey = table[:, side] @ LUMINANCE.astype(np.float32)
            table[:, side] = grey[:, None] + np.float32(saturation) * (table[:, side] - grey[:, None])
        return table.ravel()

    def frame_vector(self, params: Mapping[str, float], world: World, px: float) -> Vector:
        """All that shading needs of one frame, (LOOK_SIZE,) float32; px: size of a pixel in screen units."""
        k = self.material.copy()
        accent = k[shading.ACCENT : shading.ACCENT + 3]
        accent += np.float32(1 - params["palette.saturation"]) * (accent @ LUMINANCE.astype(np.float32) - accent)
        zoom = params["camera.zoom"]
        k[shading.SLOPE] = self.relief * zoom * params["cppn.height"]
        k[shading.PX] = px
        k[shading.GAIN] = self.exposure * params["light.gain"]
        azimuth = math.radians(params["light.azimuth"])
        flat = math.cos(KEY_ELEVATION)
        k[shading.LX : shading.LZ + 1] = (
            flat * math.cos(azimuth),
            -flat * math.sin(azimuth),
            math.sin(KEY_ELEVATION),
        )
        k[shading.HUE_SHIFT] = params["palette.shift"]
        k[shading.DOME] *= zoom * params["cppn.height"]
        k[shading.VIGNETTE] = params["vignette.amount"]
        k[shading.GRAIN] = params["grain.amount"] * GRAIN_SIGMA
        k[shading.BLOOM] = params["bloom.amount"]
        k[shading.TOE] = self.toe
        turn = math.radians(params["camera.angle"])
        dx, dy = 0.55 * world.subject[0] - params["camera.x"], 0.55 * world.subject[1] - params["camera.y"]
        k[shading.SPOT] = zoom * (math.cos(turn) * dx + math.sin(turn) * dy)
        k[shading.SPOT + 1] = zoom * (-math.sin(turn) * dx + math.cos(turn) * dy)
        k[shading.SPOT + 2] = 1.3
        return k


def quantiles(light: NDArray[np.float32], topology: int) -> tuple[float, float]:
    """Luminance of the dark and the bright point, before exposure, each > 0."""
    share = DARK_ON_VOID if topology == kernels.VOID else DARK_POINT[0]
    dark, bright = np.quantile(light, [share, BRIGHT_POINT[0]])
    return max(float(dark), 1e-4), max(float(bright), 2e-4)


def tone_curve(dark: float, bright: float) -> tuple[float, float]:
    """Gain and toe for which filmic(gain · l² / (l + toe)) takes the two luminances to their points."""
    e_dark, e_bright = np.interp([DARK_POINT[1], BRIGHT_POINT[1]], FILMIC, LIGHT)
    ratio = e_bright / e_dark * (dark / bright) ** 2
    toe = 3 * bright if ratio >= 1 else min(max((ratio * bright - dark) / (1 - ratio), 0.0), 3 * bright)
    return float(e_bright * (bright + toe) / bright**2), float(toe)
