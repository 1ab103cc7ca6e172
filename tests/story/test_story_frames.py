from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk.config.text import Text as Style
from avwalk.contracts import Caption
from avwalk.files import image_meta
from avwalk.story.story_frames import StoryShots, StorySource, shots_of

SIZE = (64, 36)


def source(folder: Path, *, walk: bool = False, still: bool = False) -> StorySource:
    paths = []
    for k, colour in enumerate(((0.8, 0.1, 0.1), (0.1, 0.8, 0.1))):
        picture = np.ones((41, 72, 3), np.float32) * np.array(colour, np.float32)
        picture[:, ::6] *= 0.7
        paths.append(folder / f"{k}.png")
        image_meta.write(paths[-1], picture, {})
    shots = shots_of([10, 25, 40], 60, [*paths, None], [1, 2, 3], Fraction(10))
    caption = Caption(2, 9, "card", ("Title",), 2.0)
    return StorySource(StoryShots(shots, Fraction(10), SIZE, walk, still), (caption,), (), Style())


@pytest.mark.parametrize("walk", [False, True])
def test_the_same_frames_whatever_was_asked_before(tmp_path: Path, walk: bool) -> None:
    whole = source(tmp_path, walk=walk).frames(0, 60)
    other = source(tmp_path, walk=walk)
    for i in (49, 7, 0, 21, 14, 35, 28, 42, 56):
        assert np.array_equal(other.frames(i, min(60, i + 7)), whole[i : min(60, i + 7)])
    assert whole.shape == (60, 36, 64, 3) and whole.dtype == np.float32


def test_pictures_change_on_their_frame(tmp_path: Path) -> None:
    hue = source(tmp_path).frames(0, 60).mean(axis=(1, 2))
    red, green = hue[:, 0] > 2 * hue[:, 1], hue[:, 1] > 2 * hue[:, 0]
    assert red[10:25].all() and green[25:40].all() and not green[:25].any() and not red[25:].any()


def test_pictures_that_walk_begin_to_change_on_their_frame(tmp_path: Path) -> None:
    hue = source(tmp_path, walk=True).frames(10, 40).mean(axis=(1, 2))
    assert np.abs(np.diff(hue[:15, 1])).max() < 0.02
    assert hue[15, 1] > hue[14, 1] and 0.1 < hue[21, 1] < hue[26, 1]
    assert hue[28, 1] > 2 * hue[28, 0]


def test_the_title_is_over_a_dark_picture_and_gone_at_the_first_word(tmp_path: Path) -> None:
    frames = source(tmp_path).frames(0, 12)
    assert frames[6].max() > 0.6 and np.median(frames[6]) < 0.4  # letters
    assert frames[9].max() < 0.5 < frames[10].max()


def test_a_camera_that_rests_rests(tmp_path: Path) -> None:
    frames = source(tmp_path, still=True).frames(11, 24)
    assert np.array_equal(frames[0], frames[-1])
    moved = source(tmp_path).frames(11, 24)
    assert not np.array_equal(moved[0], moved[1])


def test_a_film_begins_and_ends_in_black(tmp_path: Path) -> None:
    light = source(tmp_path, still=True).frames(0, 60).mean(axis=(1, 2, 3))
    assert light[0] < 0.3 * light[5] and light[59] < 0.1 * light[45]
    assert (np.diff(light[50:]) < 0).all()
