"""Children look like their parents: measured on thumbnails, against worlds that have nothing to do with each other."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from avwalk.contracts import Drive, Lineage
from avwalk.errors import OptionError
from avwalk.generators.cppn.breeding import BENDING, PLACE, bred, varied
from avwalk.generators.cppn.generator import TARGETS, Cppn
from avwalk.generators.cppn.material import TOPOLOGIES
from avwalk.generators.cppn.world import LATENT_DIM, Geometry, World

SEEDS = range(5)
_worlds: dict[int, World] = {}


def world(seed: int) -> World:
    if seed not in _worlds:
        _worlds[seed] = World.from_seed(seed, 0, Geometry(16 / 9))
    return _worlds[seed]


def seen(topology: str, seed: int, parents: tuple[int, ...] = (), variation: float = 0.3) -> np.ndarray:
    """Thumbnails of a world at six places of its latent space, while it streams."""
    z = np.random.default_rng(5).standard_normal((6, LATENT_DIM))
    z *= 0.7 * np.sqrt(LATENT_DIM) / np.linalg.norm(z, axis=1)[:, None]
    params = {name: np.full(6, target.default, np.float32) for name, target in TARGETS.items()}
    params["cppn.phase"] = np.linspace(0, 4.5, 6, dtype=np.float32)
    generator = Cppn((320, 180), seed, topology=topology, parents=[Lineage(p) for p in parents], variation=variation)
    return generator.thumbnails(Drive(0, z.astype(np.float32), params, Fraction(30), 1))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).mean())


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_children_are_near_their_parents(topology: str) -> None:
    alone = [seen(topology, seed) for seed in SEEDS]
    strangers = np.mean([apart(a, b) for a, b in combinations(alone, 2)])
    far = [apart(seen(topology, child, (seed,)), alone[seed]) / strangers for seed in (0, 1) for child in (1, 2)]
    most = 0.62 if topology == "coral" else 0.5  # ridges are all edges, and branch elsewhere
    # measured: 0.24 to 0.43 by topology, single ones to 0.53; coral 0.56, single ones to 0.65
    assert np.mean(far) < most and max(far) < most + 0.12, far
    assert min(far) > 0.05, "something new"
    children = [(seen(topology, child, pair), pair) for pair in ((0, 1), (1, 0)) for child in (1, 2)]
    for parent in (0, 1):
        usual = np.mean([apart(alone[parent], alone[k]) for k in SEEDS if k != parent])
        found = np.mean([apart(pictures, alone[parent]) for pictures, _ in children])
        assert found < usual, f"parent {parent}: {found / usual:.2f}"


def test_nothing_varied_is_the_parent_itself() -> None:
    np.testing.assert_array_equal(seen("relief", 9, (3,), 0.0), seen("relief", 3))
    np.testing.assert_array_equal(seen("relief", 9, (3,), 0.3), seen("relief", 9, (3,), 0.3))


def test_a_bred_world_has_its_organs_whole_from_its_parents() -> None:
    for k in range(8):
        child = bred([world(0), world(1), world(2)], np.random.default_rng(k))
        assert child.net is world(0).net and child.waves is world(0).waves
        bending = [d for d in (1, 2) if all(getattr(child, name) is getattr(world(d), name) for name in BENDING)]
        place = [d for d in (1, 2) if all(getattr(child, name) is getattr(world(d), name) for name in PLACE)]
        assert len(bending) == len(place) == 1 and bending != place
    child = bred([world(0), world(1)], np.random.default_rng(0))
    assert child.warps is world(1).warps and child.balls is world(1).balls


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_variation_keeps_its_contrast_its_frequencies_and_its_movement(share: float) -> None:
    a, b = world(0), world(1)
    child = varied(a, b, share)
    for name in ("net", "bias", "bias_z"):
        sizes = [float(np.linalg.norm(getattr(w, name))) for w in (a, b, child)]
        assert min(sizes[:2]) * 0.99 <= sizes[2] <= max(sizes[:2]) * 1.01, name
    np.testing.assert_allclose(np.hypot(*child.waves[:, :2].T), np.hypot(*a.waves[:, :2].T))
    for name in ("waves_rate", "warps_rate", "balls_rate", "bright", "helix"):
        assert np.array_equal(getattr(child, name), getattr(a, name)), name
    assert np.sign(child.subject[0]) == np.sign(a.subject[0]) and abs(child.subject[0]) > 0.3
    if share == 1.0:
        np.testing.assert_allclose(child.net, b.net, atol=1e-6)


def test_how_far_is_checked() -> None:
    with pytest.raises(OptionError, match="variation 2 is out of range"):
        Cppn((32, 18), 1, parents=[Lineage(0)], variation=2.0)
