"""The fine structure of a surface: which waves its octaves are made of in a frame. `kernels.structure` draws them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import structure as kernels
from avwalk.generators.cppn.kernels.frame_vector import OCTAVE
from avwalk.generators.cppn.world import DIVE_DIRECTIONS, FLOW_DIRECTIONS, World

Vector = NDArray[np.float32]


class Structure(NamedTuple):
    """A kind of fine structure.

    Attributes:
        kind: one of those of `kernels.structure`.
        pitch: from one of its marks to the next in the coarser octave, half-heights.
        long: how many times longer than wide its marks are.
        follows: turns that its marks bend by each unit of field 3, in each octave the same.
        swing: by how much each octave is turned against the one before, rad.
        deep: how much darker its depths are.
        stain: how far its depths move along the palette.
    """

    kind: int
    pitch: float
    long: float
    follows: float
    swing: float
    deep: float
    stain: float


STRUCTURES: Mapping[str, Structure] = {
    "none": Structure(kernels.NONE, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0),
    "brushed": Structure(kernels.BRUSHED, 0.055, 7.0, 0.8, 0.0, 0.22, 0.0),
    "pored": Structure(kernels.PORED, 0.060, 1.0, 0.0, 0.65, 0.75, 0.08),
    "hammered": Structure(kernels.HAMMERED, 0.110, 1.0, 0.0, 0.65, 0.20, 0.04),
    "engraved": Structure(kernels.ENGRAVED, 0.055, 9.0, 1.6, 0.0, 0.75, 0.06),
}
RATIO = 2.4
"""Of the pitches of neighbouring octaves."""
LEAN = 0.55
"""Direction of the first octave's marks, rad."""
WOUND_PITCH, WOVEN_PITCH = 1.6, 2.7
"""Units of the pattern in a half-height: around a centre, where one looks; in the cells of a wallpaper."""


def octaves(made: Structure, size: float, params: Mapping[str, float], world: World, topology: int) -> Vector:
    """Numbers of the two octaves to be seen in a frame, (14,) float32.

    Turns by a unit of pattern coordinates and of field 3, and phase, of the coarser's first wave; the same of its
    second without field 3; how the finer follows from it: cosine and sine, two phases, ratio; strengths. They come and
    go with weights cos and sin of the scale's share; each has its number for ever, so a dive meets ever finer ones.

    Args:
        made: the kind of structure.
        size: of its marks; 2 doubles them.
        params: every target of the generator.
        world: for its focus and whether it is wound.
        topology: one of those of `kernels.field_slots`.
    """
    log_polar = (world.polar or topology == layout.TUNNEL) and topology != layout.WEAVE
    plane = not log_polar and topology not in DIVE_DIRECTIONS
    phase, depth = params["cppn.phase"], params["camera.depth"]
    ratio = 2.0 if log_polar else RATIO  # marks meet themselves after a turn around the centre: whole numbers of them
    octave = math.log2(ratio)
    sunk = depth / octave if plane else 0.0
    level = math.log2(params["camera.zoom"]) / octave + sunk + 0.5
    level = max(level, 0.0) if log_polar else level
    number = math.floor(level)
    (stream_x, stream_y), _ = FLOW_DIRECTIONS.get(topology, ((0.0, 0.0), 1.0))
    dive_x, dive_y = (-OCTAVE, 0.0) if log_polar else DIVE_DIRECTIONS.get(topology, (0.0, 0.0))
    if plane:
        centre = (0.0, 0.0) if topology == layout.WEAVE else world.focus(topology)
        shift = (-centre[0], -centre[1])
    else:
        shift = (stream_x * phase + dive_x * depth, stream_y * phase + dive_y * depth)
    swing = 0.0 if log_polar else made.swing
    unit = WOUND_PITCH if log_polar else WOVEN_PITCH if topology == layout.WEAVE else 1.0
    pitch, turn = made.pitch * size * unit, LEAN + swing * number
    ax, ay = math.cos(turn) / pitch, math.sin(turn) / pitch
    bx, by = -math.sin(turn) / (pitch * made.long), math.cos(turn) / (pitch * made.long)
    if log_polar:
        ay, by = (round(way * layout.TURN) / layout.TURN for way in (ay, by))
    grown = ratio ** (number - sunk)
    ax, ay, bx, by = ax * grown, ay * grown, bx * grown, by * grown
    c, s = math.cos(swing), math.sin(swing)
    (ap, bp), (finer_ap, finer_bp) = _phases(number), _phases(number + 1)
    first, second = ax * shift[0] + ay * shift[1], bx * shift[0] + by * shift[1]
    p, q = (first + ap) % 1.0, (second + bp) % 1.0
    finer_p = (finer_ap + ratio * (c * (first - p) + s * (second - q))) % 1.0
    finer_q = (finer_bp + ratio * (c * (second - q) - s * (first - p))) % 1.0
    share = (level - number) * math.pi / 2
    follows = made.follows * ratio ** (number - level + 0.5)
    found = (
        ax, ay, follows, p, bx, by, q, c, s, finer_p, finer_q, ratio, math.cos(share), math.sin(share),
    )  # fmt: skip
    return np.array(found, np.float32)


def is_wound(world: World, topology: int) -> bool:
    """Whether the places in the pattern are given without logarithm and angle, see `kernels.maps.astray`."""
    return world.mirrors == 0 and (topology == layout.TUNNEL or (world.polar and topology != layout.WEAVE))


@lru_cache(maxsize=1024)
def _phases(number: int) -> tuple[float, float]:
    """Of an octave's two waves, turns."""
    rng = np.random.default_rng([0x57C, number % 2**32])
    return float(rng.random()), float(rng.random())
