"""Interpolation between two values: smoothstep, linear, spherical."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Float32 = NDArray[np.float32]
Share = TypeVar("Share", float, NDArray[np.float32], NDArray[np.float64])


def smoothstep(t: Share) -> Share:
    """3t² − 2t³: from 0 to 1, at rest at both ends. ``t`` must lie in [0, 1]."""
    return t * t * (3 - 2 * t)


def lerp(a: Float32, b: Float32, share: float) -> Float32:
    """Straight from a to b, computed in float32."""
    return np.asarray((1 - np.float32(share)) * a + np.float32(share) * b, np.float32)


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


def slerp_float32(a: Float32, b: Float32, share: float) -> Float32:
    """`slerp` of float32 vectors (..., d), all by the same share; computed in float64."""
    return slerp(a.astype(np.float64), b.astype(np.float64), np.asarray(share)).astype(np.float32)
