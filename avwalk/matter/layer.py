"""Draws the matter of a plan over frames."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import curve_at
from avwalk.contracts import Birth, Drive, Frames, Perspective
from avwalk.matter.colours import Colours
from avwalk.matter.kernels import LIGHT, SOLID, new_buffers
from avwalk.matter.primitives import Layer
from avwalk.matter.species import BY_NUMBER
from avwalk.matter.swarm import Scene, Swarm
from avwalk.matter.view import SHAPES, View

LEAST = 0.012  # share: what is fainter is not drawn
_MEMORY = threading.local()
_FRAME, _LIFE, _SPECIES = (Birth._fields.index(name) for name in ("frame", "life", "species"))


def draw_matter(
    frames: Frames, drive: Drive, perspective: Perspective, colours: Colours, *, glowing: bool = False
) -> Frames:
    """Draws what was born at hits over frames.

    Args:
        frames: (n, H, W, 3), written in place.
        drive: of these frames, with its ``births``.
        perspective: of the world that they show.
        colours: of the scene, fully lit and saturated.
        glowing: only what gives light.

    Returns:
        The frames.
    """
    if not len(drive.births):
        return frames
    frames = np.ascontiguousarray(frames, np.float32)
    for k in range(len(frames)):
        _draw(frames[k], drive, k, perspective, colours, glowing)
    return frames


def view_of(drive: Drive, k: int, size: tuple[int, int]) -> View:
    """The camera of a row of a drive, before a picture of (width, height)."""
    x, y, angle = (float(curve_at(drive.params, f"camera.{name}", k, 0)) for name in ("x", "y", "angle"))
    return View(size, float(curve_at(drive.params, "camera.zoom", k, 1)), x, y, angle)


def _draw(picture: Frames, drive: Drive, k: int, perspective: Perspective, colours: Colours, glowing: bool) -> None:
    height, width = picture.shape[:2]
    i = drive.i0 + k

    def at(name: str, usual: float) -> float:
        return float(curve_at(drive.params, name, k, usual))

    alive = drive.births[(drive.births[:, _FRAME] <= i) & (i < drive.births[:, _FRAME] + drive.births[:, _LIFE])]
    if not len(alive):
        return
    scene = Scene(i, float(drive.fps), at("cppn.phase", 0), at("camera.depth", 0), at("matter.size", 1), perspective)
    view = view_of(drive, k, (width, height))
    azimuth = math.radians(at("light.azimuth", 125))
    lit = replace(
        colours,
        saturation=at("palette.saturation", 1),
        gain=min(1.5, at("light.gain", 1)),
        light=(math.cos(azimuth), -math.sin(azimuth)),
    )
    rows, buffers = picture.reshape(height, width * 3), new_buffers(width)
    for number in np.unique(alive[:, _SPECIES]):
        swarm = Swarm(alive[alive[:, _SPECIES] == number], scene)
        for shape, prims, mirrored in _joined(BY_NUMBER[int(number)](swarm, lit)):
            prims[:, -2] *= at("matter.opacity", 1)
            prims = prims[(prims[:, -2] > LEAST) & np.isfinite(prims).all(axis=1)]
            if len(prims) and not (glowing and (SHAPES[shape].refracts or prims[0, -1] != LIGHT)):
                placed = view.place(shape, prims, perspective.mirrors if mirrored else 0)
                given = (_room(rows.size),) if SHAPES[shape].refracts else ()
                SHAPES[shape].draw(rows, buffers, *given, placed)


def _joined(layers: list[Layer]) -> list[Layer]:
    """Lines that come after lines in one layer, where it is all the same which of them is drawn first."""
    joined: list[Layer] = []
    for layer in layers:
        shape, rows, mirrored = layer
        last = joined[-1] if joined else None
        if last and shape == "stroke" == last.shape and mirrored == last.mirrored:
            modes = {*rows[:, -1], *last.rows[:, -1]}
            if len(modes) == 1 and SOLID not in modes:
                joined[-1] = last._replace(rows=np.concatenate([last.rows, rows]))
                continue
        joined.append(layer)
    return joined


def _room(size: int) -> NDArray[np.float32]:
    """Memory for a picture as it was before, of this thread: it is never read where it was not written to."""
    room: NDArray[np.float32] | None = getattr(_MEMORY, "room", None)
    if room is None or len(room) != size:
        room = _MEMORY.room = np.empty(size, np.float32)
    return room
