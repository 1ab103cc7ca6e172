"""Keeps positions in latent space near the origin, and the steps between them small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def bound_radius(z: Array, radius: float) -> Array:
    """Pulls positions softly into a ball: ‖z‖ → r·tanh(‖z‖/r). Small vectors stay as they are."""
    norm = np.linalg.norm(z, axis=-1, keepdims=True)
    return np.asarray(z * (radius * np.tanh(norm / radius) / np.maximum(norm, 1e-12)))


def bound_steps(z: Array, step: float) -> Array:
    """Limits ‖z[i+1] − z[i]‖ to ``step`` without delay: the mean of a forward and a backward limiter."""
    if len(z) < 2 or np.max(np.linalg.norm(np.diff(z, axis=0), axis=1)) <= step:
        return z
    return (_limited(z, step) + _limited(z[::-1], step)[::-1]) / 2


def _limited(z: Array, step: float) -> Array:
    out = np.empty_like(z)
    at = out[0] = z[0]
    for i in range(1, len(z)):
        way = z[i] - at
        length = float(np.sqrt(way @ way))
        at = out[i] = z[i] if length <= step else at + way * (step / length)
    return out
