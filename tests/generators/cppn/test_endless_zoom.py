import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.generators.cppn.endless_zoom import WARPS, WAVES, at_depth, ladder_state
from avwalk.generators.cppn.generator import Cppn
from avwalk.generators.cppn.material import TOPOLOGIES
from tests.generators.cppn.test_generator import drive, fields, walk

SIZE = (160, 90)
OPTIONS = [(name, "plane") for name in sorted(TOPOLOGIES)] + [(name, "polar") for name in ("relief", "void", "weave")]
_made: dict[tuple[str, str], Cppn] = {}


def made(topology: str, around: str) -> Cppn:
    if (topology, around) not in _made:
        _made[topology, around] = Cppn(SIZE, 3, topology=topology, accent=0.0, map=around)
    return _made[topology, around]


def dive(generator: Cppn, depths: Sequence[float], **more: Any) -> np.ndarray:
    z = np.repeat(walk(1), len(depths), axis=0)
    return generator.draw(drive(z, camera_depth=np.asarray(depths, np.float32), grain_amount=0, **more))


@pytest.mark.parametrize(("topology", "around"), OPTIONS)
def test_a_dive_does_not_jump_where_one_octave_takes_the_place_of_the_next(topology: str, around: str) -> None:
    # a jump stays as large when the step is a hundredth; a movement becomes a hundredth
    step = 0.01
    generator, wraps = made(topology, around), [0.0]
    for ladder in (WAVES.ratio, WARPS.ratio, 1.8):
        wraps += [k * math.log2(ladder) for k in (-2, -1, 1, 2, 7)]
    wraps += [float(x) for x in (0.5, 1.7, -1.3, -0.5)]  # masses are born here
    for wrap in wraps:
        wide = dive(generator, [wrap - step, wrap + step])
        near = dive(generator, [wrap - step / 100, wrap + step / 100])
        assert np.abs(near[1] - near[0]).mean() < 0.1 * np.abs(wide[1] - wide[0]).mean() + 1e-5, wrap


@pytest.mark.parametrize(("topology", "around"), OPTIONS)
def test_a_dive_goes_on_for_ever_and_does_not_come_back(topology: str, around: str) -> None:
    if (topology, around) == ("weave", "polar"):
        pytest.skip("a wallpaper around a centre is the same after each ring")
    frames = dive(made(topology, around), [0.0, 3.0, 40.0, 300.0, -25.0])
    assert np.isfinite(frames).all() and frames.std(axis=(1, 2, 3)).min() > 0.01
    for a in range(len(frames)):
        for b in range(a):
            assert np.abs(frames[a] - frames[b]).mean() > 0.005, (a, b)


@pytest.mark.parametrize(("topology", "around"), OPTIONS)
def test_a_dive_goes_inwards(topology: str, around: str) -> None:
    generator, step = made(topology, around), 0.03
    if topology in ("horizon", "weave"):
        pytest.skip("the ground comes nearer, cells grow: neither is a zoom of the picture")
    x, y = generator._world.focus(TOPOLOGIES[topology])
    centre = np.array([x, y]) * SIZE[1] / 2 + np.array(SIZE) / 2 - 0.5

    def change(before: np.ndarray, after: np.ndarray, scale: float) -> float:
        matrix = np.array([[scale, 0, (1 - scale) * centre[0]], [0, scale, (1 - scale) * centre[1]]])
        moved = np.stack([cv2.warpAffine(field, matrix, SIZE, flags=cv2.INTER_CUBIC) for field in before])
        return float(np.abs(moved - after)[:, 6:-6, 6:-6].mean())

    shares = []
    for depth in (1.0, 2.2, 3.7, 5.3, -2.6):
        before, after = (fields(generator, walk(1)[0], camera_depth=d)[[0, 3]] for d in (depth, depth + step))
        shares.append(change(before, after, 2**step) / change(before, after, 2**-step))
    least = 0.85 if topology == "nave" else 0.75  # what is near comes faster there than what is far
    assert np.median(shares) < least and max(shares) < 1, shares


def test_at_rest_nothing_is_touched() -> None:
    world = made("relief", "plane")._world
    assert at_depth(world, 0.0, TOPOLOGIES["relief"]) is world
    assert np.array_equal(at_depth(world, 1e-6, TOPOLOGIES["relief"]).net, world.net)
    for topology in ("tunnel", "horizon"):
        assert at_depth(world, 3.0, TOPOLOGIES[topology]) is world


@pytest.mark.parametrize("depth", np.linspace(-9, 9, 41))
def test_whoever_comes_or_goes_has_no_weight(depth: float) -> None:
    now = ladder_state(float(depth), WAVES, 6)
    step = math.log2(WAVES.ratio)
    assert np.array_equal(np.diff(now.kinds), np.ones(5)) and np.allclose(np.diff(now.levels), 1)
    assert np.allclose(now.levels * step, now.kinds * step - depth)
    later = ladder_state(float(depth) + 1e-6, WAVES, 6)
    for a, b in ((now, later), (later, now)):
        gone = ~np.isin(a.kinds, b.kinds)
        assert np.all((a.coarse * a.fine)[gone] < 1e-4) or depth == 0
    rest = ladder_state(0.0, WAVES, 6)
    assert np.all(rest.coarse * rest.fine == 1) and np.array_equal(rest.kinds, np.arange(6))


@pytest.mark.parametrize("topology", ["relief", "void", "ink", "weave"])
def test_a_dive_can_be_drawn_at_any_frame(topology: str) -> None:
    generator = made(topology, "plane")
    depths = [0.3, 1.2, 2.9, 7.7]
    whole = dive(generator, depths)
    for k, depth in enumerate(depths):
        assert np.array_equal(dive(generator, [depth])[0], whole[k])
