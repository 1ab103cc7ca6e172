"""Levels: amplitudes as the network takes them, relative to the loudness of the whole song."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_RANGE = 1000.0  # 60 dB below the song's loud bands a level is near 0


def levels_of(amplitude: NDArray[np.float32], loud: float | None = None) -> NDArray[np.float32]:
    """log(1 + 1000 · amplitude / loud) / 3, the same for a quiet song as for a loud one.

    Args:
        amplitude: (n, bands) float32 ≥ 0.
        loud: the song's ``loudness_of``; None takes that of these rows.

    Returns:
        (n, bands) float32, about 0 … 2.5.
    """
    if loud is None:
        loud = loudness_of(amplitude)
    return np.asarray(np.log1p(amplitude * np.float32(_RANGE / loud)) * np.float32(1 / 3), np.float32)


def loudness_of(amplitude: NDArray[np.float32]) -> float:
    """95th percentile of the loudest band of each row that is not silent; 1 for silence."""
    peaks = amplitude.max(axis=1)
    sounding = peaks[peaks > 0]
    return float(np.percentile(sounding, 95)) if len(sounding) else 1.0
