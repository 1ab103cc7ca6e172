"""Who or what is in the picture, as outlines against the light."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.painters.worlds.canvas import Canvas, shaded
from avwalk.painters.worlds.colour_names import from_lch, linear_of
from avwalk.painters.worlds.noise import Field, noise
from avwalk.painters.worlds.scene import WATER, Scene, mix, scaled

Points = Sequence[tuple[float, float]]
MOST = 3  # subjects in a picture


class Pen:
    """Draws outlines of one subject.

    Args:
        canvas: where.
        at: foot of the subject: heights from the middle, share from the top.
        size: of the subject, share of the picture's height.

    Attributes:
        mask: what is of the subject's colour.
        dark: what of it is dark whatever its colour: hair, shoes.
        glow: what gives light.
    """

    def __init__(self, canvas: Canvas, at: tuple[float, float], size: float) -> None:
        self.mask: Field = np.zeros((canvas.height, canvas.width), np.float32)
        self.dark: Field = np.zeros_like(self.mask)
        self.glow: Field = np.zeros_like(self.mask)
        self._canvas, self._at, self._size = canvas, at, size

    def _pixels(self, points: Points) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        c = self._canvas
        x = (self._at[0] + self._size * np.array([p[0] for p in points]) + 0.5 * c.aspect) * c.height
        y = (self._at[1] - self._size * np.array([p[1] for p in points])) * c.height
        return np.stack([x * 16, y * 16], axis=-1).astype(np.int32)

    def fill(self, points: Points, lit: bool = False, dark: bool = False) -> None:
        """A filled outline; heights up from the foot, in units of the size."""
        with self._over(self.glow if lit else self.dark if dark else self.mask) as mask:
            cv2.fillPoly(mask, [self._pixels(points)], 255, cv2.LINE_AA, 4)

    def line(self, points: Points, width: float, dark: bool = False) -> None:
        """A stroke of a width in units of the size."""
        thick = max(1, round(width * self._size * self._canvas.height))
        with self._over(self.dark if dark else self.mask) as mask:
            cv2.polylines(mask, [self._pixels(points)], False, 255, thick, cv2.LINE_AA, 4)

    def disc(self, x: float, y: float, radius: float, lit: bool = False, dark: bool = False) -> None:
        """A disc."""
        centre = self._pixels([(x, y)])[0]
        radius_16 = int(max(0.7, radius * self._size * self._canvas.height) * 16)
        with self._over(self.glow if lit else self.dark if dark else self.mask) as mask:
            cv2.circle(mask, (int(centre[0]), int(centre[1])), radius_16, 255, -1, cv2.LINE_AA, 4)

    @contextmanager
    def _over(self, field: Field) -> Iterator[NDArray[np.uint8]]:
        """A mask to draw into, laid over a field: OpenCV smooths edges in eight bits only."""
        mask = np.zeros(field.shape, np.uint8)
        yield mask
        np.maximum(field, mask * np.float32(1 / 255), out=field)


def draw_figures(canvas: Canvas, scene: Scene, time: float) -> None:
    """Draws the subjects of a scene, on the third that sun or moon leaves free."""
    subjects = [each for each in scene.meaning.subjects if each in FIGURES][:MOST]
    subjects = [each for each in subjects if each != "flower"]
    rng = np.random.default_rng([scene.place_seed, 0xB0D])
    side = 1.0 if rng.random() < 0.5 else -1.0  # sun and moon are on the other
    for k, subject in enumerate(subjects):
        draw, size, rise = FIGURES[subject]
        own = np.random.default_rng([scene.seed, 0xF16, k])
        x = side * canvas.aspect * (0.17, -0.06, 0.32)[k] + 0.05 * own.normal() - 0.15 * canvas.pan
        on_water = scene.ground in ("water", "shore") and subject != "lighthouse"
        foot = scene.horizon + (1 - scene.horizon) * (
            0.22 if on_water or subject in ("house", "tree", "tower") else 0.45
        )
        if rise:
            foot = scene.horizon * (0.62 - 0.2 * k)
        if scene.ground == "shore" and subject in ("person", "house", "tree"):
            foot = scene.horizon + (1 - scene.horizon) * 0.68
        if subject == "boat":
            foot += 0.012 * scene.rough * np.sin(time * scene.motion + k)
        if subject == "lighthouse":
            foot = scene.horizon + 0.02
        pen = Pen(canvas, (float(x), float(foot)), size * (0.9 + 0.2 * own.random()))
        draw(pen, own, scene, time)
        _lay(canvas, scene, pen, subject)


def _lay(canvas: Canvas, scene: Scene, pen: Pen, subject: str) -> None:
    colours = scene.meaning.colours
    named = colours.get(subject) if any(name in FIGURES for name in colours) else colours.get("subject")
    colour = named or mix(scaled(scene.earth, 0.42, 0.7), (0.16, 0.0, -0.01), 0.5)
    if subject == "lighthouse" and not named:
        colour = scaled((0.86, 0.0, 0.0), 0.45 + 0.5 * scene.exposure)
    if subject == "fish" and not named:
        colour = (0.78, 0.0, -0.01)
    if subject == "bird" and not named and scene.low[0] < 0.45:
        colour = (0.75, 0.0, -0.01)
    grain = noise(canvas.x * 14, canvas.y * 14, scene.seed + 3, 4)
    canvas.lay(pen.mask, shaded(np.asarray(0.5 * grain, np.float32), colour, 0.3), 0.15, hides=0.85)
    canvas.lay(pen.dark, scaled(scene.earth, 0.16, 0.4), 0.15, hides=0.85)
    if scene.ground in ("water", "wet") and subject in ("boat", "lighthouse", "bridge", "house"):
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
}
"""Subject → its drawing, size as a share of the picture's height, and whether it is in the air."""

__all__ = ["FIGURES", "WATER", "Pen", "draw_figures"]
