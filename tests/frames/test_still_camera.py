"""A slow camera over a still picture: no border, no jumps, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.frames.still_camera import MOST, View, camera_move, view_of


@pytest.mark.parametrize("seconds", [0.0, 1.0, 8.0, 60.0])
@pytest.mark.parametrize("number", [1, 2])
def test_a_view_stays_inside_the_picture(number: int, seconds: float) -> None:
    for seed in range(20):
        move = camera_move(seed, number, seconds)
        for share in np.linspace(-0.5, 1.5, 9):
            x, y, width = move.at(float(share))
            assert width / 2 - 1e-9 <= x <= 1 - width / 2 + 1e-9 and width / 2 - 1e-9 <= y <= 1 - width / 2 + 1e-9
            assert 1 - MOST - 0.03 <= width <= 1


def test_it_goes_in_and_out_in_turn() -> None:
    assert camera_move(3, 1, 8).last.width < camera_move(3, 1, 8).first.width
    assert camera_move(3, 2, 8).last.width > camera_move(3, 2, 8).first.width
    assert camera_move(3, 1, 8) == camera_move(3, 1, 8) != camera_move(4, 1, 8)


def test_the_whole_view_is_the_picture() -> None:
    picture = np.random.default_rng(0).random((36, 64, 3), np.float32)
    assert np.allclose(view_of(picture, View(0.5, 0.5, 1.0), (64, 36)), picture, atol=1e-6)
    half = view_of(picture, View(0.25, 0.25, 0.5), (32, 18))
    assert np.allclose(half, picture[:18, :32], atol=1e-6)
