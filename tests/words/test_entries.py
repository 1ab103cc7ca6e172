"""Times of words in a text: ``<0:12.30>Oh``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import WordsError
from avwalk.words.entries import Entry, check_size, clean, stamp, tagged_text, tagged_words
from avwalk.words.transcript import Line, Word
from tests.words.transcripts import lines


def test_times_stand_before_words_and_end_them() -> None:
    words = tagged_words("<0:01.00>Hel<0:01.25>lo <0:01.50>my<0:02,00> <1:00:00.5>love<1:00:02>")
    assert words == (
        Word("Hel", 1.0, 1.25),
        Word("lo ", 1.25, 1.5),
        Word("my ", 1.5, 2.0),
        Word("love", 3600.5, 3602.0),
    )


def test_what_stands_before_the_first_time_begins_with_the_line() -> None:
    first, second = tagged_words("Oh <0:03.0>no", 2.0, 4.0)
    assert first == Word("Oh ", 2.0, 3.0) and second == Word("no", 3.0, 4.0)


@given(lines())
def test_a_line_with_times_comes_back(found: tuple[Line, ...]) -> None:
    for line in found:
        assert tagged_words(tagged_text(line.words, line.end), line.start, line.end) == line.words


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    words = tagged_words(text, 1.0, 2.0)
    assert all(word.text.strip() for word in words)


def test_stamps_are_exact_to_a_thousandth() -> None:
    assert [stamp(t) for t in (0, 59.9996, 60, 3723.45)] == ["0:00.000", "1:00.000", "1:00.000", "62:03.450"]
    assert stamp(59.996, 2) == "1:00.00"


def test_controls_and_what_has_no_width_go() -> None:
    assert clean("a\x00b\u200b  c\ufeff\x1b") == "ab c"


@pytest.mark.parametrize(
    "entries",
    [
        [Entry(0.0, 1.0, (Word("x" * 2001),), place=7)],
        [Entry(0.0, 1.0, (Word("x"),))] * 20_001,
        [Entry(4e9, None, (Word("x"),), place=3)],
    ],
)
def test_what_is_no_transcript_is_refused(entries: list[Entry]) -> None:
    with pytest.raises(WordsError, match=r"song\.lrc"):
        check_size(entries, "song.lrc")
