"""Materials of the built-in generator: shading constants, palette and tone curve of a topology."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import shade_slots as slots
from avwalk.generators.cppn.structure import STRUCTURES, Structure, octaves
from avwalk.generators.cppn.world import World, view
from avwalk.generators.named_palettes import find_palette
from avwalk.generators.palette import Palette, accent_colour, ramp_table

Vector = NDArray[np.float32]

TOPOLOGIES = {
    "relief": layout.RELIEF,
    "void": layout.VOID,
    "lines": layout.LINES,
    "tunnel": layout.TUNNEL,
    "horizon": layout.HORIZON,
    "ink": layout.INK,
    "weave": layout.WEAVE,
    "coral": layout.CORAL,
    "nave": layout.NAVE,
}
MATERIALS: dict[str, dict[int, float]] = {
    "relief": {
        slots.AMBIENT: 0.10, slots.KEY: 0.9, slots.GLOSS: 0.34, slots.FRESNEL: 0.7,
        slots.STUDIO: 1.5, slots.GLOW: 0.9, slots.GLOW_WIDTH: 0.005, slots.DARK: 0.008, slots.BRIGHT: 0.55,
    },
    "void": {
        slots.AMBIENT: 0.06, slots.KEY: 0.75, slots.GLOSS: 0.30, slots.FRESNEL: 0.5,
        slots.STUDIO: 1.6, slots.RIM: 1.6, slots.GLOW: 0.9, slots.DARK: 0.012, slots.BRIGHT: 0.42,
        slots.BACKDROP: 0.12, slots.DOME: 0.8,
    },
    "lines": {
        slots.AMBIENT: 0.12, slots.KEY: 1.0, slots.GLOSS: 0.2, slots.FRESNEL: 0.3,
        slots.STUDIO: 1.0, slots.GLOW: 0.8, slots.DARK: 0.02, slots.BRIGHT: 0.7,
        slots.N_LINES: 7.0, slots.LINE_LOW: 0.04, slots.LINE_HIGH: 0.9,
    },
    "tunnel": {
        slots.AMBIENT: 0.05, slots.KEY: 0.9, slots.GLOSS: 0.5, slots.GLOW: 0.9, slots.GLOW_WIDTH: 0.006,
        slots.DARK: 0.06, slots.BRIGHT: 0.6, slots.DOME: 0.7,
    },
    "horizon": {
        slots.AMBIENT: 0.05, slots.KEY: 0.5, slots.GLOSS: 0.55, slots.FRESNEL: 0.3, slots.GLOW: 0.85,
        slots.DARK: 0.02, slots.BRIGHT: 0.4, slots.FAR: 0.5,
    },
    "ink": {
        slots.GLOW: 0.6, slots.DARK: 0.012, slots.BRIGHT: 0.5, slots.DOME: 1.7, slots.BACKDROP: 1.0, slots.RIM: 1.0,
    },
    "weave": {
        slots.GLOW: 0.8, slots.DARK: 0.012, slots.BRIGHT: 0.8, slots.DOME: 0.05, slots.N_LINES: 6.0,
    },
    "coral": {
        slots.AMBIENT: 0.09, slots.KEY: 0.9, slots.GLOSS: 0.16, slots.FRESNEL: 0.5, slots.STUDIO: 1.2,
        slots.RIM: 1.0, slots.GLOW: 0.8, slots.GLOW_WIDTH: 0.006, slots.DARK: 0.02, slots.BRIGHT: 0.7,
        slots.DOME: 0.07, slots.BACKDROP: 0.03,
    },
    "nave": {
        slots.AMBIENT: 0.05, slots.KEY: 0.9, slots.GLOSS: 0.3, slots.GLOW: 0.7, slots.DARK: 0.05, slots.BRIGHT: 0.75,
        slots.FAR: 0.05, slots.END: 0.2,
    },
}  # fmt: skip
"""Shading constants, set by eye; see `kernels.shading` for their use."""
OCCLUSION = {
    "relief": 1.5,
    "void": 0.8,
    "lines": 0.9,
    "tunnel": 0.9,
    "horizon": 0.3,
    "ink": 0.2,
    "weave": 0.2,
    "coral": 1.2,
    "nave": 1.2,
}
STEEP = {layout.TUNNEL: 1.3, layout.HORIZON: 0.6}
"""Slopes as they are on the wall or the ground, against those on the screen."""
FINISH = {
    slots.GLINT: "material.glint",
    slots.SUBSURFACE: "material.subsurface",
    slots.DISPERSION: "material.dispersion",
    slots.TUBES: "material.tubes",
    slots.FACETS: "material.facets",
    slots.GLASS: "material.glass",
    slots.CONTACT: "material.contact",
}
STEEPEST = 0.45
"""Slope of the fine structure's flanks at material.relief = 1."""
KEY_ELEVATION = math.radians(42)
GRAIN_SIGMA = 1.1 / 255

