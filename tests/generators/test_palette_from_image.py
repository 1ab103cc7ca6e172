"""Palettes of pictures with known colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.arrays.oklab import linear_to_oklab, oklch_to_linear
from avwalk.errors import OptionError
from avwalk.generators.palette import accent_colour, ramp_table
from avwalk.generators.palette_from_image import CHROMA, DRIFT, palette_of


def png(picture: np.ndarray) -> bytes:
    """RGB (h, w, 3) in 0 … 255."""
    return cv2.imencode(".png", picture[..., ::-1].clip(0, 255).astype(np.uint8))[1].tobytes()


def ramp(*colours: tuple[int, int, int]) -> np.ndarray:
    at = np.linspace(0, len(colours) - 1, 120)
    rows = np.stack([np.interp(at, range(len(colours)), [c[k] for c in colours]) for k in range(3)], axis=1)
    return np.repeat(rows[:, None], 160, axis=1)


def near(hue: float, wanted: float) -> float:
    return abs((hue - wanted + 180) % 360 - 180)


def test_a_sunset_has_orange_and_purple_shores() -> None:
    palette = palette_of(png(ramp((20, 33, 61), (61, 53, 99), (162, 65, 95), (243, 114, 44), (249, 199, 79))))
    assert near(palette.base.hues[1], 45) < 25 and near(palette.companion.hues[1], 0) < 45
    assert palette.base.hues[0] < palette.base.hues[2], "towards yellow in the light"


def test_what_is_transparent_has_no_colour() -> None:
    red = np.zeros((60, 80, 4), np.uint8)
    red[..., 2] = 220
    hidden = red.copy()
    hidden[:, 40:] = (0, 220, 0, 0)
    hidden[:, :40, 3] = 255
    black = hidden.copy()
    black[:, 40:] = (0, 0, 0, 255)
    assert palette_of(cv2.imencode(".png", hidden)[1].tobytes()) == palette_of(cv2.imencode(".png", black)[1].tobytes())


def test_what_is_small_and_bright_glows() -> None:
    forest = ramp((207, 227, 224), (127, 160, 138), (55, 86, 58), (28, 47, 29))
    forest[50:60, 20:34] = (220, 30, 40)
    palette = palette_of(png(forest))
    assert near(palette.base.hues[1], 150) < 20 and near(palette.accent[2], 25) < 12


def test_grey_pictures_stay_nearly_grey() -> None:
    palette = palette_of(png(ramp((10, 10, 10), (240, 240, 240))))
    assert palette.base.chroma == palette.companion.chroma == CHROMA[0]


@given(st.integers(0, 2**32 - 1))
def test_any_picture_gives_a_palette_within_the_limits_and_always_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = cv2.resize(rng.integers(0, 256, (4, 5, 3)).astype(np.float32), (90, 60), interpolation=cv2.INTER_LINEAR)
    data = png(picture)
    palette = palette_of(data)
    assert palette == palette_of(data)
    for shore in (palette.base, palette.companion):
        assert CHROMA[0] <= shore.chroma <= CHROMA[1]
        assert DRIFT[0] - 0.2 <= max(shore.hues) - min(shore.hues) <= DRIFT[1] + 0.2
        assert (np.diff(ramp_table(shore, 64).sum(axis=1)) > -1e-3).all()
    assert 0.62 <= palette.accent[0] <= 0.9 and 0.12 <= palette.accent[1] <= 0.22
    assert accent_colour(palette).max() <= 1


@pytest.mark.parametrize("data", [b"", b"not a picture", png(ramp((0, 0, 0), (255, 255, 255)))[:40]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(OptionError, match="no picture"):
        palette_of(data)


def test_oklab_of_linear_light_is_the_way_back() -> None:
    rgb = np.random.default_rng(0).random((50, 3))
    lab = linear_to_oklab(rgb)
    back = oklch_to_linear(lab[:, 0], np.hypot(lab[:, 1], lab[:, 2]), np.degrees(np.arctan2(lab[:, 2], lab[:, 1])))
    np.testing.assert_allclose(back, rgb, atol=1e-6)
