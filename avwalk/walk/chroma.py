"""The walk `chroma`: pitch classes weight the classes, loudness moves the latents, after Deep Music Visualizer.

Corrected against the original: one rule from pitch to class, no lag, no frames lost at the end, independence of the
frame rate, seeded random numbers. The original formulas are in `chroma_classic.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.walk.bands import truncated_noise

Array = NDArray[np.float64]

FRAME = 512 / 22050  # seconds of a frame of Deep Music Visualizer: its settings count in these
JITTER_SECONDS = 200 * FRAME
_MOMENTUM = -FRAME / np.log(3 / 4)  # seconds: its steps are (u + 3·u_before)/4
_CORNER = 0.97  # 1: a triangle wave, 0: a sine
_RISE = 0.04  # seconds over which loudness is seen to rise
_POWER = 2 / 0.6  # loudness is amplitude^0.6 (Stevens); it takes power
_CONTRAST = 5.0  # two of twelve classes had 80 to 90 % of the weight half of the time, in three songs tried


def time_constant(pitch_sensitivity: float) -> float:
    """Time constant of the classes: its average has α = 1/(301 − pitch_sensitivity) for each of its frames.

    Args:
        pitch_sensitivity: 1 to 299; 220 gives 1.87 s.
    """
    slowness = 300.0 - pitch_sensitivity
    return float(-FRAME / np.log(slowness / (slowness + 1)))


def class_pitches(chroma: NDArray[np.floating], n_classes: int, *, sort_by_power: bool = False) -> NDArray[np.int64]:
    """Assignment of classes to pitch classes: class k to pitch class k, counted from C.

    With fewer than 12 classes the song's strongest pitch classes have one each, in the same order from C; classes
    beyond the twelfth have none. ``sort_by_power`` ranks instead: the strongest pitch class has the first class.

    Args:
        chroma: (n_frames, 12) from C.
        n_classes: K.
        sort_by_power: by strength over the song, not by pitch.

    Returns:
        The pitch class of each of the first min(K, 12) classes.
    """
    strongest = np.argsort(-chroma.mean(axis=0, dtype=np.float64), kind="stable")[:n_classes]
    return strongest if sort_by_power else np.sort(strongest)


def weights(
    chroma: NDArray[np.floating],
    fps: float,
    n_classes: int,
    *,
    pitch_sensitivity: float = 220.0,
    num_classes: int = 12,
    sort_by_power: bool = False,
    depth: float = 1.0,
    smooth_factor: float = 20.0,
) -> Array:
    """Class weights from the pitch classes around each frame, averaged symmetrically in time.

    In silence the weights stay; among equal pitches the strongest of the song leads.

    Args:
        chroma: (n_frames, 12) ≥ 0, from C.
        fps: frames per second.
        n_classes: K.
        pitch_sensitivity: 1 to 299, see `seconds_of`.
        num_classes: only so many classes, of the strongest pitches, take part.
        sort_by_power: see `owners`.
        depth: the largest weight that a class may have, above 0 to 1; what is cut off goes to the others that take
            part.
        smooth_factor: smoothing in its frames: bins of that many, joined by straight lines; 0: none.

    Returns:
        (n_frames, K) float64 ≥ 0, rows sum to 1.
    """
    pitches = class_pitches(chroma, n_classes, sort_by_power=sort_by_power)
    power = chroma.mean(axis=0, dtype=np.float64)[pitches]
    kept = np.sort(np.argsort(-power, kind="stable")[: max(1, num_classes)])
    heard = averaged(chroma[:, pitches[kept]].astype(np.float64), fps, pitch_sensitivity)
    strong = heard - heard.min(axis=1, keepdims=True)
    strong[:, np.argmax(power[kept])] += 1e-9 * max(float(heard.max()), 1e-9)
    strong = (strong / strong.max(axis=1, keepdims=True)) ** _CONTRAST
    share = strong / strong.sum(axis=1, keepdims=True)
    even = 1 / len(kept)
    top = share.max(axis=1, keepdims=True)
    excess = np.maximum(top - max(depth, even), 0) / np.maximum(top - even, 1e-12)
    out = np.zeros((len(chroma), n_classes))
    # bins of s frames joined by straight lines: the variance of a box and of a triangle, s²/12 + s²/6
    out[:, kept] = _gaussian((1 - excess) * share + excess * even, smooth_factor * FRAME * fps / 2)
    return out


def averaged(chroma: Array, fps: float, pitch_sensitivity: float) -> Array:
    """The exponential average without lag: run in both directions with √½ of the time constant, for equal spread."""
    return zero_phase_average(chroma, fps, time_constant(pitch_sensitivity) / np.sqrt(2))


def latents(
    level: NDArray[np.floating],
    fps: float,
    dim: int,
    seed: int,
    *,
    tempo_sensitivity: float = 0.25,
    jitter: float = 0.5,
    truncation: float = 1.0,
) -> Array:
    """Latents that oscillate between ±2·truncation in every coordinate, faster where loudness is high or rises.

    Speed is tempo_sensitivity · (rise + power) for each of its frames, in half of the coordinates (1 − jitter) of it;
    which half is drawn anew every 200 of its frames. It has the original's momentum, without its delay. The path is a
    triangle wave of the distance, with round corners, so that it does not depend on the frame rate.

    Args:
        level: loudness in [0, 1], (n_frames,): the signal ``rms``.
        fps: frames per second.
        dim: of latent space.
        seed: of the first latent and of what jitters.
        tempo_sensitivity: 0.05 to 0.8.
        jitter: 0 to 1; 0: all coordinates are equally fast.
        truncation: sets the range, and the size of the first latent.

    Returns:
        (n_frames, dim) float64 in ±2·truncation.
    """
    limit = 2 * truncation
    start = truncated_noise(np.random.default_rng([seed, 0x6368726F]), (1, dim), truncation)[0]
    speed = zero_phase_average(pace(level, fps)[:, None], fps, _MOMENTUM / np.sqrt(2))[:, 0] * (
        tempo_sensitivity / FRAME
    )
    way = distances(speed, fps, dim, seed, jitter)
    steepest = np.arcsin(_CORNER)
    angle = np.arcsin(np.sin(steepest * start / limit) / _CORNER)
    angle = np.where(start < 0, angle, np.pi - angle)  # to the middle first
    return np.asarray(np.arcsin(_CORNER * np.sin(angle + np.pi / 2 * way / limit)) * (limit / steepest))


def pace(level: NDArray[np.floating], fps: float) -> Array:
    """Rising and present power, (n_frames,): each 0 to 1, relative to the song's strongest."""
    power = level.astype(np.float64) ** _POWER
    rise = (
        np.maximum(np.gradient(zero_phase_average(power[:, None], fps, _RISE)[:, 0]), 0)
        if len(power) > 1
        else 0 * power
    )
    return np.asarray(rise / max(float(rise.max()), 1e-9) + power / max(float(power.max()), 1e-9))


