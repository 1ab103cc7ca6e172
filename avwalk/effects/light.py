"""Light: exposure, with a shoulder instead of a clip."""

from __future__ import annotations

import numpy as np

from avwalk.contracts import Drive, Frames
from avwalk.effects.tone import curve_at, to_linear, to_srgb


class Light:
    """Multiplies light by ``light.gain``; above the knee the highlights roll off and never burn.

    Gain 1 leaves the frame as it is. Not for ``cppn``, whose light is inside (see its ``finishes``).

    Args:
        amount: how much of the curve's departure from 1 is taken, 0 to 2.
        knee: linear light at which the shoulder begins, 0 to 0.95.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, knee: float = 0.6) -> None:
        self._amount, self._knee = amount, knee

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        for k in range(len(frames)):
            gain = max(0.0, 1.0 + self._amount * (curve_at(drive.params, "light.gain", k, 1.0) - 1.0))
            if gain == 1.0:
                continue
            light = to_linear(frames[k]) * np.float32(gain)
            if gain > 1.0:
                light = self._shoulder(light, gain)
            frames[k] = to_srgb(light)
        return frames

    def _shoulder(self, light: Frames, peak: float) -> Frames:
        """Linear up to the knee, then a parabola in 1/x that reaches 1 at ``peak`` with the same slope."""
        knee = np.float32(self._knee)
        room, span = np.float32(1.0 - self._knee), np.float32(peak - self._knee)
        over = np.maximum(light - knee, np.float32(0.0))
        # x/(1 + x·(1/room − 1/span)): slope 1 at the knee, ``room`` at ``span``
        rolled = over / (1 + over * (1 / room - 1 / span))
        result: Frames = np.minimum(light, knee) + rolled
        return result
