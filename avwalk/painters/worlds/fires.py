"""Fires out of doors and in rooms: flames over what burns, a fire on the ground, smoke; and lanterns."""

from __future__ import annotations

import cv2
import numpy as np

from avwalk.painters.worlds.canvas import Canvas
from avwalk.painters.worlds.colour_names import Lab, from_lch, linear_of
from avwalk.painters.worlds.noise import Field, line_noise, noise, step
from avwalk.painters.worlds.pen import Pen
from avwalk.painters.worlds.scene import Scene, mix

FIRE = from_lch(0.72, 0.19, 50)
_RED, _YELLOW = from_lch(0.52, 0.20, 33), from_lch(0.93, 0.14, 98)


def burn(canvas: Canvas, scene: Scene, mask: Field, reach: float, time: float) -> None:
    """Flames that rise from what a mask holds, with smoke above and their light around.

    Args:
        canvas: where.
        scene: what it shows.
        mask: (H, W), 1 where it burns.
        reach: height of the flames, share of the picture.
        time: seconds; the flames rise.
    """
    columns = np.flatnonzero(mask.max(axis=0) > 0.5)
    if not len(columns):
        return
    first, last = int(columns[0]), int(columns[-1])
    tops = np.where(mask.max(axis=0) > 0.5, (mask > 0.5).argmax(axis=0) / canvas.height, np.nan)
    tops = np.interp(np.arange(canvas.width), columns, tops[columns])
    blur = max(3, int(0.35 * (last - first))) | 1
    base = cv2.GaussianBlur(tops[None].astype(np.float32), (blur, 1), 0)[0] + 0.45 * reach
    rows = np.flatnonzero(mask.max(axis=1) > 0.5) / canvas.height
    base = np.minimum(base, rows[0] + 0.62 * (rows[-1] - rows[0]))
    middle, half = (first + last) / 2, max(2.0, (last - first) / 2)
    wide = 1 - np.abs((np.arange(canvas.width) - middle) / (0.98 * half)) ** 3
    smoke(canvas, scene, (middle / canvas.height - 0.5 * canvas.aspect, float(base.min())), half / canvas.height, time)
    over = np.maximum(mask, step(0.01, -0.01, np.asarray(canvas.y - tops[None], np.float32)))
    edges = np.asarray(base, np.float32), np.asarray(np.clip(wide, -1, 1), np.float32)
    flames(canvas, scene, *edges, reach, time, over)
    low = canvas.x - (middle / canvas.height - 0.5 * canvas.aspect)
    around = np.exp(-np.hypot(low, 0.8 * (canvas.y - base.mean())) / (1.4 * reach + 0.5 * half / canvas.height))
    canvas.shine(np.asarray(around, np.float32), linear_of(FIRE), 0.30 if scene.is_dark else 0.12)


def campfire(canvas: Canvas, scene: Scene, at: tuple[float, float], size: float, time: float) -> None:
    """A fire of logs.

    Args:
        canvas: where.
        scene: what it shows.
        at: its foot: heights from the middle, share from the top.
        size: height of its flames, share of the picture.
        time: seconds.
    """
    pen = Pen(canvas, at, size)
    for log in (-0.34, 0.02, 0.30):
        pen.line([(log - 0.24, 0.02), (log + 0.24, 0.16 if log < 0.1 else 0.04)], 0.10)
    dark = mix(scene.earth, (0.12, 0.01, 0.02), 0.8)
    canvas.lay(pen.mask, dark, 0.15, hides=0.6)
    x = canvas.across - at[0]
    base = np.full(canvas.width, at[1] - 0.04 * size, np.float32)
    flames(canvas, scene, base, np.asarray(1 - (x / (0.52 * size)) ** 2, np.float32), size, time)
    distance = np.hypot(canvas.x - at[0], 1.3 * (canvas.y - at[1]))
    glow = 0.8 * np.exp(-distance / (0.7 * size)) + 0.35 * np.exp(-distance / (2.6 * size))
    canvas.shine(np.asarray(glow, np.float32), linear_of(FIRE), 0.42 if scene.is_dark else 0.12)


