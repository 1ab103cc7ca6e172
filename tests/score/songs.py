"""Analyses with known answers, without sound."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from avwalk.contracts import Analysis, Score, Section


def analysis(
    seconds: float = 64.0, beat: float = 0.5, first: float = 0.25, meter: int = 4, fps: Fraction = Fraction(30)
) -> Analysis:
    """Even beats, four sections A B A C of a quarter each, a drop and its build-up at the half, loud there."""
    beats = np.arange(first, seconds, beat)
    bars = beats[::meter].copy()
    edges = [0.0, *(float(bars[len(bars) * k // 4]) for k in (1, 2, 3)), seconds]
    sections = tuple(Section(a, b, label) for a, b, label in zip(edges[:-1], edges[1:], "ABAC", strict=True))
    score = Score(60 / beat, beats, bars, np.array([edges[2]]), ((edges[1], edges[2]),), sections)
    n = round(seconds * fps)
    times = np.arange(n) / float(fps)
    rms = (0.5 + 0.3 * (times >= edges[2]) - 0.3 * (times < edges[1])).astype(np.float32)
    return Analysis(fps, n, seconds, score, {"rms": rms}, np.zeros((n, 1), np.float32))


def without_beats(seconds: float = 20.0) -> Analysis:
    """A song in which no beat was found."""
    nothing = np.zeros(0)
    score = Score(0.0, nothing, nothing, nothing, (), (Section(0.0, seconds, "A"),))
    n = round(seconds * 30)
    return Analysis(Fraction(30), n, seconds, score, {"rms": np.ones(n, np.float32)}, np.zeros((n, 1), np.float32))


KNOWN = {"preset": ["lsd", "dream"], "palette": ["ember", "neon"]}
