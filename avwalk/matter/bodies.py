"""Species with a surface: ink, shards, flakes of paper, petals, birds, discs and bubbles.

Each is a closed form of a swarm, as in `avwalk.matter.lights`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.matter.colours import Colours
from avwalk.matter.lights import BURST, TURN, around
from avwalk.matter.primitives import Layer, beads, blobs, inks, leaves, polygons, rings, strokes
from avwalk.matter.swarm import Swarm

Array = NDArray[np.float64]
SHADOW = (0.018, 0.03)
"""Where shadows fall, half-heights right and down for what is near the sheet."""


def drop(p: Swarm, c: Colours) -> list[Layer]:
    """Ink let into the water: it opens in fringes that eddies draw out, and thins until it is gone."""
    main = p.k == 0
    angle, far = TURN * p.random(1), np.where(main, 0.0, p.size * (0.12 + 0.26 * p.random(2)))
    cx, cy = p.focus[0] + 0.75 * (2 * p.of_birth(3) - 1), p.focus[1] + 0.48 * (2 * p.of_birth(4) - 1)
    x, y = p.drift(cx + far * np.cos(angle), cy + far * np.sin(angle), 0.16 * p.u)
    x, y, near = p.carry(x, y)
    full = p.size * near * np.where(main, 0.19 + 0.08 * p.random(5), 0.03 + 0.045 * p.random(5))
    radius = full * (0.62 + 0.38 * p.out(0.09) + 0.65 * p.u**0.8)
    ink = c.tone(0.24 + 0.10 * p.of_birth(6), np.where(p.of_birth(7) > 0.65, 1.0, 0.0))
    return [
        inks(
            (x, y), radius, ink, 1.7 * (1 - p.u) ** 1.5, swirl=0.05 + 0.75 * p.u**0.8,
            phase=1.1 * p.u + TURN * p.of_birth(8), place=(4 * p.random(9), 4 * p.random(10)), soft=0.55 + 0.42 * p.u,
        )
    ]  # fmt: skip


def _scrap(x: Array, y: Array, long: Array, wide: Array, angle: Array, skew: Array) -> Array:
    """Four corners, (n, 4, 2), of scraps that are cut askew."""
    along, across = np.stack([np.cos(angle), np.sin(angle)], 1), np.stack([-np.sin(angle), np.cos(angle)], 1)
    centre = np.stack([x, y], 1)
    corners = []
    for a, b, cut in ((-1, -1, 0.0), (1, -1, 0.3), (1, 1, -0.15), (-1, 1, 0.2)):
        reach = (a + cut * skew)[:, None] * long[:, None] * along
        corners.append(centre + reach + b * wide[:, None] * across)
    return np.stack(corners, 1)


def flake(p: Swarm, c: Colours) -> list[Layer]:
    """Scraps of paper that the hit lifts off the sheet, turning as they fall, with their shadows."""
    angle = around(p, 1)
    far = p.size * (0.10 + (0.30 + 0.65 * p.random(3)) * p.out(BURST))
    x, y = p.drift(p.focus[0] + far * np.cos(angle), p.focus[1] + far * np.sin(angle), 0.14 * p.u)
    x, y, near = p.carry(x, y + 0.10 * p.age * p.age)
    spin = TURN * (p.random(4) + p.signed(5) * p.age * 0.8)
    tumble = np.cos(TURN * (p.random(6) + (0.4 + 0.8 * p.random(7)) * p.age))
    size = p.size * near * (0.030 + 0.055 * p.random(8)) * np.clip(7 * (1 - p.u), 0, 1)
    wide = size * (0.25 + 0.75 * np.abs(tumble)) * (0.5 + 0.4 * p.random(9))
    lift = 0.4 + 1.6 * np.sin(np.pi * np.clip(p.u * 1.15, 0, 1))
    shadow = _scrap(x + SHADOW[0] * lift, y + SHADOW[1] * lift, size, wide, spin, p.signed(10))
    corners = _scrap(x, y, size, wide, spin, p.signed(10))
    light = np.array([0.34, 0.62, 0.80, 0.95])[np.floor(4 * p.random(11)).astype(int)]
    colour = c.tone(light * (0.82 + 0.18 * tumble), np.where(p.random(12) > 0.6, 1.0, 0.0))
    colour = np.where((p.random(13) < 0.22)[:, None], c.glow(0.0), colour)
    return [
        polygons(shadow, c.tone(0.05), 0.5, soft=0.012 + 0.02 * lift, mode="ink"),
        polygons(corners, colour, 1.0),
    ]


def shard(p: Swarm, c: Colours) -> list[Layer]:
    """Splinters with one bright facet, burst off the body and spinning."""
    angle = around(p, 1)
    far = p.size * (0.14 + (0.35 + 0.8 * p.random(3)) * p.out(BURST))
    x, y, near = p.carry(
        p.focus[0] + far * np.cos(angle), p.focus[1] + 0.9 * far * np.sin(angle) + 0.14 * p.age * p.age
    )
    spin = angle + 0.6 * p.signed(4) + TURN * p.signed(5) * 0.9 * p.age
    size = p.size * near * (0.035 + 0.075 * p.random(6)) * np.clip(3.5 * (1 - p.u), 0, 1)
    wide = size * (0.16 + 0.26 * p.random(7))
    tumble = 0.35 + 0.65 * np.abs(np.cos(TURN * (p.random(8) + p.age * (0.5 + p.random(9)))))
    tip, left, right, tail = (
        np.stack([x + a * size * np.cos(spin) - b * wide * np.sin(spin),
                  y + a * size * np.sin(spin) + b * wide * np.cos(spin)], 1)
        for a, b in ((1.0, 0.0), (-0.25, -tumble), (-0.35, tumble), (-0.75, 0.1))
    )  # fmt: skip
    flash = np.clip(tumble * 1.5 - 0.55, 0, 1) ** 2
    lit = c.tone(0.55 + 0.45 * flash, 0.25)
    lit = lit + (flash**2 * 0.5)[:, None] * c.glow(0.8)
    shade = c.tone(0.16 + 0.22 * p.random(11), 0.7)
    soft = polygons(np.stack([tip, right, tail, left], 1) + np.array(SHADOW), c.tone(0.03), 0.45, soft=0.03, mode="ink")
    return [
        soft,
        polygons(np.stack([tip, left, tail], 1), lit, 1.0),
        polygons(np.stack([tip, right, tail], 1), shade, 1.0),
        strokes(
            (tip[:, 0], tip[:, 1]), (tail[:, 0], tail[:, 1]), (0.0008, 0.0024), c.tone(0.99), 0.35 + 0.6 * flash,
            glow=0.03, glowing=0.5 * flash,
        ),
    ]  # fmt: skip


def petal(p: Swarm, c: Colours) -> list[Layer]:
    """Petals thrown from the flower's heart, that turn and float off."""
    angle = around(p, 1)
    far = p.size * (0.13 + (0.25 + 0.65 * p.random(3)) * p.out(BURST))
    x, y = p.drift(p.focus[0] + far * np.cos(angle), p.focus[1] + far * np.sin(angle), 0.26 * p.u)
    x, y, near = p.carry(x, y + 0.03 * p.age * p.age)
    turn = angle + p.signed(4) * 2.2 * p.age
    size = p.size * near * (0.055 + 0.075 * p.random(5)) * np.clip(4 * (1 - p.u), 0, 1)
    wide = size * (0.26 + 0.22 * np.abs(np.cos(TURN * (p.random(6) + 0.5 * p.age))))
    tone = c.tone(0.62 + 0.36 * p.random(7), p.random(8))
    return [
        leaves(
            (x + SHADOW[0], y + SHADOW[1]), size, wide, turn, c.tone(0.04), 0.42, shade=0.0, soft=0.03, mode="ink"
        ),
        leaves((x, y), size, wide, turn, tone, np.clip(5 * (1 - p.u), 0, 1), shade=0.5),
        strokes(
            (x - 0.8 * size * np.cos(turn), y - 0.8 * size * np.sin(turn)),
            (x + 0.8 * size * np.cos(turn), y + 0.8 * size * np.sin(turn)),
            (0.0012, 0.0004), c.tone(0.99), 0.4 * np.clip(4 * (1 - p.u), 0, 1),
        ),
    ]  # fmt: skip


