"""From a prompt to its picture: read, composed, painted layer by layer, finished in its style."""

from __future__ import annotations

import cv2
import numpy as np

from avwalk.arrays.colour import to_linear
from avwalk.arrays.oklab import linear_to_oklab
from avwalk.contracts import Frames
from avwalk.painters.worlds.air import draw_air, glow_dots
from avwalk.painters.worlds.canvas import Canvas, lab_to_linear
from avwalk.painters.worlds.colour_names import from_lch
from avwalk.painters.worlds.enclosed import ENCLOSED_PLACES
from avwalk.painters.worlds.figures import draw_figures
from avwalk.painters.worlds.forms import draw_form
from avwalk.painters.worlds.ground import draw_ground
from avwalk.painters.worlds.land import draw_land
from avwalk.painters.worlds.noise import noise
from avwalk.painters.worlds.reading import Meaning
from avwalk.painters.worlds.scene import Scene, compose
from avwalk.painters.worlds.sky import draw_sky

GRAIN = 1.2  # sigma of 255
PAN = 0.16  # heights of the picture that seeds look aside by


def draw_meaning(meaning: Meaning, seed: int, size: tuple[int, int], time: float = 0.0) -> Frames:
    """The picture of a meaning.

    Args:
        meaning: of a prompt, see `avwalk.painters.worlds.reading.read_prompt`.
        seed: picks what the words leave open: clouds, waves, framing; the place stays.
        size: width and height, pixels.
        time: seconds; clouds drift and waves roll as fast as the words say.

    Returns:
        (H, W, 3) float32 sRGB in [0, 1].
    """
    scene = compose(meaning, seed)
    if scene.kind == "form":
        return draw_form(scene, size, time)
    pan = PAN * float(np.clip(np.random.default_rng([seed, 0xBA9]).normal(), -2, 2))
    canvas = Canvas(size, pan)
    if scene.kind in ENCLOSED_PLACES:
        ENCLOSED_PLACES[scene.kind](canvas, scene, time)
        draw_figures(canvas, scene, time)
    else:
        body = draw_sky(canvas, scene, time)
        draw_land(canvas, scene, time)
        draw_ground(canvas, scene, body, time)
        draw_figures(canvas, scene, time)
        draw_air(canvas, scene, time)
        if "fireflies" in meaning.lights:
            glow_dots(canvas, seed, 60, from_lch(0.9, 0.15, 110), (scene.horizon - 0.1, 0.95))
    return styled(canvas, scene)


def styled(canvas: Canvas, scene: Scene) -> Frames:
    """The finished picture in the style that the words ask for."""
    styles = scene.meaning.styles
    if "monochrome" in styles or ("ink" in styles and not scene.meaning.colours):
        canvas.lab[..., 1:] *= 0.08
        canvas.light = np.repeat(canvas.light.mean(axis=-1, keepdims=True), 3, axis=-1)
    picture = canvas.finished(0.0 if "paper" in styles else GRAIN, scene.seed)
    if "paper" in styles or "print" in styles:
        picture = _flat(picture, 6)
    if "oil" in styles or "watercolour" in styles or "ink" in styles:
        picture = _brushed(picture, canvas, scene, wet="oil" not in styles)
    if "engraving" in styles and "ink" not in styles:
        picture = _engraved(picture, canvas)
    return picture


def _flat(picture: Frames, tones: int) -> Frames:
    """Few flat tones, as of cut paper."""
    even = np.asarray(cv2.bilateralFilter(picture, 9, 0.16, 7), np.float32)
    luma = even.mean(axis=-1, keepdims=True)
    step = np.round(luma * (tones - 1)) / (tones - 1)
    return np.asarray(np.clip(even * (step + 0.02) / (luma + 0.02), 0, 1), np.float32)


