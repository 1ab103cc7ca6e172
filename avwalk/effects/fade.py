"""The end of a song that ends in silence: the picture fades to black."""

from __future__ import annotations

import numpy as np

from avwalk.contracts import Drive, Frames


class Fade:
    """Darkens frames by a curve of the drive: 0 leaves a frame as it is, 1 is black.

    Args:
        curve: its name.
    """

    needs = (0, 0)

    def __init__(self, curve: str) -> None:
        self._curve = curve

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        for frame, gone in zip(frames, drive.params[self._curve], strict=True):
            if gone > 0:
                frame *= np.float32(1) - np.float32(gone)
        return frames
