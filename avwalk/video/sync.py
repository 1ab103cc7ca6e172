"""Sync measure: correlation and lag between picture change and musical events; flicker.

Luma of each frame at 160×90, g in [0, 1]; its local contrast n = (g − G∗g) / (√(G∗(g − G∗g)²) + 0.03), G a
Gaussian of 8 pixels. Picture change c[i] = mean |n[i] − n[i−1]|, minus its 31-frame moving average. It is
correlated with the events, so a picture that only flashes gains nothing: that is what ``luma_pump`` shows.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 160, 90
SIGMA = 8.0
CALM = 0.15  # s from an event: what it moves has come and is not over
_FLOOR = 0.03
_AVERAGE = 31
_SPREAD = (0.25, 0.5, 1.0, 0.5, 0.25)
_MAX_LAG = 8
_EQUAL = 0.02  # correlations so near to the best count as equal; the lag nearest 0 wins


def picture_change(
    lumas: Iterable[NDArray[np.float32]], sigma: float = SIGMA
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Change of the picture from frame to frame, and of its mean luma.

    Args:
        lumas: (90, 160) float32 in [0, 1], one for each frame; read once, one at a time.
        sigma: of the Gaussian, pixels; for pictures of another size.

    Returns:
        Two arrays (n_frames,) float64, each minus its 31-frame moving average; the first frame, which changes
        from nothing, has the change of the second.
    """
    return without_trend(*picture_steps(lumas, sigma))


def picture_steps(
    lumas: Iterable[NDArray[np.float32]], sigma: float = SIGMA
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Change of the picture from frame to frame, that of the first 0, and its mean luma: each (n_frames,) float64."""
    before: NDArray[np.float32] | None = None
    change, means = [], []
    for g in lumas:
        detail = g - blur(g, sigma)
        spread = np.sqrt(blur(detail * detail, sigma)) + np.float32(_FLOOR)
        n: NDArray[np.float32] = (detail / spread).astype(np.float32, copy=False)
        change.append(0.0 if before is None else float(np.abs(n - before).mean(dtype=np.float64)))
        means.append(float(g.mean(dtype=np.float64)))
        before = n
    return np.array(change), np.array(means)


def without_trend(
    picture: NDArray[np.float64], means: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`picture_change` from the `picture_steps` of a whole film."""
    picture, pump = picture.copy(), np.abs(np.diff(means, prepend=means[:1]))
    if len(picture) > 1:
        picture[0], pump[0] = picture[1], pump[1]
    return _without_average(picture), _without_average(pump)


def luma_change(lumas: Iterable[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Mean |ΔY| from frame to frame, (n_frames,) float64, of lumas as above; that of the first is 0."""
    before: NDArray[np.float32] | None = None
    found = []
    for g in lumas:
        found.append(0.0 if before is None else float(np.abs(g - before).mean(dtype=np.float64)))
        before = g
    return np.array(found)


def flicker(change: NDArray[np.float64], event_frames: NDArray[np.int64], fps: float) -> float:
    """How restless a film is where nothing happens: the mean of `luma_change` more than `CALM` from every event.

    Args:
        change: (n_frames,), from `luma_change`; frames with 0 (the first, one that is repeated) count.
        event_frames: frames of the events.
        fps: frames per second.

    Returns:
        0 for a picture at rest, about 0.01 for a calm film; 0 where no frame is far from all events.
    """
    struck = np.zeros(len(change), bool)
    for frame in event_frames:
        struck[max(0, int(frame - CALM * fps)) : int(frame + CALM * fps) + 1] = True
    return float(change[~struck].mean()) if (~struck).any() else 0.0


def correlate(
    change: NDArray[np.float64],
    event_frames: NDArray[np.int64],
    heights: NDArray[np.float64] | None = None,
) -> tuple[float, int]:
    """How well changes follow events: the largest Pearson r over lags −8 … 8, and its lag.

    Args:
        change: (n_frames,), from ``picture_change``.
        event_frames: frames of the events; those outside the film are left out.
        heights: of the events; 1 for None.

    Returns:
        (r, lag in frames). A positive lag: the picture comes after the sound. (0, 0) where nothing varies. A film
        of fewer than 11 frames is shifted by at most n − 3.
    """
    n = len(change)
    frames = np.asarray(event_frames, np.int64)
    inside = (frames >= 0) & (frames < n)
    e = np.zeros(n + 4)
    values = np.ones(len(frames)) if heights is None else np.asarray(heights, np.float64)
    pulses = np.zeros(n)
    np.maximum.at(pulses, frames[inside], values[inside])
    for k, weight in enumerate(_SPREAD):
        e[k : k + n] += weight * pulses
    e = e[2 : n + 2]
    reach = max(0, min(_MAX_LAG, n - 3))  # of fewer than three frames nothing follows
    lags = range(-reach, reach + 1)
    r = {lag: _pearson(change[max(0, lag) : n + min(0, lag)], e[max(0, -lag) : n - max(0, lag)]) for lag in lags}
    best = max(r.values())
    if best == 0.0 and not any(r.values()):
        return 0.0, 0
    return best, min((lag for lag in lags if r[lag] >= best - _EQUAL), key=abs)


def blur(g: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """G∗g, (h, w) float32: out to four sigma pixels, the picture mirrored at its edges."""
    import cv2

    size = 2 * int(4 * sigma + 0.5) + 1
    blurred = cv2.GaussianBlur(g, (size, size), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, np.float32)


def _without_average(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minus the mean of the 31 values around each; fewer at the ends."""
    if not len(x):
        return x
    half = _AVERAGE // 2
    total = np.concatenate([[0.0], np.cumsum(x)])
    i = np.arange(len(x))
    lo, hi = np.maximum(0, i - half), np.minimum(len(x), i + half + 1)
    return np.asarray(x - (total[hi] - total[lo]) / (hi - lo))


def _pearson(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if len(a) < 3:
        return 0.0
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 1e-12 else 0.0
