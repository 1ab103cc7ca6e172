"""Film grain: seeded noise per frame, which hides banding at little bit rate."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import curve_at
from avwalk.contracts import Drive, Frames

SIGMA = 1.1 / 255
MAX_SIGMA = 2.0 / 255  # more costs bit rate and is what encoders smear first
_TILE = 1 << 18
_PURPOSE = 0x6121


class Grain:
    """Adds noise to all channels alike, strongest in the middle tones, different in every frame.

    The noise is slightly smooth along the rows: white noise costs twice the bits and looks digital.

    Args:
        amount: strength, multiplied by the curve ``grain.amount``, 0 to 2; sigma never exceeds 2/255.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0) -> None:
        self._amount = amount
        raw = np.random.default_rng(_PURPOSE).standard_normal(_TILE + 1).astype(np.float32)
        self._noise = np.float32(0.8) * raw[1:] + np.float32(0.6) * raw[:-1]

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        height, width = frames.shape[1:3]
        for k in range(len(frames)):
            amount = self._amount * max(0.0, curve_at(drive.params, "grain.amount", k, 1.0))
            sigma = min(amount * SIGMA, MAX_SIGMA)
            if sigma <= 0:
                continue
            rng = np.random.default_rng([drive.seed & 0xFFFFFFFF, _PURPOSE, drive.i0 + k])
            starts = rng.integers(0, _TILE - min(width, _TILE // 2), height)
            rows = self._noise[(starts[:, None] + np.arange(width)[None, :]) % _TILE]
            green = frames[k, :, :, 1]
            rows = rows * np.float32(sigma) * (np.float32(0.35) + np.float32(2.6) * green * (1 - green))
            np.clip(frames[k] + rows[..., None], 0.0, 1.0, out=frames[k])
        return frames
