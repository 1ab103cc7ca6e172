"""What is between us and the scene: fog, rain, snow, floating lights."""

from __future__ import annotations

import cv2
import numpy as np

from avwalk.painters.worlds.canvas import Canvas
from avwalk.painters.worlds.colour_names import linear_of
from avwalk.painters.worlds.noise import noise
from avwalk.painters.worlds.scene import Scene, mix


def draw_air(canvas: Canvas, scene: Scene, time: float) -> None:
    """Lays fog, rain and snow over the canvas."""
    if scene.fog:
        banks = noise(canvas.x * 1.2 + 0.06 * time * scene.motion, canvas.y * 4.5, scene.seed + 71, 5)
        thick = 0.92 if scene.kind == "open" and scene.far else 0.86
        low = np.exp(-np.abs(canvas.y - scene.horizon) / 0.16)  # it lies
        share = scene.fog * np.clip(0.12 + canvas.depth * 0.80 + 0.34 * banks + 0.40 * low, 0, thick)
        colour = mix(scene.low, (scene.low[0], scene.low[1] * 0.8, scene.low[2] * 0.8), 0.5)
        canvas.lay(np.asarray(share, np.float32), colour, hides=0.6)
    if "rain" in scene.meaning.weathers or ("storm" in scene.meaning.weathers and "snow" not in scene.meaning.weathers):
        _rain(canvas, scene, time)
    if "snowfall" in scene.meaning.weathers or {"snow", "storm"} <= scene.meaning.weathers:
        _snow(canvas, scene, time)


def _rain(canvas: Canvas, scene: Scene, time: float) -> None:
    lean = 0.12 + 0.3 * max(0.0, scene.meaning.energy)
    heavy = 1.0 if "rain" in scene.meaning.weathers else 0.6
    for k, scale in enumerate((70.0, 38.0)):
        x = (canvas.x + lean * canvas.y) * scale
        drops = noise(
            np.asarray(x, np.float32), np.asarray(canvas.y * 3.2 - 9 * time, np.float32), scene.seed + 5 + k, 2, 0.6
        )
        streak = np.clip((drops - 0.34) * 3.5, 0, 1) * heavy
        canvas.lay(np.asarray(streak * (0.16 + 0.08 * k), np.float32), (min(0.95, scene.low[0] + 0.12), 0.0, -0.01))


def _snow(canvas: Canvas, scene: Scene, time: float) -> None:
    rng = np.random.default_rng([scene.seed, 0x500])
    wild = 0.4 + 0.6 * max(0.0, scene.meaning.energy)
    for size, many, share in ((0.0016, 700, 0.75), (0.0032, 240, 0.7), (0.0075, 40, 0.45)):
        layer = np.zeros((canvas.height, canvas.width), np.float32)
        places = rng.random((int(many * canvas.aspect / 1.78), 2))
        fall = time * (0.05 + size * 12)
        for x, y in places:
            at_x = ((x + wild * fall * 0.6) % 1.0) * canvas.width
            at_y = ((y + fall) % 1.0) * canvas.height
            cv2.circle(
                layer,
                (int(at_x * 16), int(at_y * 16)),
                int(max(0.6, size * canvas.height) * 16),
                1.0,
                -1,
                cv2.LINE_AA,
                4,
            )
        if size > 0.005:
            layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), size * canvas.height * 0.6), np.float32)
        canvas.lay(
            np.asarray(np.clip(layer, 0, 1) * share, np.float32), (0.55 + 0.42 * min(1.0, scene.exposure), 0.0, -0.006)
        )


def glow_dots(
    canvas: Canvas, seed: int, many: int, colour: tuple[float, float, float], region: tuple[float, float]
) -> None:
    """Small lights that float between two heights, as fireflies and bubbles do."""
    rng = np.random.default_rng([seed, 0xD07])
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    for x, y, size in rng.random((many, 3)):
        at = (int(x * canvas.width * 16), int((region[0] + (region[1] - region[0]) * y) * canvas.height * 16))
        cv2.circle(layer, at, int(max(0.7, (0.0015 + 0.003 * size) * canvas.height) * 16), 1.0, -1, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(layer, (0, 0), 0.012 * canvas.height)
    canvas.shine(np.asarray(layer * 0.7 + soft * 3, np.float32), linear_of(colour), 0.6)
