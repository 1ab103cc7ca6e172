"""Nave: a way without end through a periodic surface, whose arches the latent position bends and the music opens.

The seed decides its form; a frame's numbers are a closed form of latent position and parameters. Every length along the
way counts in cells, so the way repeats, and float32 never runs out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import marching
from avwalk.generators.cppn.world import LATENT_DIM, World, mirrors

Vector = NDArray[np.float32]

OPENING = 0.9  # of h, per `cppn.height`
SPREAD = 0.35 * math.sqrt(2)  # of a world's biases, for the error function
REACH = 0.055  # how strongly the way bends, cells per cell²


class Form(NamedTuple):
    """What a world decides.

    Attributes:
        gyroid, weight, level: g, w and h of the surface, see `kernels.marching`.
        pace: cells along the way for each across.
        bands: of stone in each cell.
        wide: width of the view, cells at the distance of one.
        bend: which way it bends, radians from the right, downwards.
        turns: how the latent moves bend (2), gyroid and level, (4, LATENT_DIM).
    """

    gyroid: float
    weight: float
    level: float
    pace: float
    bands: int
    wide: float
    bend: float
    turns: NDArray[np.float64]


@lru_cache(maxsize=256)
def form_of(world: World) -> Form:
    """The form of a world: out of its biases, so that children are near their parents; what cannot be near, by seed."""
    rng = np.random.default_rng([*world.origin, 0x4A7E])
    mixed, weight, level, pace, wide, bend = (math.erf(bias / SPREAD) for bias in world.bias[:6])  # even in (−1, 1)
    return Form(
        gyroid=0.65 * mixed,
        weight=0.78 + 0.22 * weight,
        level=-0.4 + 0.25 * level,
        pace=0.92 + 0.32 * pace,
        bands=int(rng.choice([5, 6, 8, 10])),
        wide=0.62 + 0.13 * wide,
        bend=math.pi * bend,
        turns=rng.normal(0, 1, (4, LATENT_DIM)) / math.sqrt(LATENT_DIM),
    )


def place_of(world: World, latent: Vector, params: Mapping[str, float]) -> Vector:
    """The numbers of a frame, (PLACE_SIZE,) float32; see `kernels.marching`.

    Args:
        world: at rest.
        latent: (LATENT_DIM,).
        params: every target of the generator.
    """
    form = form_of(world)
    z = 2.6 * np.tanh(latent.astype(np.float64) / 2.6)
    z[np.isnan(z)] = 0.0
    to_x, to_y, to_gyroid, to_level = form.turns @ z
    way = 0.16 * params["cppn.phase"] + 0.5 * params["camera.depth"]
    # what is met farther on is another: turn and mixture change along the way, out of step with the cells
    gyroid = float(np.clip(form.gyroid + 0.22 * to_gyroid + 0.15 * math.sin(0.31 * way), -0.85, 0.85))
    bend, turn = REACH * params["cppn.warp"], form.bend + 0.17 * way
    level = form.level + 0.18 * to_level + OPENING * (1.0 - min(params["cppn.height"], 2.0)) * 0.6
    place = np.zeros(marching.PLACE_SIZE)
    place[marching.ALONG], place[marching.ACROSS], place[marching.PACE] = way % 1.0, 0.5, 0.5 * form.pace
    place[marching.BEND] = bend * (math.cos(turn) + 0.7 * to_x)
    place[marching.BEND + 1] = bend * (math.sin(turn) + 0.7 * to_y)
    place[marching.GYROID], place[marching.WEIGHT] = gyroid, form.weight
    place[marching.LEVEL] = min(max(level, -1.0), 2 - math.hypot(form.weight, gyroid) - 0.35)
    place[marching.STRIDE] = 0.17 / (1 + 0.45 * abs(gyroid))
    place[marching.BANDS], place[marching.CARVED] = form.bands, 0.5 * params["cppn.detail"]
    place[marching.WIDE] = form.wide
    place[marching.VANISH : marching.VANISH + 2] = world.focus(layout.NAVE)
    place[marching.FOLDS] = world.mirrors
    place[marching.FOLD :] = mirrors(world.mirrors).ravel()
    return place.astype(np.float32)
