"""Chromatic aberration: red scaled outwards, blue inwards."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import curve_at
from avwalk.contracts import Drive, Frames


class Aberration:
    """Scales red outwards and blue inwards about the middle; nothing moves there.

    Args:
        amount: shift at the corners in thousandths of the half-diagonal, added to the curve
            ``aberration.amount`` (0 when absent), 0 to 20.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.5) -> None:
        self._amount = amount

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        import cv2

        height, width = frames.shape[1:3]
        cx, cy = (width - 1) / 2, (height - 1) / 2
        for k in range(len(frames)):
            shift = (self._amount + curve_at(drive.params, "aberration.amount", k, 0.0)) / 1000
            if shift <= 0:
                continue
            for channel, s in ((0, 1 + shift), (2, 1 - shift)):
                # dst(x) = src((x − c) / s + c), edges repeated
                matrix = np.array([[1 / s, 0, cx - cx / s], [0, 1 / s, cy - cy / s]], np.float64)
                frames[k, :, :, channel] = cv2.warpAffine(
                    np.ascontiguousarray(frames[k, :, :, channel]),
                    matrix,
                    (width, height),
                    flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                    borderMode=cv2.BORDER_REPLICATE,
                )
        return frames
