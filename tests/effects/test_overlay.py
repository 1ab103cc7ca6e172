"""A picture over frames: where it lies, what comes through it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.contracts import Drive
from avwalk.effects.overlay import PLACES, Overlay
from avwalk.effects.safe_area import UPRIGHT_BOTTOM

DRIVE = Drive(0, np.zeros((2, 1), np.float32), {}, Fraction(30), 1)


def plate(alpha: int = 255) -> np.ndarray:
    """Red, 40 x 20."""
    return np.tile(np.array([255, 0, 0, alpha], np.uint8), (20, 40, 1))


def over(overlay: Overlay, size: tuple[int, int], grey: float = 0.5) -> np.ndarray:
    return overlay.apply(np.full((2, size[1], size[0], 3), grey, np.float32), DRIVE)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", [(160, 90), (90, 160)])
def test_it_lies_where_it_is_asked_for(place: str, size: tuple[int, int]) -> None:
    frames = over(Overlay(plate(), size, place, 20, 10), size)
    rows, columns = np.nonzero(frames[1, ..., 0] > 0.99)
    across, down = PLACES[place]
    assert np.ptp(columns) + 1 == 18 and np.ptp(rows) + 1 == 9
    assert columns.min() == pytest.approx(9 + across * (size[0] - 18 - 18), abs=1)
    assert rows.min() == pytest.approx(9 + down * (size[1] - 18 - 9), abs=1)
    assert np.array_equal(frames[0], frames[1]) and np.isclose(frames, 0.5).mean() > 0.6


def test_alpha_and_opacity_let_the_film_through() -> None:
    for picture, opacity in ((plate(128), 1.0), (plate(), 128 / 255)):
        frames = over(Overlay(picture, (160, 90), "centre", 40, opacity=opacity), (160, 90))
        assert frames[0, 45, 80] == pytest.approx(np.array([0.5 + 0.25, 0.25, 0.25]), abs=0.005)


def test_upright_it_keeps_clear_of_the_players_controls() -> None:
    frames = over(Overlay(plate(), (90, 160), "lower-right", 30), (90, 160))
    rows, _ = np.nonzero(frames[0, ..., 0] > 0.99)
    assert rows.max() < (1 - UPRIGHT_BOTTOM) * 160


def test_no_colour_comes_from_under_what_is_clear() -> None:
    picture = plate(0)
    picture[:, :20] = (0, 0, 0, 255)
    frames = over(Overlay(picture, (160, 90), "centre", 21), (160, 90), 0.0)
    assert frames.max() == 0


def test_it_is_never_larger_than_there_is_room() -> None:
    frames = over(Overlay(plate(), (64, 36), "centre", 100, 40), (64, 36))
    assert 0 < (frames[0, ..., 0] > 0.99).sum() <= 64 * 8
