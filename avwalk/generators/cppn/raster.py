"""Rasterises one picture on the CPU: grids, spline weights and scratch memory of a size, and the order of kernels."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn import coral, nave
from avwalk.generators.cppn.endless_zoom import at_depth
from avwalk.generators.cppn.kernels import bloom, marching, shading, shadows
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import fields as kernels
from avwalk.generators.cppn.kernels import shade_slots as slots
from avwalk.generators.cppn.material import Material
from avwalk.generators.cppn.structure import is_wound
from avwalk.generators.cppn.world import World, view

Vector = NDArray[np.float32]
BLOOM_SHARES = (0.34, 0.26, 0.19, 0.13, 0.08)
STAMPED = 0.6
"""How far a picture in the world is from its middle, of the way to the subject's place: it is not to be cut."""
SHADOWED = (layout.RELIEF, layout.LINES, layout.VOID)
"""Topologies whose forms cast shadows on each other: those seen from the front."""
SHADOW, SHADOW_REACH = 0.85, 0.04
"""Of material.contact = 1: share of the light that goes; and from sample to sample, half-heights of the world."""
SWELL = 0.7
"""How much wider the ridges of a coral are with all detail than with half of it, on the scale of its pattern."""
BLOOM_LIGHT = 0.11
"""Share of the weighted light that bloom.amount = 1 spreads: 4 to 8 % of all light, measured."""


@dataclass
class _Scratch:
    """Scratch memory, one per thread and size."""

    fields: NDArray[np.float32]
    blurred: NDArray[np.float32]
    ring: NDArray[np.float32]
    buf: NDArray[np.float32]
    light: NDArray[np.float32]
    pyramid: list[NDArray[np.float32]]


class Row(NamedTuple):
    """A frame to draw: its exposed material, latent position, every target of the generator, seed of its grain."""

    material: Material
    latent: Vector
    params: Mapping[str, float]
    salt: int