def flames(
    canvas: Canvas, scene: Scene, base: Field, wide: Field, reach: float, time: float, over: Field | None = None
) -> None:
    """Tongues of fire above a line.

    Args:
        canvas: where.
        scene: what it shows.
        base: (W,) the line, share of the picture from the top.
        wide: (W,) 1 where they are highest, 0 where they end.
        reach: their height, share of the picture.
        time: seconds.
        over: (H, W), 1 where there may be fire; None: everywhere.
    """
    rise = 0.9 * time * scene.motion
    up = np.asarray((base[None] - canvas.y) / reach, np.float32)
    scale = np.float32(0.16 / max(reach, 0.02))
    v = np.asarray(canvas.y * 6 * scale + rise, np.float32)
    warp = noise(canvas.x * 9 * scale, v, scene.seed + 51, 3)
    tongue = noise(np.asarray(canvas.x * 15 * scale + 1.1 * warp, np.float32), v, scene.seed + 52, 5, 0.55)
    high = line_noise(canvas.across * 9 * scale, scene.seed + 53, 3)[None]
    heat = np.asarray(wide[None] * (0.92 + 0.5 * high) - up + 0.85 * tongue * (0.35 + np.clip(up, 0, 1)), np.float32)
    ragged = np.asarray(up + 0.35 * tongue, np.float32)
    heat *= step(-0.75, 0.05, ragged) * np.clip(3 * wide, 0, 1)[None]
    if over is not None:
        heat *= cv2.GaussianBlur(over, (0, 0), max(0.8, 0.004 * canvas.height))
    out = np.empty((canvas.height, canvas.width, 3), np.float32)
    out[:] = np.array(_RED, np.float32)
    for colour, low, high_at in ((FIRE, 0.10, 0.45), (_YELLOW, 0.40, 0.95)):
        out += (np.asarray(colour, np.float32) - out) * step(low, high_at, heat)[..., None]
    canvas.lay(np.asarray(step(0.02, 0.42, heat) * 0.94, np.float32), out, 0.1, hides=0.7)
    inner = step(0.2, 0.9, heat)
    soft = cv2.GaussianBlur(inner, (0, 0), max(1.0, 0.18 * reach * canvas.height))
    canvas.shine(np.asarray(0.16 * inner + 0.45 * soft, np.float32), linear_of(FIRE), 0.8 if scene.is_dark else 0.45)
    _sparks(canvas, scene, base, wide, reach)


def _sparks(canvas: Canvas, scene: Scene, base: Field, wide: Field, reach: float) -> None:
    rng = np.random.default_rng([scene.seed, 0x5BA])
    inside = np.flatnonzero(wide > 0.1)
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    for up, x_at, size in rng.random((18, 3)):
        x = float(inside[int(x_at * (len(inside) - 1))]) + 0.25 * reach * canvas.height * float(rng.normal())
        y = (float(base[int(np.clip(x, 0, canvas.width - 1))]) - reach * (0.6 + 1.5 * up)) * canvas.height
        cv2.circle(
            layer, (int(x * 16), int(y * 16)), int(max(0.6, 0.0022 * size * canvas.height) * 16), 1.0 - 0.7 * float(up),
            -1, cv2.LINE_AA, 4,
        )  # fmt: skip
    canvas.shine(layer, linear_of(FIRE), 0.9 if scene.is_dark else 0.5)


