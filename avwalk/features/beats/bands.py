"""What the network sees of the sound: 64 bands from 30 Hz to 16 kHz, a hundred rows a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

N_BANDS = 64
_LOWEST, _HIGHEST = 30.0, 16000.0  # Hz
_BIN = 44100 / 2048  # Hz: no two bands are nearer than bins of the onset detector's window


def band_bank(freqs: NDArray[np.float64]) -> NDArray[np.float32]:
    """Triangles on an axis that is logarithmic above some 200 Hz and linear below.

    Args:
        freqs: of the bins, Hz, ascending from 0.

    Returns:
        (n_bins, N_BANDS) float32: weights of power; 0 in bands beyond the bins.
    """
    edges = np.geomspace(_LOWEST, _HIGHEST, N_BANDS + 2)
    for i in range(1, len(edges)):
        edges[i] = max(edges[i], edges[i - 1] + _BIN)
    at = freqs[:, None]
    up = (at - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - at) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(up, down), 0.0, None).astype(np.float32)


def band_roots(power: NDArray[np.float32], bank: NDArray[np.float32]) -> NDArray[np.float16]:
    """Square roots of the amplitudes in the bands: half precision holds them over 140 dB.

    Args:
        power: (n, n_bins) float32, a full-scale sine has 1.
        bank: of ``band_bank``.

    Returns:
        (n, N_BANDS) float16.
    """
    return np.asarray(np.sqrt(np.sqrt(power @ bank)), np.float16)
