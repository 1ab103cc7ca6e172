"""Who or what is in the picture, as outlines against the light."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from avwalk.painters.worlds import animals
from avwalk.painters.worlds.canvas import Canvas, shaded
from avwalk.painters.worlds.colour_names import from_lch, linear_of
from avwalk.painters.worlds.fires import FIRE, burn, campfire, draw_lanterns, flames, lantern, smoke
from avwalk.painters.worlds.noise import line_noise, noise, step
from avwalk.painters.worlds.pen import Pen
from avwalk.painters.worlds.scene import Scene, mix, scaled

MOST = 3  # subjects in a picture
BURNS = ("house", "boat", "tower", "tree", "lighthouse", "bridge")
"""What flames rise from, where there is a fire."""
BURNS_FAR = frozenset(("pines", "trees", "skyline", "houses", "castle"))
"""What burns at the horizon; where there is no such thing, a fire is on the ground."""
IN_ROOMS = ("person", "cat", "wolf", "rabbit")
ON_LAND = ("person", "house", "tree", "horse", "wolf", "deer", "cat", "bear", "rabbit", "whale")
"""What stands on the beach, not in the surf."""


def draw_figures(canvas: Canvas, scene: Scene, time: float) -> None:
    """Draws the subjects of a scene, on the third that sun or moon leaves free, and what burns or shines there."""
    subjects = [each for each in scene.meaning.subjects if each in FIGURES and each != "flower"]
    if scene.kind == "interior":
        subjects = [each for each in subjects if each in IN_ROOMS]
    subjects = subjects[:MOST]
    rng = np.random.default_rng([scene.place_seed, 0xB0D])
    side = 1.0 if rng.random() < 0.5 else -1.0  # sun and moon are on the other
    lights, carried = scene.meaning.lights, False
    burning = "flames" in lights or ("fire" in lights and bool({"house", "tower", "boat"}.intersection(subjects)))
    for k, subject in enumerate(subjects):
        draw, size, rise = FIGURES[subject]
        own = np.random.default_rng([scene.seed, 0xF16, k])
        x = side * canvas.aspect * (0.17, -0.06, 0.32)[k] + 0.05 * own.normal() - 0.15 * canvas.pan
        foot = _foot(scene, subject, rise, k)
        if subject == "boat":
            foot += 0.012 * scene.rough * np.sin(time * scene.motion + k)
        pen = Pen(canvas, (float(x), float(foot)), size * (0.9 + 0.2 * own.random()))
        draw(pen, own, scene, time)
        if subject not in ("person", "lighthouse", "bird", "fish") and x > 0:
            pen.mirror()  # looks into the picture
        _lay(canvas, scene, pen, subject)
        if burning and subject in BURNS:
            burn(canvas, scene, pen.mask, (0.75 if subject == "house" else 0.5) * pen.size, time)
            lights, burning = lights - {"fire", "flames"}, False
        if subject == "person" and not carried and "lantern" in lights:
            hand, carried = pen.place((-np.sign(x) * 0.25, 0.52)), True
            near = np.exp(-np.hypot(canvas.x - hand[0], canvas.y - hand[1] - 0.17 * pen.size) / (0.42 * pen.size))
            canvas.lay(np.asarray(np.maximum(pen.mask, pen.dark) * near * 0.9, np.float32), from_lch(0.58, 0.10, 68))
            lantern(canvas, scene, hand, 0.24 * pen.size, from_lch(0.80, 0.15, 72))
    if "lantern" in lights and not carried and scene.kind in ("open", "cave", "interior"):
        draw_lanterns(canvas, scene)
    if scene.kind == "open" and burning and BURNS_FAR.intersection(scene.far):
        _wildfire(canvas, scene, time)
    elif _has_campfire(scene) and {"campfire", "fire", "flames"} & lights:
        foot = _foot(scene, "person", False, 0) + 0.03 if scene.kind == "open" else 0.86
        campfire(canvas, scene, (float(-0.10 * side * canvas.aspect - 0.15 * canvas.pan), float(foot)), 0.12, time)


def _has_campfire(scene: Scene) -> bool:
    return scene.kind == "cave" or (scene.kind == "open" and scene.ground not in ("water", "lava"))


def _foot(scene: Scene, subject: str, rise: bool, k: int) -> float:
    """Where a subject stands, share of the picture from the top."""
    if scene.kind == "interior" and not rise:
        return 0.82 + 0.04 * k
    if rise:
        return scene.horizon * (0.62 - 0.2 * k)
    if subject == "lighthouse":
        return scene.horizon + 0.02
    if scene.ground == "shore" and subject in ON_LAND:
        return scene.horizon + (1 - scene.horizon) * 0.68
    on_water = scene.ground in ("water", "shore")
    return scene.horizon + (1 - scene.horizon) * (0.22 if on_water or subject in ("house", "tree", "tower") else 0.45)


def _wildfire(canvas: Canvas, scene: Scene, time: float) -> None:
    """What stands at the horizon burns here and there: a town, a wood."""
    x = canvas.across + 0.3 * canvas.pan
    high = line_noise(x * 1.3, scene.place_seed % 9907, 3, 0.6)
    reach = 0.20
    base = np.full(canvas.width, scene.horizon, np.float32)
    glow = np.exp(-np.abs(canvas.y - scene.horizon + 0.03) / 0.10) * np.clip(0.5 + 1.4 * high, 0, 1)[None]
    canvas.shine(np.asarray(glow, np.float32), linear_of(FIRE), 0.40)
    for k in range(2):
        middle = float(np.random.default_rng([scene.place_seed, 0xF1E, k]).uniform(-0.4, 0.4)) * canvas.aspect
        smoke(canvas, scene, (middle, scene.horizon - 0.08), 0.12, time)
    above = step(0.004, -0.004, np.asarray(canvas.y - scene.horizon, np.float32))
    flames(canvas, scene, base, np.asarray(np.clip(0.2 + 1.9 * high, -1, 1), np.float32), reach, time, above)


def _lay(canvas: Canvas, scene: Scene, pen: Pen, subject: str) -> None:
    colours = scene.meaning.colours
    named = colours.get(subject) if any(name in FIGURES for name in colours) else colours.get("subject")
    colour = named or mix(scaled(scene.earth, 0.42, 0.7), (0.16, 0.0, -0.01), 0.5)
    if subject == "lighthouse" and not named:
        colour = scaled((0.86, 0.0, 0.0), 0.45 + 0.5 * scene.exposure)
    if subject == "whale" and not named:
        colour = scaled(from_lch(0.42, 0.045, 245), 0.45 + 0.55 * scene.exposure)
    if subject == "fish" and not named:
        colour = (0.78, 0.0, -0.01)
    if subject == "bird" and not named and scene.low[0] < 0.45:
        colour = (0.75, 0.0, -0.01)
    grain = noise(canvas.x * 14, canvas.y * 14, scene.seed + 3, 4)
    canvas.lay(pen.mask, shaded(np.asarray(0.5 * grain, np.float32), colour, 0.3), 0.15, hides=0.85)
    canvas.lay(pen.dark, scaled(scene.earth, 0.16, 0.4), 0.15, hides=0.85)
    canvas.lay(np.asarray(pen.pale * 0.7, np.float32), scaled((0.95, 0.0, -0.01), 0.4 + 0.6 * scene.exposure), 0.15)
    if (
        scene.kind == "open"
        and scene.ground in ("water", "wet")
        and subject in ("boat", "lighthouse", "bridge", "house")
    ):
        _reflection(canvas, scene, pen)
    if subject in ("house", "tower") and not scene.is_dark:
        canvas.lay(np.asarray(pen.glow * 0.8, np.float32), scaled(colour, 0.35, 0.5))
    if scene.is_dark or subject in ("lighthouse",):
        warm = linear_of(scene.meaning.colours.get("light", from_lch(0.9, 0.12, 82)))
        soft = cv2.GaussianBlur(pen.glow, (0, 0), 0.02 * canvas.height)
        canvas.shine(np.asarray(pen.glow * 0.8 + soft * 1.6, np.float32), warm, 0.9 if scene.is_dark else 0.3)


def _reflection(canvas: Canvas, scene: Scene, pen: Pen) -> None:
    foot = int(np.flatnonzero(pen.mask.any(axis=1))[-1]) if pen.mask.any() else canvas.height - 1
    rows = np.clip(2 * foot - np.arange(canvas.height), 0, canvas.height - 1)
    wave = noise(canvas.x * 4, canvas.y * 60, scene.seed + 15, 3)
    columns = np.clip(
        np.arange(canvas.width)[None] + (wave * 0.02 * canvas.height).astype(np.int64), 0, canvas.width - 1
    )
    upside = pen.mask[rows[:, None], columns] * (np.arange(canvas.height) > foot)[:, None]
    fade = np.exp(-(np.arange(canvas.height) - foot).clip(0) / (0.10 * canvas.height))[:, None]
    canvas.lay(np.asarray(upside * fade * (0.55 - 0.3 * scene.rough), np.float32), scaled(scene.earth, 0.5))


def _boat(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    tilt = 0.10 * scene.rough * np.sin(1.3 * time * scene.motion + 1)
    pen.fill([(-0.5, 0.12), (0.55, 0.14), (0.36, -0.04), (-0.36, -0.04)])
    pen.line([(0.0, 0.1), (0.0 + tilt, 1.1)], 0.022)
    pen.fill([(0.04, 0.2), (0.04 + tilt, 1.05), (0.48, 0.24)])
    pen.fill([(-0.05, 0.22), (-0.04 + tilt, 0.92), (-0.36, 0.25)])
    pen.disc(0.3, 0.2, 0.03, lit=True)


def _lighthouse(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    pen.fill([(-0.6, -0.12), (-0.34, 0.04), (-0.1, 0.08), (0.2, 0.07), (0.45, 0.0), (0.75, -0.12)])
    pen.fill([(-0.10, 0.05), (0.10, 0.05), (0.062, 0.86), (-0.062, 0.86)])
    pen.fill([(-0.09, 0.86), (0.09, 0.86), (0.09, 0.885), (-0.09, 0.885)])
    pen.fill([(-0.07, 0.97), (0.07, 0.97), (0.0, 1.06)])
    pen.line([(-0.05, 0.88), (-0.05, 0.98)], 0.012)
    pen.line([(0.05, 0.88), (0.05, 0.98)], 0.012)
    pen.disc(0.0, 0.93, 0.04, lit=True)
    if scene.is_dark:
        for side in (-1, 1):
            pen.fill([(0.0, 0.935), (side * 3.2, 1.16), (side * 3.2, 0.92)], lit=True)
        pen.glow *= 0.35
        pen.disc(0.0, 0.93, 0.045, lit=True)


def _house(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    pen.fill([(-0.5, 0), (0.5, 0), (0.5, 0.5), (-0.5, 0.5)])
    pen.fill([(-0.62, 0.47), (0.62, 0.47), (0.34, 0.92), (-0.34, 0.92)])
    pen.fill([(0.2, 0.8), (0.32, 0.8), (0.32, 1.08), (0.2, 1.08)])
    for x in (-0.32, 0.18):
        pen.fill([(x, 0.18), (x + 0.14, 0.18), (x + 0.14, 0.36), (x, 0.36)], lit=True)
    pen.fill([(-0.06, 0), (0.06, 0), (0.06, 0.3), (-0.06, 0.3)], lit=bool(rng.random() < 0.5))


def _tower(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    pen.fill([(-0.16, 0), (0.16, 0), (0.13, 0.75), (-0.13, 0.75)])
    pen.fill([(-0.18, 0.74), (0.18, 0.74), (0.18, 0.82), (-0.18, 0.82)])
    pen.fill([(-0.17, 0.82), (0.17, 0.82), (0.0, 1.15)])
    pen.fill([(-0.03, 0.5), (0.03, 0.5), (0.03, 0.62), (-0.03, 0.62)], lit=True)


def _tree(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    """A trunk that forks seven times; leaves but in snow."""

    def branch(x: float, y: float, angle: float, length: float, level: int) -> None:
        end_x, end_y = x + length * np.sin(angle), y + length * np.cos(angle)
        pen.line([(x, y), (end_x, end_y)], 0.07 * 0.68**level)
        if level >= 4 and "snow" not in scene.meaning.weathers:
            pen.disc(end_x, end_y, 0.055 + 0.03 * rng.random())
        if level < 6:
            for side in (-1, 1):
                branch(
                    end_x,
                    end_y,
                    angle + side * (0.28 + 0.3 * rng.random()),
                    length * (0.68 + 0.16 * rng.random()),
                    level + 1,
                )

    branch(0.0, -0.02, 0.05 * rng.normal(), 0.3, 0)


def _person(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    for side in (-1.0, 1.0):
        pen.line([(side * 0.05, 0.22), (side * 0.06, 0.01), (side * 0.09, 0.0)], 0.055, dark=True)
        pen.line([(side * 0.075, 0.76), (side * 0.135, 0.6), (side * 0.12, 0.44)], 0.05)
        pen.disc(side * 0.12, 0.43, 0.022, dark=True)
    coat = [(-0.055, 0.815), (0.055, 0.815), (0.105, 0.775), (0.10, 0.55), (0.15, 0.16), (0.0, 0.135)]
    pen.fill([*coat, (-0.15, 0.16), (-0.10, 0.55), (-0.105, 0.775)])
    pen.line([(0.0, 0.80), (0.0, 0.84)], 0.05, dark=True)
    pen.disc(0.0, 0.90, 0.062, dark=True)
    if scene.ground == "water":  # nobody walks on it
        pen.fill([(-0.62, 0.17), (-0.40, 0.11), (0.40, 0.11), (0.62, 0.17), (0.44, -0.05), (-0.44, -0.05)], dark=True)


def _birds(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    for x, y, size in rng.random((7, 3)) * (2.6, 1.4, 1.0) - (1.3, 0.2, 0.0):
        wing = 0.14 + 0.16 * size
        beat = 0.5 + 0.35 * np.sin(5 * time * scene.motion + 20 * size)
        left = [
            (x - wing, y + wing * beat),
            (x - wing * 0.45, y + wing * beat * 1.15),
            (x, y),
            (x - wing * 0.4, y + wing * beat * 0.72),
        ]
        right = [
            (x + wing, y + wing * beat),
            (x + wing * 0.45, y + wing * beat * 1.15),
            (x, y),
            (x + wing * 0.4, y + wing * beat * 0.72),
        ]
        pen.fill(left)
        pen.fill(right)
        pen.disc(x, y, 0.03)


def _fish(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    for x, y, size in rng.random((6, 3)) * (2.6, 1.6, 1.0) - (1.3, 0.4, 0.0):
        s, x = 0.14 + 0.16 * size, x + 0.2 * time * scene.motion
        turn = np.linspace(0, 2 * np.pi, 24)
        pen.fill([(x + s * np.cos(t), y + 0.42 * s * np.sin(t)) for t in turn])
        pen.fill([(x - 0.85 * s, y), (x - 1.55 * s, y + 0.4 * s), (x - 1.4 * s, y), (x - 1.55 * s, y - 0.4 * s)])


def _flower(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    pen.line([(0.0, -0.05), (0.04, 0.35), (0.0, 0.7)], 0.03)
    for k in range(9):
        angle = 2 * np.pi * k / 9
        x, y = 0.16 * np.cos(angle), 0.76 + 0.16 * np.sin(angle)
        pen.disc(x, y, 0.085)
    pen.disc(0.0, 0.76, 0.06, lit=True)


def _bridge(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    pen.fill([(-3.5, 0.42), (3.5, 0.42), (3.5, 0.5), (-3.5, 0.5)])
    for x in np.arange(-3.2, 3.3, 0.8):
        pen.fill([(x - 0.06, -0.1), (x + 0.06, -0.1), (x + 0.06, 0.45), (x - 0.06, 0.45)])
        turn = np.linspace(0, np.pi, 16)
        arch = [(x + 0.4 + 0.34 * np.cos(t), 0.1 + 0.26 * np.sin(t)) for t in turn]
        pen.line(arch, 0.06)


def _balloon(pen: Pen, rng: np.random.Generator, scene: Scene, time: float) -> None:
    pen.disc(0.0, 0.72, 0.32)
    pen.fill([(-0.29, 0.6), (0.29, 0.6), (0.06, 0.2), (-0.06, 0.2)])
    pen.fill([(-0.07, 0.0), (0.07, 0.0), (0.07, 0.11), (-0.07, 0.11)])
    pen.line([(-0.06, 0.1), (-0.06, 0.22)], 0.012)
    pen.line([(0.06, 0.1), (0.06, 0.22)], 0.012)


FIGURES: dict[str, tuple[Callable[[Pen, np.random.Generator, Scene, float], None], float, bool]] = {
    "boat": (_boat, 0.22, False),
    "lighthouse": (_lighthouse, 0.34, False),
    "house": (_house, 0.27, False),
    "tower": (_tower, 0.34, False),
    "tree": (_tree, 0.32, False),
    "person": (_person, 0.26, False),
    "bird": (_birds, 0.14, True),
    "fish": (_fish, 0.2, True),
    "flower": (_flower, 0.22, False),
    "bridge": (_bridge, 0.2, False),
    "balloon": (_balloon, 0.26, True),
    "whale": (animals.draw_whale, 0.32, False),
    "horse": (animals.draw_horse, 0.27, False),
    "wolf": (animals.draw_wolf, 0.19, False),
    "deer": (animals.draw_deer, 0.24, False),
    "cat": (animals.draw_cat, 0.16, False),
    "bear": (animals.draw_bear, 0.24, False),
    "rabbit": (animals.draw_rabbit, 0.12, False),
    "dragon": (animals.draw_dragon, 0.24, True),
}
"""Subject → its drawing, size as a share of the picture's height, and whether it is in the air."""
