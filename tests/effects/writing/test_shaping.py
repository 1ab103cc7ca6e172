"""Text in any script: how it is broken into rows, in which order its words stand, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.effects.writing import shaping
from avwalk.effects.writing.shaping import (
    ShapedFont,
    can_shape,
    complex_letters,
    installed_fonts,
    is_backwards,
    rows_of,
)
from avwalk.errors import OptionError
from avwalk.words.transcript import pieces

FONT = ShapedFont("sans", 40.0)
shaped = pytest.mark.skipif(not can_shape(), reason="Pillow without libraqm")


def texts(rows: Sequence[shaping.Row] | None, words: Sequence[str]) -> list[str]:
    assert rows is not None
    return ["|".join(words[placed.word].strip() for placed in row.words) for row in rows]


def test_rows_are_few_and_even() -> None:
    words = pieces("we are walking through the silver night until the morning finds us")
    rows = rows_of(words, FONT, 900.0, 3)
    assert texts(rows, words) == ["we|are|walking|through|the|silver", "night|until|the|morning|finds|us"]
    assert rows is not None and all(row.width <= 900 for row in rows)


def test_a_row_rather_ends_at_a_comma() -> None:
    words = pieces("we are walking through the night, until the morning finds us all")
    assert texts(rows_of(words, FONT, 900.0, 3), words)[0].endswith("night,")


def test_too_many_rows_and_too_wide_words_are_refused() -> None:
    words = pieces("we are walking through the silver night")
    assert rows_of(words, FONT, 200.0, 2) is None
    assert rows_of(["unbreakable"], FONT, 100.0, 3) is None


def test_syllables_of_a_word_stay_together_and_ideographs_part() -> None:
    words = ["fal", "ling ", "down"]
    rows = rows_of(words, FONT, 1e4, 1)
    assert rows is not None
    assert rows[0].words[1].x == pytest.approx(FONT.width("fal"), abs=0.1)
    both = rows_of(words, FONT, 1.05 * FONT.width("falling"), 2)
    assert texts(both, words) == ["fal|ling", "down"]
    signs = pieces("夜の街を歩く、")
    assert shaping._tokens(signs) == [[0], [1], [2], [3], [4], [5]]
    assert shaping._tokens(["夜", "、", "街"]) == [[0, 1], [2]]  # no row begins with a comma


@shaped
@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("שלום עולם טוב", "טוב|עולם|שלום"),
        ("שלום hello world עולם", "עולם|hello|world|שלום"),
        ("say שלום עולם now", "say|עולם|שלום|now"),
        ("one two", "one|two"),
    ],
)
def test_words_stand_in_the_direction_of_their_script(text: str, seen: str) -> None:
    words = pieces(text)
    assert texts(rows_of(words, FONT, 1e4, 1), words) == [seen]


def test_directions() -> None:
    assert is_backwards("(مرحبا)") is True and is_backwards("«abc»") is False and is_backwards("42 …") is None


@shaped
def test_arabic_letters_join() -> None:
    joined, apart = FONT.width("بيت"), sum(FONT.width(letter) for letter in "بيت")
    assert joined < 0.9 * apart


def test_letters_stand_on_the_baseline() -> None:
    ink, x, y = FONT.ink("HxH")
    rows, columns = np.nonzero(ink > 0.5)
    assert abs(rows.max() + 1 - y) <= 1 and 25 <= y - rows.min() <= 32  # capitals are 0.73 em high
    assert 0 <= columns.min() - x <= 6 and ink.min() == 0 and ink.max() == 1


@given(
    st.lists(st.sampled_from(("a ", "night ", "を", "Hel", "lo, ", "שלום ")), min_size=1, max_size=12),
    st.integers(150, 900),
)
def test_rows_hold_every_word_once_within_the_room(words: list[str], room: int) -> None:
    rows = rows_of(words, FONT, float(room), 4)
    if rows is not None:
        assert sorted(placed.word for row in rows for placed in row.words) == list(range(len(words)))
        assert all(row.width <= room + 0.5 and placed.x >= 0 for row in rows for placed in row.words)


def test_what_needs_shaping_is_known() -> None:
    assert complex_letters("abc Ωж 夜 안") == []
    assert complex_letters("नमaम") == ["न", "म"] and complex_letters("ไทย") and complex_letters("שא")


def test_fonts_that_have_letters_are_found() -> None:
    fonts = installed_fonts(["a", "é"])
    assert len(fonts) <= 3 and all(font.exists() for font in fonts)
    assert installed_fonts(["\U000f0000"]) == []  # for private use


def test_a_file_that_is_no_font(tmp_path: object) -> None:
    with pytest.raises(OptionError, match="no font that can be read"):
        ShapedFont(__file__, 20)
