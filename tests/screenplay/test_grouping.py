"""Scenes of a wanted length, cut where it is least felt."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.screenplay.grouping import (
    LEAD,
    MANY_TURNS,
    Length,
    cut_times,
    grouped,
    grouped_as_usual,
    parse_length,
)
from avwalk.screenplay.scene import Passage


def said(*times: tuple[float, float], speakers: str = "") -> list[Passage]:
    names = speakers or "a" * len(times)
    return [Passage(f"Sentence number {k}.", *time, names[k]) for k, time in enumerate(times)]


def test_three_sentences_each() -> None:
    groups = grouped([Passage(f"Sentence {k}.") for k in range(9)], Length(3, "sentences"))
    assert [len(group) for group in groups] == [3, 3, 3]


def test_a_paragraph_is_not_torn_for_one_sentence() -> None:
    sentences = [Passage(f"Sentence {k}.", paragraph=k // 4) for k in range(8)]
    assert [len(group) for group in grouped(sentences, Length(3, "sentences"))] == [4, 4]


def test_a_pause_is_where_a_scene_ends() -> None:
    sentences = said((0, 3.9), (4, 7.9), (10.5, 14), (14.1, 18))
    groups = grouped(sentences, Length(8, "s"))
    assert [len(group) for group in groups] == [2, 2]
    ((_, end), (start, _)) = cut_times(groups)
    assert end == start == pytest.approx(10.5 - LEAD)


def test_a_scene_is_as_long_as_wanted() -> None:
    sentences = said(*((2.0 * k, 2.0 * k + 2) for k in range(40)))
    lengths = [end - start for start, end in cut_times(grouped(sentences, Length(8, "s")))]
    assert np.mean(lengths) == pytest.approx(8, abs=0.5) and max(lengths) <= 12


@pytest.mark.parametrize("together", [1, 2, 5])
def test_many_paragraphs_make_no_shorter_scenes(together: int) -> None:
    sentences = [Passage(f"Sentence {k}.", paragraph=k // together) for k in range(120)]
    groups = grouped(sentences, Length(12, "sentences"))
    assert 9 <= len(groups) <= 13


def test_each_speaker_has_his_picture_where_it_fits() -> None:
    sentences = said(*((2.0 * k, 2.0 * k + 2) for k in range(6)), speakers="aaabbb")
    assert [len(group) for group in grouped(sentences, Length(6, "s"))] == [3, 3]


def test_cuts_go_to_the_bars_of_the_music() -> None:
    groups = grouped(said((0.3, 4), (4.3, 8), (8.4, 12)), Length(4, "s"))
    bars = np.arange(0, 14, 2.0)
    times = cut_times(groups, bars)
    assert [start for start, _ in times[1:]] == [4.0, 8.0]
    assert all(a[1] == b[0] for a, b in pairwise(times))


def test_a_cut_far_from_any_bar_stays() -> None:
    groups = grouped(said((0, 4), (40.0, 44)), Length(4, "s"))
    assert cut_times(groups, np.array([0.0, 2.0, 4.0]))[1][0] == pytest.approx(40 - LEAD)


@pytest.mark.parametrize(
    ("text", "length"), [("8s", Length(8, "s")), ("3", Length(3, "sentences")), ("2.5 s", Length(2.5, "s"))]
)
def test_lengths(text: str, length: Length) -> None:
    assert parse_length(text) == length


@pytest.mark.parametrize("text", ["", "0", "-3", "2.5", "1e9s", "three", "8m", "9999s"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(OptionError, match="no length of a scene; write 8s"):
        parse_length(text)


def turns(*told: tuple[str, str]) -> list[str]:
    groups = grouped_as_usual([Passage(text, speaker=who) for who, text in told])
    return [" ".join(passage.text for passage in group) for group in groups]


def test_each_turn_of_a_conversation_is_a_scene() -> None:
    one, two = "I see a red boat in the harbour.", "And there is fog over the water today."
    assert turns(("a", one), ("a", two), ("b", one), ("a", two)) == [f"{one} {two}", one, two]


def test_who_says_next_to_nothing_shares_a_picture() -> None:
    long = "Look at the red boats in the old harbour."
    assert turns(("a", "Hi!"), ("b", "Hello."), ("a", long), ("b", long), ("a", "Yes.")) == [
        f"Hi! Hello. {long}",
        f"{long} Yes.",
    ]


def test_a_long_turn_has_several_scenes() -> None:
    told = [("a", f"We saw number {k} of the seven seas.") for k in range(9)]
    assert len(turns(*told, ("b", "I was in the garden all day."))) == 4


def test_a_very_long_conversation_has_a_scene_for_several_turns() -> None:
    told = [("ab"[k % 2], f"We saw number {k} of the seven seas.") for k in range(MANY_TURNS + 30)]
    assert 25 <= len(turns(*told)) <= 45


def test_a_short_song_changes_pictures_with_its_lines() -> None:
    lines = said((1, 5), (5.5, 10), (10, 13.7))
    assert [len(group) for group in grouped_as_usual(lines)] == [1, 1, 1]


def test_of_a_long_song_a_picture_shows_several_lines() -> None:
    lines = said(*((4.0 * k, 4.0 * k + 3.5) for k in range(60)))
    assert 25 <= len(grouped_as_usual(lines)) <= 35
