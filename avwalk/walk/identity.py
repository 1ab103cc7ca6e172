"""A song's identity vector: nearly equal for the same music in any encoding, nearly orthogonal for different music.

Two songs under one preset and seed must not take the same path; the same song as an MP3, quieter, or with its
end cut off must. A hash cannot do that, so the path is a smooth function of the song's mean spectrum.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.walk.bands import Array, blocks_of

SIZE = 128
_FINE, _COARSE = 2.0, 40.0  # bands: pitches and colours stay, the slope that all music shares goes
_GAIN = 2.0  # of songs tried, different ones came to 0.26–0.6 before it and to 0.05–0.25 after it


def identity(bands: NDArray[np.float32]) -> Array:
    """The song's identity vector: random Fourier features of the shape of its mean spectrum.

    Their inner product is exp(−g²‖x − y‖² / 2) for unit shapes x, y (A. Rahimi and B. Recht, "Random features
    for large-scale kernel machines", NIPS 2007).

    Args:
        bands: (n_frames, n_bands) ≥ 0.

    Returns:
        (SIZE,) float64 of length 1; for silence the same as for a flat spectrum.
    """
    total = np.sum([block.sum(axis=0) for block in blocks_of(bands)], axis=0)
    shape = np.sqrt(total / max(float(total.sum()), 1e-12))[None]
    shape = (cv2.GaussianBlur(shape, (0, 0), _FINE) - cv2.GaussianBlur(shape, (0, 0), _COARSE))[0]
    shape /= max(float(np.linalg.norm(shape)), 1e-9)
    rng = np.random.default_rng([len(shape), 0x736F6E67])
    features = np.cos(_GAIN * (rng.standard_normal((SIZE, len(shape))) @ shape) + rng.uniform(0, 2 * np.pi, SIZE))
    return np.asarray(features / np.linalg.norm(features))
