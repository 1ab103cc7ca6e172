"""A square picture becomes a frame of any shape: cut, or between its mirror images, or between blurred ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames
from avwalk.effects.tone import Picture
from avwalk.effects.upscale import Upscale, resized
from avwalk.errors import OptionError

FITS = ("crop", "mirror", "blur")
BLUR = 0.05  # standard deviation, of the picture's side
MELT = 0.12  # of the picture's side: over this far it passes into the blur
DIM = 0.4  # light that is taken from the outermost pixels
BACKDROP = 128  # pixels across the picture in which its blur is made


class Fit:
    """Squares to frames of one size. A frame is the same whatever frames come with it.

    Args:
        size: width and height of what comes out.
        fit: ``"crop"``: the picture fills the frame, and its middle is seen; ``"mirror"``: all of it is seen, and its
            mirror images beside it; ``"blur"``: these are out of focus and darker towards the edges.
        model: as in `Upscale`.
        device: as in `Upscale`.

    Raises:
        OptionError: the fit is unknown, or the model cannot be used.
    """

    def __init__(self, size: tuple[int, int], *, fit: str = "crop", model: str = "", device: str = "cpu") -> None:
        if fit not in FITS:
            raise OptionError(f"fit '{fit}' is unknown; use {', '.join(FITS[:-1])} or {FITS[-1]}")
        self.size, self._fit = size, fit
        side = max(size) if fit == "crop" else min(size)
        self._upscale = Upscale((side, side), model=model, device=device)

    def apply(self, frames: Frames) -> Frames:
        """Frames (n, R, R, 3) as (n, H, W, 3), in [0, 1]."""
        width, height = self.size
        squares = self._upscale.apply(frames)
        if width == height:
            return squares
        if self._fit == "crop":
            x, y = (max(self.size) - width) // 2, (max(self.size) - height) // 2
            return squares[:, y : y + height, x : x + width]
        if height > width:  # as if it lay on its side
            return self._widened(frames.swapaxes(1, 2), squares.swapaxes(1, 2), height).swapaxes(1, 2)
        return self._widened(frames, squares, width)

    def _widened(self, frames: Frames, squares: Frames, width: int) -> Frames:
        side = squares.shape[1]
        left = (width - side) // 2
        if self._fit == "mirror":
            return np.ascontiguousarray(squares[:, :, _folded(np.arange(width) - left, side)])
        away = np.maximum(0, np.abs(np.arange(width) - left - (side - 1) / 2) - (side - 1) / 2)  # from the picture
        inside = np.clip(side / 2 - np.abs(np.arange(side) - (side - 1) / 2), 0, None) / (MELT * side)
        light = (1 - DIM * _smooth(away / max(1, left)))[:, None].astype(np.float32)
        sharp = _smooth(inside)[:, None].astype(np.float32)
        out = np.empty((len(frames), side, width, 3), np.float32)
        for k, (small, square) in enumerate(zip(frames, squares, strict=True)):
            out[k] = _blurred(small, width, left, side) * light
            middle = out[k, :, left : left + side]
            middle[:] = sharp * square + (1 - sharp) * middle
        return out


def _blurred(small: Picture, width: int, left: int, side: int) -> Picture:
    """The picture and its mirror images out of focus, (side, width, 3); ``left`` is where it begins."""
    import cv2

    small = resized(np.ascontiguousarray(small), (BACKDROP, BACKDROP))
    border = int(np.ceil((width - left - side) * BACKDROP / side)) + 1
    wide = np.ascontiguousarray(small[:, _folded(np.arange(-border, BACKDROP + border), BACKDROP)])
    soft = cv2.GaussianBlur(wide, (0, 0), BLUR * BACKDROP, borderType=cv2.BORDER_REFLECT_101)
    scale = BACKDROP / side  # places of the frame's pixels in the blur
    across = (np.arange(width, dtype=np.float32) - left + 0.5) * scale - 0.5 + border
    down = (np.arange(side, dtype=np.float32) + 0.5) * scale - 0.5
    x, y = (np.ascontiguousarray(part) for part in np.broadcast_arrays(across[None], down[:, None]))
    return np.asarray(np.clip(cv2.remap(soft, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), 0, 1))


def _folded(at: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Pixels before the first and behind the last, mirrored there as often as need be."""
    at = np.abs(at) % (2 * (size - 1))
    return np.minimum(at, 2 * (size - 1) - at)


def _smooth(t: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
