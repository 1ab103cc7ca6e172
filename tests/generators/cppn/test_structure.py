"""Fine structure goes with the world, comes in as the camera comes near, and never aliases."""

from typing import Any

import numpy as np
import pytest

from avwalk.arrays.colour import LUMA
from avwalk.generators.cppn.generator import TARGETS, Cppn
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.structure import STRUCTURES, octaves
from avwalk.generators.cppn.world import Geometry, World
from tests.generators.cppn.test_generator import drive, walk

KINDS = sorted(set(STRUCTURES) - {"none"})
BARE: dict[str, Any] = {"grain_amount": 0, "bloom_amount": 0, "vignette_amount": 0}


def numbers(world: World, topology: int, kind: str, **moved: float) -> np.ndarray:
    params = {name: target.default for name, target in TARGETS.items()}
    params |= {name.replace("_", ".", 1): value for name, value in moved.items()}
    return octaves(STRUCTURES[kind], 1.0, params, world, topology)


def phases(n: np.ndarray, u: float, v: float) -> tuple[np.ndarray, np.ndarray]:
    """Of the coarser and the finer octave at a place of the pattern, turns, as the kernel has them."""
    n = n.astype(np.float64)
    p, q = n[0] * u + n[1] * v + n[3], n[4] * u + n[5] * v + n[6]
    return np.array([p, q]), np.array([n[11] * (n[7] * p + n[8] * q) + n[9], n[11] * (n[7] * q - n[8] * p) + n[10]])


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs((a - b + 0.5) % 1.0 - 0.5).max())


@pytest.mark.parametrize("kind", KINDS)
def test_the_finer_octave_becomes_the_coarser_without_a_jump(kind: str) -> None:
    world, step = World.from_seed(3, 0, Geometry(16 / 9)), np.log2(2.4)
    for number in (-2, 0, 1, 3):
        before, after = (
            numbers(world, layout.RELIEF, kind, camera_depth=float((number + 0.5) * step + e)) for e in (-1e-6, 1e-6)
        )
        assert before[13] > 0.999 and after[12] > 0.999 and before[12] < 1e-3 > after[13]
        for u, v in ((0.0, 0.0), (1.3, -0.7), (-0.4, 0.9)):
            assert apart(phases(before, u, v)[1], phases(after, u, v)[0]) < 2e-3


def test_marks_meet_themselves_around_a_centre() -> None:
    world = World.from_seed(3, 0, Geometry(16 / 9))
    for kind in KINDS:
        for zoom in (0.6, 1.0, 1.9):
            n = numbers(world, layout.TUNNEL, kind, camera_zoom=zoom)
            around = np.array([n[1], n[5]]) * layout.TURN
            np.testing.assert_allclose(around, np.round(around), atol=1e-3)


def test_around_a_centre_there_is_no_seam() -> None:
    generator = Cppn((320, 180), 3, topology="tunnel", structure="engraved", accent=0.0)
    frame = generator.draw(drive(walk(1), **BARE))[0] @ LUMA
    px, _ = 2 / np.sqrt(320 * 180 * 9 / 16), None
    x, y = generator._world.focus(layout.TUNNEL)
    row, column = round(y / px + 89.5), round(x / px + 159.5)
    steps = np.abs(np.diff(frame, axis=0))[:, : column - 12]
    assert steps[row - 1 : row + 1].mean() < 2.5 * steps[row - 12 : row + 12].mean()


@pytest.mark.parametrize("topology", ["relief", "void", "weave"])
def test_it_goes_with_the_world(topology: str) -> None:
    """A camera that moves by whole nodes of the grid shows the same picture, moved."""
    made, plain = (
        Cppn((320, 180), 3, topology=topology, structure=kind, structure_size=2.0, rest=1.0)
        for kind in ("engraved", "none")
    )
    canvas = made._canvas
    nodes = 8 * canvas.step
    still, moved = (made.draw(drive(walk(1), camera_x=x, **BARE))[0] for x in (0.0, nodes * float(canvas.px)))
    bare = plain.draw(drive(walk(1), **BARE))[0]
    same = np.abs(moved[:, :-nodes] - still[:, nodes:])[8:-8, 24:-24].mean()
    of_it = np.abs(still - bare).mean()
    assert of_it > 2e-3
    if topology != "void":  # whose backdrop stands on the screen
        assert same < 0.1 * of_it


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_in_as_the_camera_comes_near(kind: str) -> None:
    made, plain = (
        Cppn((192, 108), 3, topology="relief", structure=each, structure_size=2.0, rest=1.0) for each in (kind, "none")
    )

    def shown(zoom: float) -> float:
        given = drive(walk(1), camera_zoom=zoom, **BARE)
        return float(np.abs(made.draw(given) - plain.draw(given)).mean())

    assert shown(3.0) > 0.5 / 255 < shown(1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_what_would_alias_is_not_there(kind: str) -> None:
    fine, plain = (Cppn((96, 54), 3, topology="relief", structure=each, structure_size=0.25) for each in (kind, "none"))
    given = drive(walk(1), camera_zoom=0.5, **BARE)
    assert np.abs(fine.draw(given) - plain.draw(given)).mean() < 0.5 / 255


def test_relief_is_how_deep_it_is() -> None:
    made, plain = (Cppn((192, 108), 3, topology="relief", structure=each) for each in ("hammered", "none"))
    wanted = plain.draw(drive(walk(1), **BARE))
    found = [float(np.abs(made.draw(drive(walk(1), material_relief=r, **BARE)) - wanted).mean()) for r in (0, 0.5, 2)]
    assert found[0] < found[1] < found[2]
