"""Random numbers of a swarm, and where the world takes what was born: as the generator's own flow says."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.contracts import Birth, Drive, Perspective
from avwalk.generators.cppn.generator import TARGETS, Cppn
from avwalk.matter.swarm import Scene, Swarm

PLANE = Perspective()


def birth(frame: int = 0, seed: int = 7, count: int = 4, *, phase: float = 0.0, depth: float = 0.0) -> list[float]:
    return list(Birth(frame, 60, 0, count, 0.8, seed, 0.5, phase, depth))


def swarm(births: list[list[float]], frame: int = 10, perspective: Perspective = PLANE, **more: float) -> Swarm:
    scene = Scene(frame, 30.0, more.get("phase", 0.0), more.get("depth", 0.0), 1.0, perspective)
    return Swarm(np.array(births), scene)


def test_a_piece_has_the_same_numbers_whatever_else_is_there() -> None:
    alone = swarm([birth(3, 99)])
    among = swarm([birth(0, 5, 7), birth(3, 99), birth(4, 1, 2)])
    own = slice(7, 11)
    for purpose in (0, 1, 40):
        assert np.array_equal(alone.random(purpose), among.random(purpose)[own])
        assert np.array_equal(alone.of_birth(purpose), among.of_birth(purpose)[own])
    assert np.array_equal(alone.k, [0, 1, 2, 3]) and np.array_equal(among.k[own], alone.k)
    later = swarm([birth(3, 99)], frame=50)
    assert np.array_equal(alone.random(2), later.random(2)), "nor when"


def test_numbers_differ_by_birth_piece_and_purpose_and_are_even() -> None:
    many = swarm([birth(0, seed, 64) for seed in range(400)])
    drawn = np.stack([many.random(purpose) for purpose in range(4)])
    assert len(np.unique(drawn)) == drawn.size
    assert drawn.min() >= 0 and drawn.max() < 1
    assert drawn.mean(axis=1) == pytest.approx(0.5, abs=0.01)
    assert np.histogram(drawn, 10, (0, 1))[0] == pytest.approx(drawn.size / 10, rel=0.05)
    assert np.abs(np.corrcoef(drawn) - np.eye(4)).max() < 0.03
    assert np.array_equal(many.signed(1), 2 * many.random(1) - 1)
    assert len(np.unique(many.of_birth(1))) == 400


def test_ages_are_seconds_and_shares_of_a_life() -> None:
    p = swarm([birth(4)], frame=19)
    assert p.age == pytest.approx(0.5) and p.u == pytest.approx(0.25)
    assert p.size == pytest.approx(0.55 + 0.45 * 0.8)


def flowed(generator: Cppn, before: dict[str, float], now: dict[str, float]) -> NDArray[np.float32]:
    """Flow of the second of two frames: what is at p now was at p + flow before."""
    rows = [{name: target.default for name, target in TARGETS.items()} | each for each in (before, now)]
    params = {name: np.array([row[name] for row in rows], np.float32) for name in TARGETS}
    drive = Drive(0, np.zeros((2, Cppn.latent_dim), np.float32), params, Fraction(30), 1)
    return np.asarray(generator.passes(drive, ["flow"])["flow"][1], np.float32)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"topology": "relief"}, "plane"),
        ({"topology": "void", "map": "polar"}, "bore"),
        ({"topology": "tunnel"}, "bore"),
        ({"topology": "horizon"}, "ground"),
    ],
)
@pytest.mark.parametrize(
    "moved", [{"cppn.phase": 0.05}, {"camera.depth": 0.03}, {"cppn.phase": 0.03, "camera.depth": 0.02}]
)
def test_matter_goes_as_the_world_does(options: dict[str, Any], kind: str, moved: dict[str, float]) -> None:
    width, height = 160, 90
    generator = Cppn((width, height), 3, **options)
    perspective = generator.perspective
    assert perspective.kind == kind
    born = {"cppn.phase": 0.4, "camera.depth": 0.2}
    now = {name: born[name] + moved.get(name, 0.0) for name in born}
    back = flowed(generator, born, now)
    p = swarm(
        [birth(0, 1, 1, phase=born["cppn.phase"], depth=born["camera.depth"])],
        perspective=perspective, phase=now["cppn.phase"], depth=now["camera.depth"],
    )  # fmt: skip
    px, middle = 2 / height, np.array([width / 2 - 0.5, height / 2 - 0.5])
    compared = 0
    for x, y in ((30, 70), (120, 62), (20, 20), (140, 80), (80, 75)):
        dx, dy = back[y, x]
        before = (np.array([x + dx, y + dy]) - middle) * px
        if kind == "ground" and (y - middle[1]) * px - perspective.level < 0.12:
            continue  # a lens keeps the generator's ground from vanishing at the horizon
        if kind == "bore" and np.hypot(*(before - np.array(perspective.focus))) < 0.5:
            continue  # likewise at the end of the tunnel
        found = p.carry(np.array(before[:1]), np.array(before[1:]))
        wanted = (np.array([x, y]) - middle) * px
        assert np.concatenate(found[:2]) == pytest.approx(wanted, abs=0.012), (x, y)
        compared += 1
    assert compared >= 2


def test_what_is_carried_grows_as_it_comes_near() -> None:
    p = swarm([birth(count=1)], depth=1.0)
    assert p.carry(np.array([0.4]), np.array([0.1]))[2] == pytest.approx(2.0)
    ground = Perspective("ground", (0.0, -0.2), 0.1)
    x, y, near = swarm([birth(count=2)], perspective=ground, phase=0.5).carry(
        np.array([0.2, 0.2]), np.array([0.3, -0.3])
    )
    assert near[0] > 1 and y[0] > 0.3 and x[0] > 0.2
    assert near[1] == 1 and (x[1], y[1]) == pytest.approx((0.2, -0.3)), "the sky stays"
    gone = swarm([birth(count=1)], perspective=ground, phase=50.0).carry(np.array([0.2]), np.array([0.5]))
    assert gone[2] == 0, "it is behind the viewer"


def test_a_drift_neither_gathers_nor_thins_out() -> None:
    """The divergence of what follows a curl is 0."""
    p = swarm([birth(0, 1, 1)], frame=30)
    e = 1e-4
    for x, y in np.random.default_rng(2).uniform(-1, 1, (20, 2)):
        right, left = (p.drift(np.array([x + s * e]), np.array([y]), 0.3)[0][0] for s in (1, -1))
        down, up = (p.drift(np.array([x]), np.array([y + s * e]), 0.3)[1][0] for s in (1, -1))
        assert (right - left) / (2 * e) - 1 + (down - up) / (2 * e) - 1 == pytest.approx(0, abs=1e-6)
        assert abs(p.drift(np.array([x]), np.array([y]), 0.3)[0][0] - x) < 0.5
