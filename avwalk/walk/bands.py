"""The walk `bands`: band weights of the spectrum times seeded random vectors, after DIGCREA."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BLOCK = 4096


def truncated_noise(rng: np.random.Generator, shape: tuple[int, int], truncation: float) -> Array:
    """Standard normal numbers redrawn until |x| ≤ 2, times truncation: BigGAN's latents (Brock 2018)."""
    x = rng.standard_normal(shape)
    while (far := np.abs(x) > 2).any():
        x[far] = rng.standard_normal(int(far.sum()))
    return truncation * x


def anticorrelated_order(vectors: Array) -> NDArray[np.int64]:
    """Greedy order in which each vector is followed by the remaining one with the smallest Pearson r."""
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    order, left = [0][: len(vectors)], np.ones(len(vectors), bool)
    left[:1] = False
    for _ in range(len(vectors) - 1):
        r = unit @ unit[order[-1]]
        r[~left] = np.inf
        order.append(int(np.argmin(r)))
        left[order[-1]] = False
    return np.asarray(order)


def basis(seed: int, n_bands: int, dim: int, truncation: float, smoothing_factor: float, iterations: int) -> Array:
    """One vector for each band: truncated noise, drawn from the seed, then `mixed`.

    Returns:
        (n_bands, dim) float64.
    """
    rng = np.random.default_rng([seed, 0x62616E64])
    return mixed(truncated_noise(rng, (n_bands, dim), truncation), smoothing_factor, iterations)


def mixed(noise: Array, smoothing_factor: float, iterations: int) -> Array:
    """Vectors in anticorrelated order, each mixed with its neighbour below, as DIGCREA does.

    ``N[b] ← s·N[b−1] + (1−s)·N[b]`` for ascending b, ``iterations`` times.

    Args:
        noise: (n_bands, dim).
        smoothing_factor: s, 0 to 1.
        iterations: ≥ 0.

    Returns:
        (n_bands, dim) float64.
    """
    vectors = noise[anticorrelated_order(noise)]
    for _ in range(iterations):
        for b in range(1, len(vectors)):
            vectors[b] = smoothing_factor * vectors[b - 1] + (1 - smoothing_factor) * vectors[b]
    return vectors


def weighted_sum(bands: NDArray[np.float32], vectors: Array) -> Array:
    """zᵢ = Σ_b A[i, b] · N[b], in blocks: ``bands`` may be a memory-mapped file.

    Returns:
        (n_frames, dim) float64.
    """
    return np.concatenate([block @ vectors for block in blocks_of(bands)])


def blocks_of(bands: NDArray[np.float32]) -> Iterator[Array]:
    """Runs of rows as float64; ``bands`` may be a file as long as the song."""
    path = getattr(bands, "filename", None)
    for i in range(0, len(bands), BLOCK):
        # a map of its own for each block: pages once read would stay with this process
        rows = bands if path is None else np.load(path, mmap_mode="r")
        yield np.asarray(rows[i : i + BLOCK], np.float64)


def swing(z: Array, level: NDArray[np.float32], level_share: float, size: float) -> Array:
    """The weighted sum centred over the song, normalised by one scale, and widened by loudness.

    DIGCREA's weights are independent of loudness; the level term restores it. The scale is the 90th percentile of
    ‖z − mean‖ over the song, so presets mean the same for every song; a steady spectrum is not blown up.

    Args:
        z: (n, dim).
        level: (n,) in [0, 1].
        level_share: 0 ignores the level, 1: no movement in silence.
        size: of the swing, as the norm that its 90th percentile gets.
    """
    away = z - z.mean(axis=0)
    norm = np.linalg.norm(away, axis=1)
    reference = max(float(np.percentile(norm, 90)), 0.02 * float(np.linalg.norm(z, axis=1).max()), 1e-9)
    return np.asarray(away * (size / reference) * (1 - level_share + level_share * level[:, None]))
