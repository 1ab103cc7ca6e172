"""Text over the picture: where it stands, how it reads, when it is there."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from avwalk.config.text import Text as Style
from avwalk.contracts import Caption, Drive
from avwalk.effects.writing.lettering import composed, face, unwritable
from avwalk.effects.writing.text import Text, visible

FPS = Fraction(30)
SIZES = [(1280, 720), (1080, 1920), (480, 270), (1080, 1080), (64, 36)]
CARD = Caption(30, 150, "card", ("Midnight Avenue", "Zoë Ångström"), 24)


def drive(i: int, n: int = 1) -> Drive:
    return Drive(i, np.zeros((n, 2), np.float32), {}, FPS, 0)


def written(
    captions: tuple[Caption, ...], size: tuple[int, int], i: int = 90, ground: float = 0.5, **style: Any
) -> np.ndarray:
    frame = np.full((1, size[1], size[0], 3), ground, np.float32)
    return np.asarray(Text(captions, size, Style(**style)).apply(frame, drive(i))[0])


def ink(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is brighter than the ground."""
    rows, columns = np.nonzero(picture.max(axis=2) > 0.6)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("position", ["lower-left", "lower-third", "centre", "upper-third"])
@pytest.mark.parametrize(
    "title", ["Midnight Avenue", "A Title of so Many Words that it Takes More Lines than One to Say"]
)
def test_letters_stay_in_the_safe_area(size: tuple[int, int], position: str, title: str) -> None:
    width, height = size
    left, top, right, bottom = ink(written((CARD._replace(lines=(title, "Zoë")),), size, position=position))
    upright = height > width
    assert left >= 0.05 * width - 2 and top >= 0.05 * height - 2
    assert right <= (0.88 if upright else 0.95) * width + 2
    assert bottom <= (0.80 if upright else 0.95) * height + 2


@pytest.mark.parametrize("kind", ["card", "credit", "words"])
@pytest.mark.parametrize("ground", [0.0, 0.5, 0.95])
def test_it_reads_on_any_ground(kind: str, ground: float) -> None:
    picture = written((CARD._replace(kind=kind),), (640, 360), ground=ground)
    left, top, right, bottom = (0, 180, 640, 360)
    light = picture[top:bottom, left:right].max(axis=2)
    letters = light > 0.8 if ground < 0.9 else None
    assert light.max() > 0.93
    if letters is None:  # around the letters it is dark enough: contrast in luminance at least 3 : 1
        assert (0.95**2.2 + 0.05) / (np.sort(light.ravel())[200] ** 2.2 + 0.05) > 3
    else:
        assert 0.001 < letters.mean() < 0.2


def test_a_caption_comes_and_goes_smoothly_and_leaves_other_frames_alone() -> None:
    shares = [visible(CARD, i) for i in range(200)]
    assert shares[29] == 0 and shares[150] == 0 and shares[54:126] == [1.0] * 72
    assert all(0 < b - a < 0.07 for a, b in pairwise(shares[29:54]))
    assert np.allclose(shares[30:54], shares[126:150][::-1])
    assert visible(CARD._replace(ease=0), 30) == 1.0
    assert (written((CARD,), (320, 180), i=29) == 0.5).all()


def test_any_batch_gives_the_same_frames() -> None:
    frames = np.random.default_rng(0).random((60, 36, 64, 3)).astype(np.float32)
    stage = Text((CARD,), (64, 36), Style())
    whole = stage.apply(frames.copy(), drive(20, 60))
    assert np.array_equal(whole[25:30], stage.apply(frames[25:30].copy(), drive(45, 5)))
    assert whole.min() >= 0 and whole.max() <= 1 and np.array_equal(whole[:10], frames[:10])


def test_captions_of_the_same_time_do_not_lie_over_each_other() -> None:
    captions = (CARD, Caption(60, 120, "credit", ("Zoë – Midnight Avenue",), 0), Caption(80, 100, "words", ("so",), 0))
    alone = [written((c,), (640, 360)) for c in captions]
    together = written(captions, (640, 360))
    covered = [(picture > 0.9).all(axis=2).sum() for picture in alone]
    assert (together > 0.9).all(axis=2).sum() == pytest.approx(sum(covered), rel=0.03)


def test_letters_of_many_scripts_have_shapes_of_their_own() -> None:
    letters = face("sans")
    shapes = {letter: letters.line(letter, 40).tobytes() for letter in "AÅÄЖЩΩΨèęßØ"}
    assert len(set(shapes.values())) == len(shapes)
    assert composed("A\u030a  b") == "Å b"
    assert unwritable("Øre, Жар, Ώρα", "sans") == []
    (said,) = unwritable("夜 and 夜想曲", "sans")
    assert "夜 想 曲" in said or "想" in said
    assert "right to left" in unwritable("שלום", "sans")[0]


def test_holes_are_holes_and_pairs_are_kerned() -> None:
    letters = face("sans")
    o = letters.line("O", 100)
    rows, columns = np.nonzero(o > 0.5)
    assert o[(rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2] == 0
    assert letters.width("AV", 100) < letters.width("A", 100) + letters.width("V", 100) - 3
    assert letters.width("ab", 100, 0.1) == pytest.approx(letters.width("ab", 100) + 10)


@pytest.mark.parametrize("size", [12.0, 33.3, 80.0])
def test_edges_are_smooth_and_area_does_not_depend_on_the_size(size: float) -> None:
    line = face("bold").line("Movement", size)
    assert ((line > 0.05) & (line < 0.95)).mean() > 0.02 and line.max() == 1
    assert line.sum() / size**2 == pytest.approx(face("bold").line("Movement", 160.0).sum() / 160**2, rel=0.02)
    assert line[:, 0].max() <= 0.5 and line[:, -1].max() == 0


def test_the_colour_can_be_said() -> None:
    picture = written((CARD,), (640, 360), colour="#ff8000")
    brightest = picture.reshape(-1, 3)[picture[..., 0].argmax()]
    np.testing.assert_allclose(brightest, [1, 128 / 255, 0], atol=0.02)
