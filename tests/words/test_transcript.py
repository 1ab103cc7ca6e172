"""Lines, words, and the times of words that nobody told."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.words.transcript import Line, Transcript, Word, pieces, split_words, spoken, weight, words_of
from tests.words.transcripts import lines


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Oh, my  love", ("Oh, ", "my ", "love")),
        ("「夜の街」と hello", ("「夜", "の", "街」", "と ", "hello")),
        ("안녕 세상", ("안녕 ", "세상")),
        ("  ", ()),
        ("", ()),
    ],
)
def test_a_text_is_cut_into_words_and_signs(text: str, found: tuple[str, ...]) -> None:
    assert pieces(text) == found


@given(st.text(max_size=60))
def test_pieces_lose_no_letter(text: str) -> None:
    assert "".join(pieces(text)).split() == text.split()
    assert all(piece.strip() for piece in pieces(text))


def test_words_without_times_share_their_line_by_their_length() -> None:
    line = Line(10.0, 12.0, words_of("a beautiful day"))
    found = spoken(line)
    assert [word.text for word in found] == ["a ", "beautiful ", "day"]
    lengths = [word.end - word.start for word in found]
    assert lengths[1] > 2 * lengths[0] and lengths[0] == pytest.approx(lengths[2])
    assert found[0].start == 10.0 and found[-1].end == pytest.approx(12.0)


def test_nobody_sings_three_words_for_a_minute() -> None:
    found = spoken(Line(0.0, 60.0, words_of("one two three")))
    assert found[-1].end < 3.0


def test_times_that_were_told_hold_and_the_rest_lies_between() -> None:
    words = (Word("one ", 1.0), Word("two "), Word("three ", 3.0, 3.4), Word("four", 5.0))
    found = spoken(Line(1.0, 6.0, words))
    assert (found[0].start, found[2].start, found[2].end, found[3].start, found[3].end) == (1.0, 3.0, 3.4, 5.0, 6.0)
    assert 1.0 < found[1].start < 3.0 and found[1].end == 3.0


@given(lines())
def test_words_stay_in_their_line_and_in_order(found: tuple[Line, ...]) -> None:
    for line in found:
        words = spoken(line)
        assert "".join(word.text for word in words).strip() == line.text
        assert all(line.start <= word.start <= word.end <= line.end + 1e-9 for word in words)
        assert all(a.start <= b.start and a.end <= b.start + 1e-9 for a, b in itertools.pairwise(words))
    assert len(Transcript(found).spoken) == sum(len(line.words) for line in found)


def test_a_timed_piece_of_several_words_shares_its_time() -> None:
    first, second = split_words([Word("morning sun", 1.0, 2.0)])
    assert (first.text, first.start) == ("morning ", 1.0) and second.end == pytest.approx(2.0)
    assert first.end == second.start and 1.4 < (first.end or 0) < 1.8


def test_a_word_weighs_its_syllables_in_any_script() -> None:
    assert weight("beautiful") > weight("day") == weight("the")
    assert weight("прекрасный") > weight("день")
    assert weight("夜") >= 1
