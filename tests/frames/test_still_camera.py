"""A slow camera over a still picture: no border, no jumps, the same for the same seed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.frames.still_camera import MOST, camera_move, for_camera, view_of


@given(st.integers(0, 2**63 - 1), st.integers(1, 500), st.floats(0.1, 600))
def test_a_view_never_leaves_the_picture(seed: int, number: int, seconds: float) -> None:
    move = camera_move(seed, number, seconds)
    for share in np.linspace(-0.2, 1.2, 15):
        x, y, width = move.at(float(share))
        assert 1 - MOST - 0.03 <= width <= 1
        assert min(x, y) - width / 2 >= -1e-9 and max(x, y) + width / 2 <= 1 + 1e-9


def test_moves_are_a_function_of_seed_and_number() -> None:
    assert camera_move(3, 1, 8.0) == camera_move(3, 1, 8.0)
    assert len({camera_move(3, k, 8.0) for k in range(1, 9)}) == 8
    assert camera_move(3, 1, 8.0).last.width < camera_move(3, 1, 8.0).first.width  # in
    assert camera_move(3, 2, 8.0).last.width > camera_move(3, 2, 8.0).first.width  # out


def test_zoom_and_pan_are_even() -> None:
    move = camera_move(5, 1, 10.0)
    views = [move.at(k / 99) for k in range(100)]
    zoom = np.diff(np.log([view.width for view in views]))
    assert np.allclose(zoom, zoom[0])
    pan = np.hypot(np.diff([v.x for v in views]), np.diff([v.y for v in views]))
    assert pan.max() < 1.5 * pan.min()


def ramp(width: int, height: int) -> np.ndarray:
    x = np.linspace(0, 1, width, dtype=np.float32)
    return np.repeat(np.repeat(x[None, :, None], height, axis=0), 3, axis=2)


@pytest.mark.parametrize("shape", [(80, 45), (160, 90), (160, 160), (60, 200)])
def test_a_picture_of_any_shape_fills_the_film(shape: tuple[int, int]) -> None:
    size = (64, 36)
    picture = for_camera(ramp(*shape), size)
    for share in (0.0, 0.37, 1.0):
        frame = view_of(picture, camera_move(1, 1, 9.0).at(share), size)
        assert frame.shape == (36, 64, 3) and frame.dtype == np.float32
        assert frame.min() >= 0 and frame.max() <= 1
        assert (np.diff(frame[18, 2:-2, 0]) > 0).all()  # the ramp itself, and no border


def test_a_move_of_a_part_of_a_pixel_is_seen() -> None:
    size = (64, 36)
    picture = for_camera(ramp(72, 41), size)
    move = camera_move(1, 1, 600.0)
    frames = [view_of(picture, move.at(k / 5000), size) for k in range(3)]
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(frames)]
    assert min(steps) > 0 and max(steps) < 1e-3
