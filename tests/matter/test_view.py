"""The camera of matter is that of the generator; mirrors of the world are those of the picture."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.contracts import Drive, Perspective
from avwalk.frames.matter import _colours
from avwalk.generators.cppn.generator import TARGETS, Cppn
from avwalk.generators.cppn.kernels import shade_slots as slots
from avwalk.matter import primitives
from avwalk.matter.kernels import draw_strokes, new_buffers
from avwalk.matter.layer import draw_matter
from avwalk.matter.view import SHAPES, View, images_of
from tests.matter.births import births_of

ONE = np.ones((1, 3))
PLACE = np.array([0.5]), np.array([0.15])


def dot(x: float, y: float, half: float = 0.01) -> primitives.Layer:
    at = np.array([x]), np.array([y])
    return primitives.strokes(at, at, (half, half), ONE, 1.0)


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (100, 100)])
@pytest.mark.parametrize("topology", ["relief", "tunnel", "horizon"])
@pytest.mark.parametrize(
    "camera",
    [{}, {"camera.zoom": 1.7, "camera.x": 0.2, "camera.y": -0.1, "camera.angle": 25.0}, {"camera.angle": -70.0}],
)
def test_the_focus_of_the_world_is_where_the_generator_sees_it(
    size: tuple[int, int], topology: str, camera: dict[str, float]
) -> None:
    generator = Cppn(size, 5, topology=topology)
    params = {name: target.default for name, target in TARGETS.items()} | camera
    spot = generator._material.frame_vector(params, generator._world, generator._canvas.px)[slots.SPOT : slots.SPOT + 2]
    columns, rows = generator._canvas.columns[: size[0]], generator._canvas.rows
    wanted = [float(np.interp(s, at, np.arange(len(at)))) for s, at in zip(spot, (columns, rows), strict=True)]
    if not all(0 < w < n - 1 for w, n in zip(wanted, size, strict=True)):
        pytest.skip("it is not in the picture")
    view = View(size, *(params[f"camera.{name}"] for name in ("zoom", "x", "y", "angle")))
    placed = view.place("stroke", dot(*generator.perspective.focus).rows, 0)
    assert placed[0, :2] == pytest.approx(wanted, abs=0.01)
    assert placed[0, 4] == pytest.approx(0.01 * params["camera.zoom"] / generator._canvas.px, rel=1e-4)
    picture = np.zeros((size[1], size[0] * 3), np.float32)
    draw_strokes(picture, new_buffers(size[0]), placed)
    light = picture.reshape(size[1], size[0], 3)[..., 0]
    y, x = np.mgrid[: size[1], : size[0]]
    middle = (light * x).sum() / light.sum(), (light * y).sum() / light.sum()
    assert middle == pytest.approx(wanted, abs=0.3)


@pytest.mark.parametrize("n", [0, 1, 3, 6])
def test_mirrors_make_a_group_of_images(n: int) -> None:
    group = images_of(n)
    assert len(group) == max(1, 2 * n)
    assert np.linalg.det(group) == pytest.approx([1, -1] * n or [1]), "every other one is a reflection"
    for a in group:
        assert a @ a.T == pytest.approx(np.eye(2))
        for b in group:
            assert any(np.allclose(a @ b, c) for c in group)


def flipped(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return picture[:, ::-1]


@pytest.mark.parametrize(
    "layer",
    [
        dot(0.4, 0.3),
        primitives.rings(PLACE, np.array([0.3]), 0.02, ONE, 1.0, squash=0.6, uneven=0.8, wobble=0.1),
        primitives.leaves(PLACE, np.array([0.3]), np.array([0.1]), np.array([0.7]), ONE, 1.0),
        primitives.polygons(np.array([[[0.2, 0.1], [0.7, 0.2], [0.4, 0.6]]]), ONE, 1.0, slope=(0.5, -0.4)),
        primitives.inks(PLACE, np.array([0.3]), 0.2 * ONE, 1.5, swirl=0.5, phase=1.0),
    ],
    ids=lambda layer: layer.shape,
)  # fmt: skip
def test_the_other_side_of_a_mirror_is_its_image(layer: primitives.Layer) -> None:
    width, height = 161, 90
    rows = View((width, height), 1, 0, 0, 0).place(layer.shape, layer.rows, 1)
    picture = np.full((height, width * 3), 0.5, np.float32)
    SHAPES[layer.shape].draw(picture, new_buffers(width), rows)
    seen = picture.reshape(height, width, 3)
    assert (seen != 0.5).any()
    # ink is computed on a grid of pixels, which no mirror turns
    assert np.abs(seen - flipped(seen)).max() < (0.05 if layer.shape == "ink" else 2e-3)


@pytest.mark.parametrize("species", ["spark", "shard", "petal", "flake", "ray", "ring"])
def test_a_scene_in_a_mirror_is_symmetric(species: str) -> None:
    picture = np.full((1, 90, 161, 3), 0.3, np.float32)
    params = {"cppn.phase": np.zeros(1, np.float32), "light.azimuth": np.full(1, 90, np.float32)}  # from above
    drive = Drive(6, np.zeros((1, 1), np.float32), params, Fraction(30), 1, births=births_of(species, count=5))
    seen = draw_matter(picture, drive, Perspective("plane", (0.0, 0.1), 0.0, 1), _colours("ember"))[0]
    assert (seen != np.float32(0.3)).any()
    apart = np.abs(seen - flipped(seen))
    if species in ("ring", "petal", "flake", "shard"):  # shadows fall to one side, and a wave is uneven
        assert apart.mean() < 0.02
    else:
        assert apart.max() < 2e-3


def test_a_turn_of_the_camera_turns_the_picture() -> None:
    level, turned = (View((90, 90), 1, 0, 0, angle) for angle in (0, 90))
    a = level.place("stroke", dot(0.5, 0.2).rows, 0)[0, :2] - 44.5
    b = turned.place("stroke", dot(0.5, 0.2).rows, 0)[0, :2] - 44.5
    assert b == pytest.approx([a[1], -a[0]], abs=1e-4)
    assert math.hypot(*a) == pytest.approx(math.hypot(*b), rel=1e-5)
