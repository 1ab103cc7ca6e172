"""What a viewer should see of a song: its hits on time, and a picture wherever it is loud."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Analysis
from avwalk.features.smoothing import smooth

LOUD = 0.35
"""Of the song's range, from which on it is loud."""
LOUD_MS = 1000.0
"""Full width at half maximum of what counts as loudness: the gap between two hits of a loud passage is loud."""


def hits(analysis: Analysis, offset_ms: float = 0.0) -> NDArray[np.float64]:
    """Kicks (else onsets), what a viewer should see on time: (n, 2) float64, seconds and heights."""
    curve = analysis.signals["kick"] if np.any(analysis.signals["kick"]) else analysis.signals["onset"]
    at = np.flatnonzero(curve)
    return np.stack([at / float(analysis.fps) + offset_ms / 1000, curve[at]], axis=1)


def drum_hits(analysis: Analysis, offset_ms: float = 0.0) -> NDArray[np.float64]:
    """Kicks and snares (else onsets), what should make something in the picture: (n,) float64 seconds, ascending."""
    curve = np.maximum(analysis.signals["kick"], analysis.signals["snare"])
    curve = curve if curve.any() else analysis.signals["onset"]
    return np.asarray(np.flatnonzero(curve) / float(analysis.fps) + offset_ms / 1000)


def loud_frames(analysis: Analysis) -> NDArray[np.bool_]:
    """Frames in which the song is loud, (n_frames,): its smoothed ``rms``, which goes from 0 to 1 over the song's own
    range, is above `LOUD`.
    """
    return np.asarray(smooth(analysis.signals["rms"], analysis.fps, LOUD_MS) > LOUD)
