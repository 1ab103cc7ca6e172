"""The camera over a still picture (Ken Burns): a slow zoom and pan that never shows a border.

The view is a rectangle of the film's shape inside the picture. Its width changes by a constant factor a second and its
centre moves with it, so that neither seems to speed up; both are functions of the picture's seed, its number and the
time.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from avwalk.contracts import Frames

RATE = 0.018
"""Zoom, as a share of the width a second: more hurries, less is not felt."""
MOST = 0.22
"""The narrowest view is so much narrower than the widest."""
SPARE = 1.12
"""Pictures are painted so much wider than the film: a view seldom has fewer pixels than the film."""
FINE_PIXELS = 1920 * 1088
"""Of a film: larger ones have pictures as they are, for their memory."""
_PURPOSE = 0x5EEC


class View(NamedTuple):
    """A part of a picture: its centre and its size, as shares of the largest view that the film's shape allows."""

    x: float
    y: float
    width: float


class Move(NamedTuple):
    """A camera's way over a picture, from one view to another."""

    first: View
    last: View

    def at(self, share: float) -> View:
        """The view after a share of the time, 0 to 1; before and behind, that at the end."""
        t = min(1.0, max(0.0, share))
        a, b = self.first, self.last
        width = a.width * (b.width / a.width) ** t
        u = t if abs(b.width - a.width) < 1e-9 else (width - a.width) / (b.width - a.width)
        return View(a.x + u * (b.x - a.x), a.y + u * (b.y - a.y), width)


def camera_move(seed: int, number: int, seconds: float) -> Move:
    """How the camera moves over a picture: in for odd numbers, out for even ones; where to, by the seed.

    Args:
        seed: of the picture.
        number: of the picture, from 1.
        seconds: how long it is seen.
    """
    rng = np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, number, _PURPOSE])
    amount = min(MOST, 1 - math.exp(-RATE * max(0.0, seconds)))
    near = 1 - amount
    wide = 1.0 - 0.02 * float(rng.random())
    room = (1 - near * wide) / 2
    angle = 2 * math.pi * float(rng.random())
    target = View(0.5 + 0.9 * room * math.cos(angle), 0.5 + 0.9 * room * math.sin(angle), near * wide)
    spare = (1 - wide) / 2
    start = View(0.5 - 0.9 * spare * math.cos(angle), 0.5 - 0.9 * spare * math.sin(angle), wide)
    return Move(start, target) if number % 2 else Move(target, start)


def view_of(picture: Frames, view: View, size: tuple[int, int]) -> Frames:
    """What a view shows of a picture, at any place between pixels.

    Args:
        picture: (h, w, 3) float32.
        view: of it.
        size: width and height of the film.

    Returns:
        (H, W, 3) float32, in the range of the picture.
    """
    h, w = picture.shape[:2]
    width, height = size
    across = min(w, h * width / height)
    scale = across * view.width / width  # pixels of the picture for one of the film
    left = (w - across) / 2 + across * view.x - scale * width / 2
    top = (h - across * height / width) / 2 + across * height / width * view.y - scale * height / 2
    way = np.array([[scale, 0, left + (scale - 1) / 2], [0, scale, top + (scale - 1) / 2]])
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(picture, way, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


def for_camera(picture: Frames, size: tuple[int, int]) -> Frames:
    """A picture as `view_of` takes it: twice as fine as the film, so that its sharpness hardly depends on where between
    two pixels a view lies. Measured over a move of 10 s, from frame to frame, with the picture as it is: 5 to 8 % of
    the variance of the Laplacian; so: 2 to 3 %, at a tenth of the time that Lanczos takes for every frame.

    Args:
        picture: (h, w, 3) float32.
        size: width and height of the film.
    """
    h, w = picture.shape[:2]
    width, height = size
    factor = 2 * width / min(w, h * width / height)
    if width * height > FINE_PIXELS or abs(factor - 1) < 0.05:
        return picture
    kind = cv2.INTER_LANCZOS4 if factor > 1 else cv2.INTER_AREA
    fine = cv2.resize(picture, (round(w * factor), round(h * factor)), interpolation=kind)
    return np.asarray(np.clip(fine, 0, 1), np.float32)
