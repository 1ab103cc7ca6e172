"""Kicks, snares and hats from what the network hears, and whether a song has drums at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from avwalk.features.beats.network import FAST_RATE, Activations
from avwalk.features.onsets import Events

_GAP = 4  # frames within which only the surest peak counts
_AROUND = 100  # frames of `Activations.drums`
_VOICES = ("kick", "snare", "hat")


@dataclass(frozen=True)
class Thresholds:
    """Fitted on generated songs that the network did not learn from.

    Attributes:
        kick: probability from which a kick is one; so ``snare`` and ``hat``.
        snare: likewise.
        hat: likewise.
        playing: probability of drums in the two seconds before or after a hit, below which it is none.
        song: mean probability of drums at the hits of a song, below which it has no drums at all: what is struck there
            are pianos and guitars.
    """

    kick: float = 0.55
    snare: float = 0.55
    hat: float = 0.5
    playing: float = 0.7
    song: float = 0.8


def hits_of(activations: Activations, thresholds: Thresholds | None = None) -> dict[str, Events]:
    """``kick``, ``snare`` and ``hat``: times in seconds, heights by how hard they are struck.

    Args:
        activations: what the network says.
        thresholds: None for those that were fitted.
    """
    t = thresholds or Thresholds()
    curves: list[NDArray[np.float32]] = [getattr(activations, name) for name in _VOICES]
    playing = np.repeat(_playing(activations.drums), 2)
    peaks = [_peaks(curve, getattr(t, name)) for curve, name in zip(curves, _VOICES, strict=True)]
    struck = np.concatenate(peaks)
    if len(struck) == 0 or float(playing[np.minimum(struck, len(playing) - 1)].mean()) < t.song:
        return {name: Events(np.zeros(0), np.zeros(0, np.float32)) for name in _VOICES}
    out = {}
    for k, (name, curve, found) in enumerate(zip(_VOICES, curves, peaks, strict=True)):
        kept = found[playing[np.minimum(found, len(playing) - 1)] > t.playing]
        out[name] = Events(_between(curve, kept) / FAST_RATE, _heights(activations.loud[kept, k]))
    return out


def _playing(drums: NDArray[np.float32]) -> NDArray[np.float32]:
    """That drums play before or after each frame: where they come in, they have not played yet."""
    half = _AROUND // 2
    before, after = (uniform_filter1d(drums, _AROUND, mode="nearest", origin=shift) for shift in (half - 1, -half))
    return np.asarray(np.maximum(before, after), np.float32)


def _peaks(curve: NDArray[np.float32], threshold: float) -> NDArray[np.int64]:
    """Frames above the threshold that are the highest within ``_GAP``; of equals the first."""
    if len(curve) == 0:
        return np.zeros(0, np.int64)
    padded = np.pad(curve, _GAP, constant_values=-1.0)
    around = sliding_window_view(padded, 2 * _GAP + 1).max(axis=1)
    before = sliding_window_view(padded, _GAP)[: len(curve)].max(axis=1)
    return np.flatnonzero((curve >= threshold) & (curve >= around) & (curve > before))


def _between(curve: NDArray[np.float32], peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Peaks between frames: the top of a parabola through three values."""
    if len(peaks) == 0:
        return np.zeros(0)
    a, b, c = (curve[np.clip(peaks + d, 0, len(curve) - 1)].astype(np.float64) for d in (-1, 0, 1))
    shift = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-6)
    return np.asarray(np.maximum(peaks + np.clip(shift, -0.5, 0.5), 0.0))


def _heights(loud: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relative to the strong hits of the song (98th percentile)."""
    if len(loud) == 0:
        return np.zeros(0, np.float32)
    strong = max(float(np.percentile(loud, 98)), 0.05)
    return np.asarray(np.clip(loud / strong, 0.0, 1.0), np.float32)
