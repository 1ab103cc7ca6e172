"""Times that are missing, negative, in any order, or overlap."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import WordsError
from avwalk.words.entries import Entry, Reading
from avwalk.words.timing import arranged
from avwalk.words.transcript import Line, Word, words_of
from tests.words.transcripts import lines


def entry(start: float | None, end: float | None = None, text: str = "some words", speaker: str = "") -> Entry:
    return Entry(start, end, words_of(text), speaker)


def spans(*entries: Entry, seconds: float = 100.0) -> tuple[list[tuple[float, float]], str]:
    made, notes = arranged(Reading(entries), seconds)
    return [(line.start, line.end) for line in made], "; ".join(notes)


def test_each_fault_is_mended_and_said() -> None:
    assert spans(entry(5, 6), entry(1, 2)) == ([(1, 2), (5, 6)], "1 line out of order: sorted")
    assert spans(entry(-2, 1)) == ([(0, 1)], "1 line begins before the song: moved to its start")
    found, said = spans(entry(1, 4), entry(3, 5))
    assert found == [(1, 3), (3, 5)] and said == "1 line overlaps the next: cut where that begins"
    found, said = spans(entry(1, 0.5), entry(4, 5))
    assert found == [(1, 4), (4, 5)] and "1 line ends before it begins: held until the next" in said
    found, said = spans(entry(1, 2), entry(100, 101), entry(500, 501))
    assert found == [(1, 2)] and said == "2 lines behind the end of the song left out"
    assert spans(entry(98, 105)) == ([(98, 100)], "")


def test_two_speakers_and_two_languages_may_sound_together() -> None:
    assert spans(entry(1, 4, speaker="A"), entry(3, 5, speaker="B")) == ([(1, 4), (3, 5)], "")
    assert spans(entry(1, 3), entry(1, 3, "ein paar Wörter")) == ([(1, 3), (1, 3)], "")


def test_nothing_in_the_song() -> None:
    with pytest.raises(WordsError, match=r"behind the end of the song, which has 10\.0 s"):
        arranged(Reading((entry(20, 21),)), 10.0)


def test_text_without_times_is_spread_and_said() -> None:
    found, said = spans(entry(None, None, "one"), entry(None, None, "two three four"), seconds=60.0)
    assert "no times" in said and 0 < found[0][0] < found[0][1] == found[1][0] < found[1][1] < 60
    assert found[1][1] - found[1][0] > 1.6 * (found[0][1] - found[0][0])


def test_a_line_without_a_time_stands_between_its_neighbours() -> None:
    found, said = spans(entry(10, 11), entry(None), entry(20, 21))
    assert found[1][0] == 15 and "1 line without a time stands between" in said


def test_words_are_kept_inside_their_line() -> None:
    words = (Word("a ", 0.5, 0.7), Word("b ", 3.0, 2.0), Word("c", 2.5, 9.0))
    (line,), _ = arranged(Reading((Entry(1.0, 4.0, words),)), 100.0)
    assert line.words == (Word("a ", 1.0, 1.0), Word("b ", 3.0, 3.0), Word("c", 3.0, 4.0))


@given(lines())
def test_what_is_in_order_stays(found: tuple[Line, ...]) -> None:
    made, notes = arranged(Reading(tuple(Entry(x.start, x.end, x.words, x.speaker) for x in found)), 1000.0)
    assert made == found and notes == []


times = st.one_of(st.none(), st.floats(-50, 300, allow_nan=False))


@given(st.lists(st.tuples(times, times, st.booleans()), min_size=1, max_size=12))
def test_whatever_the_times_lines_come_out_in_order_inside_the_song(
    told: list[tuple[float | None, float | None, bool]],
) -> None:
    entries = tuple(Entry(a, b, (Word("x ", a if w else None, b if w else None), Word("y"))) for a, b, w in told)
    try:
        made, _ = arranged(Reading(entries), 100.0)
    except WordsError:
        assert all(a is not None and a > 99 for a, _, _ in told)
        return
    assert all(0 <= line.start < line.end <= 100.0 for line in made)
    assert all(a.start <= b.start for a, b in itertools.pairwise(made))
    for line in made:
        at = [word.start for word in line.words if word.start is not None]
        assert at == sorted(at) and all(line.start <= t <= line.end for t in at)