def bird(p: Swarm, c: Colours) -> list[Layer]:
    """A flock that the hit startles: black wings that rise from the ground and leave the picture."""
    level = p.scene.perspective.level if p.scene.perspective.kind == "ground" else 0.3
    side = np.where(p.of_birth(1) < 0.5, -1.0, 1.0)
    x = -side * (0.15 + 0.8 * p.of_birth(2)) + 0.4 * p.signed(3) + side * (0.16 + 0.14 * p.random(4)) * p.age
    rise = 0.10 + (0.34 + 0.22 * p.random(5)) * p.out(1.3 * p.beat) + 0.02 * p.age
    y = level - rise - 0.12 * p.random(6) + 0.012 * np.sin(TURN * (p.age * 0.7 + p.random(7)))
    hurry = 1 + 1.2 * np.exp(-p.age / 0.5)  # startled
    flap = np.sin(TURN * (p.random(8) + 2.6 * p.age * (0.8 + 0.4 * p.random(9))) * hurry)
    size = p.size * (0.028 + 0.030 * p.random(10)) * np.clip(5 * (1 - p.u), 0, 1)
    layers = []
    for wing in (-1.0, 1.0):
        lift = -0.25 - 0.75 * flap  # radians, up is negative
        angle = np.where(wing > 0, lift, np.pi - lift)
        tip = np.pi * 0 + angle + wing * 0.35 * flap
        mx, my = x + 0.8 * size * np.cos(angle), y + 0.8 * size * np.sin(angle)
        layers.append(leaves((mx, my), size, 0.20 * size, tip, c.tone(0.06), 1.0, shade=0.0))
    body = leaves((x, y), 0.42 * size, 0.13 * size, 0.25 * side + np.zeros(len(p)), c.tone(0.06), 1.0, shade=0.0)
    return [*layers, body]


