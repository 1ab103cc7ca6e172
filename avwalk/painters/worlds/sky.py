"""The sky: gradient, clouds, sun or moon, stars, northern lights, lightning."""

from __future__ import annotations

import cv2
import numpy as np

from avwalk.painters.worlds.canvas import Canvas, ramp, shaded
from avwalk.painters.worlds.colour_names import Lab, from_lch, linear_of
from avwalk.painters.worlds.noise import Field, line_noise, noise, step
from avwalk.painters.worlds.scene import Scene, mix, scaled


def draw_sky(canvas: Canvas, scene: Scene, time: float) -> tuple[float, float]:
    """Paints the whole canvas as sky; gives where sun or moon stands: heights from the middle, share from the top."""
    height = scene.horizon
    up = np.clip(canvas.y / height, 0, 1)
    canvas.lab[:] = ramp(np.asarray(up**1.25, np.float32), scene.top, scene.low)
    body = body_place(canvas, scene)
    if scene.time in ("dawn", "dusk"):
        glow = np.exp(-((canvas.x - body[0]) ** 2 + (2.6 * (canvas.y - height)) ** 2) / 0.22).astype(np.float32)
        warm = mix(scene.low, from_lch(min(0.9, scene.low[0] + 0.1), 0.14, 62), 0.6)
        canvas.lay(glow * 0.75, warm)
    if scene.time == "night" and scene.clouds < 0.8 and scene.fog < 0.7:
        _stars(canvas, scene)
    _body(canvas, scene, body)
    if "aurora" in scene.meaning.weathers:
        _aurora(canvas, scene, time)
    _clouds(canvas, scene, body, time)
    if "storm" in scene.meaning.weathers and scene.seed % 3 != 2:
        _lightning(canvas, scene)
    return body


def body_place(canvas: Canvas, scene: Scene) -> tuple[float, float]:
    """Where sun or moon stands, on a third of the picture."""
    rng = np.random.default_rng([scene.place_seed, 0xB0D])
    side = -1.0 if rng.random() < 0.5 else 1.0
    x = side * canvas.aspect * (0.16 + 0.08 * rng.random())
    high = {"dawn": 0.82, "dusk": 0.86, "noon": 0.28, "night": 0.38, "day": 0.4}[scene.time]
    return float(x), float(scene.horizon * (high + 0.08 * rng.random()))


def _body(canvas: Canvas, scene: Scene, at: tuple[float, float]) -> None:
    """Sun or moon with its halo."""
    if not scene.body:
        return
    distance = np.hypot(canvas.x - at[0], canvas.y - at[1])
    colour = linear_of(scene.shine)
    moon = scene.body == "moon"
    radius = 0.045 if moon else 0.05 if scene.time in ("dawn", "dusk") else 0.036
    veil = 1 - 0.7 * scene.clouds * scene.fog
    disc = 1 - step(radius - canvas.pixel, radius + canvas.pixel, distance)
    face = shaded(0.5 * noise(canvas.x * 18, canvas.y * 18, scene.place_seed, 4), scene.shine, 0.16 if moon else 0.0)
    canvas.lay(np.asarray(disc * veil, np.float32), face)
    near = np.exp(-np.maximum(distance - radius, 0) / 0.06) * (0.22 if moon else 0.34)
    wide = np.exp(-np.maximum(distance - radius, 0) / 0.28) * (0.06 if moon else 0.16)
    canvas.shine(np.asarray((near + wide) * veil, np.float32), colour * (0.5 if moon else 0.7))


def _stars(canvas: Canvas, scene: Scene) -> None:
    """Stars of many magnitudes, and a faint band."""
    rng = np.random.default_rng([scene.seed, 0x57A])
    many = int(190 * canvas.aspect * (1.7 if "stars" in scene.meaning.lights else 1.0))
    glow = np.zeros((canvas.height, canvas.width), np.float32)
    band = noise(canvas.x * 1.3 + canvas.y * 2.1, canvas.y * 1.5 - canvas.x * 0.8, scene.seed + 1, 6)
    across = np.exp(-((canvas.y - 0.28 + 0.45 * canvas.x) ** 2) / 0.018)
    glow += np.asarray(
        0.05 * across * step(-0.35, 0.5, band) * (2.0 if "stars" in scene.meaning.lights else 0.7), np.float32
    )
    places = rng.random((many, 2)) * (canvas.width, canvas.height * scene.horizon)
    for (x, y), brightness in zip(places, rng.pareto(1.6, many) * 0.06 + 0.02, strict=True):
        size = canvas.height * (0.0011 + 0.0012 * min(1.0, float(brightness)))
        cv2.circle(
            glow, (int(x * 16), int(y * 16)), int(max(0.55, size) * 16), min(0.9, float(brightness)), -1, cv2.LINE_AA, 4
        )
    fade = np.clip(1.25 * (1 - canvas.y / scene.horizon), 0, 1)
    canvas.shine(np.asarray(glow * fade, np.float32), linear_of((0.97, 0.0, -0.02)))


