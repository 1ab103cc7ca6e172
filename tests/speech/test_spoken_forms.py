"""How tokens of English texts are said."""

from __future__ import annotations

import pytest

from avwalk.speech.spoken_forms import spoken_forms

pytest.importorskip("num2words")


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("1984,", "nineteen eighty four"),
        ("1984", "one thousand nine hundred and eighty four"),
        ("2007", "two thousand and seven"),
        ("3,450", "three thousand four hundred and fifty"),
        ("42", "four two"),
        ("$3.50", "three dollars and fifty cents"),
        ("$1", "one dollar"),
        ("10:05", "ten oh five"),
        ("7:00", "seven o'clock"),
        ("1st", "first"),
        ("1960s", "nineteen sixties"),
        ("3.14", "three point one four"),
        ("50%", "fifty percent"),
        ("#1", "number one"),
        ("B-52", "b fifty two"),
        ("NASA", "n a s a"),
        ("“Dr.”", "doctor"),
        ("O’Neill’s", "o'neill's"),
        ("well-known", "well known"),
        ("R&B", "r and b"),
        ("&", "and"),
        ("'cause", "cause"),
        ("99999999999999999999", " ".join(["nine"] * 20)),
    ],
)
def test_a_token_is_said(token: str, said: str) -> None:
    assert said.split() in spoken_forms(token)


@pytest.mark.parametrize("token", ["—", "…", "♪", "", "(*)", "***"])
def test_marks_are_silent(token: str) -> None:
    assert spoken_forms(token) == []
