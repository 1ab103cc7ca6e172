"""Places without a horizon: space, under water, caves, rooms, fire."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from avwalk.painters.worlds.air import glow_dots
from avwalk.painters.worlds.canvas import Canvas, ramp, shaded
from avwalk.painters.worlds.colour_names import Lab, from_lch, linear_of
from avwalk.painters.worlds.fires import campfire
from avwalk.painters.worlds.noise import line_noise, noise, step
from avwalk.painters.worlds.scene import Scene, mix, scaled


def _colour(scene: Scene, usual: Lab, *parts: str) -> Lab:
    named = scene.meaning.colours
    return next((named[part] for part in (*parts, "all", "air", "sky") if part in named), usual)


def draw_space(canvas: Canvas, scene: Scene, time: float) -> None:
    """Stars, nebula, and a planet on a third."""
    colour = _colour(scene, from_lch(0.5, 0.15, float(np.random.default_rng(scene.seed).choice((265, 300, 340, 200)))))
    canvas.lab[:] = np.array(scaled(colour, 0.16, 0.3), np.float32)
    t = 0.02 * time * scene.motion
    warp = noise(canvas.x * 0.9, np.asarray(canvas.y * 0.9 + t, np.float32), scene.seed + 1, 4)
    cloud = noise(
        np.asarray(canvas.x * 1.2 + 1.6 * warp + t, np.float32), canvas.y * 1.2 - 1.2 * warp, scene.seed + 2, 6, 0.55
    )
    dense = step(-0.62, 0.2, np.asarray(cloud - 0.55 * np.abs(canvas.y - 0.5 + 0.35 * canvas.x), np.float32))
    other = from_lch(0.62, 0.13, float(np.rad2deg(np.arctan2(colour[2], colour[1])) + 55))
    hues = ramp(step(-0.3, 0.3, noise(canvas.x * 1.1, canvas.y * 1.1, scene.seed + 4, 3)), colour, other)
    hues[..., 0] *= 0.5 + 0.9 * dense
    canvas.lay(np.asarray(dense * 0.92, np.float32), hues)
    rng = np.random.default_rng([scene.seed, 0x57A])
    glow = np.zeros((canvas.height, canvas.width), np.float32)
    many = int(260 * canvas.aspect)
    for (x, y), bright in zip(rng.random((many, 2)), rng.pareto(1.6, many) * 0.1 + 0.04, strict=True):
        radius = canvas.height * (0.001 + 0.0016 * min(1, float(bright)))
        at = (int(x * canvas.width * 16), int(y * canvas.height * 16))
        cv2.circle(glow, at, int(max(0.55, radius) * 16), min(1.0, float(bright)), -1, cv2.LINE_AA, 4)
    canvas.shine(
        np.asarray(glow + 2 * cv2.GaussianBlur(glow, (0, 0), canvas.height * 0.004), np.float32),
        linear_of((0.97, 0, -0.015)),
    )
    side = -1.0 if rng.random() < 0.5 else 1.0
    _planet(canvas, scene, (side * 0.24 * canvas.aspect, 0.56), 0.24 + 0.06 * float(rng.random()), other, t)


def _planet(canvas: Canvas, scene: Scene, at: tuple[float, float], radius: float, colour: Lab, turn: float) -> None:
    x, y = (canvas.x - at[0]) / radius, (canvas.y - at[1]) / radius
    inside = np.clip(1 - np.hypot(x, y), 0, None)
    z = np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
    bands = noise(
        np.asarray(x * 0.8 + turn, np.float32), np.asarray(y * 4.5 + 0.4 * x, np.float32), scene.place_seed % 9973, 5
    )
    light = np.clip(-0.62 * x - 0.42 * y + 0.66 * z, 0, 1)
    colours = shaded(np.asarray(0.9 * bands, np.float32), _colour(scene, colour, "subject"), 0.32)
    colours[..., 0] *= 0.16 + 0.95 * light
    mask = step(0.0, 2.5 * canvas.pixel / radius, np.asarray(inside, np.float32))
    canvas.lay(mask, colours, hides=1.0)
    rim = np.exp(-np.abs(np.hypot(x, y) - 1) / 0.035) * np.clip(-0.7 * x - 0.5 * y + 0.2, 0, 1)
    canvas.shine(np.asarray(rim, np.float32), linear_of(scaled(colour, 1.25)), 0.5)


def draw_underwater(canvas: Canvas, scene: Scene, time: float) -> None:
    """Shafts of light from above, a reef below, bubbles."""
    colour = _colour(scene, from_lch(0.55, 0.10, 222), "ground")
    dim = 0.55 if scene.time == "night" or scene.meaning.tone < 0 else 1.0
    canvas.lab[:] = ramp(canvas.y**0.85, scaled(colour, 1.5 * dim), scaled(colour, 0.34 * dim))
    spread = (canvas.x - 0.15) / (canvas.y + 0.75)
    t = 0.15 * time * scene.motion
    shafts = noise(
        np.asarray(spread * 7 + 0.3 * t, np.float32), np.asarray(canvas.y * 0.3 + t, np.float32), scene.seed + 1, 4
    )
    beam = np.clip(shafts * 1.6, 0, 1) * np.exp(-canvas.y / 0.42)
    canvas.shine(np.asarray(beam, np.float32), linear_of(scaled(colour, 1.6)), 0.5 * dim)
    for k in range(3):
        near = (k + 1) / 3
        top = (
            0.93
            - 0.12 * (1 - near)
            - 0.16 * np.abs(line_noise(canvas.across * 2.2 + canvas.pan * near, scene.place_seed % 997 + k, 5, 0.6))
        )
        inside = step(0.0, 2 * canvas.pixel, np.asarray(canvas.y - top[None], np.float32))
        rough = noise(canvas.x * 9, canvas.y * 12, scene.seed + 9 + k, 5)
        reef = mix(scaled(colour, 0.5 - 0.32 * near), from_lch(0.4, 0.11, 25), 0.4 * near)
        canvas.lay(inside, shaded(rough, scaled(reef, dim), 0.5), 0.6 * (1 - near))
    glow_dots(canvas, scene.seed, 26, scaled(colour, 1.5), (0.1, 0.9))


def draw_cave(canvas: Canvas, scene: Scene, time: float) -> None:
    """Rock around an opening of light, folds of rock one in front of the other."""
    light = _colour(scene, from_lch(0.86, 0.07, 75) if scene.time != "night" else from_lch(0.6, 0.06, 250), "light")
    rock = _colour(scene, from_lch(0.36, 0.035, 55), "ground", "far")
    rng = np.random.default_rng([scene.place_seed, 0xCAFE])
    x0, y0 = float(rng.normal(0, 0.12)) - 0.2 * canvas.pan, 0.47 + 0.05 * float(rng.normal())
    angle = np.arctan2(canvas.y - y0, canvas.x - x0)
    radius = np.asarray(np.hypot((canvas.x - x0) * 0.85, canvas.y - y0), np.float32)
    canvas.lab[:] = ramp(np.asarray(np.clip(radius / 0.3, 0, 1), np.float32), scaled(light, 1.05), scaled(light, 0.85))
    for k in range(5):
        near = (k + 1) / 5
        wobble = noise(
            np.asarray(np.cos(angle) * (1.3 + near), np.float32),
            np.asarray(np.sin(angle) * (1.3 + near), np.float32),
            scene.place_seed % 997 + k,
            4,
        )
        edge = np.asarray((0.16 + 0.125 * k) * (1 + 0.75 * wobble), np.float32)
        inside = step(-canvas.pixel, canvas.pixel, np.asarray(radius - edge, np.float32))
        rough = 1 - 2 * np.abs(noise(canvas.x * 4.5, canvas.y * 4.5, scene.place_seed % 991 + 9 * k, 6, 0.55))
        rim = np.exp(-np.clip(radius - edge, 0, None) / 0.05)
        tone = np.asarray(np.clip(0.7 * rough - 0.4 + 1.0 * rim, -1, 1), np.float32)
        colour = mix(mix(rock, light, 0.4 * (1 - near)), scaled(rock, 0.4), near * 0.75)
        canvas.lay(inside, shaded(tone, colour, 0.5), 1 - near)


def draw_interior(canvas: Canvas, scene: Scene, time: float) -> None:
    """A room with a tall window, its light on floor and wall."""
    wall = _colour(scene, from_lch(0.62, 0.05, 65), "far", "ground")
    dark = scene.is_dark
    wall = scaled(wall, 0.5 if dark else 0.92)
    rng = np.random.default_rng([scene.place_seed, 0x1007])
    x0 = float(rng.choice((-0.3, 0.28))) * canvas.aspect * 0.6 - 0.25 * canvas.pan
    floor_y = 0.74 + 0.04 * float(rng.random())
    grain = noise(canvas.x * 2.2, canvas.y * 2.2, scene.place_seed % 997, 6)
    canvas.lab[:] = shaded(np.asarray(0.35 * grain, np.float32), wall, 0.3)
    below = np.asarray(np.clip(canvas.y - floor_y, 0, None), np.float32)
    away = 1 / (below + 0.12)
    planks = np.cos(2 * np.pi * canvas.x * away * 0.9) + noise(
        np.asarray(canvas.x * away * 2, np.float32), np.asarray(away * 9, np.float32), 5, 4
    )
    floor = shaded(
        np.asarray(np.clip(0.35 * planks, -1, 1), np.float32),
        scaled(mix(wall, from_lch(0.42, 0.07, 50), 0.6), 0.7),
        0.35,
    )
    canvas.lay(step(0, 2 * canvas.pixel, below), floor, 0.2)
    half, top, bottom = 0.17, 0.14, 0.60
    u, v = (canvas.x - x0) / half, (canvas.y - top) / (bottom - top)
    arch = (np.abs(u) < 1) & (v < 1) & (v > 0.22 * u**2)
    bars = (np.abs(u) < 0.045) | (np.abs(v - 0.45) < 0.016) | (np.abs(v - 0.75) < 0.014)
    pane = np.asarray(arch & ~bars, np.float32)
    view = ramp(np.asarray(np.clip(v, 0, 1), np.float32), scene.top, scene.low)
    canvas.lay(np.asarray(cv2.GaussianBlur(np.asarray(arch, np.float32), (0, 0), 0.8), np.float32), scaled(wall, 0.5))
    canvas.lay(np.asarray(cv2.GaussianBlur(pane, (0, 0), 0.7), np.float32), view, 1.0)
    shine = scene.meaning.colours.get("light", scene.low if not dark else from_lch(0.8, 0.12, 72))
    slant = (canvas.x - x0 - 0.75 * np.clip(canvas.y - bottom, 0, None) * (1 if x0 < 0 else -1)) / (
        half * (1 + 0.6 * below)
    )
    patch = np.exp(-(slant**6)) * (canvas.y > floor_y) * np.exp(-below / 0.22)
    canvas.shine(np.asarray(patch, np.float32), linear_of(shine), 0.34 if not dark else 0.10)
    soft = np.exp(-np.hypot(canvas.x - x0, (canvas.y - 0.45) * 0.8) / 0.4)
    canvas.shine(np.asarray(soft, np.float32), linear_of(shine), 0.16 if not dark else 0.05)
    if "books" in scene.meaning.subjects:
        _shelves(canvas, scene, wall, x0, floor_y)
    if {"campfire", "fire", "flames"} & scene.meaning.lights:
        _hearth(canvas, scene, wall, -x0, floor_y, time)
    elif dark or "lamps" in scene.meaning.lights:
        lamp = (-0.55 * np.sign(x0) * canvas.aspect * 0.45, floor_y - 0.16)
        distance = np.hypot(canvas.x - lamp[0], canvas.y - lamp[1])
        warm = linear_of(scene.meaning.colours.get("light", from_lch(0.86, 0.12, 74)))
        flame = np.exp(-(((canvas.x - lamp[0]) / 0.010) ** 2) - ((canvas.y - lamp[1]) / 0.026) ** 2)
        canvas.shine(np.asarray(flame * 1.1 + 0.42 * np.exp(-distance / 0.22), np.float32), warm, 0.9)
        stick = (np.abs(canvas.x - lamp[0]) < 0.012) & (canvas.y > lamp[1] + 0.02) & (canvas.y < floor_y + 0.05)
        canvas.lay(np.asarray(stick, np.float32), (0.5, 0.01, 0.03))


def _shelves(canvas: Canvas, scene: Scene, wall: Lab, x0: float, floor_y: float) -> None:
    """Shelves of books over the wall, but for the window."""
    top, rows = 0.07, 6
    tall = (floor_y - 0.02 - top) / rows
    free = np.abs(canvas.x - x0) > 0.24
    inside = np.asarray(free & (canvas.y > top - 0.012) & (canvas.y < floor_y), np.float32)
    wood = mix(scaled(wall, 0.55), from_lch(0.34, 0.055, 55), 0.7)
    grain = noise(canvas.x * 3, canvas.y * 40, scene.place_seed % 977, 4)
    canvas.lay(inside, shaded(np.asarray(0.4 * grain, np.float32), wood, 0.3), 0.8)
    up = (canvas.y - top) / tall
    row = np.floor(up)
    slot = 0.0165 * (1 + 0.28 * np.sin(5.1 * row))
    at = (canvas.x + 0.31 * row) / slot
    book = np.floor(at + 0.22 * np.sin(np.floor(at) * 2.1))
    chance = np.sin(book * 12.9898 + row * 78.233 + scene.place_seed % 997) * 43758.5453
    chance = np.asarray(chance - np.floor(chance), np.float32)
    high = 0.58 + 0.32 * chance
    case = np.abs(np.mod(canvas.x + 0.02, 0.42) - 0.21) > 0.012  # the uprights
    edge = np.abs(at - np.round(at)) < 0.10
    spine = inside * (1 - (up - row) < high) * (up - row < 0.93) * (row >= 0) * (row < rows) * case * (chance > 0.06)
    shade = np.asarray(np.where(edge, -0.6, 0.35 * np.sin(2 * np.pi * (at - np.floor(at))) + 0.1), np.float32)
    bright = 0.5 if scene.is_dark else 0.92
    for k, (lightness, chroma, hue) in enumerate(
        ((0.42, 0.09, 25), (0.40, 0.06, 150), (0.36, 0.06, 255), (0.62, 0.07, 75))
    ):
        some = np.asarray(spine * (np.floor(chance * 97) % 4 == k), np.float32)
        canvas.lay(some, shaded(shade, scaled(from_lch(lightness, chroma, hue), bright), 0.35), 0.8)
    band = spine * (np.abs(1 - (up - row) - 0.72 * high) < 0.018)
    canvas.lay(np.asarray(band * 0.7, np.float32), scaled(from_lch(0.74, 0.09, 85), bright), 0.8)


def _hearth(canvas: Canvas, scene: Scene, wall: Lab, x0: float, floor_y: float, time: float) -> None:
    """A fireplace of stone in which a fire burns, and its light on the floor."""
    x0 = float(np.clip(x0, -0.34 * canvas.aspect, 0.34 * canvas.aspect))
    x = canvas.x - x0
    stone = mix(scaled(wall, 0.75), from_lch(0.50, 0.02, 70), 0.6)
    stones = noise(
        np.asarray(np.floor(canvas.x * 19), np.float32), np.asarray(np.floor(canvas.y * 26) * 1.7, np.float32), 31, 1
    )
    rough = noise(canvas.x * 30, canvas.y * 30, scene.place_seed % 971, 4)
    tone = np.asarray(0.7 * stones + 0.4 * rough, np.float32)
    front = (np.abs(x) < 0.20) & (canvas.y > floor_y - 0.36) & (canvas.y < floor_y + 0.03)
    chimney = (np.abs(x) < 0.13) & (canvas.y < floor_y - 0.36)
    canvas.lay(np.asarray(front | chimney, np.float32), shaded(tone, stone, 0.32), 0.5)
    shelf = (np.abs(x) < 0.235) & (np.abs(canvas.y - floor_y + 0.365) < 0.017)
    canvas.lay(np.asarray(shelf, np.float32), scaled(stone, 0.6), 0.4)
    v = (canvas.y - (floor_y - 0.27)) / 0.29
    mouth = (np.abs(x) < 0.135) & (v < 1) & (v > 0.45 * (x / 0.135) ** 2)
    canvas.lay(np.asarray(mouth, np.float32), (0.13, 0.01, 0.015), 0.4)
    campfire(canvas, scene, (x0, floor_y + 0.005), 0.15, time)


def draw_fire(canvas: Canvas, scene: Scene, time: float) -> None:
    """Flames that rise into the dark."""
    colour = _colour(scene, from_lch(0.70, 0.19, 48), "light")
    canvas.lab[:] = np.array(scaled(colour, 0.2, 0.3), np.float32)
    rise = 0.9 * time * scene.motion
    warp = noise(canvas.x * 2.2, np.asarray(canvas.y * 1.4 + 0.6 * rise, np.float32), scene.seed + 1, 4)
    flame = noise(
        np.asarray(canvas.x * 3.2 + 0.9 * warp, np.float32),
        np.asarray(canvas.y * 1.7 + rise, np.float32),
        scene.seed + 2,
        5,
        0.5,
    )
    wide = 0.25 + 0.75 * np.exp(-((canvas.x / (0.30 * canvas.aspect)) ** 2))
    heat = np.clip(1.5 * canvas.y * wide - 0.42 + 0.95 * flame * (1.2 - canvas.y), 0, 1.2)
    out = shaded(np.asarray(np.clip(heat * 2 - 1, -1, 1), np.float32), colour, 0.4)
    hue = from_lch(0.9, 0.13, 95)
    hot = step(0.55, 1.05, np.asarray(heat, np.float32))
    out += (np.asarray(hue, np.float32) - out) * hot[..., None]
    canvas.lay(step(0.02, 0.5, np.asarray(heat, np.float32)), out)
    canvas.shine(np.asarray(np.clip(heat - 0.5, 0, 1), np.float32), linear_of(colour), 0.4)
    glow_dots(canvas, scene.seed, 24, scaled(colour, 1.15), (0.05, 0.75))


def draw_flower(canvas: Canvas, scene: Scene, time: float) -> None:
    """A flower from near: rings of petals one in front of the other, before soft green."""
    named = scene.meaning.colours
    colour = named.get("subject") or named.get("all") or from_lch(0.62, 0.17, 8)
    soft = noise(canvas.x * 1.6, canvas.y * 1.6, scene.seed + 2, 3)
    dim = 0.72 if scene.time == "night" else 1.0
    canvas.lab[:] = shaded(soft, scaled(from_lch(0.36, 0.075, 142), dim), 0.6)
    glow_dots(canvas, scene.seed, 14, scaled(from_lch(0.5, 0.09, 120), dim), (0.0, 1.0))
    rng = np.random.default_rng([scene.seed, 0xF107])
    side = float(rng.choice((-0.14, 0.12)))
    x, y = canvas.x - side, (canvas.y - 0.5) * 1.06
    angle, radius = np.arctan2(y, x), np.asarray(np.hypot(x, y), np.float32)
    sway = 0.05 * np.sin(0.7 * time * scene.motion)
    rings = 9
    for k in range(rings):
        reach = 0.44 * (1 - k / rings) ** 0.85 + 0.012
        petals = (5, 6, 5, 5, 5, 4, 4, 3, 3)[k]
        turn = k * 2.39996 + 0.15 * float(rng.normal()) + sway * (1 - k / rings)
        wave = np.abs(np.cos(0.5 * petals * (angle - turn))) ** 0.45
        edge = (
            reach
            * (0.80 + 0.20 * wave)
            * (
                1
                + 0.05
                * noise(
                    np.asarray(np.cos(angle) * 3, np.float32),
                    np.asarray(np.sin(angle) * 3, np.float32),
                    scene.seed + 20 + k,
                    3,
                )
            )
        )
        inside = 1 - step(-1.2 * canvas.pixel, 1.2 * canvas.pixel, np.asarray(radius - edge, np.float32))
        shadow = np.clip(1 - (radius - edge) / 0.045, 0, 1) * (radius > edge)
        canvas.lay(np.asarray(0.45 * shadow * (k > 0), np.float32), scaled(colour, 0.3, 0.8))
        veins = noise(np.asarray(angle * 9, np.float32), np.asarray(radius * 6, np.float32), scene.seed + 40 + k, 4)
        rise = np.clip(radius / np.maximum(edge, 1e-3), 0, 1)
        tone = np.asarray(np.clip(1.3 * rise**3 - 0.55 + 0.18 * veins + 0.2 * wave - 0.06 * k, -1, 1), np.float32)
        canvas.lay(np.asarray(inside, np.float32), shaded(tone, scaled(colour, dim), 0.42))


ENCLOSED_PLACES: dict[str, Callable[[Canvas, Scene, float], None]] = {
    "space": draw_space,
    "underwater": draw_underwater,
    "cave": draw_cave,
    "interior": draw_interior,
    "fire": draw_fire,
    "flower": draw_flower,
}
"""Place → its drawing."""
