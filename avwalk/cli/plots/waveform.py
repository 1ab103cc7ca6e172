"""The outline of a song, for pictures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from avwalk.features.downmix import to_mono


def waveform(blocks: Iterable[NDArray[np.float32]], columns: int, n_samples: int) -> NDArray[np.float32]:
    """Lowest and highest sample of each of ``columns`` equal stretches of a song.

    Args:
        blocks: (n, channels) float32, in order; channels are averaged.
        columns: how many stretches.
        n_samples: length of the song.

    Returns:
        (columns, 2) float32: minimum and maximum; 0 where there is no sound.
    """
    out = np.zeros((columns, 2), np.float32)
    at = 0
    for block in blocks:
        mono = to_mono(block, block.mean(axis=1))
        column = np.minimum((np.arange(at, at + len(mono)) * columns) // max(1, n_samples), columns - 1)
        starts = np.flatnonzero(np.diff(column, prepend=-1))
        out[column[starts], 0] = np.minimum(out[column[starts], 0], np.minimum.reduceat(mono, starts))
        out[column[starts], 1] = np.maximum(out[column[starts], 1], np.maximum.reduceat(mono, starts))
        at += len(mono)
    return out
