"""Hits and loud passages of songs that are known."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from avwalk.contracts import Analysis, Score
from avwalk.plan.hits import drum_hits, loud_frames


def analysis(**signals: np.ndarray) -> Analysis:
    none = np.zeros(0)
    n = len(next(iter(signals.values())))
    curves = {name: curve.astype(np.float32) for name, curve in signals.items()}
    return Analysis(Fraction(30), n, n / 30, Score(0.0, none, none, none, (), ()), curves, np.zeros((n, 1), np.float32))


def impulses(*at: int) -> np.ndarray:
    curve = np.zeros(120)
    curve[list(at)] = 0.5
    return curve


def test_kicks_and_snares_else_onsets() -> None:
    song = analysis(kick=impulses(0, 30), snare=impulses(30, 45), onset=impulses(9))
    assert drum_hits(song).tolist() == [0.0, 1.0, 1.5]
    assert drum_hits(song, 500).tolist() == [0.5, 1.5, 2.0]
    assert drum_hits(analysis(kick=impulses(), snare=impulses(), onset=impulses(9))).tolist() == [0.3]


def test_loud_is_above_a_third_of_the_range_and_gaps_between_hits_are() -> None:
    beats = np.where(np.arange(300) % 15 < 3, 1.0, 0.3)
    level = np.concatenate([np.full(150, 0.02), beats, np.full(150, 0.02)])
    loud = loud_frames(analysis(rms=level))
    assert loud[165:435].all() and not loud[:135].any() and not loud[465:].any()
    assert loud_frames(analysis(rms=np.full(90, 0.5))).all(), "a song of one level"
    assert not loud_frames(analysis(rms=np.zeros(90))).any()
