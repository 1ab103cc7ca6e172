"""Slerp between latents, and limits on the radius and step size of a path."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def slerp(a: Array, b: Array, t: Array) -> Array:
    """Spherical interpolation of directions, linear of norms.

    A straight line between two Gaussian vectors runs through the thin middle of the distribution, where a
    generator's output is dull; the arc keeps the norm (Shoemake 1985; White 2016, arXiv:1609.04468).

    Args:
        a: (..., d).
        b: (..., d).
        t: (...), 0 gives a, 1 gives b.

    Returns:
        (..., d). Vectors that are parallel, opposite or zero are interpolated linearly.
    """
    t = np.asarray(t, np.float64)[..., None]
    norm_a = np.linalg.norm(a, axis=-1, keepdims=True)
    norm_b = np.linalg.norm(b, axis=-1, keepdims=True)
    unit = np.sum(a * b, axis=-1, keepdims=True) / np.maximum(norm_a * norm_b, 1e-300)
    angle = np.arccos(np.clip(unit, -1, 1))
    sine = np.sin(angle)
    curved = (sine > 1e-6) & (norm_a > 0) & (norm_b > 0)
    safe = np.where(curved, sine, 1.0)
    direction = np.sin((1 - t) * angle) / safe * (a / np.maximum(norm_a, 1e-300)) + np.sin(t * angle) / safe * (
        b / np.maximum(norm_b, 1e-300)
    )
    return np.where(curved, direction * ((1 - t) * norm_a + t * norm_b), (1 - t) * a + t * b)


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
