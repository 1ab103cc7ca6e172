"""Lanes over the picture: a function of the frame, moving, and in their place."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.contracts import Drive
from avwalk.effects.explain import Explain

FPS = Fraction(30)
T = np.arange(900)
CURVES = {
    "camera.zoom": (1 + 0.06 * (T % 15 == 0)).astype(np.float32),
    "cppn.warp": np.sin(T / 40).astype(np.float32),
    "light.gain": np.ones(900, np.float32),
}


def drive(i: int, n: int = 1) -> Drive:
    return Drive(i, np.zeros((n, 2), np.float32), {}, FPS, 0)


def grey(n: int, size: tuple[int, int] = (480, 270)) -> np.ndarray:
    return np.full((n, size[1], size[0], 3), 0.5, np.float32)


@pytest.mark.parametrize("size", [(1280, 720), (480, 270), (270, 480), (64, 36), (16, 16)])
def test_the_strip_is_at_the_lower_edge_of_any_picture(size: tuple[int, int]) -> None:
    out = Explain(CURVES, {"camera.zoom": "x"}, 100, FPS).apply(grey(2, size), drive(300, 2))
    assert out.shape == (2, size[1], size[0], 3) and out.dtype == np.float32
    assert np.isfinite(out).all() and out.min() >= 0 and out.max() <= 1
    assert (out[:, : size[1] // 2] == 0.5).all(), "the upper half is the picture's"
    if size[1] >= 270:
        assert (out[:, -4:] < 0.4).mean() > 0.8 and out[:, -size[1] // 4 :].max() > 0.7


def test_lanes_move_and_a_frame_depends_on_nothing_else() -> None:
    stage = Explain(CURVES, {}, 100, FPS)
    both = stage.apply(grey(2), drive(400, 2))
    assert not np.array_equal(both[0], both[1])
    assert np.array_equal(Explain(CURVES, {}, 100, FPS).apply(grey(1), drive(401))[0], both[1])


def test_what_is_at_the_playhead_is_now() -> None:
    curve = {"a": np.where(np.arange(900) < 450, 0.0, 1.0).astype(np.float32)}
    stage = Explain(curve, {}, 0, FPS)
    lane = grey(1, (1280, 720))
    out = stage.apply(lane, drive(450))[0, -33:]
    red = out[..., 0] - out[..., 2]  # the lane's colour
    columns = np.flatnonzero(red.max(axis=0) > 0.08)
    columns = columns[columns > 240]  # right of name and value
    filled = columns[(red[8:24, columns].mean(axis=0)) > 0.05]
    left, right = round(10.5 * 22), 1280 - 11
    assert abs(filled.min() - (left + right) / 2) <= 8, "the step is at the playhead"


@pytest.mark.parametrize("i", [100, 101, 999])
def test_the_ends_of_the_film(i: int) -> None:
    out = Explain(CURVES, {}, 100, FPS).apply(grey(1), drive(i))
    assert np.isfinite(out).all() and out[0, -20:].max() > 0.5


def test_nothing_to_show_is_nothing_shown() -> None:
    assert (Explain({}, {}, 0, FPS).apply(grey(1), drive(0)) == 0.5).all()
