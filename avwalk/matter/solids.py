"""Species in depth: tumbling crystals and cubes, and polyhedra of wire.

Each is a closed form of a swarm, as in `avwalk.matter.lights`: bodies in space before the subject, seen in perspective.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.matter.colours import Colours
from avwalk.matter.lights import BURST, TURN
from avwalk.matter.primitives import Layer, blobs, polygons, strokes
from avwalk.matter.swarm import Swarm

Array = NDArray[np.float64]

EYE = 2.0
"""Half-heights from the eye to the plane of the subject; depth counts from there, away from the viewer."""
NEAREST = 0.35
"""Half-heights before the eye at which a body is gone."""
TOWARDS = 0.75
"""How much of the light comes from where the viewer is, against what comes from ``light.azimuth``."""
GOLDEN = (1 + 5**0.5) / 2


class Solid(NamedTuple):
    """A convex body within the unit sphere.

    Attributes:
        corners: (v, 3).
        faces: corners of each, in a circle, all of one number, (f, 3 or 4).
    """

    corners: Array
    faces: NDArray[np.int64]


_SIGNS = (-1.0, 1.0)
CUBE = Solid(
    np.array([(x, y, z) for x in _SIGNS for y in _SIGNS for z in _SIGNS]) / 3**0.5,
    np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]),
)
CRYSTAL = Solid(
    np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1.9), (0, 0, -1.9)]) / 1.9,
    np.array([(a, b, c) for a in (0, 1) for b in (2, 3) for c in (4, 5)]),
)
"""An octahedron drawn out along one axis."""
_TALL = np.array([c for a in _SIGNS for b in (-GOLDEN, GOLDEN) for c in ((0, a, b), (a, b, 0), (b, 0, a))])
ICOSAHEDRON = _TALL / np.hypot(1, GOLDEN)
"""Its corners, (12, 3)."""
ICOSAHEDRON_EDGES = np.argwhere(np.triu(np.linalg.norm(_TALL[:, None] - _TALL[None], axis=2).round(6) == 2.0))
"""Corners at both ends of each, (30, 2)."""


def solid(p: Swarm, c: Colours) -> list[Layer]:
    """Crystals and cubes thrown off the subject in all directions, some past the viewer; their faces take the light in
    turn as they tumble."""
    flat = TURN * ((p.k + 0.7 * p.signed(1)) / p.count + p.of_birth(2))
    lift = -0.75 + 1.1 * p.random(3)  # sine of the angle to the picture: towards the viewer rather than away
    far = p.size * (0.20 + (0.45 + 0.75 * p.random(4)) * p.out(BURST) + 0.35 * p.age)
    level = np.sqrt(1 - np.minimum(lift * lift, 1))
    x, y, z = far * level * np.cos(flat), far * level * np.sin(flat) + 0.10 * p.age * p.age, far * lift
    size = p.size * (0.055 + 0.12 * p.random(5) ** 2) * np.clip(4 * (1 - p.u), 0, 1) * np.minimum(3 * p.out(0.1), 1)
    turned = turns(p.random(6), p.random(7), TURN * (p.random(8) + p.signed(9) * 0.55 * p.age + 0.3 * p.out(0.15)))
    middle, near = np.stack([x, y, z], axis=1), EYE / (EYE + z)
    cx, cy, grown = p.carry(p.focus[0] + x * near, p.focus[1] + y * near)
    shown = grown * (EYE + z - size > NEAREST)
    shadow = blobs(
        (cx + 0.03, cy + 0.05), 1.15 * size * near * shown, c.tone(0.03), 0.38 * np.clip(1 - p.u, 0, 1),
        soft=0.9 * size * near, mode="ink",
    )  # fmt: skip
    layers = [shadow]
    is_cube = p.random(10) < 0.35
    for body, those in ((CUBE, is_cube), (CRYSTAL, ~is_cube)):
        rows = np.flatnonzero(those & (shown > 0))
        rows = rows[np.argsort(-z[rows], kind="stable")]  # from the back to the front
        if len(rows):
            place = np.stack([cx, cy, grown], axis=1)[rows]
            tone = np.stack([0.10 + 0.10 * p.random(11), p.random(12)], axis=1)[rows]
            layers.append(_faces(body, (turned[rows], size[rows], middle[rows]), place, tone, c))
    return layers


def _faces(body: Solid, bodies: tuple[Array, Array, Array], place: Array, tone: Array, c: Colours) -> Layer:
    """The faces that are turned to the viewer.

    Args:
        body: what each is.
        bodies: their turns, (n, 3, 3), sizes, (n,), and places in space before the subject, (n, 3).
        place: where their middles are seen, and how much larger the world shows them, (n, 3).
        tone: of each the lightness of what gets no light, and its side, (n, 2).
        c: colours of the scene.
    """
    turns, size, middle = bodies
    offsets = np.einsum("nij,vj->nvi", turns, body.corners) * size[:, None, None]
    around = offsets[:, body.faces]  # (n, f, corners, 3)
    centre = around.mean(axis=2)
    normal = np.cross(around[:, :, 1] - around[:, :, 0], around[:, :, 2] - around[:, :, 1])
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-9)
    normal *= np.where((normal * centre).sum(axis=2, keepdims=True) < 0, -1.0, 1.0)  # outwards
    to_eye = np.array([0.0, 0.0, -EYE]) - (middle[:, None] + centre)
    to_eye /= np.linalg.norm(to_eye, axis=2, keepdims=True)
    facing = (normal * to_eye).sum(axis=2)
    n, f = np.nonzero(facing > 0)
    light = np.array([*c.light, -TOWARDS]) / np.hypot(1, TOWARDS)
    lit = np.maximum((normal @ light)[n, f], 0)
    half = light + to_eye[n, f]
    mirror = np.maximum((normal[n, f] * half).sum(axis=1) / np.linalg.norm(half, axis=1), 0) ** 40
    edge = (1 - facing[n, f]) ** 3
    colour = c.tone(tone[n, 0] + 0.70 * lit + 0.16 * edge, tone[n, 1])
    colour = colour + (0.85 * mirror)[:, None] * c.glow(0.75)
    depth = EYE / np.maximum(EYE + middle[:, None, 2] + offsets[..., 2], NEAREST)
    seen = (middle[:, None, :2] + offsets[..., :2]) * depth[..., None]
    seen -= middle[:, None, :2] * (EYE / np.maximum(EYE + middle[:, 2], NEAREST))[:, None, None]
    corners = place[:, None, :2] + seen * place[:, None, 2:]
    return polygons(corners[n[:, None], body.faces[f]], colour, 1.0)


def wire(p: Swarm, c: Colours) -> list[Layer]:
    """Polyhedra of wire that open around the subject and turn: what is near is bright and thick, what is far thin.
    Further ones of one hit stand within the first."""
    inner = 0.62**p.k
    radius = p.size * inner * (0.20 + 0.62 * p.out(BURST) + 0.10 * p.age)
    turn = TURN * (p.of_birth(1) + (0.10 + 0.05 * p.k) * np.where(p.k % 2, -1, 1) * p.age + 0.12 * p.out(0.2))
    turned = turns(p.of_birth(2) + 0.13 * p.k, p.of_birth(3), turn)
    points = np.einsum("nij,vj->nvi", turned, ICOSAHEDRON) * radius[:, None, None]
    depth = EYE / np.maximum(EYE + points[..., 2], NEAREST)
    x, y, grown = p.carry(np.full(len(p), p.focus[0]), np.full(len(p), p.focus[1]))
    seen = np.stack([x, y], axis=1)[:, None] + points[..., :2] * (depth * grown[:, None])[..., None]
    a, b = ICOSAHEDRON_EDGES.T
    start, end = seen[:, a].reshape(-1, 2), seen[:, b].reshape(-1, 2)
    near = np.clip(0.5 - 0.5 * (points[:, a, 2] + points[:, b, 2]) / (2 * radius[:, None]), 0, 1).ravel()
    fade = np.repeat(p.fade * (0.6 + 0.4 * p.height), len(a)) * (0.10 + 0.90 * near**1.5)
    half = np.repeat(p.size, len(a)) * (0.0010 + 0.0032 * near)
    colour = c.tone(0.60 + 0.38 * near, 1 - near) + (0.35 * near)[:, None] * c.glow(0.3)
    layer = strokes(
        (start[:, 0], start[:, 1]), (end[:, 0], end[:, 1]), (half, half), colour, fade,
        glow=0.045 * np.repeat(p.size, len(a)), glowing=0.5 * near,
    )  # fmt: skip
    return [layer._replace(mirrored=False)]


def turns(azimuth: Array, height: Array, angle: Array) -> Array:
    """Turns about axes that are spread evenly over the sphere, (n, 3, 3); Rodrigues' formula.

    Args:
        azimuth: of the axis, turns, (n,).
        height: where between the poles the axis is, 0 to 1, (n,).
        angle: radians, (n,).
    """
    z = 2 * height - 1
    level = np.sqrt(np.maximum(1 - z * z, 0))
    x, y = level * np.cos(TURN * azimuth), level * np.sin(TURN * azimuth)
    none = np.zeros_like(x)
    cross = np.stack([none, -z, y, z, none, -x, -y, x, none], axis=1).reshape(-1, 3, 3)
    c, s = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    return np.asarray(np.eye(3) + s * cross + (1 - c) * (cross @ cross))
