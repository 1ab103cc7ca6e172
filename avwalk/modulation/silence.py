"""Where nothing sounds the picture rests, but breathes; where the song ends so, it fades.

Nothing here changes a film of a song without silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.config.preset import targets
from avwalk.contracts import Analysis, Curve

Array = NDArray[np.float64]

SILENT = 0.02
"""Loudness below which nothing sounds, of the song's loud frames: about −56 dB."""
LOUD = 95  # percentile of these
LEAST_SECONDS = 2.0
"""A shorter rest belongs to the music."""
BREATH_SECONDS = 6.0
FADE_SECONDS = 4.0
"""At most so long, and half of the silence, is the fade at the song's end."""
DEEP = {"camera.zoom": 0.03, "light.gain": -0.05, "cppn.phase": 0.12}
"""What a full breath adds; to factors (zoom and gain) as a share of them."""
FACTORS = ("camera.zoom", "light.gain")
_BLOCK = 4096

FADE = "film.fade"
"""Curve beside the targets: how much of the picture has gone, 0 to 1. Only in films whose song ends in silence."""


def silences(analysis: Analysis) -> list[tuple[int, int]]:
    """Runs [i0, i1) of frames, `LEAST_SECONDS` long or longer, in which nothing sounds."""
    n, least = analysis.n_frames, LEAST_SECONDS * analysis.fps
    loud = np.concatenate([np.asarray(analysis.bands[a : a + _BLOCK]).sum(axis=1) for a in range(0, n, _BLOCK)])
    quiet = (loud <= SILENT * np.percentile(loud, LOUD)) & (analysis.signals["rms"] <= SILENT)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8))).reshape(-1, 2)
    return [(a, b) for a, b in edges.tolist() if b - a >= least]


def breathing(params: Mapping[str, Curve], analysis: Analysis) -> dict[str, Curve]:
    """The parameters of the whole song, breathing slowly where it is silent: no frame is as the one before it."""
    found = dict(params)
    breath = np.zeros(analysis.n_frames)
    for a, b in silences(analysis):
        breath[a:b] = _breath(b - a, analysis.fps, ends=b == analysis.n_frames)
    if breath.any():
        for name, deep in DEEP.items():
            target, curve = targets()[name], params[name].astype(np.float64)
            moved = curve + deep * breath
            if name in FACTORS:
                moved = np.clip(curve * (1 + deep * breath), target.low, target.high)
            found[name] = np.where(breath > 0, moved, curve).astype(np.float32)
    return found


def _breath(n: int, fps: Fraction, *, ends: bool) -> Array:
    """How deep the breath is on the frames of a silence, (n,) in [0, 1]: whole breaths until the music goes on, shorter
    ones less deep, so that none is faster than another."""
    breath = BREATH_SECONDS * float(fps)
    if not ends:
        breath = (n + 1) / max(1, round(n / breath))
    depth = min(1.0, breath / (BREATH_SECONDS * float(fps)))
    return np.asarray(0.5 * depth * (1 - np.cos(2 * np.pi * np.arange(1, n + 1) / breath)))


def fade(analysis: Analysis) -> Curve | None:
    """The curve `FADE` of the whole song, (n_frames,): black on the last frame; None where it sounds to its end."""
    n = analysis.n_frames
    last = [(a, b) for a, b in silences(analysis) if b == n]
    if not last:
        return None
    length = max(1, round(min(FADE_SECONDS * analysis.fps, (n - last[0][0]) / 2)))
    curve = np.zeros(n, np.float32)
    curve[n - length :] = smoothstep(np.arange(1, length + 1) / length)
    return curve
