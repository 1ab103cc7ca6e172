"""ControlNet inputs: canny edges or scribbles of the source frames, depth or mask of the generator."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames

KINDS = ("depth", "mask", "canny", "scribble")
LOW, HIGH = 60, 150  # hysteresis of Canny's edges, 8-bit luma
PEN = 0.012  # width of a scribble, of the picture's shorter side


def canny(frames: Frames) -> Frames:
    """White edges on black, one pixel wide (J. Canny 1986), of pictures (n, h, w, 3)."""
    return np.stack([_coloured(_edges(frame)) for frame in frames])


def scribble(frames: Frames) -> Frames:
    """White strokes on black, as wide as a pen, along the edges of pictures (n, h, w, 3)."""
    wide = max(2, round(PEN * min(frames.shape[1:3])))
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    strokes = []
    for frame in frames:
        soft = cv2.GaussianBlur(frame, (0, 0), wide)  # a hand leaves small things out
        strokes.append(_coloured(np.asarray(cv2.dilate(_edges(soft), pen), np.uint8)))
    return np.stack(strokes)


def near_is_white(depth: Frames) -> Frames:
    """Depth as ControlNets take it: (n, h, w), 0 near to 1 far, as (n, h, w, 3), white near."""
    return np.repeat(1 - np.asarray(depth, np.float32)[..., None], 3, axis=3)


def _edges(frame: Frames) -> NDArray[np.uint8]:
    luma = cv2.cvtColor(to_8bit(frame), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.Canny(luma, LOW, HIGH), np.uint8)


def _coloured(plane: NDArray[np.uint8]) -> Frames:
    return np.repeat(np.asarray(plane, np.float32)[..., None] / np.float32(255), 3, axis=2)