def dot(p: Swarm, c: Colours) -> list[Layer]:
    """Printed discs that open in a sunflower's order and close again."""
    golden = np.pi * (3 - np.sqrt(5))
    cx, cy = p.focus[0] + 0.5 * (2 * p.of_birth(1) - 1), p.focus[1] + 0.4 * (2 * p.of_birth(2) - 1)
    far = p.size * 0.105 * np.sqrt(p.k + 0.3) * (0.85 + 0.3 * p.out(BURST))
    angle = golden * p.k + TURN * p.of_birth(3) + 0.15 * p.age
    late = 0.006 * p.k
    age = np.maximum(p.age - late, 0)
    pop = (1 - np.exp(-age / 0.05)) * (1 + 0.35 * np.exp(-age / 0.12)) + 0.45 * (p.k < 4)
    radius = p.size * (0.042 - 0.0006 * p.k) * np.minimum(pop, 1.3) * np.clip(2.2 * (1 - p.u), 0, 1)
    x, y, near = p.carry(cx + far * np.cos(angle), cy + far * np.sin(angle))
    colour = np.where((p.of_birth(4) < 0.6)[:, None], c.glow(0.0), c.tone(0.92, 1.0))
    return [blobs((x, y), np.maximum(radius * near, 1e-4), colour, 1.0, mode="solid")]


def bubble(p: Swarm, c: Colours) -> list[Layer]:
    """Bubbles that the kick frees; light on their rims, they sway upwards and burst."""
    x0, y0 = p.focus[0] + 0.75 * p.signed(1), p.focus[1] + 0.25 + 0.4 * p.signed(2)
    sway = 0.05 * np.sin(TURN * (p.random(3) + 0.45 * p.age))
    rise = (0.10 + 0.30 * p.random(4)) * p.age + 0.18 * p.size * p.out(BURST)
    x, y, near = p.carry(*p.drift(x0 + sway, y0 - rise, 0.12 * p.u))
    swell = 0.45 + 0.55 * p.out(0.07) + 0.25 * np.exp(-p.age / 0.1)
    radius = p.size * near * (0.030 + 0.085 * p.random(5) ** 1.5) * swell
    burst = np.clip((p.u - 0.9) / 0.1, 0, 1)
    fade = 0.95 * (1 - burst)
    rim = c.tone(0.92, 0.5)
    return [
        blobs((x, y), radius * 0.97, c.tone(0.25, 0.8), 0.30 * fade, soft=0.004, rim=0.5, mode="ink"),
        blobs(
            (x, y), radius, rim, fade, waves=0.03, phase=TURN * (p.random(6) + p.age), soft=0.004, rim=0.93, glint=1.0
        ),
        rings((x, y), radius * (1 + 0.7 * burst), 0.003, rim, 0.8 * np.sin(np.pi * burst)),
    ]


def bead(p: Swarm, c: Colours) -> list[Layer]:
    """Beads of glass or quicksilver thrown off the subject: the picture shows in them, upside down."""
    angle = around(p, 1)
    far = p.size * (0.14 + (0.22 + 0.75 * p.random(3)) * p.out(BURST))
    x, y = p.drift(p.focus[0] + far * np.cos(angle), p.focus[1] + 0.9 * far * np.sin(angle), 0.22 * p.u)
    x, y, near = p.carry(x, y + 0.05 * p.age * p.age)
    swell = 1 + 0.5 * np.exp(-p.age / 0.09)
    radius = p.size * near * (0.022 + 0.075 * p.random(5) ** 2) * swell * np.clip(4 * (1 - p.u), 0, 1) ** 0.5
    x0, y0 = x + 0.35 * radius, y + 0.55 * radius
    return [
        blobs((x0, y0), 1.05 * radius, c.tone(0.03), 0.45, soft=0.9 * radius, mode="ink"),
        beads((x, y), radius, c.tone(0.9, 0.4), 1.0, c.light, power=1.25, dispersion=0.16, fresnel=0.9, tint=0.12),
    ]
