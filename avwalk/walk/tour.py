"""The walk `tour`: seeded anchors, joined by slerp, reached on beats, bars or sections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import slerp, smoothstep

Array = NDArray[np.float64]


def anchors(seed: int, count: int, dim: int, truncation: float, identity: Array) -> Array:
    """Anchor k is drawn from (seed, "tour", k) and the song alone, so a longer tour begins like a shorter one.

    Args:
        seed: of the film.
        count: how many.
        dim: of latent space.
        truncation: sets their norm.
        identity: of the song, (m,) of length 1. Anchors are a seeded linear map of it, Gaussian for each song,
            and as alike from song to song as the identities are.

    Returns:
        (count, dim) float64; every anchor has norm truncation · √dim, where Gaussian latents live.
    """
    shape = (dim, len(identity))
    rows = [np.random.default_rng([seed, 0x746F7572, k]).standard_normal(shape) @ identity for k in range(count)]
    z = np.asarray(rows)
    return np.asarray(z * (truncation * np.sqrt(dim) / np.linalg.norm(z, axis=1, keepdims=True)))


def along(points: Array, position: Array) -> Array:
    """Latents at tour positions: k is anchor k, k + ½ the midpoint of the slerp to the next.

    Half-strength ease-in and ease-out at anchors: the speed never reaches 0.
    """
    k, share = between(len(points), position)
    return slerp(points[k], points[np.minimum(k + 1, len(points) - 1)], share)


def between(count: int, position: Array) -> tuple[NDArray[np.int64], Array]:
    """For each position the preceding anchor, and the eased share towards the next.

    Args:
        count: of anchors.
        position: (n,), k is anchor k; clamped to the tour.

    Returns:
        (n,) indices, and (n,) in [0, 1], eased in and out by half.
    """
    k = np.clip(np.floor(position).astype(np.int64), 0, max(0, count - 2))
    t = np.clip(position - k, 0, 1)
    return k, np.asarray(0.5 * t + 0.5 * smoothstep(t))


def arrivals(times: Array, every: int, duration: float, anchor_seconds: float) -> Array:
    """Arrival times of anchors in seconds, ascending, from 0 to past the end.

    Takes every ``every``-th time; where there is none for twice ``anchor_seconds`` (no beats, silence) the
    walk drifts on by itself, an anchor each ``anchor_seconds``.
    """
    wanted = [0.0, *(t for t in times[::every].tolist() if t > 0.25), duration + anchor_seconds]
    found = [0.0]
    for t in wanted[1:]:
        while t - found[-1] > 2 * anchor_seconds:
            found.append(found[-1] + anchor_seconds)
        if t - found[-1] > 0.2:
            found.append(t)
    return np.asarray(found)


def thin_arrivals(arrive: Array, lively: Array) -> Array:
    """Drops arrivals in quiet passages: one is kept where the gains since the last sum to one half.

    Args:
        arrive: (k,) arrival times, seconds, ascending.
        lively: (k,) gain at each of them, in [0, 1]; from 0.5 on every arrival is kept.

    Returns:
        Some of ``arrive``, the first and the last among them.
    """
    kept, waited = [True], 0.0
    for share in lively[1:-1].tolist():
        waited += share
        kept.append(waited >= 0.5)
        waited = 0.0 if kept[-1] else waited
    return np.asarray(arrive[np.array([*kept, True])])


def positions_on(arrive: Array, frame_times: Array, phase: Array) -> Array:
    """Tour position of each frame: anchors on their arrival times, in between proportional to the phase.

    Args:
        arrive: (k,) arrival times, seconds.
        frame_times: (n,) seconds.
        phase: (n,) the integral of the walking speed, ascending.

    Returns:
        (n,) anchor positions; anchor k is reached exactly at ``arrive[k]``.
    """
    slow = phase + 1e-3 * frame_times  # strictly ascending even where the speed is 0
    slope = (slow[-1] - slow[-2]) / (frame_times[-1] - frame_times[-2]) if len(slow) > 1 else 1.0
    over = np.maximum(arrive - frame_times[-1], 0) * max(slope, 1e-3)
    at = np.interp(arrive, frame_times, slow) + over
    return np.interp(slow, at, np.arange(len(arrive), dtype=np.float64))
