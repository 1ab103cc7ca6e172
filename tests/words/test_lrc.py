"""LRC: what the field writes, read; what is written, read back."""

from __future__ import annotations

import pytest
from hypothesis import given

from avwalk.errors import WordsError
from avwalk.words.lrc import format_lrc, parse_lrc
from avwalk.words.timing import arranged
from avwalk.words.transcript import Line, Transcript, Word
from tests.words.transcripts import lines


def test_lines_tags_offset_and_repeated_times() -> None:
    text = "[ti:X]\n[offset:+500]\n[00:10.00][01:00.5]Over and over\n[00:12.50]Then\r\n[00:15.00]\n"
    reading = parse_lrc(text, "a.lrc")
    assert [(e.start, "".join(w.text for w in e.words), e.place) for e in reading.entries] == [
        (9.5, "Over and over", 3),
        (60.0, "Over and over", 3),
        (12.0, "Then", 4),
    ]
    assert reading.pauses == (14.5,) and reading.notes == ()


def test_words_of_an_enhanced_line_move_with_each_of_its_times() -> None:
    reading = parse_lrc("[00:01.00][00:11.00]<00:01.00>Oh <00:01.50>no\n[offset:-1000]", "a.lrc")
    first, second = reading.entries
    assert first.words == (Word("Oh ", 2.0, 2.5), Word("no", 2.5, None))
    assert second.words == (Word("Oh ", 12.0, 12.5), Word("no", 12.5, None))


def test_a_line_ends_where_the_next_or_a_pause_begins_but_is_not_held_for_ever() -> None:
    made, notes = arranged(parse_lrc("[00:01.00]One\n[00:03.00]Two\n[00:04.00]\n[00:09.00]Three", "a"), 60.0)
    assert [(line.start, line.end) for line in made] == [(1.0, 3.0), (3.0, 4.0), (9.0, 14.0)] and notes == []


def test_singers_of_a_duet() -> None:
    reading = parse_lrc("[00:01.00]F: hey\n[00:02.00]M: ho\n[00:03.00]D: you\n[00:04.00]Fa: la", "a")
    assert [entry.speaker for entry in reading.entries] == ["she", "he", "both", ""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ti:Only]\n[ar:Tags]\n", "only tags"),
        ("\n\n", "no line of text"),
        ("[00:01.00]\n[00:02.00] ", "no line of text"),
        ("[offset:soon]\n[00:01.00]a", r"a\.lrc:1: offset 'soon'"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(WordsError, match=said):
        parse_lrc(text, "a.lrc")


def test_lines_without_times_are_left_out_among_others_and_kept_alone() -> None:
    reading = parse_lrc("Title\n[00:01.00]One\nlost", "a")
    assert len(reading.entries) == 1 and reading.notes == ("2 lines without a time left out, the first in line 1",)
    assert [entry.start for entry in parse_lrc("One\nTwo", "a").entries] == [None, None]


@given(lines(speakers=False))
def test_what_is_written_is_read_back(found: tuple[Line, ...]) -> None:
    made, notes = arranged(parse_lrc(format_lrc(Transcript(found)), "a"), 1000.0)
    assert made == found and notes == []


def test_plain_lines_can_be_asked_for() -> None:
    line = Line(1.0, 2.0, (Word("a ", 1.0, 1.5), Word("b", 1.5, 2.0)))
    assert format_lrc(Transcript((line,)), with_words=False) == "[00:01.000]a b\n[00:02.000]\n"
