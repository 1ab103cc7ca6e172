"""From the world to the picture: primitives in half-heights become primitives in pixels, once for each mirror image."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.matter import glass, ink, kernels, placing, surfaces

Prims = NDArray[np.float64]
"""Primitives, a row each, as the kernels have them, but in half-heights of the world, y downwards."""


class Shape(NamedTuple):
    """A kind of primitive.

    Attributes:
        draw: the kernel that draws rows of it.
        points: columns of x; y is in the next.
        directions: the same of unit vectors.
        lengths: columns of what grows with the picture.
        hands: columns that have the other sign in a mirror.
        refracts: whether the kernel is given room for the picture as it was before.
    """

    draw: Callable[..., Any]
    points: tuple[int, ...]
    directions: tuple[int, ...]
    lengths: tuple[int, ...]
    hands: tuple[int, ...] = ()
    refracts: bool = False


SHAPES: Mapping[str, Shape] = {
    "stroke": Shape(kernels.draw_strokes, (0, 2), (), (4, 5, 6)),
    "ring": Shape(surfaces.draw_rings, (0,), (4,), (2, 6, 7), hands=(3,)),
    "leaf": Shape(surfaces.draw_leaves, (0,), (4,), (2, 3, 7), hands=(3,)),
    "blob": Shape(surfaces.draw_blobs, (0,), (), (2, 5)),
    "wave": Shape(glass.draw_waves, (0,), (4,), (2, 6, 7), refracts=True),
    "bead": Shape(glass.draw_beads, (0,), (), (2,), refracts=True),
    "ink": Shape(ink.draw_inks, (0,), (9,), (2,), hands=(11,)),
    "polygon": Shape(surfaces.draw_polygons, (1, 3, 5, 7, 9, 11), (), (13,)),
}


class View:
    """The camera of one frame, before a picture of a size.

    Args:
        size: (width, height) in pixels.
        zoom: above 1 is closer.
        x: of the middle of the picture in the world, half-heights.
        y: the same, downwards.
        angle: turn of the camera, degrees.
    """

    def __init__(self, size: tuple[int, int], zoom: float, x: float, y: float, angle: float) -> None:
        width, height = size
        # half the height of the 16:9 picture of equal area, as the built-in generator has it
        self.px = 2.0 / math.sqrt(width * height * 9 / 16)
        turn = math.radians(angle)
        c, s = math.cos(turn), math.sin(turn)
        self.turn = np.array([[c, s], [-s, c]])  # from the world to the screen: the camera's turn, taken back
        self.scale = zoom / self.px
        self.middle = np.array([width / 2 - 0.5, height / 2 - 0.5])
        self.eye = np.array([x, y])
        self.offset = self.middle - self.scale * (self.turn @ self.eye)

    def place(self, shape: str, prims: Prims, mirrors: int) -> NDArray[np.float32]:
        """Rows for a kernel: each primitive as the camera sees it, and its images in the mirrors of the world."""
        groups = images_of(mirrors)
        n, m = prims.shape
        rows, given = np.empty((len(groups) * n, m), np.float32), np.ascontiguousarray(prims, np.float64)
        placing.place_rows(given, self.turn @ groups, self.scale, self.offset, _kinds(shape, m), rows)
        if shape == "polygon" and len(groups) > 1:
            placing.turn_round(rows, n)
        return rows


@cache
def _kinds(shape: str, columns: int) -> NDArray[np.int64]:
    """What each column of a shape is, as `placing` has it."""
    kind, kinds = SHAPES[shape], np.full(columns, placing.PLAIN, np.int64)
    for columns_of, what in ((kind.points, placing.POINT), (kind.directions, placing.DIRECTION)):
        for c in columns_of:
            kinds[c : c + 2] = what, placing.AFTER
    kinds[list(kind.lengths)] = placing.LENGTH
    for c in kind.hands:
        kinds[c] = placing.HANDED_LENGTH if c in kind.lengths else placing.HAND
    if shape == "polygon":
        kinds[surfaces.SLOPE_X : surfaces.SLOPE_Y + 1] = placing.SLOPE, placing.AFTER
    return kinds


@cache
def images_of(mirrors: int) -> NDArray[np.float64]:
    """The symmetries of a world with so many mirrors through its origin: 1, 2, or 2n matrices, (n, 2, 2)."""
    same = np.eye(2)
    if mirrors == 0:
        return same[None]
    flip = np.diag([-1.0, 1.0])  # the first mirror stands upright
    turns = []
    for k in range(mirrors):
        a = 2 * math.pi * k / mirrors
        turns.append(np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]]))
    return np.array([each @ side for each in turns for side in (same, flip)])
