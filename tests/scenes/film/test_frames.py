from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.errors import VideoError
from avwalk.scenes.film.frames import FileImage, LegFrames, Pictures, Reel, whip
from avwalk.scenes.film.timing import Leg, Timing
from avwalk.scenes.nodes import Node

SIZE = (16, 12)


def picture(path: Path, level: int, size: tuple[int, int] = SIZE) -> Path:
    assert cv2.imwrite(str(path), np.full((size[1], size[0], 3), (level, level // 2, 10), np.uint8))
    return path


def timing(n: int, *, enter: str = "", lead: int = 0) -> Timing:
    """Two legs of n frames each, at an even pace."""
    legs = (Leg(Node("a", "1"), 0, 1), Leg(Node("a", "2"), 0, 1, None, enter))
    return Timing(legs, (0, n, 2 * n), 2 * n, (0, lead), "even")


@pytest.fixture
def leg_frames(tmp_path: Path) -> list[LegFrames]:
    """Levels 0, 100 and 200 at 0, 1/4 and 1; then 200 and 0."""
    paths = [picture(tmp_path / f"{level}.png", level) for level in (0, 100, 200)]
    first = list(zip((Fraction(0), Fraction(1, 4), Fraction(1)), paths, strict=True))
    return [first, [(Fraction(0), paths[2]), (Fraction(1), paths[0])]]


def test_a_frame_is_mixed_of_the_two_beside_its_place(leg_frames: list[LegFrames]) -> None:
    pictures = Pictures(SIZE)
    reel = Reel(timing(8), leg_frames, pictures)
    red = reel.frames(0, 16)[:, 0, 0, :] * 255
    pictures.close()
    # places 0, 1/8, 1/4, 3/8 …: up to 1/4 in two steps, then slowly on to 1
    levels = [0, 50, 100, 100 + 100 / 6, 100 + 200 / 6, 150, 100 + 400 / 6, 100 + 500 / 6, *np.linspace(200, 25, 8)]
    assert np.allclose(red[:, 2], levels, atol=0.01)  # the file is B G R
    assert np.allclose(red[:, 1], np.array(levels) / 2, atol=0.01) and np.allclose(red[:, 0], 10, atol=0.01)


def test_frames_are_the_same_however_they_are_asked_for(leg_frames: list[LegFrames]) -> None:
    pictures = Pictures(SIZE, threads=3)
    reel = Reel(timing(8, enter="melt", lead=3), leg_frames, pictures)
    whole = reel.frames(0, 16)
    apart = np.concatenate([reel.frames(i, i + 1) for i in reversed(range(16))][::-1])
    pictures.close()
    assert np.array_equal(whole, apart) and whole.dtype == np.float32


def test_files_are_named_in_the_order_of_their_need(leg_frames: list[LegFrames]) -> None:
    pictures = Pictures(SIZE)
    reel = Reel(timing(8, enter="cut"), leg_frames, pictures)
    assert [path.stem for path in reel.files(0, 16)] == ["0", "100", "200"]
    assert [path.stem for path in reel.files(2, 3)] == ["100"]  # on its place a frame is shown alone
    pictures.close()


def test_pictures_are_read_once_and_only_so_many_are_kept(tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{k}.png", k) for k in range(9)]
    pictures = Pictures((4096, 4096), threads=1)  # large: room for four
    assert pictures.room == 4
    small = Pictures(SIZE)
    kept = small.picture(paths[0])
    paths[0].unlink()
    assert small.picture(paths[0]) is kept
    small._most = 2
    small.ahead(map(FileImage, paths[1:5]))
    with pytest.raises(VideoError, match="scenes transitions"):
        small.picture(paths[0])
    pictures.close()
    small.close()


def test_pictures_of_another_shape_are_fitted(tmp_path: Path) -> None:
    path = picture(tmp_path / "wide.png", 80, (64, 12))
    pictures = Pictures(SIZE)
    made = pictures.picture(path)
    pictures.close()
    assert made.shape == (12, 16, 3) and made.dtype == np.uint8 and np.all(made[..., 2] == 80)


def test_a_whip_begins_at_one_picture_and_ends_at_the_other() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.random((24, 40, 3)).astype(np.float32) for _ in range(2))
    assert np.allclose(whip(a, b, 0.0, 8), a, atol=1e-5) and np.allclose(whip(a, b, 1.0, 8), b, atol=1e-5)
    middle = whip(a, b, 0.5, 8)
    assert middle.shape == a.shape
    # blurred along the way, not across it
    assert np.abs(np.diff(middle, axis=1)).mean() < 0.5 * np.abs(np.diff(middle, axis=0)).mean()
    shares = [float(np.abs(whip(a * 0, b * 0 + 1, way, 8)).mean()) for way in np.linspace(0, 1, 9)]
    assert np.all(np.diff(shares) > 0)
