"""Emptiness: runs of frames with nearly no contrast or no light, while the song is loud.

Luma of each frame at 160×90 in 8-bit levels: a frame is empty where its standard deviation is below 12 or its mean
below 20. A run counts when it lasts more than 0.7 s: a blink between two shots is none.

By eye, on strips of films: a mean of 8 with a deviation of 10 is black, a deviation of 6 on white paper is nothing; of
13 it is a dot on paper, just something; a mean of 29 with a deviation of 50 is light in the dark, and well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

LEAST_DEVIATION, LEAST_MEAN = 12.0, 20.0  # 8-bit levels
SECONDS = 0.7

Array = NDArray[np.float64]


class ToneMeter:
    """Measures mean and standard deviation of luma, while a film's frames go by."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float]] = []

    def watch(self, lumas: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Gives the lumas on, (h, w) float32 in [0, 1], and measures each."""
        for g in lumas:
            self.push(g)
            yield g

    def push(self, g: NDArray[np.float32]) -> None:
        """The luma of the next frame, (h, w) float32 in [0, 1]."""
        self._rows.append((255 * float(g.mean(dtype=np.float64)), 255 * float(g.std(dtype=np.float64))))

    @property
    def tones(self) -> Array:
        """Mean and standard deviation of each frame in 8-bit levels, (n_frames, 2)."""
        return np.array(self._rows, np.float64).reshape(-1, 2)


def is_empty(tones: Array) -> NDArray[np.bool_]:
    """Which frames show nearly nothing, (n_frames,), by their (n_frames, 2) of a `ToneMeter`."""
    return np.asarray((tones[:, 0] < LEAST_MEAN) | (tones[:, 1] < LEAST_DEVIATION))


def empty_runs(tones: Array, loud: NDArray[np.bool_], fps: float) -> list[tuple[int, int]]:
    """Runs [a, b) of frames that show nearly nothing while the song is loud.

    Args:
        tones: (n_frames, 2), of a `ToneMeter`.
        loud: (n_frames,), where the song is loud.
        fps: frames per second.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_empty(tones) & loud, [False]])))
    return [(a, b) for a, b in edges.reshape(-1, 2).tolist() if b - a > SECONDS * fps]
