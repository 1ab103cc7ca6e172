from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.video.flashes import FlashMeter


def film(levels: np.ndarray, area: float = 1.0, colour: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """Grey 0.5 pictures whose left part of the given share has the given sRGB levels."""
    frames = np.full((len(levels), 36, 64, 3), 0.4, np.float32)
    width = round(64 * area)
    frames[:, :, :width] = levels[:, None, None, None] * np.array(colour, np.float32)
    return frames


def worst(frames: np.ndarray, fps: int = 30) -> float:
    meter = FlashMeter(Fraction(fps))
    for a in range(0, len(frames), 7):
        meter.push(frames[a : a + 7])
    return float(meter.per_second().max())


def blinking(hz: float, fps: int = 30, seconds: float = 3, low: float = 0.2, high: float = 0.8) -> np.ndarray:
    t = np.arange(round(seconds * fps)) / fps
    return np.where((t * hz) % 1 < 0.5, high, low).astype(np.float32)


def test_relative_luminance_is_given() -> None:
    light = FlashMeter(Fraction(30)).push(np.full((2, 36, 64, 3), (0.5, 0.0, 1.0), np.float32))
    assert light.shape == (2, 34, 60)
    assert light == pytest.approx(0.2126 * ((0.5 + 0.055) / 1.055) ** 2.4 + 0.0722, abs=1e-3)


@pytest.mark.parametrize("fps", [25, 30, 60])
@pytest.mark.parametrize("hz", [1, 2, 3, 5, 6])
def test_flashes_are_counted(hz: float, fps: int) -> None:
    assert worst(film(blinking(hz, fps)), fps) == pytest.approx(hz, abs=0.5)


def test_small_changes_bright_pictures_and_small_areas_do_not_count() -> None:
    assert worst(film(blinking(6, low=0.50, high=0.55))) == 0  # less than 10 % of luminance
    assert worst(film(blinking(6, low=0.93, high=1.0))) == 0  # the darker state is above 0.80
    assert worst(film(blinking(6), area=0.05)) == 0


def test_a_slow_sweep_and_a_cut_are_no_strobe() -> None:
    t = np.arange(90) / 90
    assert worst(film(t.astype(np.float32))) <= 0.5
    assert worst(film(np.where(t < 0.5, 0.1, 0.9).astype(np.float32))) <= 0.5


def test_red_counts_though_its_luminance_hardly_changes() -> None:
    red = film(blinking(5, low=0.35, high=0.62), colour=(1, 0, 0))
    assert worst(red) == pytest.approx(5, abs=0.5)


def test_a_moving_texture_is_no_flash() -> None:
    x = np.arange(64)[None, None, :] - 3 * np.arange(90)[:, None, None]
    level = (0.5 + 0.4 * np.sin(x / 2.0) * np.ones((1, 36, 1))).astype(np.float32)
    assert worst(np.repeat(level[..., None], 3, axis=3)) <= 1
