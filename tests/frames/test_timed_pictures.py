"""A folder of pictures with a timeline: each on its time, mixed where they meet, whatever is asked for first."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import VideoError
from avwalk.files.image_meta import write
from avwalk.frames.files import open_source
from avwalk.frames.timed_pictures import FADE, TIMELINE, Shown, TimedPictures, read_timeline, write_timeline

FPS = Fraction(24)
COLOURS = [(0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)]
STARTS = [Fraction(0), Fraction(2), Fraction("3.77")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k, colour in enumerate(COLOURS):
        write(tmp_path / f"{k}.png", np.full((40, 72, 3), colour, np.float32), {})
    write_timeline(tmp_path, [Shown(f"{k}.png", start, k) for k, start in enumerate(STARTS)])
    return tmp_path


def seen(source: TimedPictures, i: int) -> int:
    """Which picture a frame is nearest to."""
    mean = source.frames(i, i + 1).mean(axis=(0, 1, 2))
    return int(np.argmin([np.abs(mean - colour).sum() for colour in np.array(COLOURS)]))


def test_a_timeline_is_read_as_it_was_written(folder: Path) -> None:
    assert read_timeline(folder) == tuple(Shown(f"{k}.png", start, k) for k, start in enumerate(STARTS))
    assert isinstance(open_source(folder, (64, 36), FPS), TimedPictures)


def test_pictures_change_on_their_frames(folder: Path) -> None:
    source = TimedPictures(folder, (64, 36), FPS)
    at = [seen(source, i) for i in range(120)]
    assert at == sorted(at) and set(at) == {0, 1, 2}
    for k in (1, 2):
        assert abs(at.index(k) - float(STARTS[k] * FPS)) <= 1


def test_a_frame_depends_on_nothing_but_its_time(folder: Path) -> None:
    source = TimedPictures(folder, (64, 36), FPS)
    backwards = [source.frames(i, i + 1)[0] for i in (90, 48, 47, 0)][::-1]
    other = TimedPictures(folder, (64, 36), FPS)
    forwards = [other.frames(i, i + 1)[0] for i in (0, 47, 48, 90)]
    assert all(np.array_equal(a, b) for a, b in zip(backwards, forwards, strict=True))
    assert np.array_equal(source.frames(40, 60)[7:9], source.frames(47, 49))


def test_both_have_half_of_the_frame_at_the_time_of_the_second(folder: Path) -> None:
    source = TimedPictures(folder, (64, 36), FPS)
    mean = source.frames_at([STARTS[1]]).mean(axis=(0, 1, 2))
    assert np.allclose(mean, np.mean(COLOURS[:2], axis=0), atol=0.01)
    assert source.shares_at(STARTS[1] + FADE / 2) == [(1, 1.0)] and source.shares_at(Fraction(99)) == [(2, 1.0)]


def test_short_pictures_are_seen_for_half_of_their_time(folder: Path) -> None:
    write_timeline(
        folder, [Shown("0.png", Fraction(0)), Shown("1.png", Fraction("0.2")), Shown("2.png", Fraction("0.4"))]
    )
    source = TimedPictures(folder, (64, 36), FPS)
    assert source.shares_at(Fraction("0.3")) == [(1, 1.0)]


def test_the_hash_is_that_of_times_and_pictures(folder: Path) -> None:
    first = TimedPictures(folder, (64, 36), FPS).sha256
    assert TimedPictures(folder, (32, 18), Fraction(12)).sha256 == first
    write(folder / "1.png", np.full((40, 72, 3), 0.5, np.float32), {})
    second = TimedPictures(folder, (64, 36), FPS).sha256
    write_timeline(folder, [Shown(f"{k}.png", start + Fraction(k, 10), k) for k, start in enumerate(STARTS)])
    assert len({first, second, TimedPictures(folder, (64, 36), FPS).sha256}) == 3


@pytest.mark.parametrize("fit", ["crop", "mirror", "blur"])
def test_pictures_of_another_shape_fill_the_frame(fit: str, folder: Path) -> None:
    frame = TimedPictures(folder, (36, 64), FPS, fit=fit).frames(0, 1)[0]
    assert frame.shape == (64, 36, 3) and frame.min(axis=2).max() <= 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "its columns are picture,start,seed"),
        ("picture,start\n", "its columns are picture,start,seed"),
        ("picture,start\n0.png,soon\n", "timeline.csv:2: start 'soon'"),
        ("picture,start\n0.png,1/0\n", "is no number"),
        ("picture,start\n../0.png,0\n", "'../0.png' is not in"),
        ("picture,start\nnone.png,0\n", "'none.png' is not in"),
        ("picture,start\n0.png,2\n1.png,2\n", "timeline.csv:3: start 2 is not behind"),
        ("picture,start\n0.png,-1\n", "start -1 is not behind"),
    ],
)
def test_what_is_wrong_in_a_timeline(text: str, said: str, folder: Path) -> None:
    (folder / TIMELINE).write_text(text)
    with pytest.raises(VideoError) as error:
        TimedPictures(folder, (64, 36), FPS)
    assert said in str(error.value)
