"""The ground: water that mirrors what stands above it, fields, sand, snow, roads."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from avwalk.painters.worlds.canvas import Canvas, Colours, shaded
from avwalk.painters.worlds.colour_names import from_lch, linear_of
from avwalk.painters.worlds.noise import Field, line_noise, noise, step
from avwalk.painters.worlds.scene import Scene, mix, scaled


def draw_ground(canvas: Canvas, scene: Scene, body: tuple[float, float], time: float) -> None:
    """Paints the ground over the lower part of the canvas.

    Args:
        canvas: with sky and distance.
        scene: what it shows.
        body: where sun or moon stands.
        time: seconds.
    """
    below = np.maximum(canvas.y - np.float32(scene.horizon), 0)
    share = np.asarray(below / (1 - scene.horizon), np.float32)
    away = np.asarray(1.0 / (share + 0.035), np.float32)  # distance of the ground, 1 at our feet
    inside = step(0.0, 1.5 * canvas.pixel, np.asarray(canvas.y - scene.horizon, np.float32))
    u = np.asarray((canvas.x + canvas.pan) * away, np.float32)
    drawn = GROUNDS[scene.ground](canvas, scene, u, away, time)
    if scene.ground == "river":
        drawn = _river(canvas, scene, drawn, u, away, time)
    if scene.ground == "shore":
        drawn = _shore(canvas, scene, drawn, share, u, away, time)
    haze = np.exp(-share / (0.05 + 0.25 * scene.fog)) * (0.55 + 0.4 * scene.fog)
    if scene.ground != "water" or scene.fog:
        drawn += (np.asarray(scene.low, np.float32) - drawn) * haze[..., None].astype(np.float32)
    canvas.lay(inside, drawn, np.asarray(np.clip(0.35 * (1 - share) ** 3, 0, 1), np.float32), hides=0.9)
    if scene.ground in ("water", "wet", "shore", "river") and scene.body:
        _glitter(canvas, scene, body, u, away, share, time)
    if scene.ground in ("wet", "water", "road"):
        _mirrored_light(canvas, scene)
    if scene.ground == "water" and scene.rough > 0.62:
        _billows(canvas, scene, time)


def _mirrored(canvas: Canvas, scene: Scene, shift: Field) -> Colours:
    """What stands above the horizon, upside down, moved sideways by a field of heights of the picture."""
    rows = np.clip(2 * scene.horizon - canvas.y, 0.0, scene.horizon - canvas.pixel)
    rows = np.clip(rows + 0.35 * np.abs(shift), 0, scene.horizon - canvas.pixel)
    r = np.clip((rows * canvas.height).astype(np.int64), 0, canvas.height - 1)
    c = np.arange(canvas.width)[None] + (shift * canvas.height).astype(np.int64)
    return np.asarray(canvas.lab[r, np.clip(c, 0, canvas.width - 1)])


def _mirrored_light(canvas: Canvas, scene: Scene) -> None:
    """Lamps mirrored in water or wet ground, drawn out downwards."""
    edge = int(scene.horizon * canvas.height)
    if not 1 < edge < canvas.height - 1:
        return
    lamps = canvas.light[max(0, edge - (canvas.height - edge)) : edge][::-1]
    wave = noise(canvas.x * 5, canvas.y * 55, scene.seed + 33, 3)[edge : edge + len(lamps)]
    columns = np.arange(canvas.width)[None] + (wave * 0.02 * canvas.height).astype(np.int64)
    moved = np.take_along_axis(lamps, np.clip(columns, 0, canvas.width - 1)[..., None], axis=1)
    long: Any = cv2.GaussianBlur(moved, (0, 0), sigmaX=0.7, sigmaY=max(1.0, 0.03 * canvas.height))
    long *= np.linspace(1, 0, len(lamps), dtype=np.float32)[:, None, None]
    canvas.light[edge : edge + len(lamps)] += long * np.float32(
        0.85 if scene.ground != "water" else 0.45 * (1 - scene.rough) ** 2
    )


def _waves(scene: Scene, u: Field, away: Field, time: float) -> Field:
    """Waves in perspective, −1 to 1."""
    drift = np.float32(time * scene.motion)
    first = noise(u * 1.3 + 0.35 * drift, away * 5.0 + 0.8 * drift, scene.seed + 21, 5, 0.55)
    second = noise(u * 2.9 - 0.25 * drift, away * 9.0 + 1.1 * drift, scene.seed + 22, 4, 0.55)
    return np.asarray(first + 0.6 * second, np.float32)


def _water(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    wave = _waves(scene, u, away, time)
    fade = np.clip(1.6 / away, 0, 1) ** 0.5
    rough = 0.25 + 0.75 * scene.rough
    mirrored = _mirrored(canvas, scene, np.asarray(wave * 0.03 * rough * fade, np.float32))
    own = shaded(np.asarray(np.clip(wave * (0.35 + 1.1 * rough), -1, 1), np.float32), scene.earth, 0.55)
    facing = np.clip(1 - 1.0 / (0.55 * away + 0.45), 0, 1)  # Fresnel: far water mirrors, near water is seen into
    share = (0.25 + 0.65 * facing) * (1 - 0.5 * scene.rough) * np.clip(1.0 + 0.9 * wave * rough, 0.1, 1.25)
    if "ground" in scene.meaning.colours or "all" in scene.meaning.colours:
        share = share * 0.55
    out = own + (mirrored - own) * np.clip(share, 0, 0.95)[..., None].astype(np.float32)
    if scene.rough > 0.55:
        foam = step(0.30 - 0.22 * scene.rough, 0.75 - 0.3 * scene.rough, wave) * (scene.rough - 0.4) * 0.7 * fade
        white = scaled((0.93, scene.low[1] * 0.3, scene.low[2] * 0.3), 0.45 + 0.55 * scene.exposure)
        out += (np.asarray(white, np.float32) - out) * foam[..., None].astype(np.float32)
    return np.asarray(out, np.float32)


def _billows(canvas: Canvas, scene: Scene, time: float) -> None:
    """Great waves one in front of the other, with foam on their crests."""
    strength = (scene.rough - 0.5) * 2
    for k in range(3):
        near = (k + 1) / 3
        x = canvas.across + canvas.pan * near + 0.12 * time * scene.motion * near
        swell = line_noise(x * (2.6 - 1.2 * near) + 0.2 * time, scene.seed + 60 + k, 3, 0.4)
        crest = (1 - np.abs(2.1 * swell)) ** 2 * np.sign(1 - np.abs(2.1 * swell)).clip(0, 1)
        rise = (0.03 + 0.13 * near) * strength * crest
        foot = scene.horizon + (1 - scene.horizon) * (0.10 + 0.30 * near**1.5)
        top = foot - rise + 0.006 * line_noise(x * 26, scene.seed + 70 + k, 4) * near
        under = np.asarray(canvas.y - top[None], np.float32)
        inside = step(0.0, 2 * canvas.pixel, under)
        fade = np.exp(-np.clip(under, 0, None) / (0.05 + 0.13 * near))
        grain = noise(canvas.x * 5 + x[None] * 0, under * 26 - 0.5 * time, scene.seed + 80 + k, 5)
        streak = noise((canvas.x + 0.8 * under) * 12, under * 9, scene.seed + 90 + k, 5)
        tone = np.asarray(np.clip(-0.55 + 1.1 * fade * crest[None] + 0.5 * grain, -1, 1), np.float32)
        body = shaded(tone, scaled(scene.earth, 1.05), 0.6)
        thin = np.exp(-np.clip(under, 0, None) / (0.008 + 0.02 * near)) * np.clip(1.6 * crest[None] - 0.25, 0, 1)
        foam = np.clip(thin + step(0.18, 0.5, streak) * fade * 0.5 * crest[None], 0, 1)
        white = scaled((0.95, scene.low[1] * 0.3, scene.low[2] * 0.3), 0.42 + 0.58 * scene.exposure)
        body += (np.asarray(white, np.float32) - body) * (foam * 0.9)[..., None].astype(np.float32)
        canvas.lay(np.asarray(inside * np.clip(fade * 1.3, 0, 1), np.float32), body, 0.3 * (1 - near))


def _glitter(
    canvas: Canvas, scene: Scene, body: tuple[float, float], u: Field, away: Field, share: Field, time: float
) -> None:
    """The path of light below sun or moon."""
    drift = np.float32(time * scene.motion)
    flakes = noise(u * 4.2 + 0.4 * drift, away * 22 + 1.4 * drift, scene.seed + 31, 4, 0.6)
    width = 0.035 + 0.17 * share
    path = np.exp(-(((canvas.x - body[0]) / width) ** 2)) * (canvas.y > scene.horizon)
    calm = 1 - 0.6 * scene.rough
    glow = path * (0.45 * step(0.05, 0.5, flakes) + 0.18 * calm) * (1 - 0.55 * share) * (1 - 0.8 * scene.fog)
    strength = (0.55 if scene.body == "moon" else 0.9) * (0.35 if scene.ground == "river" else 1.0)
    if scene.time == "noon":
        strength *= 0.4
    canvas.shine(np.asarray(glow, np.float32), linear_of(scene.shine), strength)


def _field(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    sway = np.float32(0.25 * time * scene.motion)
    wind = noise(u * 0.8 + sway, away * 1.4, scene.seed + 5, 4)
    stalks = noise(u * 26, away * 3.2 + 0.4 * wind, scene.seed + 6, 3, 0.6)
    ears = noise(canvas.x * 85 + 4 * wind, canvas.y * 16, scene.seed + 7, 3, 0.6)
    near = np.clip(1.35 / away, 0, 1)
    rows = np.cos(2 * np.pi * (canvas.x + canvas.pan * 0.6) * away * 1.1) * np.clip(1.5 - away * 0.12, 0, 1) * 0.18
    tone = 0.45 * wind + 0.55 * stalks * (1 - near) + 0.5 * ears * near + rows
    return shaded(np.asarray(np.clip(tone, -1, 1), np.float32), scene.earth, 0.42)


def _grass(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    roll = noise(u * 0.45 + canvas.pan, away * 0.9, scene.place_seed % 9973, 4)
    blades = noise(canvas.x * 48, canvas.y * 14 + 0.6 * roll, scene.seed + 6, 4, 0.6)
    near = np.clip(1.5 / away, 0, 1)
    tone = 0.8 * roll + blades * (0.25 + 0.4 * near)
    return shaded(np.asarray(np.clip(tone, -1, 1), np.float32), scene.earth, 0.42)


def _meadow(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    """Grass with flowers in it."""
    out = _grass(canvas, scene, u, away, time)
    rng = np.random.default_rng([scene.seed, 0xF10])
    named = scene.meaning.colours.get("subject")
    hues = (
        [named, named, scaled(named, 1.15)]
        if named
        else [from_lch(0.7, 0.19, h) for h in rng.choice((20, 95, 345, 300, 60), 3)]
    )
    for k, colour in enumerate(hues):
        grow = noise(u * 0.9, away * 1.6, scene.place_seed % 7919 + k, 3)
        cell_x, cell_y = u * (11 + 2 * k), away * (7 + k)
        chance = np.sin(np.floor(cell_x) * 127.1 + np.floor(cell_y) * 311.7 + k * 74.7 + scene.seed % 997) * 43758.5453
        chance -= np.floor(chance)
        part_x = cell_x - np.floor(cell_x) - 0.5 + 0.3 * np.sin(chance * 91.7)  # out of rows
        part_y = cell_y - np.floor(cell_y) - 0.5 + 0.3 * np.cos(chance * 57.3)
        dot = 1 - step(0.16, 0.34, np.asarray(np.hypot(part_x, part_y), np.float32))
        mask = dot * (chance > 0.60 - 0.5 * grow) * np.clip(2.2 / away, 0.25, 1)
        petal = scaled(colour, 0.3 + 0.7 * scene.exposure, 0.4 + 0.6 * min(1, scene.exposure))
        out += (np.asarray(petal, np.float32) - out) * mask[..., None].astype(np.float32)
    return out


def _banks(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    flowers = "flower" in scene.meaning.subjects or "meadow" in scene.meaning.places
    return (_meadow if flowers else _grass)(canvas, scene, u, away, time)


def _sand(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    form = noise(u * 0.35, away * 0.7, scene.place_seed % 9973, 3, 0.4)
    ripples = np.sin(away * 9 + u * 1.2 + 7 * form) * np.clip(2.2 / away - 0.25, 0, 1)
    fine = noise(canvas.x * 90, canvas.y * 90, scene.seed, 3, 0.6)
    return shaded(np.asarray(np.clip(1.2 * form + 0.28 * ripples + 0.12 * fine, -1, 1), np.float32), scene.earth, 0.3)


def _snow(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    form = noise(u * 0.35, away * 0.8, scene.place_seed % 9973, 4, 0.42)
    tone = np.asarray(np.clip(1.3 * form, -1, 0.6), np.float32)
    out = shaded(tone, scene.earth, 0.14)
    shade = np.clip(-tone, 0, 1)[..., None]
    blue = np.asarray(mix(scaled(scene.earth, 0.8), scaled(scene.top, 1.2), 0.5), np.float32)
    return np.asarray(out + (blue - out) * (0.8 * shade), np.float32)


def _rock(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    form = 1 - 2 * np.abs(noise(u * 0.9, away * 1.6, scene.place_seed % 9973, 6, 0.55))
    return shaded(np.asarray(np.clip(1.4 * form - 0.5, -1, 1), np.float32), scene.earth, 0.5)


def _moss(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    form = noise(u * 0.9, away * 1.6, scene.place_seed % 9973, 6, 0.55)
    path = np.exp(-(((canvas.x + canvas.pan * 0.3 - 0.12 * np.sin(away)) * away * 1.5) ** 2))
    tone = np.asarray(np.clip(1.2 * form + 0.5 * path - 0.1, -1, 1), np.float32)
    return shaded(tone, mix(scene.earth, scaled(scene.low, 0.7), 0.15), 0.5)


def _lava(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    form = np.abs(noise(u * 0.8, away * 1.3 - 0.1 * time, scene.seed + 4, 5, 0.5))
    hot = np.exp(-form / 0.06)
    out = shaded(np.asarray(np.clip(form * 2 - 0.6, -1, 1), np.float32), scene.earth, 0.5)
    glow = np.array(from_lch(0.74, 0.2, 48), np.float32)
    return np.asarray(out + (glow - out) * hot[..., None].astype(np.float32), np.float32)


def _wet(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    """Wet ground, or a river before a town: it mirrors, drawn out downwards."""
    wave = noise(u * 3.0 + 0.3 * time, away * 14, scene.seed + 21, 4, 0.5)
    mirrored = _mirrored(canvas, scene, np.asarray(wave * 0.012, np.float32))
    own = shaded(np.asarray(0.6 * wave, np.float32), scene.earth, 0.4)
    return np.asarray(own + (mirrored * np.array([0.86, 1, 1], np.float32) - own) * 0.62, np.float32)


def _road(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    out = (
        _wet(canvas, scene, u, away, time) if "rain" in scene.meaning.weathers else _grass(canvas, scene, u, away, time)
    )
    half = 1 - step(0.30, 0.34, np.asarray(np.abs((canvas.x + canvas.pan * 0.2) * away) * 0.55, np.float32))
    stones = noise(u * 9, away * 12, scene.seed + 8, 3)
    way = shaded(np.asarray(0.6 * stones, np.float32), scaled(scene.earth, 1.15, 0.6), 0.35)
    return np.asarray(out + (way - out) * (half * 0.85)[..., None], np.float32)


def _cloudsea(canvas: Canvas, scene: Scene, u: Field, away: Field, time: float) -> Colours:
    form = noise(u * 0.6 + 0.1 * time * scene.motion, away * 1.2, scene.seed + 3, 6, 0.5)
    return shaded(np.asarray(np.clip(1.4 * form, -1, 1), np.float32), mix(scene.earth, scene.low, 0.5), 0.2)


def _river(canvas: Canvas, scene: Scene, banks: Colours, u: Field, away: Field, time: float) -> Colours:
    """Winding water between banks of grass."""
    middle = 0.22 * np.sin(away * 0.9 + scene.place_seed % 7) / np.sqrt(away) + 0.12 * canvas.pan
    wide = 0.24 / away**0.85 + 0.008
    water = _water(canvas, _with_earth(scene), u, away, time)
    inside = 1 - step(
        0.0, 1.0, np.asarray((np.abs(canvas.x - middle) - wide) / (0.12 * wide + canvas.pixel), np.float32)
    )
    return np.asarray(banks + (water - banks) * inside[..., None], np.float32)


def _with_earth(scene: Scene) -> Scene:
    from dataclasses import replace

    return replace(scene, earth=scaled(from_lch(0.50, 0.06, 225), scene.exposure))


def _shore(canvas: Canvas, scene: Scene, sand: Colours, share: Field, u: Field, away: Field, time: float) -> Colours:
    """The sea beyond a line of surf."""
    drift = 0.035 * np.sin(0.6 * time * scene.motion)
    line = 0.46 + drift + 0.10 * line_noise(canvas.across * 1.4 + canvas.pan, scene.place_seed % 9973, 4)[None]
    line = np.asarray(line + 0.12 * canvas.x / canvas.aspect, np.float32)
    sea_colour = scaled(from_lch(0.52, 0.085, 222), scene.exposure)
    from dataclasses import replace

    sea = _water(canvas, replace(scene, earth=sea_colour), u, away, time)
    at = np.asarray(share - line, np.float32)
    wet = np.exp(-np.clip(at, 0, None) / 0.07)
    sand = sand * (1 - 0.22 * wet[..., None])
    out = sea + (sand - sea) * step(-0.01, 0.01, at)[..., None]
    froth = np.exp(-((at / 0.016) ** 2)) + 0.6 * np.exp(-(((at + 0.075) / 0.012) ** 2))
    froth *= np.clip(0.75 + noise(canvas.x * 16, canvas.y * 40, scene.seed + 13, 4), 0, 1)
    white = scaled((0.95, scene.low[1] * 0.3, scene.low[2] * 0.3), 0.4 + 0.6 * scene.exposure)
    out += (np.asarray(white, np.float32) - out) * np.clip(froth, 0, 1)[..., None].astype(np.float32)
    return np.asarray(out, np.float32)


GROUNDS = {
    "water": _water,
    "shore": _sand,
    "river": _banks,
    "field": _field,
    "grass": _grass,
    "meadow": _meadow,
    "sand": _sand,
    "snow": _snow,
    "rock": _rock,
    "moss": _moss,
    "lava": _lava,
    "wet": _wet,
    "road": _road,
    "cloudsea": _cloudsea,
}
"""Kind → its colours over the whole canvas, from positions on the ground, its distance, and the time."""
