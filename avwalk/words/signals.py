"""Signals of what is sung or said, on the frame clock: `WORD_SIGNALS`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Analysis, Curve
from avwalk.features.signals import WORD_SIGNALS, Grid, impulses
from avwalk.features.smoothing import smooth
from avwalk.words.transcript import Line, spoken

BRIDGED = 0.3
"""Seconds between words that are no pause of the voice."""
EASE_MS = 120.0
"""Full width at half maximum of the Gaussian with which the voice comes and goes."""
RATE_MS = 2000.0
"""The same of the Gaussian over which words are counted."""


def word_signals(lines: Sequence[Line], grid: Grid) -> dict[str, Curve]:
    """The signals of words.

    Args:
        lines: what is sung or said.
        grid: of the frames.

    Returns:
        ``words``: 1 on the frame of each word's start; ``line``: 1 on that of each line's; ``voice``: 1 while somebody
        sings or says something, eased; ``speech_rate``: words per second over about two seconds, against the 98th
        percentile of the song where there is a voice. (n_frames,) float32 in [0, 1] each; without lines all 0.
    """
    nothing = np.zeros(grid.n_frames, np.float32)
    words = [word for line in lines for word in spoken(line)]
    if not words:
        return {name: nothing.copy() for name in WORD_SIGNALS}
    starts, ends = (np.array([getattr(word, name) for word in words]) for name in ("start", "end"))
    voice = smooth(_active(starts, ends, grid), grid.fps, EASE_MS)
    counted = _counts(starts, grid)
    rate = smooth(counted, grid.fps, RATE_MS)
    loud = rate[voice > 0.5]
    top = float(np.percentile(loud, 98)) if len(loud) else float(rate.max())
    first = np.array([line.start for line in lines])
    return {
        "words": impulses(starts, np.ones(len(starts), np.float32), grid),
        "line": impulses(first, np.ones(len(first), np.float32), grid),
        "voice": np.clip(voice, 0, 1).astype(np.float32),
        "speech_rate": np.clip(rate / top, 0, 1).astype(np.float32) if top > 0 else nothing,
    }


def with_words(analysis: Analysis, lines: Sequence[Line]) -> Analysis:
    """An analysis with the signals of words among its own.

    Args:
        analysis: of the song.
        lines: what is sung or said in it; none: these signals are 0.
    """
    made = word_signals(lines, Grid(analysis.fps, analysis.n_frames))
    return dataclasses.replace(analysis, signals={**analysis.signals, **made})


def _counts(starts: NDArray[np.float64], grid: Grid) -> Curve:
    """Words that begin on each frame."""
    frames = np.floor(starts * float(grid.fps) + 0.5).astype(np.int64)
    inside = frames[(frames >= 0) & (frames < grid.n_frames)]
    return np.bincount(inside, minlength=grid.n_frames).astype(np.float32)


def _active(starts: NDArray[np.float64], ends: NDArray[np.float64], grid: Grid) -> Curve:
    """Share of each frame's time in which a word lasts; short gaps between words count."""
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    fresh = np.concatenate([[True], starts[1:] > ends[:-1] + BRIDGED])
    begins = starts[fresh]
    stops = ends[np.concatenate([fresh[1:], [True]])]
    edges = (np.arange(grid.n_frames + 1) - 0.5) / float(grid.fps)
    # time with a voice before each edge: that of whole spells, and of the one that goes on
    before = np.concatenate([[0.0], np.cumsum(stops - begins)])
    k = np.searchsorted(begins, edges, side="right")
    inside = np.where(k > 0, np.minimum(edges, stops[k - 1]) - begins[k - 1], 0.0)
    total = np.where(k > 0, before[np.maximum(k - 1, 0)] + inside, 0.0)
    return (np.diff(total) * float(grid.fps)).astype(np.float32)
