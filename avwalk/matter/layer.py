"""Draws the matter of a plan over frames."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import NamedTuple

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


class Piece(NamedTuple):
    """Primitives of one shape, as they are in the world.

    Attributes:
        shape: one of `SHAPES`.
        rows: a row each, half-heights of the world, (n, numbers of the shape) float64.
        mirrors: of the world, which show them.
    """

    shape: str
    rows: NDArray[np.float64]
    mirrors: int


def draw_matter(frames: Frames, drive: Drive, perspective: Perspective, colours: Colours) -> Frames:
    """Draws what was born at hits over frames.

    Args:
        frames: (n, H, W, 3), written in place.
        drive: of these frames, with its ``births``.
        perspective: of the world that they show.
        colours: of the scene, fully lit and saturated.

    Returns:
        The frames.
    """
    if not len(drive.births):
        return frames
    frames = np.ascontiguousarray(frames, np.float32)
    for k in range(len(frames)):
        draw_pieces(frames[k], pieces_of(drive, k, perspective, colours), view_of(drive, k, frames.shape[2:0:-1]))
    return frames


def view_of(drive: Drive, k: int, size: tuple[int, int]) -> View:
    """The camera of a row of a drive, before a picture of (width, height)."""
    x, y, angle = (float(curve_at(drive.params, f"camera.{name}", k, 0)) for name in ("x", "y", "angle"))
    return View(size, float(curve_at(drive.params, "camera.zoom", k, 1)), x, y, angle)


def pieces_of(drive: Drive, k: int, perspective: Perspective, colours: Colours) -> list[Piece]:
    """All pieces of matter in a row of a drive, in the order in which they are drawn."""
    i = drive.i0 + k

    def at(name: str, usual: float) -> float:
        return float(curve_at(drive.params, name, k, usual))

    alive = drive.births[(drive.births[:, _FRAME] <= i) & (i < drive.births[:, _FRAME] + drive.births[:, _LIFE])]
    if not len(alive):
        return []
    scene = Scene(i, float(drive.fps), at("cppn.phase", 0), at("camera.depth", 0), at("matter.size", 1), perspective)
    azimuth = math.radians(at("light.azimuth", 125))
    lit = replace(
        colours,
        saturation=at("palette.saturation", 1),
        gain=min(1.5, at("light.gain", 1)),
        light=(math.cos(azimuth), -math.sin(azimuth)),
    )
    pieces, opacity = [], at("matter.opacity", 1)
    for number in np.unique(alive[:, _SPECIES]):
        swarm = Swarm(alive[alive[:, _SPECIES] == number], scene)
        for shape, prims, mirrored in _joined(BY_NUMBER[int(number)](swarm, lit)):
            prims[:, -2] *= opacity
            prims = prims[(prims[:, -2] > LEAST) & np.isfinite(prims).all(axis=1)]
            if len(prims):
                pieces.append(Piece(shape, prims, perspective.mirrors if mirrored else 0))
    return pieces


def draw_pieces(picture: Frames, pieces: list[Piece], view: View, *, glowing: bool = False) -> None:
    """Draws pieces into a picture, (H, W, 3) sRGB; with ``glowing`` only what gives light."""
    if not pieces:
        return
    height, width = picture.shape[:2]
    rows, buffers = picture.reshape(height, width * 3), _buffers(width)
    for shape, prims, mirrors in pieces:
        kind = SHAPES[shape]
        if not (glowing and (kind.refracts or prims[0, -1] != LIGHT)):
            given = (_room(rows.size),) if kind.refracts else ()
            kind.draw(rows, buffers, *given, view.place(shape, prims, mirrors))


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


def _buffers(width: int) -> NDArray[np.float32]:
    """What kernels write to while they draw, of this thread."""
    known: dict[int, NDArray[np.float32]] = _MEMORY.__dict__.setdefault("buffers", {})
    if width not in known:
        if len(known) == 4:  # a wake is smaller than the picture, and a preview may be another
            known.clear()
        known[width] = new_buffers(width)
    return known[width]


def _room(size: int) -> NDArray[np.float32]:
    """Memory for a picture as it was before, of this thread: it is never read where it was not written to."""
    room: NDArray[np.float32] | None = getattr(_MEMORY, "room", None)
    if room is None or len(room) != size:
        room = _MEMORY.room = np.empty(size, np.float32)
    return room
