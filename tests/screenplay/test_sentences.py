"""Sentences, short ones with their neighbours, long ones in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.screenplay.scene import Passage, count_words
from avwalk.screenplay.sentences import LONGEST, SHORT, sentences_of, split


@pytest.mark.parametrize(
    ("language", "text", "n"),
    [
        ("en", "Dr. Smith came to St. Ives at 5 p.m. He was late! Was he?", 3),
        ("en", "She held a lantern in her hand. An old man sat in the boat.", 2),
        ("de", "Das ist z.B. ein Satz mit Abkürzung. Es regnet heute in den Bergen. Wir gehen nach Hause.", 3),
        ("fr", "Le vent souffle sur la mer. M. Dupont est parti hier soir. Elle dort.", 3),
        ("ja", "海の上を風が吹く。月が出た。", 2),
        ("hi", "हवा चल रही है। समुद्र शांत है।", 2),
    ],
)
def test_texts_are_cut_into_sentences(language: str, text: str, n: int) -> None:
    assert len(split(text, language)) == n
    assert "".join("".join(split(text, language)).split()) == "".join(text.split())


def test_short_sentences_go_with_their_neighbours_and_none_is_lost() -> None:
    text = "Anna woke. It was dark outside in the old harbour town. She listened. Nothing."
    found = sentences_of([Passage(text)], "en")
    assert " ".join(each.text for each in found) == text
    assert all(count_words(each.text) >= SHORT for each in found)


def test_a_short_sentence_stays_by_itself_where_it_has_no_neighbour() -> None:
    found = sentences_of([Passage("Yes.", speaker="Anna"), Passage("No.", speaker="Ben")], "en")
    assert [(each.text, each.speaker) for each in found] == [("Yes.", "Anna"), ("No.", "Ben")]


def test_a_passage_shares_out_its_time() -> None:
    text = "The first of these sentences is short enough. The second of these sentences is a little longer than it."
    first, second = sentences_of([Passage(text, 10.0, 20.0)], "en")
    assert (first.start, second.end) == (10.0, 20.0) and first.end == second.start
    assert 14.0 < (first.end or 0) < 15.0


@pytest.mark.parametrize("text", ["word " * 5000, "x" * 50_000, "海" * 5000, ", ".join(["one two three"] * 900)])
def test_a_sentence_without_end_is_cut(text: str) -> None:
    found = sentences_of([Passage(text.strip())], "en")
    assert len(found) > 10 and all(len(each.text) <= 10 * LONGEST + 20 for each in found)
    assert "".join("".join(each.text for each in found).replace("/", "").split()) == "".join(text.split())


@given(st.lists(st.text("ab .!?,", min_size=1, max_size=60), min_size=1, max_size=6))
def test_no_letter_is_lost(texts: list[str]) -> None:
    passages = [Passage(" ".join(text.split())) for text in texts if text.split()]
    found = "".join(each.text for each in sentences_of(passages, "en"))
    assert "".join(found.replace("/", "").split()) == "".join("".join(each.text for each in passages).split())
