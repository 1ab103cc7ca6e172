from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OptionError
from avwalk.story.story_text import Paragraph, StoryText
from avwalk.story.storylets import MANY_WORDS, storylets_of


def split(text: str) -> list[str]:
    return [f"{part.strip()}." for part in text.split(".") if part.strip()]


def story(*paragraphs: str) -> StoryText:
    return StoryText("T", tuple(Paragraph(text) for text in paragraphs))


LONG = "One two three four five."


def test_sentences_of_a_paragraph_are_shared_out_evenly() -> None:
    counts = {n: [len(s.sentences) for s in storylets_of(story(" ".join([LONG] * n)), split)] for n in range(1, 8)}
    assert counts == {1: [1], 2: [2], 3: [3], 4: [2, 2], 5: [3, 2], 6: [3, 3], 7: [3, 2, 2]}


def test_a_paragraph_ends_a_storylet() -> None:
    found = storylets_of(story(f"{LONG} {LONG}", f"{LONG} {LONG}"), split)
    assert [len(s.sentences) for s in found] == [2, 2]
    assert [s.ends_paragraph for each in found for s in each.sentences] == [False, True, False, True]


def test_a_few_words_have_no_picture_of_their_own() -> None:
    found = storylets_of(story("He went.", f"{LONG} {LONG}", "Why not.", f"{LONG} {LONG} {LONG}"), split)
    assert next(s.text for s in found).startswith("He went. One")
    assert [len(s.sentences) for s in found] == [3, 2, 2]
    assert len(storylets_of(story("Fox."), split)) == 1


def test_a_storylet_is_never_very_long() -> None:
    long = " ".join(["word"] * 70) + "."
    found = storylets_of(story(f"{long} {long} {long}"), split)
    assert [len(s.sentences) for s in found] == [1, 1, 1] and MANY_WORDS < 140


@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=9), min_size=1, max_size=6), st.integers(1, 5))
def test_nothing_of_the_text_is_lost_or_moved(shape: list[list[int]], per: int) -> None:
    texts, k = [], 0
    for paragraph in shape:
        sentences = []
        for n in paragraph:
            sentences.append(" ".join(f"w{k + j}" for j in range(n)) + ".")
            k += n
        texts.append(" ".join(sentences))
    found = storylets_of(story(*texts), split, per)
    assert " ".join(s.text for s in found) == " ".join(texts)
    assert [s.number for s in found] == list(range(1, len(found) + 1))
    assert all(1 <= len(s.sentences) <= max(per, 1) for s in found)


def test_text_without_a_full_stop_is_cut_into_parts() -> None:
    words = [f"w{k}{',' if k % 30 == 29 else ''}" for k in range(400)]
    found = storylets_of(story(" ".join(words)), lambda text: [text])
    assert " ".join(s.text for s in found).split() == words
    assert max(len(sentence.text.split()) for s in found for sentence in s.sentences) <= 80
    signs = "海は静かだった、" * 60
    found = storylets_of(story(signs), lambda text: [text])
    assert len(found) > 2 and "".join(s.text for s in found).replace(" ", "") == signs


def test_how_many_sentences_is_bounded() -> None:
    with pytest.raises(OptionError, match="sentences 0"):
        storylets_of(story(LONG), split, 0)
