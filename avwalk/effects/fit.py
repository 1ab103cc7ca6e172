"""Pictures of one shape as frames of another: cut, or whole with something at their sides; smaller or larger."""

from __future__ import annotations

import numpy as np

from avwalk.contracts import Frames
from avwalk.effects.tone import Picture
from avwalk.errors import OptionError

WAYS = ("crop", "mirror", "blur")
BLUR = 0.06  # sigma of the sides, of the frame's longer side
DIM = 0.55  # light of blurred sides: the picture stands before them
FEATHER = 0.012  # of the frame's longer side: the picture goes over into its blurred sides


class Fit:
    """Fits pictures to a size: those of the same shape by resampling alone.

    Resampled by Lanczos-4 where they grow, by area where they shrink; never outside of [0, 1].

    Args:
        size: width and height of the frames.
        how: ``"crop"``: the middle of the picture, as large as can be; ``"mirror"``: the whole of it between its own
            mirror images; ``"blur"``: the whole of it before a dim blur of itself.

    Raises:
        OptionError: an unknown way.
    """

    def __init__(self, size: tuple[int, int], how: str = "crop") -> None:
        if how not in WAYS:
            raise OptionError(f"fit '{how}' is unknown; use {', '.join(WAYS)}")
        self._size, self._how = size, how

    def apply(self, pictures: Frames) -> Frames:
        """Pictures (n, h, w, 3) as frames (n, H, W, 3); as they are if they fit already."""
        width, height = self._size
        if pictures.shape[1:3] == (height, width):
            return pictures
        return np.stack([self._fitted(picture) for picture in pictures])

    def _fitted(self, picture: Picture) -> Picture:
        h, w = picture.shape[:2]
        width, height = self._size
        # a picture whose shape is a pixel off is no reason for bars
        if self._how == "crop" or abs(w * height - h * width) < max(width, height):
            return self._cropped(picture)
        inner = (
            (width, max(1, round(h * width / w))) if w * height > h * width else (max(1, round(w * height / h)), height)
        )
        middle = resampled(picture, inner)
        left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
        right, bottom = width - inner[0] - left, height - inner[1] - top
        import cv2

        if self._how == "mirror":
            return np.asarray(cv2.copyMakeBorder(middle, top, bottom, left, right, cv2.BORDER_REFLECT))
        sigma = BLUR * max(width, height)
        small = cv2.resize(
            self._cropped(picture), (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA
        )
        behind = DIM * cv2.resize(
            cv2.GaussianBlur(small, (0, 0), sigma / 8), (width, height), interpolation=cv2.INTER_CUBIC
        )
        across = _ramp(width, inner[0], FEATHER * max(width, height))[None, :, None]
        down = _ramp(height, inner[1], FEATHER * max(width, height))[:, None, None]
        whole = cv2.copyMakeBorder(middle, top, bottom, left, right, cv2.BORDER_REPLICATE)
        return np.asarray(np.clip(behind + across * down * (whole - behind), 0, 1), np.float32)

    def _cropped(self, picture: Picture) -> Picture:
        h, w = picture.shape[:2]
        width, height = self._size
        across, down = min(w, max(1, round(h * width / height))), min(h, max(1, round(w * height / width)))
        x, y = (w - across) // 2, (h - down) // 2
        return resampled(picture[y : y + down, x : x + across], self._size)


def resampled(picture: Picture, size: tuple[int, int]) -> Picture:
    """A picture at another size (width, height), in [0, 1]."""
    import cv2

    h, w = picture.shape[:2]
    how = cv2.INTER_LANCZOS4 if size[0] > w or size[1] > h else cv2.INTER_AREA
    made = cv2.resize(np.ascontiguousarray(picture), size, interpolation=how)
    return np.asarray(np.clip(made, 0, 1), np.float32)


def _ramp(outer: int, inner: int, feather: float) -> Picture:
    """Share of the picture along a side of the frame: 1 inside, 0 outside, smooth just within its edges."""
    if inner >= outer:
        return np.ones(outer, np.float32)
    away = inner / 2 - np.abs(np.arange(outer) + 0.5 - outer / 2)
    t = np.clip(away / max(feather, 1e-6), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
