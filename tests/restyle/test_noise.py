from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from avwalk.restyle.frame_cache import FrameCache
from avwalk.restyle.noise import SPAN, Noise, advected, fresh, new_lattice
from avwalk.restyle.optical_flow import FlowField, Motion
from avwalk.restyle.schedule import Schedule
from tests.restyle.moving import MOVES, Moving

SHAPE = (4, 54, 96)


def noise(shot: Moving, kind: str = "carried", n: int = 160, seed: int = 5) -> Noise:
    motion = Motion(FrameCache(shot), shot.size, shot.flows)
    return Noise(seed, SHAPE, Schedule(0, n, 4), motion, kind)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("move", MOVES)
def test_carried_noise_is_standard_normal_and_independent_from_cell_to_cell(move: str) -> None:
    source = noise(Moving(**MOVES[move]))
    for key in (0, 20, 64, 84, 156):
        n = source.of(key)
        assert n.shape == SHAPE and n.dtype == np.float32
        assert abs(n.mean()) < 0.03
        assert abs(n.var() - 1) < 0.04
        assert abs((n**4).mean() - 3) < 0.25
        for axis in (1, 2):
            a, b = np.split(n, [1], axis)[1], np.split(n, [-1], axis)[0]
            assert abs(likeness(a, b)) < 0.04, (key, axis)


def test_noise_goes_with_the_picture_and_not_with_the_screen() -> None:
    shot = Moving(x=1.0, y=0.5)  # two pixels are a cell: from key to key 2 cells across, 1 down
    source = noise(shot)
    a, b = source.of(40), source.of(44)
    assert likeness(a[:, :-1, :-2], b[:, 1:, 2:]) > 0.9
    assert abs(likeness(a, b)) < 0.03


def test_moves_far_smaller_than_a_cell_add_up() -> None:
    shot = Moving(x=0.0625)  # an eighth of a cell from key to key
    source = noise(shot)
    a, b = source.of(0), source.of(16)  # half a cell: rounded up or down
    assert max(likeness(a, b), likeness(a[..., :-1], b[..., 1:])) > 0.65  # half of it is new by then: √½
    lattice, new = new_lattice(fresh(1, SHAPE)), fresh(2, SHAPE)
    for _ in range(16):
        way = FlowField(np.full((54, 96, 2), (0.125, 0), np.float32), np.ones((54, 96), np.float32))
        lattice = advected(lattice, way, new)
    assert np.array_equal(lattice.values[..., 2:], fresh(1, SHAPE)[..., :-2])


def test_it_renews_itself_without_a_jump() -> None:
    source = noise(Moving())
    near = [likeness(source.of(k), source.of(k + 4)) for k in range(0, 150, 4)]
    assert min(near) > 0.95
    assert abs(likeness(source.of(0), source.of(2 * SPAN))) < 0.05


@pytest.mark.parametrize("kind", ["carried", "fixed", "fresh"])
def test_a_key_has_the_same_noise_whatever_was_asked_before(kind: str) -> None:
    shot = Moving(**MOVES["all"])
    one, other = noise(shot, kind), noise(shot, kind)
    for key in range(0, 120, 4):
        one.of(key)
    assert np.array_equal(one.of(100), other.of(100))
    assert not np.array_equal(one.of(100), noise(shot, kind, seed=6).of(100))


def test_fixed_is_one_and_fresh_is_many() -> None:
    fixed, many = noise(Moving(), "fixed"), noise(Moving(), "fresh")
    assert np.array_equal(fixed.of(0), fixed.of(8))
    assert abs(likeness(many.of(0), many.of(4))) < 0.03


def test_no_more_than_two_spans_are_looked_back() -> None:
    shot = Moving((96, 54), x=1)
    asked: list[int] = []

    def flows(i0: int, i1: int) -> list[Any]:
        asked.extend(range(i0, i1))
        return shot.flows(i0, i1)

    Noise(5, SHAPE, Schedule(0, 400, 4), Motion(FrameCache(shot), shot.size, flows)).of(316)
    assert min(asked) > 316 - 2 * SPAN
    assert max(asked) == 316


def test_noise_begins_anew_behind_a_cut() -> None:
    shot = Moving(x=1, cut=40)
    motion = Motion(FrameCache(shot), shot.size, shot.flows)
    schedule = Schedule(0, 80, 4, cuts=[40])
    asked = Noise(5, SHAPE, schedule, motion)
    assert abs(likeness(asked.of(36)[..., :-2], asked.of(40)[..., 2:])) < 0.03
    assert abs(asked.of(40).var() - 1) < 0.04