def _brushed(picture: Frames, canvas: Canvas, scene: Scene, wet: bool) -> Frames:
    """Edges that waver as of a brush; wet: on paper, whose grain shows."""
    reach = 0.009 * canvas.height
    dx = noise(canvas.x * 26, canvas.y * 26, scene.seed + 101, 3) * reach
    dy = noise(canvas.x * 26, canvas.y * 26, scene.seed + 102, 3) * reach
    columns, rows = np.meshgrid(np.arange(canvas.width), np.arange(canvas.height))
    moved = cv2.remap(
        picture,
        np.asarray(columns + dx, np.float32),
        np.asarray(rows + dy, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    smooth = np.asarray(cv2.bilateralFilter(moved, 7, 0.12, 5), np.float32)
    if not wet:
        stroke = noise(canvas.x * 70 + 6 * dx, canvas.y * 18, scene.seed + 103, 4)
        return np.asarray(np.clip(smooth * (1 + 0.10 * stroke[..., None]), 0, 1), np.float32)
    paper = 0.965 + 0.03 * noise(canvas.x * 160, canvas.y * 160, 77, 3)
    edge = np.minimum(
        np.minimum(canvas.x + canvas.aspect / 2, canvas.aspect / 2 - canvas.x), np.minimum(canvas.y, 1 - canvas.y)
    )
    torn = np.clip((edge - 0.03 + 0.05 * noise(canvas.x * 5, canvas.y * 5, scene.seed + 104, 5)) / 0.03, 0, 1)
    ground = np.stack([paper, paper * 0.985, paper * 0.945], axis=-1)
    washed = ground * (0.18 + 0.82 * smooth)
    return np.asarray(np.clip(ground + (washed - ground) * torn[..., None], 0, 1), np.float32)


def _engraved(picture: Frames, canvas: Canvas) -> Frames:
    """Lines whose width is the tone, on the picture's own pale colour."""
    luma = np.asarray(cv2.GaussianBlur(picture.mean(axis=-1), (0, 0), 1.2), np.float32)
    low, high = np.percentile(luma, (2, 98))
    luma = np.asarray(np.clip((luma - low) / max(float(high - low), 0.05), 0, 1) * 0.94 + 0.03, np.float32)
    bend = 0.25 * luma
    phase = (canvas.y + 0.18 * canvas.x + 0.05 * bend) * 130
    wave = np.abs((phase - np.floor(phase)) * 2 - 1)
    ink = np.clip(((1 - luma) - wave) / (260 / canvas.height) + 0.5, 0, 1)
    tint = picture / np.maximum(picture.max(axis=-1, keepdims=True), 1e-3)
    paper = 0.94 * (0.55 + 0.45 * tint)
    dark = 0.16 * (0.6 + 0.4 * tint)
    return np.asarray(paper + (dark - paper) * ink[..., None], np.float32)


def recoloured(picture: Frames, painted: Frames, strength: float) -> Frames:
    """A picture in the colours and tones of another: means and deviations of OKLab.

    E. Reinhard et al., "Color transfer between images", IEEE Computer Graphics and Applications 21 (2001).

    Args:
        picture: (H, W, 3) sRGB in [0, 1].
        painted: (H, W, 3), whose colours it gets, and at strengths above ½ more and more of its forms.
        strength: 0 the picture as it is, 1 the painted one.
    """
    own, other = (linear_to_oklab(to_linear(each).astype(np.float64)) for each in (picture, painted))
    scale = other.std(axis=(0, 1)) / np.maximum(own.std(axis=(0, 1)), 1e-3)
    moved = (own - own.mean(axis=(0, 1))) * np.clip(scale, 0.4, 2.5) + other.mean(axis=(0, 1))
    dressed = own + (moved - own) * min(1.0, 1.6 * strength)
    mixed = dressed + (other - dressed) * max(0.0, 2 * strength - 1)
    from avwalk.arrays.colour import to_srgb

    return np.asarray(to_srgb(lab_to_linear(mixed.astype(np.float32))), np.float32)
