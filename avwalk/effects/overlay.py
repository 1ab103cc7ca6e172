"""A picture over every frame: a logo in a corner."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Drive, Frames
from avwalk.effects.safe_area import MARGIN, UPRIGHT_BOTTOM, UPRIGHT_RIGHT, UPRIGHT_TOP

PLACES: dict[str, tuple[float, float]] = {
    "upper-left": (0.0, 0.0),
    "upper-right": (1.0, 0.0),
    "lower-left": (0.0, 1.0),
    "lower-right": (1.0, 1.0),
    "centre": (0.5, 0.5),
}
"""Where it is: share of the free width that lies to its left, of the free height that lies above it."""


class Overlay:
    """Lays a picture over frames.

    Args:
        picture: (h, w, 4) uint8, R G B and straight alpha.
        frame: width and height of the frames.
        place: a key of `PLACES`.
        size: of its longer side, percent of the frame's shorter side; no larger than there is room.
        margin: from the frame's edges, percent of its shorter side; below 0: as titles keep it, in upright frames clear
            of the players' controls.
        opacity: 0 to 1.
    """

    needs = (0, 0)

    def __init__(
        self,
        picture: NDArray[np.uint8],
        frame: tuple[int, int],
        place: str,
        size: float,
        margin: float = -1.0,
        opacity: float = 1.0,
    ) -> None:
        left, top, right, bottom = _room(frame, margin)
        h, w = picture.shape[:2]
        share = min(size / 100 * min(frame) / max(h, w), (right - left) / w, (bottom - top) / h)
        wide, tall = max(1, round(w * share)), max(1, round(h * share))
        straight: NDArray[np.float32] = (picture / np.float32(255)).astype(np.float32)
        straight[..., :3] *= straight[..., 3:]  # or the colour under what is clear comes through at its edge
        small = cv2.resize(straight, (wide, tall), interpolation=cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR)
        small = np.asarray(small * np.float32(opacity), np.float32)
        self._light, self._kept = small[..., :3], 1 - small[..., 3:]
        across, down = PLACES[place]
        self._x = round(left + across * (right - left - wide))
        self._y = round(top + down * (bottom - top - tall))

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        h, w = self._light.shape[:2]
        part = frames[:, self._y : self._y + h, self._x : self._x + w]
        part *= self._kept
        part += self._light
        return frames


def _room(frame: tuple[int, int], margin: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of where it may be, pixels."""
    width, height = frame
    if margin >= 0:
        edge = min(margin / 100 * min(frame), 0.5 * min(frame) - 1)
        return edge, edge, width - edge, height - edge
    edge = MARGIN * min(frame)
    if height <= width:
        return edge, edge, width - edge, height - edge
    return edge, UPRIGHT_TOP * height, (1 - UPRIGHT_RIGHT) * width, (1 - UPRIGHT_BOTTOM) * height
