"""What stands at the horizon: ridges, dunes, trees, houses, a skyline, one behind the other in the haze."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from avwalk.painters.worlds.canvas import Canvas, shaded
from avwalk.painters.worlds.colour_names import from_lch, linear_of
from avwalk.painters.worlds.noise import Field, line_noise, noise, step
from avwalk.painters.worlds.scene import Scene, mix, scaled

Outline = Callable[[Field, int, float], Field]


def draw_land(canvas: Canvas, scene: Scene, time: float = 0.0) -> None:
    """Paints each layer of the distance over the sky, from far to near; water falls with the time, in seconds."""
    count = len(scene.far)
    for k, kind in enumerate(scene.far):
        near = (k + 1) / count
        shift = canvas.pan * (0.25 + 0.5 * near)
        seed = scene.place_seed % 100_003 + 7 * k
        heights = OUTLINES[kind](canvas.across + shift, seed, near)
        top = scene.horizon - heights + (0.10 * (near - 1 / count) if count > 1 and kind in _ROWS else 0.0)
        inside = step(-0.7 * canvas.pixel, 0.7 * canvas.pixel, np.asarray(canvas.y - top[None], np.float32))
        haze = (0.78 - 0.62 * near) * (1 - 0.2 * (scene.time == "noon")) + 0.25 * scene.fog * (1 - 0.4 * near)
        colour = mix(scaled(scene.distance, 1.0 - 0.12 * near), scene.low, min(0.95, haze))
        below = np.asarray(canvas.y - top[None], np.float32)
        tone = _relief(canvas, scene, kind, below, shift, near, seed)
        colours = shaded(np.asarray(tone, np.float32), colour, 0.4)
        mist = np.clip(below / 0.22, 0, 1) * (0.25 + 0.4 * scene.fog) * (1 - 0.5 * near)
        colours += (np.asarray(scene.low, np.float32) - colours) * mist[..., None].astype(np.float32)
        canvas.lay(inside, colours, 0.9 - 0.55 * near, hides=0.75 + 0.2 * near)
        if kind == "mountains" and ("snow" in scene.meaning.weathers or scene.ground == "snow" or k == 0):
            _snowcap(canvas, scene, np.asarray(inside, np.float32), below, tone)
        if kind in ("skyline", "houses", "castle") and scene.is_dark:
            _windows(canvas, scene, np.asarray(inside, np.float32), below, kind, near, shift, seed)
        if kind == "volcano":
            _eruption(canvas, scene, top)
    if "waterfall" in scene.meaning.places:
        _waterfall(canvas, scene, time)


_ROWS = ("mountains", "hills", "dunes", "pines", "trees")


def _relief(canvas: Canvas, scene: Scene, kind: str, below: Field, shift: float, near: float, seed: int) -> Field:
    """Light and shadow on a layer, −1 to 1."""
    if kind in ("skyline", "houses", "castle", "columns"):
        walls = noise(np.asarray(np.floor((canvas.x + shift) / 0.045), np.float32), canvas.y * 0, seed + 3, 1)
        return np.asarray(0.55 * walls - 0.35 * np.clip(below / 0.3, 0, 1), np.float32)
    side = 0.05 * _lit_side(scene)
    u, v = (canvas.x + shift) * (5 + 6 * near), np.asarray(np.clip(below, 0, None) * (7 + 6 * near), np.float32)
    folds = noise(np.asarray(u + 0.8 * v, np.float32), v, seed + 3, 5, 0.55)
    beside = noise(np.asarray(u + 0.8 * v + 5 * side, np.float32), v, seed + 3, 5, 0.55)
    soft = 0.5 if kind in ("dunes", "hills", "coast", "pines") else 1.0
    return np.asarray(np.clip(soft * (2.2 * (folds - beside) + 0.25 * folds), -1, 1), np.float32)


def _lit_side(scene: Scene) -> float:
    rng = np.random.default_rng([scene.place_seed, 0xB0D])
    return 1.0 if rng.random() < 0.5 else -1.0


def _snowcap(canvas: Canvas, scene: Scene, inside: Field, below: Field, tone: Field) -> None:
    ragged = 0.05 * noise(canvas.x * 14, canvas.y * 6, scene.place_seed % 977, 5)
    peak = scene.horizon * 0.62
    cap = 1 - step(peak - 0.09, peak + 0.03, np.asarray(canvas.y + ragged * 2.2, np.float32))
    white = scaled((0.94, scene.low[1] * 0.4, scene.low[2] * 0.4), 0.35 + 0.65 * scene.exposure)
    canvas.lay(
        np.asarray(inside * cap * 0.8 * (below > 0), np.float32),
        shaded(np.asarray(tone * 1.3, np.float32), white, 0.25),
    )


def _windows(
    canvas: Canvas, scene: Scene, inside: Field, below: Field, kind: str, near: float, shift: float, seed: int
) -> None:
    """Lit windows, on the grid of the buildings."""
    cell = 0.011 + 0.008 * near if kind == "skyline" else 0.03
    column = np.floor((canvas.x + shift) / cell)
    up = (scene.horizon - canvas.y) / (cell * 1.25)
    row = np.floor(up)
    part_x, part_y = (canvas.x + shift) / cell - column, up - row
    chance = np.sin(column * 12.9898 + row * 78.233 + seed) * 43758.5453
    on = (chance - np.floor(chance)) > (0.76 if kind == "skyline" else 0.6)
    shape = (np.abs(part_x - 0.5) < 0.27) & (np.abs(part_y - 0.5) < 0.25)
    glow = np.asarray(on * shape * inside * (below > cell * 0.8) * (up > 0.3), np.float32)
    warm = scene.meaning.colours.get("light", from_lch(0.86, 0.13, 78))
    if "neon" in scene.meaning.styles:
        hue = np.floor(column / 5) * 137.5 + seed
        for k in range(3):
            some = np.asarray(glow * ((hue.astype(np.int64) % 3) == k), np.float32)
            colour = linear_of(from_lch(0.75, 0.22, (340, 200, 300)[k]))
            canvas.shine(some, colour, 0.9)
            canvas.shine(np.asarray(cv2.GaussianBlur(some, (0, 0), 0.018 * canvas.height), np.float32), colour, 0.9)
        return
    canvas.shine(glow, linear_of(warm), 0.45 + 0.3 * near)
    canvas.shine(np.asarray(cv2.GaussianBlur(glow, (0, 0), 0.015 * canvas.height), np.float32), linear_of(warm), 0.35)


def _eruption(canvas: Canvas, scene: Scene, top: Field) -> None:
    """Fire over the crater and streams down the slopes."""
    peak = int(np.argmin(top))
    x0, y0 = canvas.across[peak], float(top[peak])
    smoke = noise(canvas.x * 4, canvas.y * 4 + 3, scene.seed + 5, 6)
    plume = np.exp(-(((canvas.x - x0) / (0.05 + 0.9 * np.maximum(y0 - canvas.y, 0) + 0.05)) ** 2)) * (
        canvas.y < y0 + 0.02
    )
    canvas.lay(np.asarray(plume * step(-0.4, 0.3, smoke) * 0.7, np.float32), scaled(scene.low, 0.6, 0.5))
    fountain = np.exp(-(((canvas.x - x0) / 0.05) ** 2) - np.maximum(y0 - canvas.y, 0) / 0.09) * (canvas.y < y0 + 0.03)
    canvas.shine(np.asarray(fountain, np.float32), linear_of(from_lch(0.75, 0.2, 50)), 1.2)
    down = np.maximum(canvas.y - y0, 0)
    winding = canvas.x - x0 - 0.5 * down * noise(canvas.y * 5, canvas.y * 0, scene.seed + 6, 3)
    for lean in (-0.5, 0.15, 0.6):
        stream = np.exp(-np.abs(winding - lean * down) / (0.004 + 0.02 * down)) * (canvas.y > y0) * np.exp(-down * 1.5)
        canvas.shine(np.asarray(stream, np.float32), linear_of(from_lch(0.68, 0.22, 42)), 0.9)


def _waterfall(canvas: Canvas, scene: Scene, time: float) -> None:
    """A wall of rock from which water falls, and the spray at its foot."""
    middle = 0.10 * (_lit_side(scene)) * -canvas.aspect - 0.3 * canvas.pan
    x = canvas.across - middle
    seed = scene.place_seed % 9901
    wall = (
        0.40 + 0.06 * line_noise(canvas.across * 2.1 + 3, seed, 4) + 0.02 * line_noise(canvas.across * 17, seed + 1, 4)
    )
    wall = wall * step(1.02, 0.60, np.asarray(np.abs(x), np.float32)) - 0.05 * np.exp(-((x / 0.09) ** 2))
    top = np.asarray(scene.horizon - wall, np.float32)
    below = np.asarray(canvas.y - top[None], np.float32)
    inside = step(-0.7 * canvas.pixel, 0.7 * canvas.pixel, below) * (wall > 0.02)[None]
    cracks = 1 - 2 * np.abs(noise(canvas.x * 11, canvas.y * 3.2, seed + 2, 6, 0.6))
    blocks = noise(np.asarray(np.floor(canvas.x * 16) * 0.37, np.float32), canvas.y * 5, seed + 3, 3)
    tone = np.asarray(
        np.clip(0.75 * cracks - 0.25 + 0.5 * blocks - 0.5 * np.clip(below / 0.5, 0, 1), -1, 1), np.float32
    )
    rock = mix(scaled(scene.distance, 0.82), scaled(scene.earth, 0.7), 0.35)
    canvas.lay(np.asarray(inside, np.float32), shaded(tone, rock, 0.55), 0.35, hides=0.95)
    green = step(0.075, 0.0, np.asarray(below + 0.05 * noise(canvas.x * 22, canvas.y * 22, seed + 4, 4), np.float32))
    canvas.lay(np.asarray(inside * green * 0.8, np.float32), shaded(tone, scaled(scene.earth, 0.75), 0.4), 0.35)
    fallen = np.clip(below / 0.4, 0, 1)
    wide = 0.050 + 0.030 * fallen + 0.010 * noise(canvas.x * 0, canvas.y * 9, seed + 5, 3)
    rush = 1.7 * time * max(0.5, scene.motion)
    threads = noise(canvas.x * 60, np.asarray(canvas.y * 2.4 - rush, np.float32), scene.seed + 6, 5, 0.6)
    edge = np.abs(x)[None] / wide + 0.28 * threads
    sheet = step(1.05, 0.75, np.asarray(edge, np.float32)) * inside
    white = scaled((0.96, scene.low[1] * 0.4, scene.low[2] * 0.4), 0.42 + 0.55 * scene.exposure)
    canvas.lay(
        np.asarray(sheet * 0.96, np.float32),
        shaded(np.asarray(np.clip(1.3 * threads, -1, 0.3), np.float32), white, 0.3),
        0.3,
    )
    drift = noise(canvas.x * 6, np.asarray(canvas.y * 6 + 0.3 * time, np.float32), scene.seed + 7, 5)
    foot = np.exp(-((x[None] / 0.17) ** 2) - np.clip(scene.horizon - canvas.y, 0, None) / 0.075) * (0.75 + 0.6 * drift)
    canvas.lay(np.asarray(np.clip(foot, 0, 0.9), np.float32), white, 0.3)


def _cliffs(x: Field, seed: int, near: float) -> Field:
    return np.asarray(0.20 + 0.05 * line_noise(x * 2.3, seed, 5) + 0.05 * line_noise(x * 0.7, seed + 1, 2), np.float32)


def _mountains(x: Field, seed: int, near: float) -> Field:
    ridge = 1 - 2.2 * np.abs(line_noise(x * (1.5 + 1.2 * near) + 5.1, seed, 6, 0.48))
    big = line_noise(x * 0.8 + 2.0, seed + 1, 2)
    return np.asarray((0.36 - 0.18 * near) * np.clip(0.5 * ridge + 0.55 + 0.6 * big, 0.05, 1.6) * 0.82, np.float32)


def _hills(x: Field, seed: int, near: float) -> Field:
    return np.asarray((0.10 - 0.02 * near) * (1.0 + 1.2 * line_noise(x * (1.1 + near), seed, 3, 0.35)), np.float32)


def _dunes(x: Field, seed: int, near: float) -> Field:
    wave = line_noise(x * (0.9 + 0.8 * near), seed, 2, 0.3)
    crest = 1 - np.abs(2.4 * wave)
    return np.asarray(0.045 + (0.10 - 0.03 * near) * np.clip(crest, 0, 1) ** 1.1, np.float32)


def _coast(x: Field, seed: int, near: float) -> Field:
    return np.asarray(0.07 * np.clip(line_noise(x * 1.6 + 0.7, seed, 4) + 0.12, 0, 1) * 1.6, np.float32)


def _crowns(x: Field, seed: int, width: float, height: float, pointed: bool) -> Field:
    """Outline of a row of trees: the highest of overlapping crowns."""
    top = np.zeros_like(x)
    first, last = int(np.floor(x.min() / width)) - 2, int(np.ceil(x.max() / width)) + 2
    for cell in range(first, last + 1):
        rng = np.random.default_rng([seed, cell & 0xFFFF])
        middle, tall = (cell + rng.random()) * width, height * (0.55 + 0.45 * rng.random())
        spread = width * (0.5 if pointed else 0.75) * (1 + 0.5 * rng.random())
        away = np.abs(x - middle) / spread
        crown = 1 - away if pointed else np.sqrt(np.clip(1 - away**2, 0, None))
        top = np.maximum(top, tall * np.clip(crown, 0, None))
    return top


def _pines(x: Field, seed: int, near: float) -> Field:
    crowns = _crowns(x, seed, 0.016 + 0.045 * near, 0.20 + 0.26 * near, pointed=True)
    jagged = 0.030 * line_noise(x * (120 - 60 * near), seed + 4, 4, 0.7) * np.clip(8 * crowns, 0, 1)
    return np.asarray(0.085 + 0.03 * line_noise(x * 1.3, seed + 2, 2) + crowns * 0.9 + jagged, np.float32)


def _trees(x: Field, seed: int, near: float) -> Field:
    crowns = _crowns(x, seed, 0.02 + 0.055 * near, 0.05 + 0.11 * near, pointed=False)
    return np.asarray(0.02 + crowns + (0.010 + 0.02 * near) * line_noise(x * 34, seed + 2, 5, 0.65), np.float32)


def _blocks(x: Field, seed: int, width: float, low: float, high: float, power: float) -> Field:
    cell = np.floor(x / width).astype(np.int64)
    tops = {int(c): np.random.default_rng([seed, int(c) & 0xFFFF]).random(3) for c in np.unique(cell)}
    made = np.array([low + (high - low) * tops[int(c)][0] ** power for c in cell], np.float32)
    part = x / width - cell
    spire = np.array([tops[int(c)][1] > 0.86 for c in cell])
    thin = np.abs(part - 0.5) < 0.05
    return np.asarray(made + 0.06 * (spire & thin) * (made / max(high, 1e-6)), np.float32)


def _skyline(x: Field, seed: int, near: float) -> Field:
    middle = np.exp(-((x / 0.75) ** 2))
    wide = _blocks(x, seed, 0.05 + 0.03 * near, 0.06, 0.34 - 0.06 * near, 1.4)
    tall = _blocks(x + 0.37, seed + 1, 0.075, 0.0, 0.58 - 0.16 * near, 2.6)
    return np.asarray(np.maximum(wide, tall * (0.35 + 0.75 * middle)), np.float32)


def _houses(x: Field, seed: int, near: float) -> Field:
    width = 0.105
    cell = np.floor(x / width)
    part = x / width - cell
    walls = _blocks(x, seed, width, 0.05, 0.10, 1.0)
    return np.asarray(walls - 0.03 + 0.05 * (1 - np.abs(2 * part - 1)), np.float32)


def _castle(x: Field, seed: int, near: float) -> Field:
    hill = 0.10 * np.exp(-((x / 0.5) ** 2))
    rng = np.random.default_rng([seed, 0xCA57])
    top = np.where(np.abs(x) < 0.24, 0.10 + 0.012 * (np.sin(x * 260) > 0), 0.0)
    for middle in (-0.24, -0.13, 0.02, 0.16, 0.24):
        wide, tall = 0.028 + 0.014 * rng.random(), 0.16 + 0.14 * rng.random()
        tower = np.where(np.abs(x - middle) < wide, tall, 0.0)
        roof = np.clip(tall + 0.09 * (1 - np.abs(x - middle) / (wide * 1.25)), 0, None)
        top = np.maximum(top, np.where(np.abs(x - middle) < wide * 1.25, np.maximum(tower, roof), 0.0))
    return np.asarray(hill + top, np.float32)


def _columns(x: Field, seed: int, near: float) -> Field:
    part = np.abs(x / 0.075 - np.round(x / 0.075))
    rng = np.random.default_rng([seed, 0xC01])
    tall = {k: 0.12 + 0.12 * float(rng.random() > 0.35) - 0.05 * float(rng.random()) for k in range(-40, 41)}
    cells = np.round(x / 0.075).astype(int)
    column = np.array([tall.get(int(c), 0.1) for c in cells], np.float32) * (part < 0.17) * (np.abs(x) < 0.5)
    beam = np.where((np.abs(x) < 0.34) & (np.abs(x) > 0.05), 0.245, 0.0) * (np.abs(x - 0.1) > 0.06)
    return np.asarray(0.02 + np.maximum(column, 0) + 0 * beam, np.float32)


def _volcano(x: Field, seed: int, near: float) -> Field:
    cone = 0.46 * np.exp(-np.abs(x) / 0.34) - 0.0
    crater = np.minimum(cone, 0.40 + 0.012 * np.sin(x * 90))
    return np.asarray(crater + 0.015 * line_noise(x * 9, seed, 4), np.float32)


OUTLINES: dict[str, Outline] = {
    "mountains": _mountains,
    "hills": _hills,
    "dunes": _dunes,
    "cliffs": _cliffs,
    "coast": _coast,
    "pines": _pines,
    "trees": _trees,
    "skyline": _skyline,
    "houses": _houses,
    "castle": _castle,
    "columns": _columns,
    "volcano": _volcano,
}
"""Kind → heights above the horizon, (W,), of positions, seed and nearness."""
