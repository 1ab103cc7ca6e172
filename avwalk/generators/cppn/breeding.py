"""Child worlds: variations of one world, or crossings of several, that stay similar to their parents.

A world has three parts: the pattern (network and waves), the warps before it, and the composition (subject, masses,
sun). A bred world inherits each part entirely from one parent: the mean of two patterns resembles neither. Variation
rotates every tensor towards a new world by slerp, which preserves contrast.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.world import World

Array = NDArray[np.float64]

BENDING = ("warps", "warps_z", "warps_rate")
PLACE = ("subject", "balls", "balls_z", "balls_rate", "bright", "helix", "land")
LAYERS = (slice(0, layout.W2), slice(layout.W2, layout.W3), slice(layout.W3, None))
NORMAL = ("bias", "bias_z", "waves_z", "fine_z", "warps_z", "balls_z")
"""Tensors of normal numbers, where directions count."""
WAVES = ("waves", "fine", "warps")


def child(ordered_parents: Sequence[World], new: World, variation: float, rng: np.random.Generator) -> World:
    """A world that resembles its parents.

    Args:
        ordered_parents: one or more; the pattern is the first one's, warps and composition are those of others.
        new: the world to vary towards.
        variation: 0 none; 1: only movement, light and frequencies are inherited. The rotation is its square, so small
            values are finely graded.
        rng: selects among the others where there are more than two.
    """
    return varied(bred(ordered_parents, rng), new, variation**2)


def bred(ordered_parents: Sequence[World], rng: np.random.Generator) -> World:
    """The first world with the warps and the composition of others."""
    first, *others = ordered_parents
    if not others:
        return first
    bending, place = (others[k] for k in rng.permutation(max(2, len(others)))[:2] % len(others))
    organs = {name: getattr(bending, name) for name in BENDING} | {name: getattr(place, name) for name in PLACE}
    return dataclasses.replace(first, **organs)


def varied(world: World, new: World, share: float) -> World:
    """A world interpolated towards another by a share, 0 to 1; 0 is the world itself, bit for bit."""
    if share == 0:
        return world
    sx = math.copysign((1 - share) * abs(world.subject[0]) + share * abs(new.subject[0]), world.subject[0])
    sy = (1 - share) * world.subject[1] + share * new.subject[1]  # a subject stays on its side
    balls = (1 - share) * _about(world) + share * _about(new)
    balls[:, :2] += 0.55 * np.array([sx, sy])
    net = np.concatenate([_slerp(world.net[part], new.net[part], share) for part in LAYERS])
    own: dict[str, Any] = {name: _slerp(getattr(world, name), getattr(new, name), share) for name in NORMAL}
    own |= {name: _turned(getattr(world, name), getattr(new, name), share) for name in WAVES}
    own |= {"net": net.astype(np.float32), "balls": balls, "subject": (sx, sy, world.subject[2])}
    return dataclasses.replace(world, **own)


def _about(world: World) -> Array:
    """Masses relative to the point that the subject attracts them to."""
    balls = world.balls.copy()
    balls[:, :2] -= 0.55 * np.array(world.subject[:2])
    return balls


def _slerp(a: Array | NDArray[np.float32], b: Array | NDArray[np.float32], share: float) -> Array:
    """Spherical interpolation of whole tensors (Shoemake 1985): straight lines would shrink them.

    Not `avwalk.arrays.interpolation.slerp`: its operations come in another order, and with the last bits of a
    world's float64 numbers frames of films would change.
    """
    a, b = a.astype(np.float64), b.astype(np.float64)
    size_a, size_b = math.sqrt((a * a).sum()), math.sqrt((b * b).sum())
    angle = math.acos(min(max(float((a * b).sum()) / max(size_a * size_b, 1e-300), -1.0), 1.0))
    if math.sin(angle) < 1e-6:
        return (1 - share) * a + share * b
    size = (1 - share) * size_a + share * size_b
    way = math.sin((1 - share) * angle) * (a / size_a) + math.sin(share * angle) * (b / size_b)
    return np.asarray(way * (size / math.sin(angle)))


def _turned(a: Array, b: Array, share: float) -> Array:
    """Waves (n, 4m) of kx, ky, phase, amplitude: each keeps its frequency; direction and phase move a little."""
    out = a.copy()
    for k in range(0, a.shape[1], 4):
        now, then = (np.arctan2(w[:, k + 1], w[:, k]) for w in (a, b))
        angle = now + share * _nearest(then - now, layout.TURN)
        pitch = np.hypot(a[:, k], a[:, k + 1])
        out[:, k], out[:, k + 1] = pitch * np.cos(angle), pitch * np.sin(angle)
        out[:, k + 2] += share * _nearest(b[:, k + 2] - a[:, k + 2], 1.0)
        out[:, k + 3] = (1 - share) * a[:, k + 3] + share * b[:, k + 3]
    return out


def _nearest(difference: Array, period: float) -> Array:
    """The same on a circle, at most half of it."""
    return np.asarray((difference + period / 2) % period - period / 2)