def distances(speed: Array, fps: float, dim: int, seed: int, jitter: float) -> Array:
    """Distance travelled by each coordinate: the integral of its speed, (n_frames, dim), 0 on the first frame.

    Args:
        speed: per second, (n_frames,) ≥ 0.
        fps: frames per second.
        dim: number of coordinates.
        seed: of the jitter; epoch e of `JITTER_SECONDS` is drawn from (seed, e) alone.
        jitter: half of the coordinates go (1 − jitter) times as fast.
    """
    times = np.arange(len(speed)) / fps
    total = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / (2 * fps))])
    epoch = np.floor(times / JITTER_SECONDS).astype(np.int64)
    borders = np.interp(np.arange(epoch[-1] + 1) * JITTER_SECONDS, times, total)
    drawn = [np.random.default_rng([seed, 0x6A697474, e]).random(dim) for e in range(len(borders))]
    factor = np.where(np.asarray(drawn) < 0.5, 1.0, 1.0 - jitter)
    done = np.cumsum(factor[:-1] * np.diff(borders)[:, None], axis=0)
    before = np.concatenate([np.zeros((1, dim)), done])
    return np.asarray(before[epoch] + factor[epoch] * (total - borders[epoch])[:, None])


def zero_phase_average(curve: Array, fps: float, seconds: float) -> Array:
    """An exponential average in both directions of time: no lag, renormalised at the ends.

    Args:
        curve: (n, k).
        fps: values per second.
        seconds: time constant of each side.

    Returns:
        (n, k).
    """
    keep = float(np.exp(-1 / (fps * seconds)))
    past, future = np.zeros((len(curve) + 1, curve.shape[1])), np.zeros((len(curve) + 1, curve.shape[1]))
    for i in range(len(curve)):
        past[i + 1] = keep * (past[i] + curve[i])
        future[i + 1] = keep * (future[i] + curve[-1 - i])
    counts = keep * (1 - keep ** np.arange(len(curve))) / (1 - keep)
    weight = 1 + counts + counts[::-1]
    return np.asarray((curve + past[:-1] + future[-2::-1]) / weight[:, None])


def _gaussian(curve: Array, sigma: float) -> Array:
    """Zero-phase smoothing of (n, k) along the first axis, renormalised at the ends."""
    radius = min(len(curve) - 1, int(np.ceil(4 * sigma)))
    if sigma <= 0.05 or radius < 1:
        return curve
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weight = np.convolve(np.ones(len(curve)), kernel)[radius : radius + len(curve)]
    columns = [np.convolve(column, kernel)[radius : radius + len(curve)] / weight for column in curve.T]
    return np.stack(columns, axis=1)
