"""A source video that follows the music: which of its moments each frame shows, and how the camera takes part.

It is cut on bars, the same in parts that return; it runs faster through build-ups; each hit pushes it on and moves
the camera in, on the hit's own frame.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import targets
from avwalk.contracts import Analysis
from avwalk.plan.plan import Plan

TIME = "source.time"
"""Name of the curve: seconds of the source."""
PACE, PUSH, RUSH = 0.7, 6.0, 1.2
"""Speed at rest, what a hit of full height adds on its frame, and what a build-up adds at its end."""
RELEASE = 0.22  # s, to a tenth: of a push
ZOOM, RECOIL = 0.14, 0.30
"""What a hit adds to the zoom, as a share; and the seconds to a tenth in which it goes back."""
SHORTEST = 2.4  # s between cuts: faster bars are taken in twos


def following(plan: Plan, analysis: Analysis, seconds: float) -> Plan:
    """The plan of the whole song with the curve `TIME`, and with a camera that takes part.

    Args:
        plan: of a film that shows a source.
        analysis: of the song.
        seconds: how long the source is.
    """
    fps, n = float(plan.fps), plan.n_frames
    heights = np.zeros(n)
    at = np.round(plan.events[:, 0] * fps).astype(np.int64)
    inside = (at >= 0) & (at < n)
    np.maximum.at(heights, at[inside], plan.events[inside, 1])
    speed = PACE + RUSH * np.asarray(analysis.signals["build"][:n], np.float64) + PUSH * _fading(heights, RELEASE * fps)
    played = np.concatenate([[0.0], np.cumsum(speed[1:])]) / fps
    time = np.empty(n)
    for i0, i1, begin in _takes(analysis, fps, n, seconds, plan.film.seed):
        time[i0:i1] = begin + played[i0:i1] - played[i0]
    struck = _fading(heights, RECOIL * fps)
    zoom = _within("camera.zoom", plan.params["camera.zoom"] * (1 + ZOOM * struck))
    shown = (time % max(seconds, 1 / fps)).astype(np.float32)
    return replace(plan, params={**plan.params, "camera.zoom": zoom, TIME: shown})


def _takes(analysis: Analysis, fps: float, n: int, seconds: float, seed: int) -> list[tuple[int, int, float]]:
    """Frames [i0, i1) between cuts, and the second of the source at which each begins. A part of the song that returns
    has the same ones."""
    bars = [0.0]
    for bar in analysis.score.bars.tolist():
        if bar - bars[-1] >= SHORTEST:
            bars.append(bar)
    cuts = sorted({min(n, round(bar * fps)) for bar in bars} | {0, n})
    found, place, number = [], -1, 0
    for i0, i1 in pairwise(cuts):
        section = next((k for k, s in enumerate(analysis.score.sections) if s.end > i0 / fps + 0.05), place)
        number = number + 1 if section == place else 0
        place = section
        label = analysis.score.sections[section].label if analysis.score.sections else ""
        found.append((i0, i1, _drawn(f"{seed} {label} {number}") * max(0.0, seconds - 2.0)))
    return found


def _drawn(text: str) -> float:
    """A number in [0, 1) that stands for a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def _fading(heights: NDArray[np.float64], frames: float) -> NDArray[np.float64]:
    """Impulses that fall to a tenth in so many frames; a higher one takes over."""
    keep, level = 0.1 ** (1 / max(frames, 1.0)), 0.0
    out = np.empty_like(heights)
    for i, height in enumerate(heights.tolist()):
        level = max(level * keep, height)
        out[i] = level
    return out


def _within(name: str, curve: NDArray[np.float64]) -> NDArray[np.float32]:
    target = targets()[name]
    return np.asarray(np.clip(curve, target.low, target.high), np.float32)
