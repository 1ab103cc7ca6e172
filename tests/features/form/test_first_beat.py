"""Where the first beat is said to be moves beats and bars, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from avwalk.contracts import Score, Song
from avwalk.features.analysis import analyze_song
from tests.benchmarks.form import FPS
from tests.forms import RATE, Performance, perform, tuning

FORMS = {form.name: form for form in tuning()}
METRES = {"waltz-28": 3, "rock-8": 4}


@cache
def played(name: str) -> Performance:
    return perform(FORMS[name])


@cache
def score_of(name: str, first_beat: float | None = None) -> Score:
    sound = played(name).sound
    song = Song(Path(name), "0" * 64, RATE, 1, len(sound), "pcm_s16le")
    return analyze_song(song, iter([sound[:, None]]), FPS, first_beat=first_beat).score


def metre(score: Score) -> int:
    return int(np.median(np.diff(np.searchsorted(score.beats, score.bars - 1e-6))))


@pytest.mark.parametrize(("name", "k"), [("waltz-28", 1), ("waltz-28", 2), ("rock-8", 1)])
def test_another_first_beat_moves_the_bars_alone(name: str, k: int) -> None:
    heard = score_of(name)
    first = float(heard.beats[k])
    told = score_of(name, first)
    assert told.beats[0] == told.bars[0] == first
    assert metre(told) == metre(heard)
    assert told.tempo_bpm == pytest.approx(heard.tempo_bpm, rel=0.01)
    bar = float(np.median(np.diff(told.bars)))
    assert [s.label for s in told.sections] == [s.label for s in heard.sections]
    for a, b in zip(told.sections[1:], heard.sections[1:], strict=True):
        assert abs(a.start - b.start) <= bar / 2 + 0.1
        assert np.abs(told.bars - a.start).min() < 1e-6  # they keep to bar lines
    assert len(told.drops) == len(heard.drops) and len(told.builds) == len(heard.builds)


def test_the_metre_is_heard() -> None:
    assert {name: metre(score_of(name)) for name in METRES} == METRES
