"""The walk `recurrence`: the recurrence embedding in latent space, so pictures return where the music returns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FALLOFF = 0.5  # a_k ∝ (k + 1)^−FALLOFF: slow eigenvectors count more than fast ones


def positions(embedding: NDArray[np.float32], seed: int, dim: int, size: float) -> Array:
    """z(t) = z₀ + Σ aₖ φₖ(t) vₖ.

    Args:
        embedding: φ, (n_frames, k), each column in [−1, 1].
        seed: of z₀ and the directions vₖ.
        dim: of latent space.
        size: norm of z₀, and of the displacement when all φ are ± 1.

    Returns:
        (n_frames, dim) float64.
    """
    k = embedding.shape[1]
    rng = np.random.default_rng([seed, 0x72656375])
    drawn = rng.standard_normal((k + 1, dim))
    drawn /= np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), 1e-12)
    weights = (np.arange(k) + 1.0) ** -FALLOFF
    weights *= size / np.sqrt((weights**2).sum())
    return np.asarray(size * drawn[0] + (embedding.astype(np.float64) * weights) @ drawn[1:])
