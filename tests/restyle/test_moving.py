"""The measure of the benchmark: changes along a known motion."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.restyle.optical_flow import FlowField
from avwalk.video.sync import luma_change
from tests.restyle.moving import Moving, change_along, luma


def ways_of(shot: Moving, n: int) -> list[FlowField]:
    return [FlowField(flow, np.ones(flow.shape[:2], np.float32)) for flow in [shot.flow()] * n]


def test_what_moves_as_it_should_is_no_change() -> None:
    shot = Moving(x=2, angle=1)
    lumas = luma(shot.frames(0, 5))
    plain, along = luma_change(lumas), change_along(lumas, ways_of(shot, 5))
    assert plain[0] == along[0] == 0 and plain.shape == along.shape
    assert plain[1:].min() > 0.02 and along[1:].max() < 0.1 * plain[1:].min()


def test_along_rest_it_is_the_plain_change_and_colour_counts_as_luma() -> None:
    red, green = np.zeros((2, 108, 192, 3), np.float32)
    red[..., 0], green[..., 1] = 1, 1
    still = ways_of(Moving(), 3)
    lumas = luma([red, green, green])
    assert change_along(lumas, still).tolist() == pytest.approx([0, 0.7152 - 0.2126, 0], abs=1e-6)
    assert luma_change(lumas).tolist() == pytest.approx([0, 0.7152 - 0.2126, 0], abs=1e-6)


def test_what_is_not_known_does_not_count() -> None:
    lumas = luma([np.zeros((108, 192, 3), np.float32), np.ones((108, 192, 3), np.float32)])
    half = np.zeros((108, 192), np.float32)
    half[:, :96] = 1
    lumas[1][:, 96:] = 0.25
    assert change_along(lumas, [FlowField(np.zeros((108, 192, 2), np.float32), half)] * 2)[1] == pytest.approx(
        1, abs=1e-6
    )
