"""Coral: a pattern that grows out of the world's smooth fields, as stripes and spots do on skins and shells.

A few steps of an activator and an inhibitor sharpen whatever the fields hold near one wavelength into ridges and
branches of one width. Each frame starts from its own fields, so it is a function of plan and index; it is as steady as
they are, since every step is drawn back to them. The steps run on nodes that keep their places in the world while the
camera comes nearer, at any size of picture: a preview shows the same coral.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import reaction

Plane = NDArray[np.float32]

SPACING = (0.017, 0.025)  # half-heights of the world between nodes: ridges are 0.13 to 0.19 apart
NEAR, FAR = 1.25, 2.3  # σ of activator and inhibitor, nodes: ridges about 7.5 nodes apart
STEPS = 8
GAIN, KEEP = 2.5, 0.3
PULL = 0.16  # how strongly each step is drawn back to the fields
ROUND = 1.3  # σ that rounds what the steps made, nodes: it is flat on top and as steep as nodes are apart
LEAST_ZOOM = 0.6  # farther off, nodes would be many: the pattern grows coarser instead
MARGIN = 9  # nodes beyond the picture
RAISED = 0.4  # height of the ridges, on the scale of a world's own height


class Style(NamedTuple):
    """What the seed of a world decides of its coral.

    Attributes:
        spacing: half-heights between nodes, which is the scale of the pattern.
        bias: below 0 spots, above 0 gaps.
        contrast: how much the tone of the world adds to it.
    """

    spacing: float
    bias: float
    contrast: float

    @classmethod
    def of(cls, origin: tuple[int, ...]) -> Style:
        """That of the world of a seed and attempt, see `World.origin`."""
        rng = np.random.default_rng([*origin, 0xC0A])
        spacing, bias = rng.uniform(*SPACING), rng.uniform(-0.12, 0.12)
        return cls(float(spacing), float(bias), float(rng.choice([-1, 1]) * rng.uniform(0.1, 0.3)))


class Grid(NamedTuple):
    """Nodes of a frame.

    Attributes:
        columns: x of each column in screen units, a multiple of ``TILE`` of them; rows: y of each row.
        spacing: screen units between them.
    """

    columns: Plane
    rows: Plane
    spacing: float


@lru_cache(maxsize=8)
def grid(half: tuple[float, float], spacing: float, zoom: float) -> Grid:
    """Nodes that cover a picture of half a width and half a height, in screen units; one stands in its middle."""
    spacing *= max(zoom, LEAST_ZOOM)
    wide, high = (math.ceil(side / spacing) + MARGIN for side in half)
    n = -(-(2 * wide + 1) // layout.TILE) * layout.TILE
    columns, rows = (np.arange(n) - wide) * spacing, (np.arange(2 * high + 1) - high) * spacing
    return Grid(columns.astype(np.float32), rows.astype(np.float32), spacing)


def grow(fields: Plane, style: Style, swell: float) -> None:
    """Grows the pattern of a frame, in place: into field 3, and onto the height.

    Args:
        fields: height, tone, gate of the subject, and what it grows out of, (4, rows, columns).
        style: of the world.
        swell: 0 for ridges and gaps as the style has them; above, ridges are wider.
    """
    height, tone, gate, seed = fields
    fine = seed - cv2.GaussianBlur(seed, (0, 0), 3.5)
    fine /= np.sqrt(cv2.GaussianBlur(fine * fine, (0, 0), 6.0) + np.float32(1e-3))
    drift = np.float32(style.contrast) * (tone - np.float32(0.5)) + np.float32(0.6) * np.minimum(
        gate - np.float32(0.75), 0
    )
    pull = np.float32(PULL) * fine + drift + np.float32(style.bias + swell)
    pattern = np.ascontiguousarray(pull)
    room = np.empty((3, seed.shape[0], seed.shape[1] + 2 * reaction.REACH), np.float32)
    reaction.react(pattern, pull, room, _taps(), STEPS, np.float32(GAIN), np.float32(KEEP))
    fields[3] = cv2.GaussianBlur(pattern, (0, 0), ROUND)
    height += np.float32(RAISED) * fields[3]


def read(fields: Plane, nodes: Grid, columns: Plane, rows: Plane, out: Plane) -> None:
    """The fields at the places of another grid, (4, rows, columns)."""
    at, down = _between(rows, float(nodes.rows[0]), nodes.spacing, len(nodes.rows))
    to, across = _between(columns, float(nodes.columns[0]), nodes.spacing, len(nodes.columns))
    reaction.read(fields, out, at, down, to, across, np.empty(len(nodes.columns), np.float32))


def _between(places: Plane, first: float, spacing: float, n: int) -> tuple[NDArray[np.int32], Plane]:
    """First of the four nodes around each place, and their weights (…, 4); places beyond the nodes are at their end."""
    at = np.clip((places.astype(np.float64) - first) / spacing, 1.0, n - 2 - 1e-6)
    node = np.floor(at)
    t = at - node
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    return (node - 1).astype(np.int32), np.ascontiguousarray(weights, np.float32)


@cache
def _taps() -> Plane:
    """Halves of the two Gaussians, the middle first, (2, REACH); sums of the whole are 1."""
    x = np.arange(reaction.REACH)
    taps = np.exp(-0.5 * (x / np.array([[NEAR], [FAR]])) ** 2)
    taps[0, 5:] = 0
    taps /= taps[:, :1] + 2 * taps[:, 1:].sum(axis=1, keepdims=True)
    return np.ascontiguousarray(taps, np.float32)
