from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from avwalk.restyle.restyled import Restyled
from avwalk.restyle.schedule import Schedule
from tests.restyle.moving import MOVES, Moving, Painter

N = 17


def restyled(scene: Moving, painter: Any, every: int = 4, n: int = N, **options: Any) -> Restyled:
    schedule = Schedule(0, n, every, options.pop("cuts", ()))
    return Restyled(scene, painter, schedule, size=scene.size, drive=scene.drive, seed=1, **options)


def error(scene: Moving, **options: Any) -> float:
    """Mean distance from every frame painted."""
    painter = Painter(scene)
    got = restyled(scene, painter, **options).frames(0, N)
    want = [painter.painted(frame, i) for i, frame in enumerate(scene.frames(0, N))]
    return float(np.mean([np.abs(g - w).mean() for g, w in zip(got, want, strict=True)]))


@pytest.mark.parametrize("move", MOVES)
def test_carrying_is_nearer_the_truth_than_fading_and_fading_than_holding(move: str) -> None:
    scene = Moving(**MOVES[move])
    exact = error(scene, flows=scene.flows)
    optical, fade, hold = error(scene), error(scene, between="fade"), error(scene, between="hold")
    print(f"{move}: exact {exact:.4f} optical {optical:.4f} fade {fade:.4f} hold {hold:.4f}")
    assert exact < 0.25 * fade
    assert optical < 0.6 * fade
    assert fade < 0.9 * hold
