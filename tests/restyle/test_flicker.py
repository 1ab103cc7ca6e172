from __future__ import annotations

import numpy as np
import pytest

from avwalk.restyle.flicker import flicker, off_beats
from avwalk.restyle.motion import Way
from tests.restyle.moving import Moving


def test_flicker_is_the_mean_change_of_luma_off_the_beat() -> None:
    levels = [0.2, 0.3, 0.3, 0.8, 0.7]
    frames = [np.full((4, 6, 3), level, np.float32) for level in levels]
    assert flicker(frames, [True] * 5) == pytest.approx((0.1 + 0 + 0.5 + 0.1) / 4, abs=1e-6)
    assert flicker(frames, [True, True, True, False, True]) == pytest.approx(0.2 / 3, abs=1e-6)
    assert flicker(frames, [False] * 5) == 0
    assert flicker(iter(frames[:1]), [True]) == 0


def test_colour_counts_as_luma() -> None:
    red, green = np.zeros((2, 4, 6, 3), np.float32)
    red[..., 0], green[..., 1] = 1, 1
    assert flicker([red, green], [True, True]) == pytest.approx(0.7152 - 0.2126, abs=1e-6)


def test_what_moves_as_it_should_is_no_flicker() -> None:
    scene = Moving(x=2, angle=1)
    frames = scene.frames(0, 5)
    ways = [Way(flow, np.ones(flow.shape[:2], np.float32)) for flow in scene.flows(0, 5)]
    assert flicker(frames, [True] * 5) > 0.02
    assert flicker(frames, [True] * 5, ways) < 0.1 * flicker(frames, [True] * 5)


def test_frames_near_a_beat_do_not_count() -> None:
    mask = off_beats(40, 20.0, [1.0], start=0)
    assert np.flatnonzero(~mask).tolist() == [18, 19, 20, 21, 22]
    assert np.flatnonzero(~off_beats(10, 20.0, [1.0], start=16)).tolist() == [2, 3, 4, 5, 6]
    assert off_beats(5, 20.0, []).all()
