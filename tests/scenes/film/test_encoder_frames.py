"""Frames ready for the encoder are those of the reel, however they are made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.config.text import Text
from avwalk.contracts import Caption
from avwalk.scenes.film.encoder_frames import DITHER_SEED, Ready
from avwalk.scenes.film.frames import Pictures, Reel
from avwalk.scenes.film.timing import Leg, Timing
from avwalk.scenes.nodes import Node
from avwalk.video.pixel_formats import video_frame

SIZE = (64, 36)
CAPTION = Caption(12, 16, "card", ("A title",), 1.0)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{k}.png" for k in range(4)]
    for path in paths:
        assert cv2.imwrite(str(path), rng.integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8))
    return paths


def film(files: list[Path], pictures: Pictures, captions: list[Caption], enter: str = "melt") -> tuple[Reel, Ready]:
    """Two legs of eight frames; the second melts in over three."""
    legs = (Leg(Node("a", "1"), 0, 1), Leg(Node("a", "2"), 0, 1, None, enter))
    timing = Timing(legs, (0, 8, 16), 16, (0, 3 if enter == "melt" else 0), "even")
    leg_frames = [list(zip((Fraction(0), Fraction(1)), files[k : k + 2], strict=True)) for k in (0, 2)]
    reel = Reel(timing, leg_frames, pictures)
    return reel, Ready(reel, pictures, timing, captions, Text(), Fraction(30))


def arrays(ready: Ready, i0: int, i1: int) -> np.ndarray:
    return np.stack([frame.to_ndarray() for frame in ready.frames(i0, i1)])


def test_they_are_the_frames_of_the_reel(files: list[Path]) -> None:
    pictures = Pictures(SIZE)
    reel, ready = film(files, pictures, [])
    upcoming = np.stack([video_frame(rgb, DITHER_SEED, i).to_ndarray() for i, rgb in enumerate(reel.frames(0, 16))])
    made = arrays(ready, 0, 16)
    pictures.close()
    assert [i for i in range(16) if not ready.plain(i)] == [5, 6, 7]
    assert np.array_equal(made[5:8], upcoming[5:8])
    difference = np.abs(made.astype(int) - upcoming)
    assert difference.max() <= 1 and (difference > 0).mean() < 0.01


def test_they_are_the_same_however_they_are_asked_for(files: list[Path]) -> None:
    one, other = Pictures(SIZE), Pictures(SIZE, threads=1)
    whole = arrays(film(files, one, [CAPTION])[1], 0, 16)
    ready = film(files, other, [CAPTION])[1]
    apart = np.concatenate([arrays(ready, i, i + 1) for i in reversed(range(16))][::-1])
    one.close()
    other.close()
    assert np.array_equal(whole, apart)


def test_what_is_written_is_on_the_frames_of_its_time_alone(files: list[Path]) -> None:
    pictures = Pictures(SIZE)
    bare, written = (arrays(film(files, pictures, captions)[1], 0, 16) for captions in ([], [CAPTION]))
    pictures.close()
    changed = [i for i in range(16) if np.abs(bare[i].astype(int) - written[i]).max() > 8]
    assert changed and set(changed) <= set(range(12, 16))


def test_no_file_is_read_twice_for_plain_frames(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    own = Path.read_bytes

    def counted(path: Path) -> bytes:
        read.append(path)
        return own(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    pictures = Pictures(SIZE)
    ready = film(files, pictures, [], "cut")[1]
    for i in range(0, 16, 2):
        ready.frames(i, i + 2)
    pictures.close()
    assert all(read.count(path) == 1 for path in files)