POINTS = ((0.36, 0.03), (0.965, 0.62))
"""Dark and bright point: quantile of the pixels, and the linear Y that it gets."""
POINTS_OF = {
    layout.VOID: ((0.42, 0.03), (0.965, 0.62)),  # a body before a backdrop: much of the picture may be night
    layout.CORAL: ((0.42, 0.012), (0.965, 0.62)),
    layout.INK: ((0.08, 0.03), (0.72, 0.70)),  # a light ground: most of the picture is paper
}
LIGHT = np.linspace(0.0, 8.0, 4001)
FILMIC = LIGHT * (2.51 * LIGHT + 0.03) / (LIGHT * (2.43 * LIGHT + 0.59) + 0.14)


@dataclass(frozen=True)
class Material:
    """Shading parameters that are constant over a film.

    Attributes:
        topology: one of those of `kernels.field_slots`.
        constants: of the shading, (SHADING_SIZE,).
        table: palette in linear light, (TABLE · 8,).
        noise: of the grain, (NOISE_SIZE + 16384,), sigma 1.
        occlusion: strength of the shade in hollows.
        relief: gain on height: slopes of the 90th percentile are 40°.
        exposure: gain on light.
        toe: luminance below which light falls towards black (quadratically).
        structure: fine structure of the surface; size: of its marks.
        points: luminance of the dark and the bright quantile of the world, which exposure and toe are fitted
            to; None where the artist set the exposure.
    """

    topology: int
    constants: Vector
    table: Vector
    noise: Vector
    occlusion: float
    structure: Structure = STRUCTURES["none"]
    size: float = 1.0
    relief: float = 1.0
    exposure: float = 1.0
    toe: float = 0.0
    points: tuple[float, float] | None = None

    @classmethod
    def of(
        cls, topology: str, palette: str | Mapping[str, Any], accent: float, structure: str = "none", size: float = 1.0
    ) -> Material:
        """The material of a topology and a palette; ``accent`` scales the glow, ``size`` the marks of a structure."""
        colours = find_palette(palette)
        material = np.zeros(slots.SHADING_SIZE, np.float32)
        for slot, value in MATERIALS[topology].items():
            material[slot] = value
        material[slots.ACCENT : slots.ACCENT + 3] = accent_colour(colours)
        material[slots.GLOW] *= accent
        return cls(
            TOPOLOGIES[topology], material, _table(colours), _noise(), OCCLUSION[topology], STRUCTURES[structure], size
        )

    def exposed(self, dark: float, bright: float) -> Material:
        """This material with its tone curve fitted to two luminances (log2, before exposure)."""
        if self.points is None:
            return self
        gain, toe = tone_curve(2.0**dark, 2.0**bright, self.topology)
        return dataclasses.replace(self, exposure=gain, toe=toe)

    def coloured(self, saturation: float) -> Vector:
        """The palette's table, desaturated towards grey of equal luminance."""
        if saturation >= 1.0:
            return self.table
        table = self.table.reshape(-1, 8).copy()
        for side in (slice(0, 3), slice(3, 6)):
            grey = table[:, side] @ LUMA
            table[:, side] = grey[:, None] + np.float32(saturation) * (table[:, side] - grey[:, None])
        return table.ravel()

    def frame_vector(self, params: Mapping[str, float], world: World, px: float) -> Vector:
        """The shading vector of one frame, (SHADING_SIZE,) float32; px: size of a pixel in screen units."""
        k = self.constants.copy()
        accent = k[slots.ACCENT : slots.ACCENT + 3]
        accent += np.float32(1 - params["palette.saturation"]) * (accent @ LUMA - accent)
        zoom = params["camera.zoom"]
        k[slots.SLOPE] = self.relief * zoom * params["cppn.height"] * STEEP.get(self.topology, 1.0)
        k[slots.PX] = px
        k[slots.GAIN] = self.exposure * params["light.gain"]
        azimuth = math.radians(params["light.azimuth"])
        flat = math.cos(KEY_ELEVATION)
        k[slots.LX : slots.LZ + 1] = (
            flat * math.cos(azimuth),
            -flat * math.sin(azimuth),
            math.sin(KEY_ELEVATION),
        )
        k[slots.HUE_SHIFT] = params["palette.shift"]
        if self.topology != layout.TUNNEL:
            k[slots.DOME] *= params["cppn.height"] * (1.0 if self.topology == layout.INK else zoom)
        k[slots.VIGNETTE] = params["vignette.amount"]
        k[slots.GRAIN] = params["grain.amount"] * GRAIN_SIGMA
        k[slots.BLOOM] = params["bloom.amount"]
        k[slots.TOE] = self.toe
        turn = math.radians(params["camera.angle"])
        x, y = world.focus(self.topology)
        dx, dy = x - params["camera.x"], y - params["camera.y"]
        k[slots.SPOT] = zoom * (math.cos(turn) * dx + math.sin(turn) * dy)
        k[slots.SPOT + 1] = zoom * (-math.sin(turn) * dx + math.cos(turn) * dy)
        k[slots.SPOT + 2] = 0.7
        k[slots.ZOOM] = zoom
        k[slots.VIEW : slots.LEVEL] = view(params)
        k[slots.LEVEL] = world.level
        self._finish(k, params, world)
        up = world.level - y
        far = math.sqrt(x * x + up * up + 1.1832**2)
        k[slots.SUN : slots.SUN + 3] = x / far, up / far, 1.1832 / far
        k[slots.SUN_SIZE] = world.land.size
        k[slots.PATCHES : slots.SEAS] = world.land.seas, world.land.crescent, world.land.ring
        k[slots.SEAS] = world.land.near[3]  # any number of the world's own
        if self.topology == layout.LINES:
            k[slots.BACKDROP] = float(world.mirrors > 1)  # between mirrors lines are the leads of a window
        if self.topology == layout.TUNNEL and world.bright:
            k[slots.END] = 1.2
        if self.topology == layout.NAVE and world.bright:
            k[slots.FAR], k[slots.END] = 1.3, 0.5
        return k

    def _finish(self, k: Vector, params: Mapping[str, float], world: World) -> None:
        """What the surface does with light, into the shading vector."""
        made = self.structure
        if made.kind:
            relief = params["material.relief"]
            k[slots.STRUCTURE], k[slots.DEEP], k[slots.STAIN] = STEEPEST * relief, made.deep * relief, made.stain
            k[slots.OCTAVES : slots.SOFT] = octaves(made, self.size, params, world, self.topology)
        k[slots.SOFT] = 0.03 + 0.14 * params["material.roughness"]
        k[slots.RIM] *= params["material.rim"]
        k[slots.FRESNEL] *= params["material.rim"]
        for slot, name in FINISH.items():
            k[slot] = params[name]


