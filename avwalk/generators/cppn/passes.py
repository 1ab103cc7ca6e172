"""Per-pixel passes of the built-in generator: depth, normal, subject mask and flow.

Computed from the same fields as the picture, before occlusion, light and colour; in numpy, since passes are rendered
offline. See `avwalk.contracts.RendersPasses` for ranges and signs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.generators.cppn.flow import flow
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import marching
from avwalk.generators.cppn.kernels import shade_slots as slots
from avwalk.generators.cppn.kernels.maps import ACROSS, ALONG, CORE, EYE, LENS
from avwalk.generators.cppn.material import Material
from avwalk.generators.cppn.raster import Canvas, draw_form
from avwalk.generators.cppn.world import World

Plane = NDArray[np.float32]
NEAR = 2.4  # of a tunnel: radius that is as near as can be, half-heights
GROUND = 0.3  # of a horizon: the same in distances of the ground
MIST = float(marching.MIST)
RIDGE = 0.97  # depth of what stands before the sky


class SurfaceFields(NamedTuple):
    """Fields of a frame at every pixel, each (H, W): height and its slopes, tone, gate of the subject, field 3 (what
    lines follow, inside of a body, land, ink) and its slopes; slopes per half-height, to the right and downwards.
    """

    height: Plane
    gx: Plane
    gy: Plane
    tone: Plane
    gate: Plane
    inside: Plane
    dx: Plane
    dy: Plane


def render_passes(
    canvas: Canvas,
    world: World,
    material: Material,
    latent: NDArray[np.float32],
    now: Mapping[str, float],
    before: Mapping[str, float],
    names: Sequence[str],
    heights: tuple[float, float],
) -> dict[str, Plane]:
    """Renders the requested passes of a frame.

    Args:
        canvas: of the picture's size.
        world: as at rest.
        material: its shading.
        latent: (LATENT_DIM,).
        now: every target of the generator.
        before: the same of the frame before.
        names: of the requested passes.
        heights: low and high of the world's relief, for its depth.
    """
    found = {}
    if set(names) - {"flow"}:
        form = _form(canvas, draw_form(canvas, world, material, latent, now))
        k = material.frame_vector(now, world, canvas.px)
        if "depth" in names:
            found["depth"] = depth(canvas, form, k, material, heights)
        if "normal" in names:
            found["normal"] = normal(canvas, form, k, material.topology)
        if "mask" in names:
            found["mask"] = mask(canvas, form, k, material.topology)
    if "flow" in names:
        found["flow"] = flow(canvas, world, material.topology, now, before)
    return found


def _form(canvas: Canvas, fields: NDArray[np.float32]) -> SurfaceFields:
    """The grid evaluated through its spline, as in shading."""
    value, slope = canvas.weights[0], canvas.weights[1] / np.float32(canvas.step * canvas.px)

    def read(field: int, down: Plane, across: Plane) -> Plane:
        rows = _along(fields[field], down)[: canvas.height]
        return np.ascontiguousarray(_along(rows.T, across)[: canvas.width].T)

    return SurfaceFields(
        read(0, value, value),
        read(0, value, slope),
        read(0, slope, value),
        read(1, value, value),
        read(2, value, value),
        read(3, value, value),
        read(3, value, slope),
        read(3, slope, value),
    )


def _along(nodes: Plane, weights: Plane) -> Plane:
    """Values between nodes of the first axis, weights (step, 4)."""
    step, n = len(weights), len(nodes) - 3
    out = np.empty((n * step, *nodes.shape[1:]), np.float32)
    for p, (a, b, c, d) in enumerate(weights):
        out[p::step] = a * nodes[:n] + b * nodes[1 : n + 1] + c * nodes[2 : n + 2] + d * nodes[3:]
    return out


def mask(canvas: Canvas, form: SurfaceFields, k: Plane, topology: int) -> Plane:
    """The body, the ink, the land, or the weight of the subject; (H, W) in [0, 1], edges a pixel wide."""
    if topology in (layout.VOID, layout.HORIZON, layout.CORAL):
        steep = np.sqrt(form.dx**2 + form.dy**2 + 1e-4)
        return np.asarray(np.clip(form.inside / (steep * k[slots.PX]) + 0.5, 0, 1), np.float32)
    if topology == layout.INK:
        return _ramp(-0.14, 0.02 + 0.6 * np.clip(form.tone, 0, 1), form.inside)
    if topology == layout.NAVE:  # what the mist does not hide, see `kernels.marching`
        far = np.float32(MIST) * np.exp(-form.height)
        return np.asarray(1 / (1 + far * far), np.float32)
    if topology == layout.TUNNEL:  # where all of the wall meets there is none
        x, y = _from_spot(canvas, k)
        r2 = x * x + y * y
        return np.asarray(np.clip(form.gate, 0, 1) * (r2 / (r2 + CORE**2)), np.float32)
    return np.clip(form.gate, 0, 1)


def depth(canvas: Canvas, form: SurfaceFields, k: Plane, material: Material, heights: tuple[float, float]) -> Plane:
    """0 near to 1 far, (H, W); monotone along every line of sight, the same for the same world."""
    low, high = heights
    raised = 0.5 + 0.5 * np.tanh(2 * ((form.height - low) / max(high - low, 1e-6) - 0.5))
    if material.topology == layout.VOID:
        crown = 2 * k[slots.DOME] * np.sqrt(np.maximum(form.inside, 0) + 0.002)  # what the shading's slopes belong to
        z = (crown + k[slots.SLOPE] * (form.height - (low + high) / 2)) / k[slots.ZOOM]
        found = np.where(form.inside > 0, 0.475 - 0.475 * np.tanh((z - 0.9) / 0.9), 1.0)
    elif material.topology == layout.TUNNEL:
        x, y = _from_spot(canvas, k)
        found = np.log(NEAR / np.sqrt(x * x + y * y + CORE**2)) / math.log(NEAR / CORE) - 0.08 * (raised - 0.5)
    elif material.topology == layout.HORIZON:
        _, v = _on_the_ground(canvas, k)
        away = EYE / np.sqrt(v * v + LENS**2)
        found = 0.95 * np.log(away / GROUND) / math.log(EYE / LENS / GROUND)
        found = np.where(v < 0, RIDGE, found)
        found = np.where(form.inside > 0, found, 1.0)
    elif material.topology == layout.INK:
        found = 1 - mask(canvas, form, k, material.topology) * (0.35 + 0.5 * raised)
    elif material.topology == layout.WEAVE:
        n = k[slots.N_LINES]
        per_px = 0.40 * n * np.sqrt(form.dx**2 + form.dy**2 + 1e-4) * k[slots.PX]
        at = (0.55 + 0.40 * form.inside) * n
        sheet = np.floor(at) + np.clip((at - np.floor(at) - 1) / per_px + 1, 0, 1)
        found = 1 - sheet / (1.3 * n)
    else:
        found = 1 - raised
    return np.clip(found, 0, 1).astype(np.float32)


def normal(canvas: Canvas, form: SurfaceFields, k: Plane, topology: int) -> Plane:
    """Unit vectors, (H, W, 3): to the right, upwards, to the viewer; of the surface that the light falls on."""
    gx, gy = k[slots.SLOPE] * form.gx, k[slots.SLOPE] * form.gy
    if topology == layout.WEAVE:
        gx, gy = np.zeros_like(gx), np.zeros_like(gy)
    elif topology == layout.VOID:
        bulge = k[slots.DOME] / np.sqrt(np.maximum(form.inside, 0) + 0.002)
        body = form.inside > 0
        gx, gy = (np.where(body, gx + bulge * form.dx, 0), np.where(body, gy + bulge * form.dy, 0))
    elif topology == layout.TUNNEL:
        x, y = _from_spot(canvas, k)
        r2 = x * x + y * y
        r = np.sqrt(r2 + CORE**2)
        clear = r2 / r  # of relief, which would all meet in a point: r² / (r² + ε²) of r
        gx, gy = gx * clear + k[slots.DOME] * x / r, gy * clear + k[slots.DOME] * y / r
    elif topology == layout.HORIZON:
        return _ground_normal(canvas, form, k, gx, gy)
    found = np.stack([-gx, gy, np.ones_like(gx)], axis=2)
    return np.asarray(found / np.linalg.norm(found, axis=2, keepdims=True), np.float32)


def _ground_normal(canvas: Canvas, form: SurfaceFields, k: Plane, sx: Plane, sy: Plane) -> Plane:
    """Of the ground, seen by a camera that may be turned; ridge and sky face the viewer. Formulas: `kernels.places`."""
    xx, xy, _, yx, yy, _ = k[slots.VIEW : slots.LEVEL]
    wx, v = _on_the_ground(canvas, k)
    zoom, inverse = k[slots.ZOOM], 1 / np.sqrt(v * v + LENS**2)
    away = EYE * inverse
    gx = (xx * sx + xy * sy) * zoom / (ACROSS * away)
    turn = -away * v * inverse * inverse
    gz = ((yx * sx + yy * sy) * zoom - gx * ACROSS * wx * turn) * turn / (ALONG * (turn * turn + 0.05))
    c, s = xx * zoom, yx * zoom
    found = np.stack([-c * gx - s, c - s * gx, gz], axis=2)
    found /= np.linalg.norm(found, axis=2, keepdims=True)
    found[(form.inside <= 0) | (v < 0)] = (0, 0, 1)
    return np.asarray(found, np.float32)


def _from_spot(canvas: Canvas, k: Plane) -> tuple[Plane, Plane]:
    """From the end of the tunnel, half-heights of the world along the screen's axes: (1, W) and (H, 1)."""
    x = (canvas.columns[: canvas.width] - k[slots.SPOT]) / k[slots.ZOOM]
    y = (canvas.rows - k[slots.SPOT + 1]) / k[slots.ZOOM]
    return x[None], y[:, None]


def _on_the_ground(canvas: Canvas, k: Plane) -> tuple[Plane, Plane]:
    """World x, and distance below the horizon; each (H, W)."""
    xx, xy, x0, yx, yy, y0 = k[slots.VIEW : slots.LEVEL]
    x, y = canvas.columns[None, : canvas.width], canvas.rows[:, None]
    return xx * x + xy * y + x0, yx * x + yy * y + y0 - k[slots.LEVEL]


def _ramp(a: float, b: Plane, x: Plane) -> Plane:
    return np.asarray(smoothstep(np.clip((x - a) / (b - a), 0, 1)), np.float32)
