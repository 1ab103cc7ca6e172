"""Deep Music Visualizer's original formulas, on its own frames of ``frame_length`` samples at 22 050 Hz.

`noise` and `weights` give a vector more than it has frames: both begin with the vector before the first frame.
`smoothed` loses up to 2·s − 1 vectors at the end, as there. Where it would fail or give NaN (silence, steady power)
the vectors are 0. Class weights do not sum to 1: their maximum is ``depth``, but for the first, which is chroma.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 22050
EPOCH = 200  # frames between two draws of the jitter


def n_draws(n_frames: int) -> int:
    """Number of rows of ``uniform`` that `noise` takes."""
    return -(-n_frames // EPOCH)


def noise(
    power: NDArray[np.floating],
    first: Array,
    uniform: Array,
    *,
    tempo_sensitivity: float = 0.25,
    jitter: float = 0.5,
    truncation: float = 1.0,
    frame_length: int = 512,
) -> Array:
    """Noise vectors: steps by rising and present power, reflected at the range limits in each coordinate.

    Args:
        power: mean power of the mel bands, (T,).
        first: truncated noise, (dim,).
        uniform: numbers in [0, 1), (`n_draws`, dim): below ½ the coordinate goes at full speed in that epoch.
        tempo_sensitivity: step at full power.
        jitter: the other coordinates go (1 − jitter) times as fast.
        truncation: of the noise.
        frame_length: samples.

    Returns:
        (T + 1, dim).
    """
    step = tempo_sensitivity * frame_length / 512
    strength = step * _rising_and_present(power.astype(np.float64))
    factor = np.where(uniform < 0.5, 1.0, 1.0 - jitter)
    limit = 2 * truncation - step
    out = np.empty((len(power) + 1, len(first)))
    at = out[0] = first
    direction = np.where(first < 0, 1.0, -1.0)
    before = np.zeros(len(first))
    for i in range(len(power)):
        before = (strength[i] * direction * factor[i // EPOCH] + 3 * before) / 4
        at = out[i + 1] = at + before
        direction = np.where(at >= limit, -1.0, np.where(at < -limit, 1.0, direction))
    return out


def weights(
    chroma: NDArray[np.floating],
    n_classes: int,
    *,
    pitch_sensitivity: float = 220.0,
    num_classes: int = 12,
    sort_classes_by_power: bool = False,
    depth: float = 1.0,
    frame_length: int = 512,
) -> Array:
    """Class vectors before smoothing: an average over time that is scaled to ``depth`` in every step and goes on so.

    Pitches go by their mean, strongest first: the j-th has class j. ``sort_classes_by_power`` does what it did
    there: class r of that order, r the rank of j among the pitches kept. The first vector goes by pitch instead if
    all twelve take part.

    Args:
        chroma: (12, T) from C.
        n_classes: K ≥ num_classes.
        pitch_sensitivity: 1 to 299.
        num_classes: how many pitches take part, 1 to 12.
        sort_classes_by_power: see above.
        depth: the largest weight.
        frame_length: samples.

    Returns:
        (T + 1, K) ≥ 0.
    """
    slowness = (300 - pitch_sensitivity) * 512 / frame_length
    order = np.argsort(chroma.mean(axis=1))[::-1][:num_classes]
    column = np.argsort(order) if sort_classes_by_power else np.arange(num_classes)
    sounding = np.flatnonzero((chroma > 0).any(axis=0))
    opening = chroma[:, sounding[0]] if len(sounding) else np.zeros(12)
    out = np.zeros((chroma.shape[1] + 1, n_classes))
    # by pitch if all take part, else by strength
    out[0, column] = opening if num_classes == 12 else opening[order]
    now = out[0, column]
    for i in range(chroma.shape[1]):
        now = (now + chroma[order, i] / slowness) / (1 + 1 / slowness)
        now = depth * (_spread(now) if num_classes > 6 else now / (now.max() or 1.0))
        shown = now[now != 0]
        if len(shown) and shown.std() < 1e-7:
            now[0] += 0.01
        out[i + 1, column] = now
    return out


def smoothed(vectors: Array, smooth_factor: int = 20, frame_length: int = 512) -> Array:
    """Class vectors as lines from the mean of each bin to that of the next, s vectors each.

    Args:
        vectors: (n, K).
        smooth_factor: length of a bin in frames of 512 samples; s of it at ``frame_length``, 1: nothing is done.
        frame_length: samples.

    Returns:
        ((n // s − 1) · s, K).
    """
    s = max(1, int(smooth_factor * 512 / frame_length))
    if s == 1:
        return vectors
    count = len(vectors) // s
    means = vectors[: count * s].reshape(count, s, vectors.shape[1]).mean(axis=1)
    share = (np.arange(s) / (s - 1))[:, None]
    lines = [means[c] * (1 - share) + means[c + 1] * share for c in range(count - 1)]
    return np.concatenate(lines) if lines else np.zeros((0, vectors.shape[1]))


def on_film(vectors: Array, fps: float, n_frames: int, frame_length: int = 512) -> Array:
    """Resamples vectors to the frame clock: vector j is shown at j · frame_length / 22 050 s, the last one stays.

    Args:
        vectors: (m, d), m ≥ 1.
        fps: of the film.
        n_frames: of the film.
        frame_length: samples.

    Returns:
        (n_frames, d), interpolated linearly.
    """
    position = np.clip(np.arange(n_frames) / fps * RATE / frame_length, 0, len(vectors) - 1)
    k = np.minimum(position.astype(np.int64), max(0, len(vectors) - 2))
    share = (position - k)[:, None]
    return np.asarray((1 - share) * vectors[k] + share * vectors[np.minimum(k + 1, len(vectors) - 1)])


def _rising_and_present(power: Array) -> Array:
    rise = np.gradient(power) if len(power) > 1 else np.zeros(len(power))
    rise = np.maximum(rise / rise.max(), 0) if rise.max(initial=0) > 0 else np.zeros(len(power))
    span = np.ptp(power) if len(power) else 0.0
    return np.asarray(rise + ((power - power.min()) / span if span else 0.0))


def _spread(now: Array) -> Array:
    """From 0, the smallest that sounds, to 1; classes that do not sound count as the smallest."""
    if not now.any():
        return now
    least = now[now != 0].min()
    above = np.where(now == 0, least, now) - least
    return np.asarray(above / (above.max() or 1.0))
