"""Signals of words, against known times."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.features.signals import KINDS, WORD_SIGNALS, Grid
from avwalk.words.signals import word_signals
from avwalk.words.transcript import Line, Word, words_of
from tests.words.transcripts import lines

FPS = [Fraction(30), Fraction(25), Fraction(30000, 1001), Fraction(60)]


@pytest.mark.parametrize("fps", FPS)
def test_words_and_lines_hit_their_frames(fps: Fraction) -> None:
    words = (Word("a ", 1.0, 1.2), Word("b ", 1.3, 1.4), Word("c", 2.0, 2.5))
    found = word_signals([Line(1.0, 3.0, words), Line(5.0, 6.0, words_of("d"))], Grid(fps, int(10 * fps)))
    frames = [int(t * float(fps) + 0.5) for t in (1.0, 1.3, 2.0, 5.0)]
    assert np.flatnonzero(found["words"]).tolist() == frames and found["words"].max() == 1
    assert np.flatnonzero(found["line"]).tolist() == [frames[0], frames[3]]


def test_the_voice_is_there_while_something_is_sung() -> None:
    words = (Word("a ", 2.0, 3.0), Word("b ", 3.2, 4.0), Word("c", 6.0, 7.0))
    voice = word_signals([Line(2.0, 8.0, words)], Grid(Fraction(30), 300))["voice"]
    at = {t: float(voice[round(t * 30)]) for t in (1.5, 2.5, 3.1, 5.0, 6.5, 7.5)}
    assert at[2.5] == at[3.1] == at[6.5] == pytest.approx(1.0, abs=1e-3)  # a short gap is none
    assert at[1.5] == at[5.0] == at[7.5] == pytest.approx(0.0, abs=1e-3)
    assert voice[60] == pytest.approx(0.5, abs=0.06)  # half of it at the edge: eased without delay


def test_fast_speech_is_faster() -> None:
    slow = [Word("x ", t, t + 0.5) for t in np.arange(5, 15, 1.0).tolist()]
    fast = [Word("x ", t, t + 0.2) for t in np.arange(25, 35, 0.25).tolist()]
    rate = word_signals([Line(5, 15, tuple(slow)), Line(25, 35, tuple(fast))], Grid(Fraction(30), 1200))["speech_rate"]
    assert rate[300] / rate[900] == pytest.approx(0.25, rel=0.05) and rate[900] > 0.95 and rate[600] < 0.05


@given(lines(), st.sampled_from(FPS))
def test_signals_are_what_signals_are(found: tuple[Line, ...], fps: Fraction) -> None:
    n = int(150 * fps)
    for name, curve in word_signals(found, Grid(fps, n)).items():
        assert curve.dtype == np.float32 and curve.shape == (n,) and np.isfinite(curve).all()
        assert curve.min() >= 0 and curve.max() <= 1 and name in KINDS


def test_without_words_there_is_nothing() -> None:
    found = word_signals([], Grid(Fraction(30), 9))
    assert set(found) == set(WORD_SIGNALS) and not any(curve.any() for curve in found.values())
