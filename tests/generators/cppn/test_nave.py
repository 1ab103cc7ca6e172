"""Nave: rays through the periodic surface, and what time, camera and music do to it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from avwalk.generators.cppn import nave
from avwalk.generators.cppn.generator import TARGETS, Cppn, rows_of
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import marching
from avwalk.generators.cppn.raster import draw_form
from avwalk.generators.cppn.world import Geometry, World
from tests.generators.cppn.test_generator import drive, walk

SIZE = (320, 180)
REST = {name: target.default for name, target in TARGETS.items()}


def surface(place: np.ndarray, x: np.ndarray, y: np.ndarray, t: np.ndarray) -> np.ndarray:
    """F − h at distance t of rays in directions x and y, by numpy."""
    tau = 2 * math.pi
    across, pace, (bx, by) = place[marching.ACROSS], place[marching.PACE], place[marching.BEND : marching.BEND + 2]
    g, w = place[marching.GYROID], place[marching.WEIGHT]
    a, b = tau * across * t * (x + bx * t), tau * across * t * (y + by * t)
    c = tau * (place[marching.ALONG] + pace * t)
    gyroid = np.sin(a) * np.cos(b) + np.sin(b) * np.cos(c) + np.sin(c) * np.cos(a)
    return np.asarray(np.cos(a) + np.cos(b) + w * np.cos(c) + g * gyroid - place[marching.LEVEL])


@pytest.mark.parametrize("seed", [1, 2, 6])
def test_rays_end_on_the_surface_and_not_beyond(seed: int) -> None:
    generator = Cppn(SIZE, seed, topology="nave")
    canvas = generator._canvas
    fields = draw_form(canvas, generator._world, generator._material, walk(1)[0], rows_of({}, 1)[0])
    place, way = fields[layout.N_PLANES, 0], np.exp(-fields[0])
    wide, (to_x, to_y) = place[marching.WIDE], place[marching.VANISH : marching.VANISH + 2]
    x, y = (canvas.node_columns[None] - to_x) * wide, (canvas.node_rows[:, None] - to_y) * wide
    near = (way < 0.95 * float(marching.FARTHEST)) & (way > 1.01 * float(marching.START))
    assert near.mean() > 0.5
    assert np.percentile(np.abs(surface(place, x, y, way))[near], 90) < 0.1
    for share in (0.3, 0.6, 0.9):  # all the way there it is open
        assert np.percentile(surface(place, x, y, share * way)[near], 2) > -0.05


@pytest.mark.parametrize("seed", range(8))
def test_the_middle_of_the_way_is_always_open(seed: int) -> None:
    world = Cppn((32, 18), seed, topology="nave")._world
    for latent in 3 * walk(20, seed):
        for height in (0.0, 1.0, 3.0):
            place = nave.place_of(world, latent, REST | {"cppn.height": height})
            g, w = place[marching.GYROID], place[marching.WEIGHT]
            assert 2 - math.hypot(g, w) - place[marching.LEVEL] > 0.3


def test_the_music_opens_it_carries_along_it_and_bends_it() -> None:
    world, z = Cppn((32, 18), 1, topology="nave")._world, walk(1)[0]
    rest = nave.place_of(world, z, REST)
    assert nave.place_of(world, z, REST | {"cppn.height": 1.3})[marching.LEVEL] < rest[marching.LEVEL]
    step = nave.place_of(world, z, REST | {"cppn.phase": 0.5})[marching.ALONG] - rest[marching.ALONG]
    assert step == pytest.approx(0.08, abs=1e-3)
    assert nave.place_of(world, z, REST | {"cppn.phase": 1e6})[marching.ALONG] < 1
    straight = nave.place_of(world, z, REST | {"cppn.warp": 0.0})
    assert not straight[marching.BEND : marching.BEND + 2].any() and rest[marching.BEND : marching.BEND + 2].any()


def test_a_dive_has_no_end_and_no_seam() -> None:
    generator = Cppn(SIZE, 2, topology="nave", accent=0.0)
    z = np.repeat(walk(1), 2, axis=0)
    for depth in (2.0, 300.0):  # a whole number of cells, where the way begins anew
        a, b = generator.draw(drive(z, camera_depth=[depth - 0.002, depth + 0.002], grain_amount=0))
        assert 0 < np.abs(a - b).mean() < 0.02


def test_edges_are_as_sharp_as_pixels() -> None:
    quiet: dict[str, Any] = {"grain_amount": 0.0, "bloom_amount": 0.0, "vignette_amount": 0.0}
    frame = Cppn((640, 360), 3, topology="nave", accent=0.0).draw(drive(walk(1), **quiet))[0].mean(axis=2)
    steps = np.abs(np.diff(frame, axis=1))
    assert np.percentile(steps, 99.5) > 0.1


@pytest.mark.parametrize("seed", [1, 4])
def test_a_quarter_of_the_way_is_a_quarter_of_the_change(seed: int) -> None:
    generator = Cppn(SIZE, seed, topology="nave", accent=0.0)
    z = np.repeat(walk(1), 5, axis=0)
    change = []
    for step in (0.02, 0.005):
        frames = generator.draw(drive(z, cppn_phase=step * np.arange(5), grain_amount=0))
        change.append(np.abs(np.diff(frames, axis=0)).mean())
    assert change[1] < 0.45 * change[0]


def test_a_mirrored_nave_is_symmetric() -> None:
    generator = Cppn((161, 91), 2, topology="nave", symmetry="mirror", accent=0.0)
    canvas = generator._canvas
    fields = draw_form(canvas, generator._world, generator._material, walk(1)[0], rows_of({}, 1)[0])
    way = fields[0, 1:92, 1:162]
    assert np.median(np.abs(way - way[:, ::-1])) < 1e-3


def test_worlds_differ_in_form() -> None:
    geometry = Geometry(16 / 9)
    forms = [nave.form_of(World.from_seed(seed, 0, geometry)) for seed in range(20)]
    assert {form.gyroid > 0 for form in forms} == {True, False} and len({form.bands for form in forms}) > 2
    assert np.ptp([form.level for form in forms]) > 0.3
