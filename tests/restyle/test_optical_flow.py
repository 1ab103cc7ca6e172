from __future__ import annotations

import cv2
import numpy as np
import pytest

from avwalk.restyle.frame_cache import FrameCache
from avwalk.restyle.optical_flow import (
    LONGER,
    LOW,
    FlowField,
    Motion,
    composed,
    flow_confidence,
    identity_flow,
    inverse,
    resized_flow,
    sampled,
)
from tests.restyle.moving import MOVES, Moving


@pytest.mark.parametrize("move", MOVES)
def test_optical_flow_finds_what_is_exact_and_the_way_back(move: str) -> None:
    shot = Moving(**MOVES[move])
    (step,) = Motion(FrameCache(shot), shot.size).steps(3, 4)
    truth = shot.flow()
    inner = np.s_[12:-12, 12:-12]
    assert np.abs(step.back.flow - truth)[inner].mean() < 0.1
    assert np.abs(step.ahead.flow - inverse(truth))[inner].mean() < 0.1
    assert step.back.confidence[inner].mean() > 0.95
    assert not step.cut


def test_a_chain_of_steps_is_the_way_between_their_ends() -> None:
    shot = Moving(**MOVES["all"])
    way = identity_flow(shot.size)
    flow = shot.flow()
    for _ in range(4):
        way = composed(FlowField(flow, np.ones(flow.shape[:2], np.float32)), way)
    four = Moving()
    four._step = np.linalg.matrix_power(shot._step, 4)
    truth = four.flow()
    assert np.abs(way.flow - truth)[12:-12, 12:-12].max() < 0.01


def test_the_inverse_leads_back() -> None:
    shot = Moving(**MOVES["zoom"])
    flow = shot.flow()
    back = inverse(flow)
    assert np.abs(sampled(flow, back) + back)[8:-8, 8:-8].max() < 1e-3


def test_what_leaves_the_picture_or_is_hidden_is_not_trusted() -> None:
    away = np.zeros((40, 60, 2), np.float32)
    away[..., 0] = 10
    known = flow_confidence(away, -away)
    assert known[:, :50].min() == 1 and known[:, 50:].max() == 0
    # a disc that moves by 12 pixels over a ground at rest: the ground beside it comes out of nowhere
    then, now = np.zeros((80, 120, 2), np.float32), np.zeros((80, 120, 2), np.float32)
    y, x = np.mgrid[:80, :120]
    now[(x - 66) ** 2 + (y - 40) ** 2 < 200] = (-12, 0)
    then[(x - 54) ** 2 + (y - 40) ** 2 < 200] = (12, 0)
    known = flow_confidence(now, then)
    assert known[40, 66] == 1 and known[40, 10] == 1
    assert known[40, 45] <= LOW


def test_a_cut_is_found_and_hard_moves_light_and_grain_are_none() -> None:
    for move in MOVES:
        shot = Moving(**MOVES[move], cut=6)
        steps = Motion(FrameCache(shot), shot.size).steps(4, 8)
        assert [step.cut for step in steps] == [False, True, False, False]

    class Hard(Moving):
        def frames(self, i0: int, i1: int) -> np.ndarray:
            rng = np.random.default_rng(i0)
            found = super().frames(i0, i1) * (0.8 + 0.2 * (i0 % 2))
            return np.clip(found + rng.normal(0, 0.015, found.shape), 0, 1).astype(np.float32)

    hard = Hard(x=5, y=3, zoom=1.03, angle=2)
    assert not any(step.cut for step in Motion(FrameCache(hard), hard.size).steps(0, 6))


def test_flow_is_kept_small_and_is_enlarged_with_its_vectors() -> None:
    shot = Moving((1280, 720), x=8)
    motion = Motion(FrameCache(shot), shot.size, shot.flows)
    assert motion.size == (LONGER, LONGER * 9 // 16)
    (step,) = motion.steps(0, 1)
    assert np.abs(resized_flow(step.back.flow, (1280, 720)) - shot.flow()).max() < 0.01
    assert not shot.asked


def test_steps_are_the_same_whenever_they_are_asked_for() -> None:
    shot = Moving((96, 54), **MOVES["all"])
    whole = Motion(FrameCache(shot), shot.size).steps(0, 6)
    for i in (5, 2, 0):
        (step,) = Motion(FrameCache(shot), shot.size).steps(i, i + 1)
        assert np.array_equal(step.back.flow, whole[i].back.flow)
        assert np.array_equal(step.ahead.confidence, whole[i].ahead.confidence)


def test_threads_of_opencv_change_nothing() -> None:
    shot = Moving(x=2, angle=1)
    before = cv2.getNumThreads()
    found = []
    try:
        for n in (1, 2, 5):
            cv2.setNumThreads(n)
            found.append(Motion(FrameCache(shot), shot.size).steps(0, 1)[0].back.flow)
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])
