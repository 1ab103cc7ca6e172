"""Lyrics over the picture: where they stand, how they read, and that they come in time."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.config.text import Text as Style
from avwalk.contracts import Caption, Drive, Lyric
from avwalk.effects.safe_area import safe_area
from avwalk.effects.writing.lyrics import Lyrics
from avwalk.effects.writing.text import Area, Text

FPS = Fraction(30)
SIZES = [(1280, 720), (540, 960), (640, 640), (96, 54)]
WORDS = (("Under ", 30.0, 45.0), ("the ", 45.0, 50.0), ("electric ", 50.0, 80.0), ("rain", 80.0, 100.0))
LINE = Lyric(24, 110, 6.0, 6.0, WORDS)
MANY = "so many words that no row has room for them all"
LONG = Lyric(
    24,
    110,
    6.0,
    6.0,
    tuple((f"{word} ", 30.0, 100.0) for word in MANY.split()),
)


def drive(i: int, n: int = 1) -> Drive:
    return Drive(i, np.zeros((n, 2), np.float32), {}, FPS, 0)


def written(
    there: tuple[Lyric, ...], size: tuple[int, int], i: int = 60, ground: float = 0.3, **more: Any
) -> np.ndarray:
    profile, taken = more.pop("profile", ""), more.pop("taken", ())
    frame = np.full((1, size[1], size[0], 3), ground, np.float32)
    return np.asarray(Lyrics(there, size, Style(**more), profile, taken).apply(frame, drive(i))[0])


def ink(picture: np.ndarray, above: float = 0.5) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(picture.max(axis=2) > above)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("position", ["lower-third", "centre", "upper-third"])
@pytest.mark.parametrize("kind", ["line", "karaoke", "word"])
@pytest.mark.parametrize("lyric", [LINE, LONG])
def test_letters_stay_in_the_safe_area_and_in_the_middle(
    size: tuple[int, int], position: str, kind: str, lyric: Lyric
) -> None:
    area = safe_area(size)
    left, top, right, bottom = ink(written((lyric,), size, lyrics=kind, lyrics_position=position, i=109 - 6))
    assert left >= area.left - 2 and right <= area.right + 2
    assert top >= area.top - 2 and bottom <= area.bottom + 2
    assert abs((left + right) / 2 - size[0] / 2) <= 0.01 * size[0] + 2


def test_a_story_keeps_clear_of_its_head() -> None:
    picture = written((LINE,), (540, 960), lyrics_position="upper-third", profile="story")
    assert ink(picture)[1] >= 0.14 * 960


@pytest.mark.parametrize("ground", [0.0, 0.5, 0.97])
def test_they_read_on_any_ground(ground: float) -> None:
    picture = written((LINE,), (640, 360), ground=ground)
    light = picture.max(axis=2)
    assert light.max() > 0.93
    letters = written((LINE,), (640, 360), ground=0.0, shadow=0.0).max(axis=2)
    ring = (cv2.dilate(letters, np.ones((7, 7))) > 0.5) & (letters < 0.02)
    beside = np.median(light[ring])  # of letters: contrast in luminance at least 4.5 : 1, as WCAG asks for text
    assert (0.96**2.2 + 0.05) / (beside**2.2 + 0.05) > 4.5


def test_a_line_is_whole_when_it_is_sung_and_gone_when_it_is_over() -> None:
    plain = np.full((360, 640, 3), 0.3, np.float32)
    assert np.array_equal(written((LINE,), (640, 360), 23), plain)
    assert np.array_equal(written((LINE,), (640, 360), 110), plain)
    whole = written((LINE,), (640, 360), 60)
    assert np.array_equal(written((LINE,), (640, 360), 30), whole)
    change = [np.abs(written((LINE,), (640, 360), i) - plain).mean() for i in range(23, 31)]
    assert all(a < b for a, b in pairwise(change[:-1]))


def test_nothing_moves_while_it_is_there() -> None:
    one = written((LINE,), (640, 360), 35)
    assert all(np.array_equal(written((LINE,), (640, 360), i), one) for i in (36, 60, 103))


def test_karaoke_lights_each_word_in_its_time() -> None:
    """The share of the letters that is lit follows the words, and no letter before its frame."""

    def lit(i: int) -> np.ndarray:
        return np.asarray((written((LINE,), (640, 360), i, 0.0, lyrics="karaoke").max(axis=2) > 0.8).any(axis=0))

    width = ink(written((LINE,), (640, 360), 103, 0.0, lyrics="karaoke"), 0.4)
    before, first, half, all_of_it = lit(29), lit(45), lit(80), lit(101)
    assert not before.any() and first.any()
    ends = [np.flatnonzero(each).max() for each in (first, half, all_of_it)]
    shares = [(end - width[0]) / (width[2] - width[0]) for end in ends]
    assert 0.15 < shares[0] < 0.3 and 0.7 < shares[1] < 0.85 and shares[2] > 0.97


def test_karaoke_from_right_to_left() -> None:
    words = (("שלום ", 30.0, 60.0), ("עולם", 60.0, 90.0))
    picture = written((Lyric(20, 110, 6.0, 6.0, words),), (640, 360), 60, 0.0, lyrics="karaoke").max(axis=2)
    columns = np.flatnonzero((picture > 0.8).any(axis=0))
    assert columns.min() > 310 and columns.size > 20  # the right word is sung


def test_any_part_of_a_film_is_the_same_as_the_whole() -> None:
    lyrics = (LINE, Lyric(90, 150, 4.0, 4.0, WORDS, 1))
    frames = np.full((60, 90, 160, 3), 0.3, np.float32)
    whole = Lyrics(lyrics, (160, 90), Style(lyrics="karaoke")).apply(frames.copy(), drive(70, 60))
    for i in (70, 95, 108, 129):
        one = Lyrics(lyrics, (160, 90), Style(lyrics="karaoke")).apply(frames[:1].copy(), drive(i))
        assert np.array_equal(one[0], whole[i - 70])


def test_lines_at_the_same_time_stand_above_each_other() -> None:
    second = LINE._replace(row=1)
    one, two = (written(each, (640, 360), ground=0.0) for each in ((LINE,), (LINE, second)))
    lower, both = ink(one), ink(two)
    assert both[3] == lower[3] and lower[1] - both[1] > 0.9 * (lower[3] - lower[1])


@pytest.mark.parametrize("size", [(1280, 720), (540, 960), (640, 640)])
@pytest.mark.parametrize("position", ["lower-third", "centre", "upper-third"])
@pytest.mark.parametrize("kind", ["line", "word"])
def test_they_never_overlap_title_credit_and_the_texts_of_cues(size: tuple[int, int], position: str, kind: str) -> None:
    captions = (
        Caption(0, 200, "card", ("A Title that is Long", "Somebody"), 10.0),
        Caption(0, 200, "credit", ("Somebody – A Title that is Long",), 10.0),
        Caption(0, 200, "words", ("Words of the cues",), 10.0),
    )
    text = Text(captions, size, Style(position=position))
    frame = np.zeros((1, size[1], size[0], 3), np.float32)
    others = text.apply(frame.copy(), drive(60))[0].max(axis=2) > 0.2
    own = written((LINE,), size, ground=0.0, lyrics=kind, lyrics_position=position, taken=text.areas).max(axis=2) > 0.2
    assert own.any() and others.any() and not (own & others).any()


def test_areas_hold_the_letters_of_captions() -> None:
    text = Text((Caption(5, 50, "card", ("Title",), 1.0),), (640, 360), Style())
    frame = text.apply(np.zeros((1, 360, 640, 3), np.float32), drive(20))[0]
    left, top, right, bottom = ink(frame, 0.05)
    (area,) = text.areas
    assert area[:2] == (5, 50)
    assert area.left <= left and area.top <= top and area.right >= right and area.bottom >= bottom
    assert area.right - area.left <= right - left + 4


def test_a_place_that_is_taken_elsewhere_or_at_another_time_does_not_matter() -> None:
    free = written((LINE,), (640, 360))
    for area in (Area(200, 300, 0, 0, 640, 360), Area(0, 300, 0, 0, 640, 20)):
        assert np.array_equal(written((LINE,), (640, 360), taken=(area,)), free)
