"""The distances between films, on films that are known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.own import PARTS, Film, distance, layout_of, motion_of, palette_of

FPS = 30.0


def film(hue: tuple[float, float, float] = (0.8, 0.3, 0.2), at: int = 10, hertz: float = 2.0, noise: int = 0) -> Film:
    """A disc of a colour on grey, which wanders a little, and whose detail pulses."""
    rng = np.random.default_rng(noise)
    yy, xx = np.mgrid[:34, :60]
    pictures = np.full((24, 34, 60, 3), 0.2)
    for picture in pictures:
        picture[np.hypot(xx - at - rng.uniform(-1, 1), yy - 17) < 9] = hue
    t = np.arange(600) / FPS
    detail = (1 + np.sin(2 * np.pi * hertz * t))[:, None] * np.linspace(1, 2, 9) + 0.05 * rng.random((600, 9))
    shown = np.round(255 * pictures).astype(np.uint8)
    return Film(palette_of(shown), layout_of(shown), motion_of(detail, FPS), shown)


def test_the_same_film_is_at_no_distance_and_its_twin_is_near() -> None:
    for part in PARTS:
        assert distance(part, film(), film()) == 0
        assert distance(part, film(), film(noise=1)) < 0.05


@pytest.mark.parametrize(
    ("part", "other"),
    [("palette", film(hue=(0.2, 0.43, 0.68))), ("layout", film(at=45)), ("motion", film(hertz=6.0))],
)
def test_each_part_sees_its_own_difference_and_the_others_hardly_do(part: str, other: Film) -> None:
    found = {each: distance(each, film(), other) for each in PARTS}
    twin = {each: distance(each, film(), film(noise=1)) for each in PARTS}
    assert found[part] > 4 * twin[part] + 0.01
    assert all(found[each] < 2 * twin[each] + 0.06 for each in PARTS if each != part), found


def test_palette_distance_is_how_far_colour_is_moved() -> None:
    """All grey from OKLab lightness 0.3 to 0.5: a mean of 0.2 |cos| over directions, which is 0.1."""
    dark, light = (np.full((4, 9, 16, 3), level, np.uint8) for level in (46, 99))
    assert np.abs(palette_of(dark) - palette_of(light)).mean() == pytest.approx(0.1, abs=0.005)
