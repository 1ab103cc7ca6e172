"""Camera for generators without one: warps their frames by the camera parameters, as `cppn` moves its coordinates."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import Picture, curve_at
from avwalk.config.preset import targets
from avwalk.contracts import Drive, Frames

MIRRORS = {"none": 0, "mirror": 1, "kaleidoscope": 3, "kaleidoscope6": 6}
SOFT = 0.0009  # square of the width of a mirror's crease, half-heights
CORE = 0.15  # ε of √(r² + ε²)
RING = 0.45  # of a polar map: the radius at which the middle row of the picture lies, half-heights
MAX_LEVEL = 7

Plane = NDArray[np.float32]


class Camera:
    """Pans, rotates, zooms, mirrors and polar-maps frames, mirrored beyond their edges.

    Screen position p shows position R(angle) · p / zoom + (x, y) of the picture, x to the right and y
    downwards in half-heights (of the 16:9 picture of equal area), as in `cppn`. The depth of a dive cross-fades
    the picture with a copy of half its size that grows into its place, with weights cos² and sin²; in a polar map it
    is a shift along the radius. At rest frames are unchanged, bit for bit.

    Args:
        symmetry: ``"none"``, ``"mirror"``, ``"kaleidoscope"`` or ``"kaleidoscope6"``: mirrors through the middle.
        map: ``"plane"``, or ``"polar"``: the picture once around the middle, its lower edge inwards, and once mirrored.
    """

    needs = (0, 0)

    def __init__(self, *, symmetry: str = "none", map: str = "plane") -> None:
        self._mirrors, self._polar = MIRRORS[symmetry], map == "polar"

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        for k in range(len(frames)):
            zoom, x, y, angle, depth = (_value(drive, name, k) for name in ("zoom", "x", "y", "angle", "depth"))
            rests = (zoom, x, y, angle % 360, depth % 1) == (1, 0, 0, 0, 0)
            if not rests or self._mirrors or self._polar:
                frames[k] = self._view(frames[k], zoom, (x, y), math.radians(angle), depth)
        return frames

    def _view(self, picture: Picture, zoom: float, at: tuple[float, float], angle: float, depth: float) -> Picture:
        height, width = picture.shape[:2]
        px = 2.0 / math.sqrt(width * height * 9 / 16)
        sx = ((np.arange(width) + 0.5 - width / 2) * px).astype(np.float32)[None]
        sy = ((np.arange(height) + 0.5 - height / 2) * px).astype(np.float32)[:, None]
        c, s = math.cos(angle) / zoom, math.sin(angle) / zoom
        x, y = c * sx - s * sy + at[0], s * sx + c * sy + at[1]
        for k in range(self._mirrors):
            nx, ny = math.cos(math.pi * k / self._mirrors), math.sin(math.pi * k / self._mirrors)
            d = x * nx + y * ny
            d = d - np.sqrt(d * d + np.float32(SOFT))
            x, y = x - d * nx, y - d * ny
        if self._polar:
            r2 = x * x + y * y + px * px
            lap = (width - 1) * px / math.pi  # a turn is the picture and its mirror image, without a seam
            away = lap * (np.log(np.sqrt(r2 + CORE**2) / RING) - math.log(2) * depth)
            # softer than it need be towards the middle: else all of a row would meet in a point
            level = np.log2(lap / (zoom * np.sqrt(r2)) * (1 + CORE**2 / r2))
            return _sampled(picture, lap * np.arctan2(x, -y), -away, level, px)
        part = depth % 1.0
        shares = {2.0**part: math.cos(math.pi / 2 * part) ** 2}
        if part:
            shares[2.0 ** (part - 1)] = math.sin(math.pi / 2 * part) ** 2
        copies = [
            np.float32(share) * _sampled(picture, x / grown, y / grown, -math.log2(zoom * grown), px)
            for grown, share in shares.items()
        ]
        return copies[0] if len(copies) == 1 else copies[0] + copies[1]


def _value(drive: Drive, name: str, k: int) -> float:
    target = targets()[f"camera.{name}"]
    value = curve_at(drive.params, f"camera.{name}", k, target.default)
    return value if target.wraps else min(max(value, target.low), target.high)


def _folded(at: Plane, size: int) -> Plane:
    """Pixel coordinates reflected at the first and the last pixel."""
    at = np.abs(at) % (2 * (size - 1))
    return np.asarray(np.minimum(at, 2 * (size - 1) - at), np.float32)


def _sampled(picture: Picture, x: Plane, y: Plane, level: float | Plane, px: float) -> Picture:
    """A picture (h, w, 3) sampled at positions in half-heights from its centre: (H, W, 3), in [0, 1].

    Where it is minified, from a mip pyramid with linear blending of two levels, against aliasing.

    Args:
        picture: in [0, 1].
        x: to the right, broadcast with y to (H, W).
        y: downwards.
        level: mip level, log2 of picture pixels per screen pixel.
        px: size of a pixel, half-heights.
    """
    import cv2

    height, width = picture.shape[:2]
    x, y = np.broadcast_arrays(_folded(x / px + (width - 1) / 2, width), _folded(y / px + (height - 1) / 2, height))
    level = np.clip(level, 0, min(MAX_LEVEL, int(math.log2(min(width, height)))))
    seen = np.zeros((*x.shape, 3), np.float32)
    for k in range(int(np.max(level)) + 2):
        weight = np.clip(1 - np.abs(level - k), 0, 1)
        h, w = picture.shape[:2]
        if np.any(weight):
            across, down = (x + 0.5) * (w / width) - 0.5, (y + 0.5) * (h / height) - 0.5
            places = across.astype(np.float32), down.astype(np.float32)
            part = cv2.remap(picture, *places, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
            seen += part * np.asarray(weight, np.float32)[..., None]
        picture = np.asarray(cv2.resize(picture, ((w + 1) // 2, (h + 1) // 2), interpolation=cv2.INTER_AREA))
    return np.asarray(np.clip(seen, 0, 1), np.float32)
