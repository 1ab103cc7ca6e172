"""Species that glow: rings, sparks, rays, glints, stars, beams, cracks, blocks of light, pollen.

Each is a closed form of a swarm: positions in half-heights of the world, ages in seconds. Their constants are set by
eye, on strips around hits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.matter.colours import Colours
from avwalk.matter.primitives import Layer, polygons, rings, strokes, waves
from avwalk.matter.swarm import AHEAD, Swarm

Array = NDArray[np.float64]
TURN = 2 * np.pi
BURST = 0.06
"""Seconds in which what a hit throws slows down: nine tenths of the way are done within 100 ms, so that the hit is seen
and what comes after it is calm."""


def around(p: Swarm, purpose: int) -> Array:
    """Directions evenly spread over the pieces of a birth, turned and shaken by chance: radians."""
    return np.asarray(TURN * ((p.k + 0.7 * p.signed(purpose)) / p.count + p.of_birth(purpose + 1)))


def ring(p: Swarm, c: Colours) -> list[Layer]:
    """Shock waves that run out from the focus through the picture itself: they bend it, and catch the light."""
    late = 0.10 * p.beat * p.k  # further rings of one hit follow the first
    age = np.maximum(p.age - late, 0.0)
    radius = p.size * (0.16 + 0.68 * (1 - np.exp(-(age + AHEAD) / BURST)) + 0.10 * age) * (1 - 0.16 * p.k)
    fade = p.fade * (p.age >= late) * (0.6 + 0.4 * p.height)
    x, y, near = p.carry(np.full(len(p), p.focus[0]), np.full(len(p), p.focus[1]))
    grown = near if p.scene.perspective.kind == "plane" else p.carry(x + radius, y)[2]
    radius = radius * np.clip(grown, 0, 8)
    half = p.size * (0.045 + 0.085 * np.exp(-p.age / 0.06))
    bent, crest = fade * np.exp(-p.age / 0.10), fade * (1 - p.u)  # it shoves the picture, then only its line is left
    layers = [
        waves((x, y), radius, half, c.tone(0.85, 0.3), bent, c.light, bend=0.16 * p.size, dispersion=0.35, gloss=1.8),
        rings(
            (x, y), radius, 0.0015 * p.size, c.tone(0.78, 0.2) + 0.2 * c.glow(0.0), crest,
            halo=(p.size * (0.05 + 0.16 * np.exp(-p.age / 0.07)), 0.8),
            wobble=0.01, phase=TURN * p.of_birth(1), uneven=0.6,
        ),
        rings(
            (x, y), radius, 0.0035 * p.size, c.tone(0.99, 0.2), crest,
            wobble=0.01, phase=TURN * p.of_birth(1), uneven=0.8,
        ),
    ]  # fmt: skip
    return [layer._replace(mirrored=False) for layer in layers]


def ripple(p: Swarm, c: Colours) -> list[Layer]:
    """Rings on the ground, on water, along a tunnel, where the drop fell; carried on with it."""
    kind = p.scene.perspective.kind
    spread = p.size * (0.07 + 0.42 * p.out(BURST) + 0.10 * p.age)
    if kind == "bore":
        x, y, near = p.carry(p.focus[0] + 0.2 + 0 * p.k, np.full(len(p), p.focus[1]))
        radius, x, y = (0.16 + 0.05 * p.k) * near + 0.5 * spread, np.full(len(p), p.focus[0]), 0 * x + p.focus[1]
        squash: Array | float = 1.0
    elif kind == "ground":
        level = p.scene.perspective.level
        x, y, near = p.carry(p.focus[0] + 1.1 * p.signed(2), level + 0.16 + 0.45 * p.random(3))
        radius, squash = spread * near, np.clip(0.75 * (y - level), 0.05, 0.5)
    else:
        x, y, near = p.carry(p.focus[0] + 0.75 * p.signed(2), p.focus[1] + 0.5 * p.signed(3))
        radius, squash = spread * near, 1.0
    fade = p.fade * np.clip(radius * 8, 0, 1) * np.clip(3 - 1.3 * radius, 0, 1)
    inner = rings(
        (x, y), 0.62 * radius, 0.006, c.tone(0.75), 0.5 * fade, squash=squash, halo=(0.03, 0.25), uneven=0.6,
        wobble=0.02, phase=TURN * p.random(6),
    )  # fmt: skip
    outer = rings(
        (x, y), radius, 0.012 * p.size, c.tone(0.96, 0.3), fade, squash=squash, halo=(0.09 * p.size, 0.4), uneven=0.5,
        wobble=0.015, phase=TURN * p.random(5),
    )  # fmt: skip
    wave = waves(
        (x, y), radius, 0.055 * p.size + 0.02 * p.u, c.tone(0.97), fade * np.exp(-p.age / 0.20), c.light,
        squash=squash, bend=0.05 * p.size, gloss=1.3,
    )  # fmt: skip
    return [layer._replace(mirrored=kind != "bore") for layer in (wave, inner, outer)]


def echo(p: Swarm, c: Colours) -> list[Layer]:
    """Fine lines around the focus, one behind the other, as an engraver draws sound."""
    late = 0.035 * p.beat * p.k
    age = np.maximum(p.age - late, 0.0)
    radius = p.size * (0.10 + 0.055 * p.k + 0.55 * (1 - np.exp(-(age + AHEAD) / BURST)) + 0.1 * age)
    x, y, near = p.carry(np.full(len(p), p.focus[0]), np.full(len(p), p.focus[1]))
    fade = p.fade * (1 - 0.5 * p.k / p.count)
    half = 0.0048 * p.size * (1 - 0.6 * p.u)
    line = rings(
        (x, y), radius * near, half, c.tone(0.97, 0.2), fade, wobble=0.05 + 0.06 * p.u, phase=TURN * p.of_birth(1),
        uneven=0.35, mode="solid",
    )  # fmt: skip
    return [line._replace(mirrored=False)]


def spark(p: Swarm, c: Colours) -> list[Layer]:
    """Hot splinters thrown from the focus, braked by drag and pulled down a little."""
    angle = around(p, 1)
    speed = p.size * (0.35 + 0.75 * p.random(3))
    start = 0.10 + 0.32 * p.random(4)

    def at(age: Array) -> tuple[Array, Array, Array]:
        far = start + speed * 0.9 * (1 - np.exp(-(age + AHEAD) / BURST)) + 0.25 * speed * age
        fall = 0.35 * age * age
        return p.carry(p.focus[0] + far * np.cos(angle), p.focus[1] + far * np.sin(angle) * 0.85 + fall)

    x1, y1, near = at(p.age + 0.04)
    x0, y0, _ = at(np.maximum(p.age - 0.035, 0))
    fade = p.fade * (0.7 + 0.3 * p.random(5))
    half = 0.0040 * p.size * near * (0.5 + 0.9 * p.random(6)) * (1 - 0.6 * p.u)
    return [
        strokes(
            (0.6 * x0 + 0.4 * x1, 0.6 * y0 + 0.4 * y1), (x1, y1), (0.0005, 0.0005), c.glow(0.0), fade,
            glow=0.09 * p.size * near, glowing=0.8,
        ),
        strokes((x0, y0), (x1, y1), (0.0004, half), c.glow(0.85), fade),
    ]  # fmt: skip


def ray(p: Swarm, c: Colours) -> list[Layer]:
    """Shafts of light that the focus sends out, wide and faint where they end."""
    angle = around(p, 1)
    begin = 0.12 + 0.20 * p.out(BURST)
    length = p.size * (0.6 + 1.2 * p.random(3)) * (0.5 + 0.5 * p.out(BURST))
    fx, fy = p.focus
    start = fx + begin * np.cos(angle), fy + begin * np.sin(angle)
    end = fx + (begin + length) * np.cos(angle), fy + (begin + length) * np.sin(angle)
    fade = p.fade * (0.4 + 0.6 * p.random(4))
    wide = p.size * (0.03 + 0.07 * p.random(5))
    return [
        strokes(start, end, (0.25 * wide, wide), c.tone(0.8, 0.2), 0.42 * fade, taper=1.0),
        strokes(start, end, (0.003, 0.16 * wide), c.tone(0.97, 0.1), 0.8 * fade, taper=1.0),
    ]


def glint(p: Swarm, c: Colours) -> list[Layer]:
    """Stars of four points that flare where light strikes an edge."""
    angle, far = TURN * p.random(1), p.size * (0.12 + 0.5 * np.sqrt(p.random(2)))
    x, y, near = p.carry(p.focus[0] + far * np.cos(angle), p.focus[1] + 0.85 * far * np.sin(angle))
    flare = (1 - p.u) ** 1.3
    long = p.size * near * (0.10 + 0.22 * p.random(3)) * (0.35 + 0.65 * flare)
    core = 0.004 * p.size * near
    layers = [strokes((x, y), (x, y), (core, core), c.tone(0.9, 0.2), flare, glow=1.5 * long, glowing=1.0)]
    tilt = 0.35 * p.signed(4) + 0.25 * p.u
    for turn, share in ((0.0, 1.0), (np.pi / 2, 0.7)):
        dx, dy = share * long * np.cos(tilt + turn), share * long * np.sin(tilt + turn)
        for side in (-1, 1):
            layers.append(
                strokes(
                    (x, y), (x + side * dx, y + side * dy), (0.005 * p.size, 0.0004), c.tone(0.995), flare,
                    glow=0.05 * p.size, glowing=0.4, taper=0.8,
                )
            )  # fmt: skip
    return layers


def star(p: Swarm, c: Colours) -> list[Layer]:
    """Stars that come out in the sky and twinkle for bars."""
    level = p.scene.perspective.level if p.scene.perspective.kind == "ground" else 0.8
    x = 1.75 * p.signed(1)
    y = level - 0.06 - (level + 0.95) * p.random(2) ** 0.8
    pop = np.exp(-p.age / 0.12)
    twinkle = 0.62 + 0.38 * np.sin(TURN * (p.age / p.beat * 0.5 + p.random(3)))
    fade = np.minimum(1, 6 * (1 - p.u)) * np.clip(twinkle + pop, 0, 1)
    half = p.size * (0.0022 + 0.004 * p.random(4) ** 2) * (1 + 2.2 * pop)
    layers = [
        strokes((x, y), (x, y), (half, half), c.glow(0.8), fade, glow=half * 7 + 0.10 * p.size * pop, glowing=0.35)
    ]
    long = p.size * (0.05 + 0.12 * p.random(5)) * (0.2 + pop)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        ends = x + dx * long, y + dy * long
        layers.append(strokes((x, y), ends, (0.5 * half, 0.0003), c.glow(0.8), fade * (0.25 + 0.75 * pop)))
    return layers


def meteor(p: Swarm, c: Colours) -> list[Layer]:
    """Shooting stars, from above, all of one hit in one direction."""
    side = np.where(p.of_birth(1) < 0.5, -1.0, 1.0)
    slope = 0.35 + 0.5 * p.of_birth(2)
    far = p.size * (1.5 * p.out(0.12) + 0.8 * p.age)
    level = p.scene.perspective.level if p.scene.perspective.kind == "ground" else 0.4
    x = -side * (0.2 + 1.1 * p.random(3)) + side * far
    y = level - 0.55 - 0.5 * p.random(4) + slope * far * 0.5
    y = np.minimum(y, level - 0.02)
    tail = p.size * (0.18 + 0.5 * (1 - p.u))
    start = x - side * tail, y - slope * tail * 0.5
    fade = (1 - p.u) ** 1.2
    head = strokes((x, y), (x, y), (0.007 * p.size, 0.007 * p.size), c.glow(0.9), fade, glow=0.09 * p.size, glowing=0.6)
    return [
        strokes(start, (x, y), (0.0004, 0.006 * p.size), c.glow(0.6), fade, glow=0.03 * p.size, glowing=0.25),
        head,
    ]


def crack(p: Swarm, c: Colours) -> list[Layer]:
    """Fissures that run out from the focus in zigzags, light within and dark at their sides."""
    joints, size = np.arange(6.0), p.size[:, None]  # piece by piece, so that a fissure lies over those before it
    angle, grown, fade = around(p, 1)[:, None], 0.5 + 0.5 * p.out(0.05)[:, None], np.repeat(p.fade, 6)

    def each(purpose: int) -> Array:
        return np.stack([p.random(purpose + j) for j in range(6)], axis=1)

    bend = angle + 0.8 * (2 * each(10) - 1)
    step = size * (0.09 + 0.13 * each(20)) * np.clip(grown * 7 - joints, 0.15, 1)
    way = np.stack([step * np.cos(bend), step * np.sin(bend)])
    begin = np.array(p.focus)[:, None, None] + 0.03 * np.stack([np.cos(angle), np.sin(angle)])
    ends = begin + np.cumsum(way, axis=2)
    (x, y), (x1, y1) = (ends - way).reshape(2, -1), ends.reshape(2, -1)
    wide = 0.0075 * size * (0.35 + 0.65 * p.fade[:, None])
    half, thin = ((wide * (1 - (joints + k) / 6.5)).ravel() for k in (0, 1))
    fork = bend + np.where(each(30) < 0.5, -0.9, 0.9)
    length = 0.6 * step * (each(40) < 0.6)
    tips = x1 + (length * np.cos(fork)).ravel(), y1 + (length * np.sin(fork)).ravel()
    return [
        strokes((x, y), (x1, y1), (3 * half, 3 * thin), c.tone(0.03), 0.75 * fade, mode="ink"),
        strokes(
            (x, y), (x1, y1), (0.4 * half, 0.4 * thin), c.tone(0.72, 0.2), fade,
            glow=0.13 * np.repeat(p.size, 6) * fade, glowing=0.8,
        ),
        strokes((x, y), (x1, y1), (half, thin), c.tone(0.995, 0.2), fade),
        strokes((x1, y1), tips, (0.6 * thin, 0.0004), c.tone(0.97, 0.2), fade),
    ]  # fmt: skip


def beam(p: Swarm, c: Colours) -> list[Layer]:
    """Lines of light along the axes of the picture, through places around the focus."""
    upright = (p.k + np.floor(2 * p.of_birth(1))) % 2 == 0
    x, y = p.focus[0] + 0.95 * p.signed(2), p.focus[1] + 0.6 * p.signed(3)
    x, y, _ = p.carry(x, y)
    long = 2.4 * (0.25 + 0.75 * p.out(0.09))
    dx, dy = np.where(upright, 0.0, long), np.where(upright, long, 0.0)
    fade = p.fade
    half = p.size * (0.002 + 0.007 * p.random(4)) * (0.3 + 0.7 * fade)
    colour, glow = c.glow(0.5 * fade), 0.11 * p.size * fade + 0.01
    return [
        strokes((x, y), (x + side * dx, y + side * dy), (half, 0.15 * half), colour, fade, glow=glow, glowing=0.35)
        for side in (-1, 1)
    ]


def block(p: Swarm, c: Colours) -> list[Layer]:
    """Square lights on a grid, flung outwards cell by cell, as an arcade draws an explosion."""
    cell = 0.085
    angle, far = around(p, 1), p.size * (0.22 + (0.35 + 0.6 * p.random(3)) * p.out(BURST))
    x = np.round((p.focus[0] + far * np.cos(angle)) / cell) * cell
    y = np.round((p.focus[1] + far * np.sin(angle)) / cell) * cell
    half = cell * np.where(p.random(4) < 0.35, 0.92, 0.44) * np.where(p.u < 0.6, 1.0, 0.55)
    on = np.where(np.floor(p.age * 14 + 4 * p.random(5)) % 4 < 3, 1.0, 0.35) * np.where(p.u < 0.85, 1.0, 0.5)
    corners = np.stack([x, y], 1)[:, None] + half[:, None, None] * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return [polygons(corners, c.glow(np.where(p.random(6) < 0.4, 0.85, 0.1)), on, mode="solid")]


def pollen(p: Swarm, c: Colours) -> list[Layer]:
    """Grains of light that burst from the flower and float away."""
    angle, far = around(p, 1), p.size * (0.10 + (0.2 + 0.75 * p.random(3)) * p.out(BURST))
    x, y = p.drift(p.focus[0] + far * np.cos(angle), p.focus[1] + far * np.sin(angle), 0.30 * np.sqrt(p.u))
    x, y, near = p.carry(x, y - 0.10 * p.age)
    pop = np.exp(-p.age / 0.15)
    half = p.size * near * (0.004 + 0.008 * p.random(4) ** 2) * (1 + 1.2 * pop)
    fade = np.minimum(1, 2.5 * (1 - p.u)) * (0.6 + 0.4 * pop)
    return [strokes((x, y), (x, y), (half, half), c.glow(0.35 + 0.5 * pop), fade, glow=5 * half, glowing=0.35)]
