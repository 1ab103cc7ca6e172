"""Whisper's JSON, Audacity's labels, plain text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avwalk.errors import WordsError
from avwalk.words.other_formats import parse_text, parse_whisper
from avwalk.words.transcript import Word


def test_whisper_with_words() -> None:
    words = [{"word": " Good", "start": 1.0, "end": 1.4, "probability": 0.9}, {"word": " day.", "start": 1.5, "end": 2}]
    tree = {"language": "en", "segments": [{"id": 0, "start": 1.0, "end": 2.2, "text": " Good day.", "words": words}]}
    (entry,) = parse_whisper(json.dumps(tree), "a.json").entries
    assert (entry.start, entry.end) == (1.0, 2.2)
    assert entry.words == (Word("Good ", 1.0, 1.4), Word("day.", 1.5, 2.0))


def test_whisperx_has_words_without_blanks_and_speakers() -> None:
    words = [{"word": "Good", "start": 1.0, "end": 1.4}, {"word": "2024"}]
    (entry,) = parse_whisper(
        json.dumps({"segments": [{"start": 1, "end": 2, "text": "x", "words": words, "speaker": "S1"}]}), "a"
    ).entries
    assert entry.words == (Word("Good ", 1.0, 1.4), Word("2024")) and entry.speaker == "S1"


def test_whisper_cpp_counts_milliseconds() -> None:
    tree = {"transcription": [{"offsets": {"from": 1500, "to": 2250}, "text": " Hello there"}]}
    (entry,) = parse_whisper(json.dumps(tree), "a").entries
    assert (entry.start, entry.end) == (1.5, 2.25) and len(entry.words) == 2


@pytest.mark.parametrize(
    "tree",
    [
        3, None, {}, {"segments": 3}, {"segments": []}, {"segments": [3]}, {"segments": [{"text": "a", "start": "x"}]},
        {"segments": [{"text": "a", "start": True}]}, {"segments": [{"text": "a", "words": [3]}]},
        {"segments": [{"text": " "}]},
    ],
)  # fmt: skip
def test_json_that_is_none_of_whisper(tree: Any) -> None:
    with pytest.raises(WordsError, match=r"a\.json"):
        parse_whisper(json.dumps(tree), "a.json")


@pytest.mark.parametrize("text", ["", "{", "[" * 5000, '{"segments": [{"start": 1e999}]}'])
def test_json_that_is_none(text: str) -> None:
    with pytest.raises(WordsError, match=r"a\.json"):
        parse_whisper(text, "a.json")


def test_labels_and_plain_text() -> None:
    labels = parse_text("1.5\t2.0\tOne two\n\\\t100\t200\n3,25\t3,25\tpoint\n4\t5\t\n", "a.txt")
    assert [(e.start, e.end) for e in labels.entries] == [(1.5, 2.0), (3.25, None)]
    plain = parse_text("First line\n\n  second\tline \n", "a.txt")
    assert [(e.start, "".join(w.text for w in e.words), e.place) for e in plain.entries] == [
        (None, "First line", 1),
        (None, "second line", 3),
    ]
    with pytest.raises(WordsError, match="no word"):
        parse_text("\n \n", "a.txt")
