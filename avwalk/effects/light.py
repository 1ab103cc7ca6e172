"""Light: gain in linear light with a highlight shoulder instead of clipping."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import curve_at, rows
from avwalk.contracts import Drive, Frames


class Light:
    """Multiplies light by ``light.gain``; above the knee the highlights roll off instead of clipping.

    Gain 1 leaves the frame unchanged. Not for ``cppn``, which applies the gain itself (see its ``finishes``).

    Args:
        amount: scale of the curve's departure from 1, 0 to 2.
        knee: linear light at which the shoulder begins, 0 to 0.95.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, knee: float = 0.6) -> None:
        self._amount, self._knee = amount, knee

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        from avwalk.effects.kernels import expose

        frames, flat = rows(frames)
        for k in range(len(frames)):
            gain = max(0.0, 1.0 + self._amount * (curve_at(drive.params, "light.gain", k, 1.0) - 1.0))
            if gain == 1.0:
                continue
            expose(flat[k], np.float32(gain), np.float32(self._knee))
        return frames
