"""Bodies in depth: what is seen of them, and how they turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.contracts import Perspective
from avwalk.generators.named_palettes import PALETTES
from avwalk.generators.palette import TABLE_SIZE, accent_colour, ramp_table
from avwalk.matter.colours import Colours
from avwalk.matter.solids import CRYSTAL, CUBE, ICOSAHEDRON, ICOSAHEDRON_EDGES, Solid, solid, turns, wire
from avwalk.matter.swarm import Scene, Swarm
from tests.matter.births import births_of

EMBER = PALETTES["ember"]
COLOURS = Colours(
    ramp_table(EMBER.base, TABLE_SIZE), ramp_table(EMBER.companion, TABLE_SIZE), np.asarray(accent_colour(EMBER))
)
SHARE = st.floats(0, 1)


def swarm_of(species: str, count: int, age: int) -> Swarm:
    return Swarm(births_of(species, count=count), Scene(age, 30.0, 0.0, 0.0, 1.0, Perspective()))


@pytest.mark.parametrize("body", [CUBE, CRYSTAL], ids=["cube", "crystal"])
def test_faces_close_a_convex_body(body: Solid) -> None:
    """Each edge belongs to two faces, and no corner is outside of a face's plane; V − E + F = 2."""
    edges = [frozenset(pair) for face in body.faces for pair in zip(face, np.roll(face, -1), strict=True)]
    assert all(edges.count(edge) == 2 for edge in edges)
    assert len(body.corners) - len(set(edges)) + len(body.faces) == 2
    assert np.linalg.norm(body.corners, axis=1).max() == pytest.approx(1)
    for face in body.faces:
        a, b, c = body.corners[face[:3]]
        sides = (body.corners - a) @ np.cross(b - a, c - b)
        assert (sides <= 1e-9).all() or (sides >= -1e-9).all()


def test_an_icosahedron_has_thirty_equal_edges_of_twelve_corners() -> None:
    assert ICOSAHEDRON.shape == (12, 3) and len(ICOSAHEDRON_EDGES) == 30
    assert np.bincount(ICOSAHEDRON_EDGES.ravel()).tolist() == [5] * 12
    lengths = np.linalg.norm(np.diff(ICOSAHEDRON[ICOSAHEDRON_EDGES], axis=1), axis=2)
    assert np.ptp(lengths) < 1e-9 and np.ptp(np.linalg.norm(ICOSAHEDRON, axis=1)) < 1e-9


@given(SHARE, SHARE, st.floats(-20, 20))
def test_turns_areturns(azimuth: float, height: float, angle: float) -> None:
    turn = turns(*(np.array([value]) for value in (azimuth, height, angle)))[0]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)
    assert np.trace(turn) == pytest.approx(1 + 2 * np.cos(angle), abs=1e-9)


def test_a_body_shows_at_most_half_of_its_faces_and_the_lit_ones_are_brighter() -> None:
    found = {layer.shape: layer for layer in solid(swarm_of("solid", 24, age=6), COLOURS)[1:]}
    faces = found["polygon"].rows
    assert 24 * 1 <= len(faces) <= 24 * 4
    luma = faces[:, -5:-2] @ np.array([0.2126, 0.7152, 0.0722])
    assert luma.max() > 4 * luma.min() > 0


def test_what_is_near_is_brighter_than_what_is_far() -> None:
    rows = wire(swarm_of("wire", 1, age=4), COLOURS)[0].rows
    assert len(rows) == 30
    half, alpha = rows[:, 4], rows[:, -2]
    order = np.argsort(half)
    assert alpha[order[-5:]].min() > 3 * alpha[order[:5]].max()
