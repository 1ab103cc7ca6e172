"""How restless a film is when nothing happens in the song."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.restyle.motion import Plane, Way, sampled

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
NEAR = 0.12  # s from a beat: what it moves has come and is not over


def off_beats(n: int, fps: float, beats: Sequence[float] | NDArray[np.float64], start: int = 0) -> NDArray[np.bool_]:
    """Which of ``n`` frames from ``start`` on are farther than `NEAR` from every beat (s); (n,)."""
    times = (start + np.arange(n)) / fps
    if not len(beats):
        return np.ones(n, bool)
    return np.asarray(np.abs(times[:, None] - np.asarray(beats)).min(axis=1) > NEAR)


def flicker(
    frames: Iterable[Plane], off_beat: Sequence[bool] | NDArray[np.bool_], ways: Sequence[Way] | None = None
) -> float:
    """Mean |ΔY| from frame to frame off the beat: 0 for a picture at rest, about 0.01 for a calm film.

    Args:
        frames: (H, W, 3) sRGB in [0, 1], in order; read once, one at a time.
        off_beat: for each frame, whether its change from the one before counts.
        ways: from each frame to the one before, of the frames' size; the change along them is taken, where they are
            known: what moves as it should is no flicker. The first is not used.

    Returns:
        The mean over pixels and frames; 0 where no frame counts.
    """
    before: Plane | None = None
    total, count = 0.0, 0
    for i, frame in enumerate(frames):
        luma = np.asarray(frame @ LUMA, np.float32)
        if before is not None and off_beat[i]:
            if ways is None:
                total += float(np.abs(luma - before).mean())
            else:
                known = ways[i].known
                change = np.abs(luma - sampled(before, ways[i].flow)) * known
                total += float(change.sum() / max(float(known.sum()), 1.0))
            count += 1
        before = luma
    return total / count if count else 0.0
