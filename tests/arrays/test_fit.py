"""Pictures of one shape as frames of another."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.arrays.fit import FITS, Fit
from avwalk.arrays.upscale import Upscale
from avwalk.errors import OptionError


def disc(side: int) -> np.ndarray:
    """A smooth picture whose middle is known: red grows to the right, green downwards, blue in a disc."""
    x = (np.arange(side, dtype=np.float32) + 0.5) / side
    picture = np.zeros((side, side, 3), np.float32)
    picture[..., 0], picture[..., 1] = x[None], x[:, None]
    picture[..., 2] = np.hypot(x[None] - 0.5, x[:, None] - 0.5) < 0.2
    return picture


@given(st.integers(16, 90), st.integers(16, 90), st.sampled_from(FITS), st.integers(8, 70), st.integers(8, 70))
def test_any_picture_fits_any_frame(width: int, height: int, how: str, w: int, h: int) -> None:
    picture = np.random.default_rng(w).random((2, h, w, 3), np.float32)
    frames = Fit((width, height), how).apply(picture)
    assert frames.shape == (2, height, width, 3) and frames.dtype == np.float32
    assert frames.min() >= 0 and frames.max() <= 1


def test_what_fits_is_left_alone() -> None:
    pictures = np.random.default_rng(0).random((1, 20, 30, 3), np.float32)
    assert Fit((30, 20), "blur").apply(pictures) is pictures


def test_crop_keeps_the_middle_and_its_shape() -> None:
    frame = Fit((320, 180), "crop").apply(disc(256)[None])[0]
    y, x = np.nonzero(frame[..., 2] > 0.5)
    assert abs(x.mean() - 159.5) < 1 and abs(y.mean() - 89.5) < 1
    assert abs(np.ptp(x) - np.ptp(y)) <= 2  # a disc remains one
    assert frame[0, 160, 1] > 0.2 and frame[-1, 160, 1] < 0.8  # top and bottom are cut


@pytest.mark.parametrize("how", ["mirror", "blur"])
def test_the_whole_picture_is_there(how: str) -> None:
    frame = Fit((320, 180), how).apply(disc(180)[None])[0]
    inside = frame[6:-6, 70 + 6 : 250 - 6]
    assert np.abs(inside - disc(180)[6:-6, 6:-6]).max() < 0.02


def test_mirrored_sides_have_no_seam() -> None:
    frame = Fit((320, 180), "mirror").apply(disc(180)[None])[0]
    assert np.allclose(frame[:, :70], frame[:, 70:140][:, ::-1])
    assert np.abs(np.diff(frame[90], axis=0)).max() < 1.01 and np.abs(np.diff(frame[10], axis=0)).max() < 0.02


def pictures(side: int = 64, n: int = 2) -> np.ndarray:
    """Bodies with soft edges on a slope, not symmetric, (n, side, side, 3)."""
    y, x = (np.indices((side, side)) + 0.5) / side
    rng, out = np.random.default_rng(0), []
    for _ in range(n):
        picture = np.stack([0.3 + 0.4 * x, 0.2 + 0.5 * y, 0.6 - 0.3 * x * y], -1)
        for _ in range(6):
            cx, cy, r = rng.random(3)
            near = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (0.02 + 0.03 * r))[..., None]
            picture = picture + near * (rng.random(3) - picture)
        out.append(picture)
    return np.array(out, np.float32)


def test_blur_keeps_the_middle_and_softens_and_dims_the_sides() -> None:
    weave = 0.1 * np.sin(np.arange(64) * 1.3)[:, None].astype(np.float32)
    woven = np.clip(pictures() + weave, 0, 1)
    whole = Upscale().apply(woven, (360, 360))
    wide = Fit((640, 360), fit="blur").apply(woven)
    left, melt = 140, int(0.13 * 360)
    np.testing.assert_array_equal(wide[:, :, left + melt : left + 360 - melt], whole[:, :, melt : 360 - melt])
    mirrored = Fit((640, 360), fit="mirror").apply(woven)

    def fineness(frames: np.ndarray) -> float:
        return float(np.abs(np.diff(frames, 2, axis=2)).mean())

    assert fineness(wide[:, :, :left]) < 0.1 * fineness(mirrored[:, :, :left])
    share = wide[:, :, 0].mean() / mirrored[:, :, 0].mean()
    assert 0.5 < share < 0.7


@pytest.mark.parametrize("fit", ["mirror", "blur"])
@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_no_seam_is_seen_where_the_picture_ends(fit: str, size: tuple[int, int]) -> None:
    frames = Fit(size, fit=fit).apply(pictures(128))
    steps = np.abs(np.diff(frames, axis=2 if size[0] > size[1] else 1)).max((0, 3))
    steps = (steps if size[0] > size[1] else steps.T).max(0)  # of every column or row to the next
    edges = [*range(136, 144), *range(496, 504)]
    assert steps[edges].max() <= np.delete(steps, edges).max()


def test_a_side_that_is_a_pixel_off_gets_no_bars() -> None:
    frame = Fit((641, 360), "blur").apply(np.ones((1, 180, 320, 3), np.float32))[0]
    assert frame.min() > 0.999


def test_growing_is_sharper_than_by_bicubic_and_shrinking_does_not_alias() -> None:
    large = disc(240)
    small = np.asarray(cv2.resize(large, (60, 60), interpolation=cv2.INTER_AREA), np.float32)
    grown = Fit((240, 240)).apply(small[None])[0]
    linear = cv2.resize(small, (240, 240), interpolation=cv2.INTER_LINEAR)
    assert np.abs(grown - large).mean() < np.abs(linear - large).mean()
    fine = np.indices((240, 240)).sum(0)[..., None] % 2 * np.ones(3)
    assert np.ptp(Fit((60, 60)).apply(fine.astype(np.float32)[None])) < 0.01


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(OptionError, match="stretch"):
        Fit((10, 10), "stretch")
