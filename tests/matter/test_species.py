"""What holds of every species."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.config.matter import MAX_COUNT, NUMBERS, SPAWNS, SPECIES
from avwalk.contracts import Drive, Frames, Perspective
from avwalk.frames.matter import _colours
from avwalk.matter.layer import draw_matter
from avwalk.matter.species import BY_NUMBER, DRAW
from avwalk.matter.swarm import Scene, Swarm
from avwalk.matter.view import SHAPES
from tests.matter.births import births_of

PERSPECTIVES = {
    "plane": Perspective("plane", (0.2, -0.1)),
    "mirrored": Perspective("plane", (0.0, 0.0), 0.0, 6),
    "bore": Perspective("bore", (0.1, 0.05), stream=(0.62, -0.1)),
    "ground": Perspective("ground", (0.3, -0.2), 0.1, 1),
}
SIZES = ((64, 36), (320, 180), (180, 320))
MOST_PRIMITIVES = 40  # a piece


def picture(size: tuple[int, int]) -> Frames:
    width, height = size
    y, x = np.mgrid[:height, :width]
    bands = [0.45 + 0.25 * np.sin(9 * x / width + k) * np.cos(7 * y / height) for k in range(3)]
    return np.stack(bands, axis=2).astype(np.float32)[None]


def drawn(
    births: NDArray[np.float64], i: int, perspective: Perspective = PERSPECTIVES["plane"],
    size: tuple[int, int] = (320, 180), **params: float,
) -> Frames:  # fmt: skip
    named = {"cppn.phase": 0.02 * i, "camera.depth": 0.005 * i} | {k.replace("_", "."): v for k, v in params.items()}
    rows = {name: np.full(1, value, np.float32) for name, value in named.items()}
    drive = Drive(i, np.zeros((1, 1), np.float32), rows, Fraction(30), 1, births=births)
    return draw_matter(picture(size), drive, perspective, _colours("ember"))


def test_all_that_can_be_spawned_is_drawn() -> None:
    assert list(DRAW) == list(SPECIES) == list(NUMBERS) == [name.removeprefix("spawn.") for name in SPAWNS]
    assert [DRAW[name] for name in SPECIES] == list(BY_NUMBER)
    assert all(species.beats > 0 and species.text for species in SPECIES.values())


@pytest.mark.parametrize("name", SPECIES)
@pytest.mark.parametrize("where", PERSPECTIVES)
def test_primitives_are_finite_at_every_age_and_not_too_many(name: str, where: str) -> None:
    births = births_of(name, count=MAX_COUNT)
    life = math.ceil(births[0, 1])
    for i in {0, 1, 2, life // 3, life // 2, life - 2, life - 1}:
        if i < 0:
            continue
        scene = Scene(i, 30.0, 0.02 * i, 0.005 * i, 1.0, PERSPECTIVES[where])
        layers = DRAW[name](Swarm(births, scene), _colours("ember"))
        assert sum(len(layer.rows) for layer in layers) <= MAX_COUNT * MOST_PRIMITIVES
        for layer in layers:
            assert layer.shape in SHAPES and np.isfinite(layer.rows).all(), (i, layer.shape)
            assert (layer.rows[:, -2] >= -1e-9).all() and (layer.rows[:, -2] <= 4).all(), "shares"


@pytest.mark.parametrize("name", SPECIES)
@pytest.mark.parametrize("where", PERSPECTIVES)
@pytest.mark.parametrize("size", SIZES)
def test_it_is_seen_on_the_frame_of_its_hit_and_gone_after_its_life(
    name: str, where: str, size: tuple[int, int]
) -> None:
    births, plain = births_of(name, 10), picture(size)
    end = 10 + math.ceil(births[0, 1])
    assert np.array_equal(drawn(births, 9, PERSPECTIVES[where], size), plain)
    first = drawn(births, 10, PERSPECTIVES[where], size)
    assert np.abs(first - plain).max() > 0.03
    assert np.array_equal(drawn(births, end, PERSPECTIVES[where], size), plain)
    for i in (10, (10 + end) // 2, end - 1):
        seen = drawn(births, i, PERSPECTIVES[where], size)
        assert np.isfinite(seen).all() and seen.min() >= 0 and seen.max() <= 1
    assert np.abs(drawn(births, end - 1, PERSPECTIVES[where], size) - plain).mean() < max(
        0.03, np.abs(first - plain).mean()
    )


@pytest.mark.parametrize("name", SPECIES)
def test_it_is_drawn_the_same_whatever_else_is_born(name: str) -> None:
    """Its primitives are the same bits; where nothing else is the picture is."""
    own = births_of(name, 5, seed=77)
    other = np.concatenate([births_of(name, 2, seed=3, count=5), own, births_of(name, 5, seed=4, count=9)])
    for i in (5, 9):
        scene = Scene(i, 30.0, 0.1, 0.02, 1.0, PERSPECTIVES["ground"])
        alone, among = (DRAW[name](Swarm(births, scene), _colours("ember")) for births in (own, other))
        own_rows, all_rows = (
            {(each.shape, row.tobytes()) for each in found for row in each.rows} for found in (alone, among)
        )
        assert own_rows and own_rows <= all_rows
    gone = births_of("ring", 0, seed=9) * np.array([1, 0, 1, 1, 1, 1, 1, 1, 1])
    assert np.array_equal(drawn(np.concatenate([gone, own]), 8), drawn(own, 8))


@pytest.mark.parametrize("name", SPECIES)
def test_opacity_0_is_nothing_and_size_is_size(name: str) -> None:
    births = births_of(name)
    assert np.array_equal(drawn(births, 2, matter_opacity=0.0), picture((320, 180)))
    small, large = (np.abs(drawn(births, 2, matter_size=s) - picture((320, 180))).sum() for s in (0.5, 1.5))
    assert small < large


def test_frames_of_a_batch_are_those_drawn_alone() -> None:
    births = np.concatenate([births_of(name, 3 * k) for k, name in enumerate(SPECIES)])
    births = births[np.argsort(births[:, 0], kind="stable")]
    n, size = 20, (64, 36)
    params = {"cppn.phase": np.linspace(0, 1, n, dtype=np.float32)}
    drive = Drive(10, np.zeros((n, 1), np.float32), params, Fraction(30), 1, births=births)
    together = draw_matter(np.repeat(picture(size), n, axis=0), drive, PERSPECTIVES["plane"], _colours("ember"))
    for k in (0, 7, 19):
        one = Drive(
            10 + k,
            np.zeros((1, 1), np.float32),
            {"cppn.phase": params["cppn.phase"][k : k + 1]},
            Fraction(30),
            1,
            births=births,
        )
        assert np.array_equal(draw_matter(picture(size), one, PERSPECTIVES["plane"], _colours("ember"))[0], together[k])
