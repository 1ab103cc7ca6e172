"""Words as a film stores them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from avwalk.errors import WordsError
from avwalk.words.stored import lines_of, rows_of_words
from avwalk.words.transcript import Line
from tests.words.transcripts import lines


@given(lines())
def test_they_come_back(found: tuple[Line, ...]) -> None:
    assert lines_of([list(row) for row in rows_of_words(found)]) == found


@pytest.mark.parametrize(
    "rows",
    [3, "x", [3], [[]], [["1", "2", "x"]], [["2", "1", "x", ""]], [["1", "2", "", ""]], [["1", "nan", "x", ""]],
     [["1", "inf", "x", ""]], [["-1", "2", "x", ""]], [[1, 2, "x", ""]], [["1", "2", "x" * 40_000, ""]],
     [["1", "2", "x", ""]] * 20_001],
)  # fmt: skip
def test_what_is_none_is_refused_in_one_line(rows: Any) -> None:
    with pytest.raises(WordsError, match="the film's words cannot be read"):
        lines_of(rows)
