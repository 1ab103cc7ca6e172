"""What shapes of sound are made of in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Perspective

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sounding:
    """A frame's sound, and that before it.

    Attributes:
        rows: (past + 1, columns) of the trace, the last that of the frame.
        seconds: of the frame, from the start of the song.
        fps: frames per second.
        size: ``sound.size``.
        reach: ``sound.reach``.
        opacity: ``sound.opacity``.
        perspective: of the world.
    """

    rows: Array
    seconds: float
    fps: float
    size: float
    reach: float
    opacity: float
    perspective: Perspective

    def before(self, seconds: float) -> Array:
        """The trace so long before the frame, (columns,), between rows; at most as long as the trace goes back."""
        at = min(max(len(self.rows) - 1 - seconds * self.fps, 0.0), len(self.rows) - 1.0)
        k = min(int(at), len(self.rows) - 2) if len(self.rows) > 1 else 0
        if at == k or len(self.rows) == 1:
            return np.asarray(self.rows[k])
        return np.asarray(self.rows[k] + (at - k) * (self.rows[k + 1] - self.rows[k]))

    @property
    def loudness(self) -> float:
        """How far the trace goes in this frame, 0 to about 1.3."""
        return float(np.abs(self.rows[-1]).max())
