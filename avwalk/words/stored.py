"""The words of a film as it stores them: rows (start, end, text with times of words, speaker)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from avwalk.errors import WordsError, clipped
from avwalk.words.entries import MAX_LETTERS, MAX_LINES, MAX_SECONDS, tagged_text, tagged_words
from avwalk.words.transcript import Line

MAX_ROW = 16 * MAX_LETTERS
"""Letters of a row, with the times of each word."""


def rows_of_words(lines: Sequence[Line]) -> tuple[tuple[str, str, str, str], ...]:
    """Lines as rows of text, times in seconds to a thousandth."""
    return tuple(
        (f"{line.start:.3f}", f"{line.end:.3f}", tagged_text(line.words, line.end), line.speaker) for line in lines
    )


def lines_of(rows: Any) -> tuple[Line, ...]:
    """The inverse of `rows_of_words`, from anywhere.

    Raises:
        WordsError: they are no such rows.
    """
    try:
        if not isinstance(rows, list | tuple) or len(rows) > MAX_LINES:
            raise ValueError("it is no list of lines")
        return tuple(_line(row) for row in rows)
    except (ValueError, TypeError) as error:
        raise WordsError(f"the film's words cannot be read ({clipped(error)}); --no-words leaves them out") from None


def _line(row: Any) -> Line:
    start, end, text, speaker = row
    if not all(isinstance(each, str) for each in row) or len(text) > MAX_ROW or len(speaker) > MAX_LETTERS:
        raise ValueError("a line is four texts")
    begin, stop = float(start), float(end)
    words = tagged_words(text, begin, stop)
    if not (0 <= begin < stop <= MAX_SECONDS and words):
        raise ValueError(f"'{clipped(text, 20)}' has no place in the song")
    return Line(begin, stop, words, speaker)
