"""Fits pictures of another aspect ratio to the frame: crop, mirrored sides, or blurred sides."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import Picture
from avwalk.arrays.interpolation import smoothstep
from avwalk.arrays.upscale import Upscale, resized
from avwalk.contracts import Frames
from avwalk.errors import OptionError

FITS = ("crop", "mirror", "blur")
BLUR = 0.05  # standard deviation, of the picture's longer side
FADE = 0.12  # width of the transition into the blur, of the picture's side
DIM = 0.4  # light that is taken from the outermost pixels
COARSE = 4  # downscaling of the blur


class Fit:
    """Fits pictures to one frame size; frames are independent of each other.

    Args:
        size: width and height of the output.
        fit: ``"crop"``: the picture fills the frame, centred; ``"mirror"``: the whole picture, with its
            mirror images beside it; ``"blur"``: these are blurred, and darker towards the edges.
        model: as in `Upscale`.
        device: as in `Upscale`.

    Raises:
        OptionError: the fit is unknown, or the model cannot be used.
    """

    def __init__(self, size: tuple[int, int], fit: str = "crop", *, model: str = "", device: str = "cpu") -> None:
        if fit not in FITS:
            raise OptionError(f"fit '{fit}' is unknown; use {', '.join(FITS[:-1])} or {FITS[-1]}")
        self._size, self._fit = size, fit
        self._upscale = Upscale(model, device)

    def apply(self, pictures: Frames) -> Frames:
        """Pictures (n, h, w, 3) as frames (n, H, W, 3), in [0, 1]; as they are if they fit already."""
        (h, w), (width, height) = pictures.shape[1:3], self._size
        if (w, h) == self._size:
            return pictures
        # a picture whose shape is a pixel off is no reason for sides
        if self._fit == "crop" or abs(w * height - h * width) < max(width, height):
            across, down = min(w, max(1, round(h * width / height))), min(h, max(1, round(w * height / width)))
            x, y = (w - across) // 2, (h - down) // 2
            return self._upscale.apply(pictures[:, y : y + down, x : x + across], self._size)
        scale = min(width / w, height / h)
        inner = min(width, max(1, round(w * scale))), min(height, max(1, round(h * scale)))
        return np.stack([self._with_sides(picture) for picture in self._upscale.apply(pictures, inner)])

    def _with_sides(self, picture: Picture) -> Picture:
        import cv2

        (h, w), (width, height) = picture.shape[:2], self._size
        left, top = (width - w) // 2, (height - h) // 2
        sides = top, height - h - top, left, width - w - left
        wide: Picture = np.asarray(
            cv2.copyMakeBorder(np.ascontiguousarray(picture), *sides, cv2.BORDER_REFLECT), np.float32
        )
        if self._fit == "mirror":
            return wide
        small = resized(wide, (max(2, width // COARSE), max(2, height // COARSE)))
        soft = cv2.GaussianBlur(small, (0, 0), BLUR * max(w, h) / COARSE, borderType=cv2.BORDER_REFLECT_101)
        soft = cv2.resize(soft, self._size, interpolation=cv2.INTER_LINEAR)
        across, down = _beyond(width, w)[None, :], _beyond(height, h)[:, None]
        away = np.maximum(across, down)  # from the picture's edge, outwards; one of the two is inside everywhere
        light = 1 - DIM * _smooth(away / max(1, left, top))
        sharp = _smooth(-away / (FADE * min(w, h)))
        made = sharp[..., None] * wide + ((1 - sharp) * light)[..., None] * soft
        return np.asarray(np.clip(made, 0, 1), np.float32)


def _beyond(outer: int, inner: int) -> Picture:
    """Distance of each pixel beyond the edges of the centred picture; negative inside, far inside without edges."""
    if inner >= outer:
        return np.full(outer, -1e9, np.float32)
    return np.asarray(np.abs(np.arange(outer) + 0.5 - outer / 2) - inner / 2, np.float32)


def _smooth(t: Picture) -> Picture:
    return smoothstep(np.clip(t, 0, 1))