def _clouds(canvas: Canvas, scene: Scene, body: tuple[float, float], time: float) -> None:
    """Clouds as a layer overhead: flat and small towards the horizon, lit from where sun or moon stands."""
    above = np.maximum(scene.horizon - canvas.y, 0) / scene.horizon
    near = np.asarray(1.0 / (0.16 + above), np.float32)
    drift = np.float32(0.06 * time * scene.motion)
    u = (canvas.x + canvas.pan * 0.2) * near * 0.85 + drift
    v = near * 2.1 + np.float32(0.02 * time * scene.motion)
    seed = scene.seed * 3 + 11
    form = noise(u, v, seed, 6, 0.52) + 0.35 * noise(u * 0.4, v * 0.4, seed + 1, 3)
    edge = 0.42 - 0.72 * scene.clouds
    cover = step(edge, edge + 0.32, np.asarray(form, np.float32))
    cover *= step(0.0, 0.12, np.asarray(above, np.float32)) * (0.92 if scene.clouds > 0.6 else 0.82)
    lit = noise(u + 0.10 * np.sign(body[0]), v + 0.16, seed, 6, 0.52) + 0.35 * noise(
        u * 0.4, v * 0.4 + 0.1, seed + 1, 3
    )
    tone = np.asarray(np.clip(3.2 * (form - lit), -1, 1), np.float32)
    dark = "storm" in scene.meaning.weathers or "rain" in scene.meaning.weathers
    colour = _cloud_colour(scene, dark)
    shades = shaded(tone, colour, 0.42 if dark else 0.2)
    if scene.body and scene.time != "night":
        close = np.exp(-((canvas.x - body[0]) ** 2 + (canvas.y - body[1]) ** 2) / 0.12).astype(np.float32)
        shades += (np.asarray(mix(scene.low, scene.shine, 0.5), np.float32) - shades) * (0.55 * close[..., None])
    canvas.lay(np.asarray(cover, np.float32), shades)


def _cloud_colour(scene: Scene, dark: bool) -> Lab:
    if dark:
        return scaled(mix(scene.top, scene.low, 0.4), 0.86)
    if scene.time == "night":
        return scaled(scene.low, 0.92, 0.8)
    if scene.time in ("dawn", "dusk"):
        return mix(scaled(scene.low, 1.02, 1.1), scene.top, 0.35)
    return mix(scene.low, (0.95, scene.low[1] * 0.4, scene.low[2] * 0.4), 0.7)


def _lightning(canvas: Canvas, scene: Scene) -> None:
    """A forked bolt from the clouds to the horizon."""
    rng = np.random.default_rng([scene.seed, 0x117])
    glow = np.zeros((canvas.height, canvas.width), np.float32)
    start = np.array([canvas.width * (0.25 + 0.5 * rng.random()), 0.02 * canvas.height])
    paths = [(start, scene.horizon * canvas.height * 0.98, 1.0)]
    while paths:
        at, until, strength = paths.pop()
        lean = rng.normal(0, 0.25)
        while at[1] < until:
            further = at + (canvas.height * 0.022) * np.array([lean + rng.normal(0, 0.75), 0.6 + rng.random()])
            ends = [tuple(int(v * 16) for v in each) for each in (at, further)]
            thick = max(1, round(canvas.height * 0.003 * strength))
            cv2.line(glow, ends[0], ends[1], strength, thick, cv2.LINE_AA, 4)
            if strength > 0.5 and rng.random() < 0.14:
                paths.append((further.copy(), further[1] + canvas.height * (0.08 + 0.12 * rng.random()), 0.42))
            at = further
    sigma = canvas.height * 0.02
    soft = cv2.GaussianBlur(glow, (0, 0), sigma) * 5 + cv2.GaussianBlur(glow, (0, 0), sigma * 6) * 9
    sky = canvas.y < scene.horizon
    canvas.shine(np.asarray((glow * 0.9 + soft * 0.35) * sky, np.float32), linear_of((0.95, -0.01, -0.05)))


def _aurora(canvas: Canvas, scene: Scene, time: float) -> None:
    """Curtains of green and violet light."""
    for k, (colour, strength) in enumerate(((from_lch(0.86, 0.2, 150), 0.55), (from_lch(0.72, 0.2, 320), 0.28))):
        base = 0.5 * scene.horizon + 0.16 * line_noise(canvas.across * 1.6 + 0.05 * time, scene.seed + 40 + k, 4)
        above = np.asarray(base[None] + 0.06 * k - canvas.y, np.float32)
        folds = 0.55 + 0.9 * line_noise(canvas.across * 7 + 0.1 * time, scene.seed + 50 + k, 5)
        body: Field = np.asarray(np.exp(-above / (0.16 + 0.08 * k)) * (above > 0), np.float32)
        edge = np.exp(-np.abs(above) / 0.012) * (above <= 0)
        canvas.shine(np.asarray((body + edge) * np.clip(folds, 0, 2)[None], np.float32), linear_of(colour), strength)
