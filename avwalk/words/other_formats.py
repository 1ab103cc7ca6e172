"""What programs that hear speech write: Whisper's JSON, Audacity's labels; and text without times."""

from __future__ import annotations

import math
import re
from typing import Any

from avwalk.errors import WordsError
from avwalk.files.bounded import parse_json
from avwalk.words.entries import Entry, Reading, clean
from avwalk.words.transcript import Word, split_words, words_of

_LABEL = re.compile(r"([+-]?\d{1,9}(?:[.,]\d{1,9})?)\t([+-]?\d{1,9}(?:[.,]\d{1,9})?)(?:\t(.*))?$")


def parse_whisper(text: str, name: str) -> Reading:
    """The segments of a JSON file of Whisper, faster-whisper, WhisperX or whisper.cpp, with the times of their words.

    Args:
        text: of the file.
        name: of the file, for messages.

    Raises:
        WordsError: no JSON, no segments in it, or times that are none.
    """
    try:
        tree = parse_json(text)
    except ValueError as error:
        raise WordsError(f"'{name}' cannot be read as JSON: {error}") from None
    rows = tree if isinstance(tree, list) else None
    if isinstance(tree, dict):
        rows = tree.get("segments", tree.get("transcription"))
    if not isinstance(rows, list):
        raise WordsError(f"'{name}' holds no segments; Whisper writes them as {{\"segments\": [...]}}")
    entries = []
    for k, row in enumerate(rows, 1):
        place = f"{name}: segment {k}"
        if not isinstance(row, dict):
            raise WordsError(f"{place} is no object with start, end and text")
        if isinstance(spans := row.get("offsets"), dict):  # whisper.cpp: milliseconds
            start, end = (_number(spans, key, place) for key in ("from", "to"))
            start, end = (None if at is None else at / 1000 for at in (start, end))
        else:
            start, end = _number(row, "start", place), _number(row, "end", place)
        words = _timed(row.get("words"), place) or words_of(clean(str(row.get("text") or "")))
        if words:
            entries.append(Entry(start, end, words, clean(str(row.get("speaker") or ""))))
    if not entries:
        raise WordsError(f"'{name}': nothing is said in it")
    return Reading(tuple(entries))


def _timed(rows: Any, place: str) -> tuple[Word, ...]:
    """Words with times; a blank before a word is Whisper's way to divide it from the one before."""
    if not isinstance(rows, list):
        return ()
    found: list[Word] = []
    for row in rows:
        if not isinstance(row, dict):
            raise WordsError(f"{place}: a word is no object with start, end and word")
        text = str(row.get("word") or row.get("text") or "")
        if not clean(text):
            continue
        if found and (text[:1].isspace() or not any(str(each.get("word", "")).startswith(" ") for each in rows)):
            found[-1] = found[-1]._replace(text=found[-1].text.rstrip() + " ")
        found.append(Word(clean(text), _number(row, "start", place), _number(row, "end", place)))
    return tuple(split_words(found))


def _number(row: dict[str, Any], key: str, place: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WordsError(f"{place}: {key} is no number of seconds")
    return float(value)


def parse_text(text: str, name: str) -> Reading:
    """A text without times, a line for each of its own; or labels of Audacity: start, end and text between tabs.

    Args:
        text: of the file.
        name: of the file, for messages.

    Raises:
        WordsError: there is no word in it.
    """
    rows = [(k, row) for k, row in enumerate(text.splitlines(), 1) if row.strip() and not row.startswith("\\")]
    labels = [(k, match) for k, row in rows if (match := _LABEL.match(row))]
    if labels and len(labels) == len(rows):
        entries = [_label(match, k) for k, match in labels if clean(match[3] or "")]
    else:
        entries = [Entry(None, None, words, place=k) for k, row in rows if (words := words_of(clean(row)))]
    if not entries:
        raise WordsError(f"'{name}' holds no word")
    return Reading(tuple(entries))


def _label(match: re.Match[str], place: int) -> Entry:
    start, end = (float(each.replace(",", ".")) for each in match.groups()[:2])
    return Entry(start, end if end > start else None, words_of(clean(match[3])), place=place)
