from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from avwalk.walk.prompts import respaced
from avwalk.walk.spacing import colour_distance, edge_distance, measured

A, B = np.random.default_rng(3).random((2, 24, 32, 3), np.float32)


def cubic(positions: np.ndarray) -> np.ndarray:
    """Pictures that change as t³ on their way from A to B."""
    t = (positions % 1 + (positions == 1)) ** 3
    return np.asarray(A + t[:, None, None, None] * (B - A), np.float32)


def changes(pictures: np.ndarray, metric: Callable[[np.ndarray, np.ndarray], float]) -> np.ndarray:
    return np.array([metric(a, b) for a, b in itertools.pairwise(pictures)])


@pytest.mark.parametrize("metric", [colour_distance, edge_distance])
def test_a_picture_that_changes_as_t_cubed_changes_evenly_after_respacing(metric: Callable[..., Any]) -> None:
    at = np.linspace(0, 1, 61)
    before = changes(cubic(at), metric)
    assert before.max() > 2.5 * before.mean()
    spacing = measured(cubic, [0], 12, metric)[0]
    after = changes(cubic(respaced(at, {0: spacing})), metric)
    assert np.abs(after / after.mean() - 1).max() < 0.10


def test_a_picture_that_jumps_in_the_middle_is_passed_slowly_there() -> None:
    def jump(positions: np.ndarray) -> np.ndarray:
        t = 1 / (1 + np.exp(-40 * (positions - 0.5)))  # 90 % of the change in 15 % of the way
        return np.asarray(A + t[:, None, None, None] * (B - A), np.float32)

    at = np.linspace(0, 1, 61)
    before = changes(jump(at), colour_distance)
    moved = respaced(at, {0: measured(jump, [0], 16, colour_distance)[0]})
    after = changes(jump(moved), colour_distance)
    assert before.max() > 9 * before.mean() and after.max() < 1.5 * after.mean()


def test_what_is_driven_by_energy_changes_with_it() -> None:
    at = np.linspace(0, 1, 61) ** 2  # twice as fast at the end as on average
    spacing = measured(cubic, [0], 12, colour_distance)[0]
    after = changes(cubic(respaced(at, {0: spacing})), colour_distance)
    wanted = np.diff(at)
    assert np.abs(after / after.sum() - wanted / wanted.sum()).max() < 0.1 * wanted.mean() / wanted.sum()


def test_the_largest_gap_is_halved_until_there_are_enough() -> None:
    asked: list[np.ndarray] = []

    def pictures(positions: np.ndarray) -> np.ndarray:
        asked.append(positions)
        return cubic(positions)

    found = measured(pictures, [0, 4], 6, colour_distance)
    assert [len(each) for each in asked] == [6, 2, 2, 2]  # all transitions at once
    assert found[0].shares.tolist() == [0, 0.5, 0.75, 0.875, 0.9375, 1]  # t³: 0.875 → 0.578, 0.297 → 0.33, …
    assert (np.diff(found[4].shares) > 0).all()
    assert found[0].distances.sum() == pytest.approx(colour_distance(A, B), rel=1e-5)
    assert measured(pictures, [], 6) == {}


def test_distances_of_pictures() -> None:
    flat = np.full((8, 8, 3), 0.25, np.float32)
    assert edge_distance(flat, flat) == 0
    # no edges: √(0.01 · 3 channels · 0.5²)
    assert edge_distance(flat, flat + 0.5) == pytest.approx(np.sqrt(0.01 * 3 * 0.25))
    assert colour_distance(flat, flat + 0.5) == pytest.approx(0.5)
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32)[None, :, None] / np.float32(8), (8, 8, 3))
    inside = np.s_[:, 1:-1]  # ∇ of a ramp of 1/8 a pixel: 8 · 1/8 across, twice; at mirrored borders 0
    gradient = np.zeros((8, 8))
    gradient[inside] = 1.0
    wanted = np.sqrt((3 * (gradient**2).sum() + 0.01 * (ramp.astype(float) ** 2).sum()) / 64)
    assert edge_distance(ramp, np.zeros_like(ramp)) == pytest.approx(wanted)
