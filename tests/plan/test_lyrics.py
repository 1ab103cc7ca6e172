"""When lyrics are seen, against known times; what is said before they are drawn."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.config.text import Text
from avwalk.contracts import Lyric
from avwalk.effects.writing import shaping
from avwalk.errors import WordsError
from avwalk.plan import lyrics as module
from avwalk.plan.lyrics import check_letters, lyrics_of
from avwalk.words.transcript import Line, Word, words_of
from tests.words.transcripts import lines

FPS = Fraction(30)
BEATS = np.arange(0.0, 60.0, 0.5)
KINDS = ("line", "karaoke", "word")


def planned(found: list[Line] | tuple[Line, ...], kind: str = "line", n: int = 6000) -> tuple[Lyric, ...]:
    return lyrics_of(found, Text.model_validate({"lyrics": kind}), FPS, n, BEATS)


def test_a_line_is_whole_when_it_is_sung_and_stays_a_moment() -> None:
    (one,) = planned([Line(2.0, 4.0, words_of("one two"))])
    assert (one.i0, one.i1) == (51, 138) and one.i0 + one.enter <= 60 and one.words[0][1] == 60
    (read_ahead,) = planned([Line(2.0, 4.0, words_of("one two"))], "karaoke")
    assert read_ahead.i0 == 39


@pytest.mark.parametrize("kind", KINDS)
def test_lines_that_follow_at_once_are_not_there_together(kind: str) -> None:
    found = planned([Line(2.0, 4.0, words_of("one two")), Line(4.0, 6.0, words_of("three four"))], kind)
    assert all(a.i1 <= b.i0 + 1 for a, b in pairwise(found))
    assert all(lyric.i0 <= lyric.words[0][1] < lyric.i1 for lyric in found)


@pytest.mark.parametrize("kind", KINDS)
@given(found=lines())
def test_every_line_is_seen_when_it_is_sung(kind: str, found: tuple[Line, ...]) -> None:
    made = planned(found, kind)
    assert all(0 <= lyric.i0 < lyric.i1 <= 6000 and lyric.enter > 0 and lyric.leave >= 0 for lyric in made)
    assert [lyric.i0 for lyric in made] == sorted(lyric.i0 for lyric in made)
    if kind != "word":
        assert len(made) == len(found)
        for lyric in made:
            assert lyric.i0 <= lyric.words[0][1] + 0.5


def test_two_voices_stand_above_each_other() -> None:
    spans = ((1.0, 4.0, "A"), (2.0, 5.0, "B"), (5.0, 6.0, "A"))
    made = planned([Line(start, end, words_of("la"), who) for start, end, who in spans])
    assert [lyric.row for lyric in made] == [0, 1, 0]


def test_single_words_fall_on_beats_unless_their_times_were_told() -> None:
    free = planned([Line(2.05, 4.05, words_of("walk on the moon"))], "word")
    assert all(abs(lyric.words[0][1] / 7.5 - round(lyric.words[0][1] / 7.5)) < 1e-6 for lyric in free)
    told = planned([Line(2.05, 4.0, (Word("walk ", 2.05, 3.0), Word("on", 3.1, 4.0)))], "word")
    assert [lyric.words[0][1] for lyric in told] == pytest.approx([61.5, 93.0])


def test_words_too_short_to_read_are_shown_together_but_not_across_lines() -> None:
    quick = Line(1.0, 1.6, (Word("in", 1.0, 1.1), Word("to ", 1.1, 1.3), Word("the ", 1.3, 1.4), Word("sun", 1.4, 1.6)))
    made = planned([quick, Line(1.65, 3.0, (Word("now", 1.65, 3.0),))], "word")
    assert [lyric.words[0][0] for lyric in made] == ["into", "the sun", "now"]


@given(st.lists(st.floats(0.02, 3.0), min_size=1, max_size=30))
def test_single_words_never_stand_together(gaps: list[float]) -> None:
    at = np.cumsum(gaps).tolist()
    found = [Line(a, b, (Word("word", a, b),)) for a, b in zip(at, [*at[1:], at[-1] + 1], strict=True)]
    made = planned(found, "word")
    assert all(a.i1 <= b.i0 + 1 for a, b in pairwise(made))


def test_letters_that_a_font_lacks_are_named_with_fonts_that_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_letters([Line(1, 2, words_of("Größe שלום مرحبا Привет"))], "sans") == []
    monkeypatch.setattr(module, "installed_fonts", lambda letters: ["/fonts/A.ttf", "/fonts/B.otf"])
    with pytest.raises(WordsError) as caught:
        check_letters([Line(1, 2, words_of("night")), Line(83.5, 85, words_of("夜の街"))], "sans")
    said = str(caught.value)
    assert "夜 の 街" in said and "1:23.5" in said and "text.font=/fonts/A.ttf" in said and "/fonts/B.otf" in said
    monkeypatch.setattr(module, "installed_fonts", lambda letters: [])
    with pytest.raises(WordsError, match="no font of this machine has them all; give the file"):
        check_letters([Line(1, 2, words_of("夜"))], "sans")


def test_signs_that_a_font_lacks_are_only_noted() -> None:
    (note,) = check_letters([Line(1, 2, words_of("love 🦄 \U0001f9ff"))], "sans")
    assert "🦄" in note and "left out" in note


def test_scripts_that_need_shaping_are_refused_without_libraqm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_shape", lambda: False)
    assert check_letters([Line(1, 2, words_of("plain"))], "sans") == []
    with pytest.raises(WordsError, match=r"lyrics in Arabic need Pillow with libraqm"):
        check_letters([Line(1, 2, words_of("مرحبا"))], "sans")
    assert isinstance(shaping.can_shape(), bool)