def smoke(canvas: Canvas, scene: Scene, at: tuple[float, float], half: float, time: float) -> None:
    """Smoke that leans away from the middle of the picture.

    Args:
        canvas: where.
        scene: what it shows.
        at: where it rises: heights from the middle, share from the top.
        half: half as wide as what burns, share of the picture's height.
        time: seconds.
    """
    up = np.clip(at[1] - canvas.y, 0, None)
    lean = 0.5 * up * np.sign(at[0] if at[0] else 1.0) * -1
    width = 0.55 * half + 0.35 * up + 0.02
    puff = noise(canvas.x * 5, np.asarray(canvas.y * 5 + 0.3 * time, np.float32), scene.seed + 57, 6, 0.55)
    plume = np.exp(-(((canvas.x - at[0] - lean + 0.10 * puff) / width) ** 2)) * step(-0.42, 0.28, puff)
    fade = np.exp(-up / 0.42) * step(0.0, 0.05, np.asarray(at[1] + 0.02 - canvas.y, np.float32))
    dark: Lab = mix((0.24, 0.005, 0.008), scene.low, 0.25)
    canvas.lay(np.asarray(0.72 * plume * fade, np.float32), dark, hides=0.6)


def draw_lanterns(canvas: Canvas, scene: Scene) -> None:
    """Paper lanterns on two lines across the picture, the nearer larger."""
    rng = np.random.default_rng([scene.place_seed, 0x1A7])
    named = scene.meaning.colours.get("light")
    for near, many in ((0.66, 9), (1.15, 6)):
        sag, left, right = 0.10 * near + 0.04, 0.10 + 0.10 * rng.random(), 0.10 + 0.10 * rng.random()
        xs = np.linspace(-0.5, 0.5, 60)
        line = left + (right - left) * (xs + 0.5) + sag * (1 - 4 * xs**2) - 0.10 * near
        pen = Pen(canvas, (0.0, 0.0), 1.0)
        pen.line([(x * canvas.aspect * 1.04, -y) for x, y in zip(xs, line, strict=True)], 0.0022)
        canvas.lay(pen.mask, mix(scene.earth, (0.15, 0.0, 0.0), 0.7), 0.1, hides=0.8)
        for k in range(many):
            at = int((k + 0.5 + 0.24 * float(rng.uniform(-1, 1))) / many * 59)
            hue = float(rng.choice((35, 52, 68, 20)))
            place = (float(xs[at] * canvas.aspect * 1.04), float(line[at]))
            size, colour = (0.052 + 0.010 * rng.random()) * near, named or from_lch(0.72, 0.17, hue)
            lantern(canvas, scene, place, size, colour, 0.15 / many)


def lantern(
    canvas: Canvas, scene: Scene, at: tuple[float, float], size: float, colour: Lab, around: float = 0.12
) -> None:
    """A lantern that hangs from a point, and its light.

    Args:
        canvas: where.
        scene: what it shows.
        at: the point: heights from the middle, share from the top.
        size: its height, share of the picture.
        colour: of its paper.
        around: how much of its light falls on what is far from it.
    """
    pen = Pen(canvas, (at[0], at[1] + size * 1.25), size)
    turn = np.linspace(0, 2 * np.pi, 24)
    pen.fill([(0.42 * np.cos(t) * (1 - 0.12 * np.sin(t) ** 2), 0.56 + 0.46 * np.sin(t)) for t in turn])
    pen.fill([(-0.16, 1.0), (0.16, 1.0), (0.16, 1.09), (-0.16, 1.09)], dark=True)
    pen.fill([(-0.16, 0.03), (0.16, 0.03), (0.16, 0.12), (-0.16, 0.12)], dark=True)
    pen.line([(0.0, 1.09), (0.0, 1.25)], 0.05, dark=True)
    lit = scene.is_dark or scene.fog > 0.5 or "storm" in scene.meaning.weathers
    body = mix(colour, (min(0.96, colour[0] + 0.2), colour[1] * 0.6, colour[2]), 0.35 if lit else 0.0)
    canvas.lay(pen.mask, body, 0.05, hides=0.9)
    canvas.lay(pen.dark, (0.16, 0.01, 0.02), 0.05, hides=0.9)
    x, y = at[0], at[1] + 0.7 * size
    distance = np.hypot(canvas.x - x, canvas.y - y)
    glow = 0.55 * np.exp(-((distance / (0.45 * size)) ** 2)) + 0.34 * np.exp(-distance / (1.1 * size))
    canvas.shine(np.asarray(glow + around * np.exp(-distance / (5 * size)), np.float32), linear_of(colour), 0.9 * lit)
