"""Scenes of a wanted length, cut where it is least felt."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.screenplay.grouping import LEAD, Length, cut_times, grouped, parse_length
from avwalk.screenplay.scene import Passage


def said(*times: tuple[float, float], speakers: str = "") -> list[Passage]:
    names = speakers or "a" * len(times)
    return [Passage(f"Sentence number {k}.", *time, names[k]) for k, time in enumerate(times)]


def test_three_sentences_each() -> None:
    groups = grouped([Passage(f"Sentence {k}.") for k in range(9)], Length(3, "sentences"))
    assert [len(group) for group in groups] == [3, 3, 3]


def test_a_paragraph_is_not_torn_for_one_sentence() -> None:
    sentences = [Passage(f"Sentence {k}.", paragraph=k // 4) for k in range(8)]
    assert [len(group) for group in grouped(sentences, Length(3, "sentences"))] == [4, 4]


def test_a_pause_is_where_a_scene_ends() -> None:
    sentences = said((0, 3.9), (4, 7.9), (10.5, 14), (14.1, 18))
    groups = grouped(sentences, Length(8, "s"))
    assert [len(group) for group in groups] == [2, 2]
    ((_, end), (start, _)) = cut_times(groups)
    assert end == start == pytest.approx(10.5 - LEAD)


def test_a_scene_is_as_long_as_wanted() -> None:
    sentences = said(*((2.0 * k, 2.0 * k + 2) for k in range(40)))
    lengths = [end - start for start, end in cut_times(grouped(sentences, Length(8, "s")))]
    assert np.mean(lengths) == pytest.approx(8, abs=0.5) and max(lengths) <= 12


@pytest.mark.parametrize("together", [1, 2, 5])
def test_many_paragraphs_make_no_shorter_scenes(together: int) -> None:
    sentences = [Passage(f"Sentence {k}.", paragraph=k // together) for k in range(120)]
    groups = grouped(sentences, Length(12, "sentences"))
    assert 9 <= len(groups) <= 13


def test_each_speaker_has_his_picture_where_it_fits() -> None:
    sentences = said(*((2.0 * k, 2.0 * k + 2) for k in range(6)), speakers="aaabbb")
    assert [len(group) for group in grouped(sentences, Length(6, "s"))] == [3, 3]


def test_cuts_go_to_the_bars_of_the_music() -> None:
    groups = grouped(said((0.3, 4), (4.3, 8), (8.4, 12)), Length(4, "s"))
    bars = np.arange(0, 14, 2.0)
    times = cut_times(groups, bars)
    assert [start for start, _ in times[1:]] == [4.0, 8.0]
    assert all(a[1] == b[0] for a, b in pairwise(times))


def test_a_cut_far_from_any_bar_stays() -> None:
    groups = grouped(said((0, 4), (40.0, 44)), Length(4, "s"))
    assert cut_times(groups, np.array([0.0, 2.0, 4.0]))[1][0] == pytest.approx(40 - LEAD)


@pytest.mark.parametrize(
    ("text", "length"), [("8s", Length(8, "s")), ("3", Length(3, "sentences")), ("2.5 s", Length(2.5, "s"))]
)
def test_lengths(text: str, length: Length) -> None:
    assert parse_length(text) == length


@pytest.mark.parametrize("text", ["", "0", "-3", "2.5", "1e9s", "three", "8m", "9999s"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(OptionError, match="no length of a scene; write 8s"):
        parse_length(text)