def quantiles(light: NDArray[np.float32], topology: int) -> tuple[float, float]:
    """Luminance of the dark and the bright point, before exposure, each > 0."""
    shares = [share for share, _ in POINTS_OF.get(topology, POINTS)]
    dark, bright = np.quantile(light, shares)
    return max(float(dark), 1e-4), max(float(bright), 2e-4)


def tone_curve(dark: float, bright: float, topology: int) -> tuple[float, float]:
    """Gain and toe for which filmic(gain · l² / (l + toe)) takes the two luminances to their points."""
    e_dark, e_bright = _exposures(topology)
    ratio = e_bright / e_dark * (dark / bright) ** 2
    toe = 3 * bright if ratio >= 1 else min(max((ratio * bright - dark) / (1 - ratio), 0.0), 3 * bright)
    return e_bright * (bright + toe) / bright**2, toe


@cache
def _exposures(topology: int) -> tuple[float, float]:
    """Light that is shown as dark as the dark point, and as bright as the bright one."""
    e_dark, e_bright = np.interp([y for _, y in POINTS_OF.get(topology, POINTS)], FILMIC, LIGHT)
    return float(e_dark), float(e_bright)


@lru_cache(maxsize=64)
def _table(colours: Palette) -> Vector:
    table = np.zeros((slots.TABLE, 8), np.float32)
    table[:, :3] = ramp_table(colours.base, slots.TABLE)
    table[:, 3:6] = ramp_table(colours.companion, slots.TABLE)
    return table.ravel()


@cache
def _noise() -> Vector:
    raw = np.random.default_rng(0x6121).standard_normal(slots.NOISE_SIZE + 16385).astype(np.float32)
    noise: Vector = 0.8 * raw[1:] + 0.6 * raw[:-1]  # neighbours alike: half the bits of white noise
    return noise
