from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from avwalk.contracts import Analysis, Score, Stretch
from avwalk.score.correction import correct
from avwalk.score.cues import Cues
from avwalk.score.findings import findings
from avwalk.score.stretches import merged, metre_name, stretch_at, with_meter, with_stretch
from tests.score.songs import analysis

FOUR, THREE = Stretch(0.0, 30.0, 120.0, 4, confidence=0.8), Stretch(30.0, 64.0, 120.0, 3, confidence=0.6)


def song() -> Analysis:
    """4/4 up to 30 s, then 3/4."""
    plain = analysis(first=0.0)
    bars = np.concatenate([np.arange(0, 30, 2.0), np.arange(30, 64, 1.5)])
    return replace(plain, score=replace(plain.score, bars=bars, stretches=(FOUR, THREE), second_bpm=60.0))


def cues(*rows: tuple[str, str, str, str], unchanged: frozenset[str] = frozenset()) -> Cues:
    told = Cues.from_json({"rows": [[*row, ""] for row in rows], "removed": [], "kept": sorted(unchanged)})
    return told


def corrected(*rows: tuple[str, str, str, str], unchanged: frozenset[str] = frozenset()) -> Score:
    score, problems = correct(song(), cues(*rows, unchanged=unchanged))
    assert problems == []
    return score


def counts(score: Score, start: float, end: float) -> set[int]:
    """Beats of the bars that lie between two times."""
    bars = score.bars[(score.bars >= start) & (score.bars <= end)]
    return set(np.diff(np.searchsorted(score.beats, bars - 1e-9)).tolist())


@pytest.mark.parametrize(("meter", "division", "name"), [
    (4, 2, "4/4"), (3, 2, "3/4"), (5, 2, "5/4"), (7, 2, "7/4"), (2, 3, "6/8"), (3, 3, "9/8"), (4, 3, "12/8"),
    (0, 2, ""),
])  # fmt: skip
def test_names_of_metres(meter: int, division: int, name: str) -> None:
    assert metre_name(Stretch(0, 1, 120, meter, division)) == name


def test_a_stretch_is_laid_over_others() -> None:
    new = Stretch(20.0, 40.0, 90.0, 4)
    assert with_stretch((FOUR, THREE), new) == (replace(FOUR, end=20.0), new, replace(THREE, start=40.0))
    whole = Stretch(0.0, 64.0, 90.0, 4)
    assert with_stretch((FOUR, THREE), whole) == (whole,) == with_stretch((), whole)
    assert merged(with_meter((FOUR, THREE), 30.0, np.inf, 4)) == (Stretch(0.0, 64.0, 120.0, 4, confidence=0.8),)


def test_the_stretch_at_a_time() -> None:
    assert stretch_at((FOUR, THREE), 29.9) == FOUR and stretch_at((FOUR, THREE), 30.0) == THREE
    assert stretch_at((THREE,), 3.0) == THREE and stretch_at((), 3.0) is None


def test_a_tempo_of_the_artists_is_sure_and_has_no_second() -> None:
    score = corrected(("0:00", "", "tempo", "60.0"))
    assert score.stretches == (Stretch(0.0, 64.0, 60.0, 4, tempo_given=True),) and score.second_bpm == 0
    assert counts(score, 0, 64) == {4}
    later = corrected(("0:30", "0:50", "tempo", "100.0"))
    assert [(s.start, s.end, s.tempo_bpm, s.meter) for s in later.stretches] == [
        (0, 30, 120, 4), (30, 50, 100, 3), (50, 64, 120, 3),
    ]  # fmt: skip
    assert counts(later, 30, 50) == {3}


def test_a_beat_that_stays_stays_divided() -> None:
    found = song()
    swung = replace(FOUR, division=3, swing=0.62)
    found = replace(found, score=replace(found.score, stretches=(swung,)))
    near = correct(found, cues(("0:00", "", "tempo", "121.0")))[0].stretches[0]
    far = correct(found, cues(("0:00", "", "tempo", "240.0")))[0].stretches[0]
    assert (near.division, near.swing) == (3, 0.62) and (far.division, far.swing) == (2, 0.5)


def test_a_downbeat_without_a_value_counts_to_where_the_metre_changes() -> None:
    score = corrected(("0:01", "", "downbeat", ""))
    assert score.stretches == (FOUR, THREE) and 1.0 in score.bars and 0.0 in score.bars
    assert counts(score, 1, 29) == {4} and counts(score, 30, 64) == {3}
    later = corrected(("0:31", "", "downbeat", ""))
    assert counts(later, 0, 30) == {4} and counts(later, 31, 64) == {3}


@pytest.mark.parametrize("meter", [2, 3, 4, 5, 6, 7, 9, 12])
def test_a_downbeat_sets_the_metre_from_there_on(meter: int) -> None:
    score = corrected(("0:10", "", "downbeat", str(meter)))
    assert counts(score, 10, 64) == {meter} and counts(score, 0, 8) == {4}
    assert [s.meter for s in score.stretches] == [4, meter][meter == 4 :]
    assert score.stretches[-1].end == 64 and np.isin(score.bars, score.beats).all()
    both = corrected(("0:10", "", "downbeat", str(meter)), ("0:40", "", "downbeat", "5"))
    last = stretch_at(both.stretches, 41.0)
    assert counts(both, 40, 64) == {5} and last is not None and (last.meter, last.end) == (5, 64)


def test_an_added_bar_of_two_is_two_rows() -> None:
    plain = analysis(first=0.0)
    told = cues(("0:10", "", "downbeat", "2"), ("0:11", "", "downbeat", "4"))
    score, _ = correct(replace(plain, score=replace(plain.score, stretches=(replace(FOUR, end=64.0),))), told)
    assert np.diff(score.bars[score.bars <= 21]).tolist() == [2.0] * 5 + [1.0] + [2.0] * 5
    assert [(s.start, s.end, s.meter) for s in score.stretches] == [(0, 10, 4), (10, 11, 2), (11, 64, 4)]


def test_it_ends_at_a_metre_that_the_artist_has_left_in_the_file() -> None:
    rows = findings(song().score)
    assert [(f.what, f.at, f.until, f.value) for f in rows if f.what in ("tempo", "downbeat")] == [
        ("tempo", "0:00.000s", "", "120.00"), ("downbeat", "0:00.000s", "", "4"), ("downbeat", "0:30.000s", "", "3"),
    ]  # fmt: skip
    marks = frozenset(f.mark for f in rows if f.what == "downbeat")
    score = corrected(("0:01", "", "downbeat", "2"), unchanged=marks)
    assert counts(score, 1, 29) == {2} and counts(score, 30, 64) == {3}
    assert [s.meter for s in score.stretches] == [4, 2, 3]


def test_each_tempo_is_a_row_that_ends_at_the_next() -> None:
    score = replace(song().score, stretches=(FOUR, replace(THREE, tempo_bpm=90.0)))
    rows = [(f.at, f.until, f.value) for f in findings(score) if f.what == "tempo"]
    assert rows == [("0:00.000s", "0:30.000s", "120.00"), ("0:30.000s", "", "90.00")]