class Canvas:
    """Grids, weights and scratch memory of one picture size.

    Args:
        width: of the picture, pixels.
        height: of the picture, pixels.
        topology: one of those of `kernels.field_slots`. Ink is smooth and its nodes cost twice as much: its grid is
            coarser (SSIM to the finer grid 0.994 and more).
    """

    def __init__(self, width: int, height: int, topology: int) -> None:
        self.width, self.height = width, height
        # screen units: half the height of the 16:9 picture of equal area, so that 9:16 shows as much
        self.px = 2.0 / np.sqrt(width * height * 9 / 16)
        coarse = topology in (layout.INK, layout.NAVE)
        self.step = max(1, round((0.0110 if coarse else 0.0082) / self.px))
        self.cells = (-(-width // self.step), -(-height // self.step))
        self.half = (width / 2 * float(self.px), height / 2 * float(self.px))
        self.planes = layout.N_PLANES + (topology == layout.NAVE)  # one for the numbers of the frame
        tile = layout.TILE
        self.grid = (self.cells[1] + 3, -(-(self.cells[0] + 3) // tile) * tile)
        self.wide = -(-((self.grid[1] - 3) * self.step) // slots.TILE) * slots.TILE
        node_x = (np.arange(self.grid[1]) - 1) * self.step
        node_y = (np.arange(self.grid[0]) - 1) * self.step
        self.node_columns, self.node_rows = self._units(node_x, width), self._units(node_y, height)
        self.columns = self._units(np.arange(self.wide), width)
        self.rows = self._units(np.arange(height), height)
        self.weights, self.node_weights = spline_weights(self.step), spline_weights(1)
        self.light_shape = (self.grid[0] - 3, self.grid[1] - 3)
        tiled = -(-self.light_shape[1] // slots.TILE) * slots.TILE
        self.light_columns = self._units(np.arange(tiled) * self.step, width)
        self.light_rows = self._units(np.arange(self.light_shape[0]) * self.step, height)
        bloom_width = -(-self.light_shape[1] // 2)
        v = np.clip((np.arange(self.wide) / self.step - 0.5) / 2, 0, bloom_width - 1)
        self.glare_at = v.astype(np.int32)
        self.glare_share = (v - self.glare_at).astype(np.float32)
        self._local = threading.local()

    def _units(self, pixels: NDArray[np.int64], size: int) -> NDArray[np.float32]:
        units: NDArray[np.float32] = ((pixels + 0.5 - size / 2) * self.px).astype(np.float32)
        return units

    @property
    def scratch(self) -> _Scratch:
        """This thread's scratch memory."""
        held: _Scratch | None = getattr(self._local, "scratch", None)
        if held is None:
            h, w = self.light_shape
            pyramid = []
            for _ in range(5):
                h, w = -(-h // 2), -(-w // 2)
                pyramid.append(np.zeros((h, w * 3), np.float32))
            held = _Scratch(
                fields=np.zeros((self.planes, *self.grid), np.float32),
                blurred=np.zeros(self.grid, np.float32),
                ring=np.zeros((4 * slots.STRETCHED + 9) * max(self.wide, len(self.light_columns)), np.float32),
                buf=np.zeros(max(layout.SCRATCH_SLOTS * layout.TILE, slots.SHADE_SLOTS * slots.TILE), np.float32),
                light=np.zeros((self.light_shape[0], self.light_shape[1] * 3), np.float32),
                pyramid=pyramid,
            )
            self._local.scratch = held
        return held


def spline_weights(step: int) -> NDArray[np.float32]:
    """Uniform cubic B-spline between nodes ``step`` pixels apart: (2, step, 4), values and slopes per node."""
    t = np.arange(step) / step
    value = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    slope = np.stack([-((1 - t) ** 2), 3 * t**2 - 4 * t, -3 * t**2 + 2 * t + 1, t**2], axis=1) / 2
    return np.stack([value, slope]).astype(np.float32)


def paint(
    canvas: Canvas,
    world: World,
    material: Material,
    latent: NDArray[np.float32],
    params: Mapping[str, float],
    out: NDArray[np.float32],
    salt: int,
) -> None:
    """Draws one picture into ``out`` (height, width, 3), float32 sRGB.

    Args:
        canvas: of the size of ``out``.
        world: weights and waves.
        material: shading.
        latent: (LATENT_DIM,).
        params: every target of the generator.
        out: where to.
        salt: seed of this frame's grain.
    """
    draw_grid(canvas, world, material, latent, params)
    paint_grid(canvas, world, material, params, out, salt)


def paint_grid(
    canvas: Canvas, world: World, material: Material, params: Mapping[str, float], out: NDArray[np.float32], salt: int
) -> None:
    """Shades the fields in this thread's scratch memory into ``out``."""
    s = canvas.scratch
    material = dataclasses.replace(material, table=material.coloured(params["palette.saturation"]))
    vector = material.frame_vector(params, world, canvas.px)
    if vector[slots.BLOOM] > 0:
        _spread(canvas, material, vector)
    else:
        s.pyramid[0][:] = 0
    _shade(canvas, material, vector, int(is_wound(world, material.topology)), out, salt & 0x7FFFFFFF)


def draw_grid(
    canvas: Canvas, world: World, material: Material, latent: NDArray[np.float32], params: Mapping[str, float]
) -> NDArray[np.float32]:
    """The fields of a frame on the canvas's grid, with occlusion: this thread's scratch, (N_PLANES, rows, columns)."""
    s = canvas.scratch
    draw_form(canvas, world, material, latent, params)
    kernels.occlude(
        s.fields, s.blurred, occlusion_radius(canvas), np.float32(material.occlusion * params["cppn.height"])
    )
    if (strength := params["material.contact"]) > 0 and material.topology in SHADOWED:
        x, y, distance, gain = shadow_of(canvas, material, params)
        shadows.shadow(s.fields, s.blurred, x, y, distance, gain, np.float32(SHADOW * strength))
    return s.fields


def shadow_of(canvas: Canvas, material: Material, params: Mapping[str, float]) -> Vector:
    """Of the shadows that forms cast: nodes to the first sample, right and down; half-heights to it; gain on height."""
    zoom, azimuth = params["camera.zoom"], math.radians(params["light.azimuth"])
    distance = SHADOW_REACH * zoom
    nodes = distance / (canvas.px * canvas.step)
    gain = material.relief * zoom * params["cppn.height"]
    return np.array([nodes * math.cos(azimuth), -nodes * math.sin(azimuth), distance, gain], np.float32)


def draw_form(
    canvas: Canvas, world: World, material: Material, latent: NDArray[np.float32], params: Mapping[str, float]
) -> NDArray[np.float32]:
    """The fields of a frame without occlusion."""
    s = canvas.scratch
    world = at_depth(world, params["camera.depth"], material.topology)
    if material.topology == layout.NAVE:
        s.fields[layout.N_PLANES, 0, : marching.PLACE_SIZE] = nave.place_of(world, latent, params)
        marching.march(s.fields, canvas.node_columns, canvas.node_rows, np.array(view(params), np.float32), s.ring)
    elif material.topology == layout.CORAL:
        style = coral.Style.of(world.origin)
        nodes = coral.grid(canvas.half, style.spacing, params["camera.zoom"])
        fields = np.empty((layout.N_PLANES, len(nodes.rows), len(nodes.columns)), np.float32)
        _draw_fields(fields, s.buf, nodes.columns, nodes.rows, world, material, latent, params)
        coral.grow(fields[: layout.N_FIELDS], style, SWELL * (params["cppn.detail"] - 0.5))
        coral.read(fields, nodes, canvas.node_columns, canvas.node_rows, s.fields)
    else:
        _draw_fields(s.fields, s.buf, canvas.node_columns, canvas.node_rows, world, material, latent, params)
    return s.fields


def _draw_fields(
    fields: NDArray[np.float32],
    buf: Vector,
    columns: Vector,
    rows: Vector,
    world: World,
    material: Material,
    latent: NDArray[np.float32],
    params: Mapping[str, float],
) -> None:
    """What the network says at nodes, and the picture that is pressed into it."""
    topology = material.topology
    frame = world.frame_vector(latent, params, topology)
    kernels.draw_fields(fields, world.net, frame, columns, rows, buf, topology, world.mirrors, int(world.polar))
    if world.stamp is not None:
        xx, xy, x0, yx, yy, y0 = view(params)
        x, y = columns[None], rows[:, None]
        middle_x, middle_y = (STAMPED * side for side in world.focus(topology))
        at = np.stack([xx * x + xy * y + x0 - middle_x, yx * x + yy * y + y0 - middle_y]).astype(np.float32)
        world.stamp.press(fields[: layout.N_FIELDS], at, material.relief)


def occlusion_radius(canvas: Canvas) -> int:
    """Radius of the occlusion, grid nodes."""
    radius: int = round(0.07 / (canvas.step * canvas.px))
    return max(1, radius)


def raw_light(canvas: Canvas, world: World, material: Material, params: Mapping[str, float]) -> NDArray[np.float32]:
    """Luminance before exposure of the fields drawn last, on the grid: (rows, columns), valid until the next frame."""
    vector = material.frame_vector(params, world, canvas.px * canvas.step)
    _shade_grid(canvas, material, vector, 2)
    return canvas.scratch.light[:, : 3 * canvas.cells[0] : 3]  # the rest of the grid is outside of the picture


def is_cut_glass(vector: Vector) -> int:
    """1 where a shading vector asks for facets or glass."""
    return int(vector[slots.FACETS] > 0 or vector[slots.GLASS] > 0)


def _shade(canvas: Canvas, material: Material, vector: Vector, wound: int, out: NDArray[np.float32], salt: int) -> None:
    s = canvas.scratch
    shading.shade(
        out.reshape(canvas.height, -1), s.fields, vector, material.table, s.pyramid[0], canvas.weights, canvas.columns,
        canvas.rows, canvas.glare_at, canvas.glare_share, material.noise, s.ring, s.buf, canvas.step, material.topology,
        salt, 1, material.structure.kind, wound, is_cut_glass(vector),
    )  # fmt: skip


def _shade_grid(canvas: Canvas, material: Material, vector: Vector, finished: int) -> None:
    """The grid itself, a pixel per cell, into the scratch memory's light; too coarse for fine structure."""
    s = canvas.scratch
    shading.shade(
        s.light, s.fields, vector, material.table, s.pyramid[0], canvas.node_weights, canvas.light_columns,
        canvas.light_rows, canvas.glare_at, canvas.glare_share, material.noise, s.ring, s.buf, 1, material.topology, 0,
        finished, 0, 0, is_cut_glass(vector),
    )  # fmt: skip


def _spread(canvas: Canvas, material: Material, vector: Vector) -> None:
    """Bloom: the grid is shaded, and its light spread over five octaves into ``pyramid[0]``."""
    s = canvas.scratch
    coarse = vector.copy()
    coarse[slots.PX] = canvas.px * canvas.step
    _shade_grid(canvas, material, coarse, 0)
    bloom.halve(s.light, s.pyramid[0])
    for fine, coarser in pairwise(s.pyramid):
        bloom.halve(fine, coarser)
    strength = [np.float32(share * BLOOM_LIGHT * float(vector[slots.BLOOM])) for share in BLOOM_SHARES]
    bloom.raise_onto(s.pyramid[4], s.pyramid[3], strength[3], strength[4])
    for level in (2, 1, 0):
        bloom.raise_onto(s.pyramid[level + 1], s.pyramid[level], strength[level], np.float32(1))
