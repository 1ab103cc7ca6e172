"""The colours that matter is made of: those of the scene, in linear light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Colours:
    """Colours of one frame.

    Attributes:
        base: ramp from dark to light, (n, 3) linear light; entry k has the luminance (k / (n − 1))².
        companion: the other ramp.
        accent: (3,) linear light, of what glows.
        saturation: 0 grey to 1.
        gain: of the light on the scene.
        light: where it comes from on the screen, a unit vector, x to the right, y downwards.
    """

    base: NDArray[np.float32]
    companion: NDArray[np.float32]
    accent: NDArray[np.float32]
    saturation: float = 1.0
    gain: float = 1.0
    light: tuple[float, float] = (-0.57, -0.82)

    def tone(self, lightness: Array | float, side: Array | float = 0.0) -> Array:
        """Colours of the ramps.

        Args:
            lightness: square root of the luminance, 0 to 1, (n,) or one.
            side: 0 the base, 1 the companion, and between them.

        Returns:
            (n, 3) linear light.
        """
        top, share = len(self.base) - 1, np.atleast_1d(np.asarray(side, np.float64))[:, None]
        at = np.rint(np.atleast_1d(lightness) * math.sqrt(self.gain) * top)
        k = np.minimum(np.maximum(at, 0), top).astype(np.int64)
        return self._dulled(self.base[k] * (1 - share) + self.companion[k] * share)

    def glow(self, white: Array | float = 0.0) -> Array:
        """The accent, (n, 3) or (1, 3), up to white."""
        share = np.atleast_1d(np.asarray(white, np.float64))[:, None]
        return self._dulled((self.accent * (1 - share) + share) * self.gain)

    def _dulled(self, rgb: Array) -> Array:
        if self.saturation >= 1:
            return np.asarray(rgb)
        grey = (rgb @ LUMA)[:, None]
        return np.asarray(grey + self.saturation * (rgb - grey))
