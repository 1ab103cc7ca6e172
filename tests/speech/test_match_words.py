"""The cheapest edit of recognised words into a text."""

from __future__ import annotations

import pytest

from avwalk.speech.match_words import bare, match_words, word_error_rate
from avwalk.words.transcript import Word


def matched(text: str, said: str) -> list[str | None]:
    found = match_words(text.split(), [Word(word, float(k)) for k, word in enumerate(said.split())])
    return [word.text if word else None for word in found]


def test_words_are_matched_in_their_order() -> None:
    assert matched("one two three four", "one tow three five four") == ["one", None, "three", "four"]
    assert matched("a b a c", "a c") == ["a", None, None, "c"] or matched("a b a c", "a c") == [None, None, "a", "c"]
    assert matched("Müller! sang", "muller sang,") == ["muller", "sang,"]
    assert matched("walking home", "walked home") == ["walked", "home"]  # it begins alike
    assert matched("x", "y") == [None] and matched("", "y") == [] and matched("x", "") == [None]


def test_the_error_rate_counts_words() -> None:
    assert word_error_rate(["la", "nuit", "tombe"], ["La", "nuit,", "tombe!"]) == 0
    assert word_error_rate(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"]) == pytest.approx(0.5)
    assert word_error_rate([], []) == 0 and word_error_rate(["a"], []) == 1


def test_marks_accents_and_case_do_not_count() -> None:
    assert bare("L’Été!") == "lete" and bare("—") == ""
