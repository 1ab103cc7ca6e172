"""Exact optical flow of the built-in generator: camera, dive, and streaming of tunnels and grounds, in closed form.

Motion of the waves, of the latent position and of ink has no closed-form inverse and is left out; likewise wallpaper
cells in the plane, each of which zooms into its own centre. Of a horizon, only the ground approaches. Lights do not
move.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels.frame_vector import OCTAVE
from avwalk.generators.cppn.kernels.maps import ALONG, CORE, EYE, LENS
from avwalk.generators.cppn.raster import Canvas
from avwalk.generators.cppn.world import DIVE_DIRECTIONS, FLOW_DIRECTIONS, World, mirrors, view

Array = NDArray[np.float64]
MOVES = ("camera.zoom", "camera.x", "camera.y", "camera.angle", "camera.depth", "cppn.phase")


def flow(
    canvas: Canvas,
    world: World,
    topology: int,
    now: Mapping[str, float],
    before: Mapping[str, float],
) -> NDArray[np.float32]:
    """Pixels to the right and downwards, (H, W, 2): what is at p was at p + flow in the frame before.

    Args:
        canvas: of the picture's size.
        world: as at rest.
        topology: one of those of `kernels.field_slots`.
        now: every target of the generator.
        before: the same of the frame before.
    """
    if all(now[name] == before[name] for name in MOVES):
        return np.zeros((canvas.height, canvas.width, 2), np.float32)
    sx, sy = canvas.columns[: canvas.width].astype(np.float64)[None], canvas.rows.astype(np.float64)[:, None]
    xx, xy, x0, yx, yy, y0 = view(now)
    x, y = xx * sx + xy * sy + x0, yx * sx + yy * sy + y0
    u, v = _traced_back(world, topology, x, y, now, before)
    xx, xy, x0, yx, yy, y0 = view(before)
    u, v, scale = u - x0, v - y0, xx * yy - xy * yx
    u, v = (yy * u - xy * v) / scale, (xx * v - yx * u) / scale
    return np.stack([u - sx, v - sy], axis=2).astype(np.float32) / np.float32(canvas.px)


def _traced_back(
    world: World, topology: int, x: Array, y: Array, now: Mapping[str, float], before: Mapping[str, float]
) -> tuple[Array, Array]:
    """World coordinates in the previous frame of the points now at (x, y)."""
    dived = now["camera.depth"] - before["camera.depth"]
    streamed = now["cppn.phase"] - before["cppn.phase"]
    if topology == layout.HORIZON:
        along = FLOW_DIRECTIONS[topology][0][1] * streamed + DIVE_DIRECTIONS[topology][1] * dived
        return _nearer(x, y, world.level, along / float(ALONG))
    if topology == layout.WEAVE and not world.polar:
        return x, y
    cx, cy = world.focus(topology)
    x, y = x - cx, y - cy
    if topology not in (layout.TUNNEL, layout.NAVE) and not world.polar:
        grown = 2.0**-dived
        return cx + grown * x, cy + grown * y
    (inwards, turned), _ = FLOW_DIRECTIONS.get(topology, ((0.0, 0.0), 0.0))
    inwards = inwards * streamed - OCTAVE * dived
    around = turned * streamed * _handed(world, x + cx, y + cy)
    r2 = x * x + y * y
    share = np.sqrt(np.maximum((r2 + CORE**2) * math.exp(2 * inwards) - CORE**2, 0) / np.maximum(r2, 1e-12))
    c, s = np.cos(around), np.sin(around)
    return cx + share * (c * x - s * y), cy + share * (s * x + c * y)


def _nearer(x: Array, y: Array, level: float, away: float) -> tuple[Array, Array]:
    """Ground points moved away by a distance; nothing passes the horizon."""
    v = y - level
    here = EYE / np.sqrt(v * v + LENS**2)
    there = np.clip(here + away, 1e-3, EYE / LENS)
    below = np.sqrt(np.maximum((EYE / there) ** 2 - LENS**2, 0))
    return np.where(v > 0, x * here / there, x), np.where(v > 0, level + below, y)


def _handed(world: World, x: Array, y: Array) -> Array:
    """Handedness of each point: −1 after an odd number of reflections, else 1."""
    hand = np.ones(np.broadcast(x, y).shape)
    for nx, ny in mirrors(world.mirrors)[: world.mirrors]:
        d = x * nx + y * ny
        seen = d < 0
        hand = np.where(seen, -hand, hand)
        x, y = np.where(seen, x - 2 * d * nx, x), np.where(seen, y - 2 * d * ny, y)
    return hand
