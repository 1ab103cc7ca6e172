"""The way of a scene whose label was there before."""

from __future__ import annotations

import numpy as np

from avwalk.config.preset import Walk
from avwalk.contracts import Lineage, Shot
from avwalk.plan.latents import _anchors
from avwalk.walk import tour

SONG = np.full(4, 0.5)


def anchors(occurrence: int, development: float = 0.15) -> np.ndarray:
    shot = Shot(0, 300, 0, 0, occurrence, Lineage(5), None, "cut")
    return _anchors(Walk(), development, shot, 6, 64, SONG)


def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cosine = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return np.asarray(np.arccos(np.clip(cosine, -1, 1)))


def test_a_section_that_returns_has_moved_a_share_of_the_way_to_a_new_one() -> None:
    """z = slerp(z_label, z_new, 0.15 n): the angle to where it was is 0.15 n of the whole angle."""
    first = anchors(0)
    for n in (1, 2, 3):
        new = tour.anchors(Lineage(5).path_seed + n, 6, 64, Walk().truncation, SONG)
        moved = angle(first, anchors(n))
        np.testing.assert_allclose(moved, 0.15 * n * angle(first, new), rtol=1e-3)
        assert (moved > 0.05).all()


def test_a_section_develops_no_further_than_the_new_one_and_not_at_all_if_unwanted() -> None:
    assert np.array_equal(anchors(3, 0.0), anchors(0))
    new = tour.anchors(Lineage(5).path_seed + 9, 6, 64, Walk().truncation, SONG)
    np.testing.assert_allclose(anchors(9), new, atol=1e-4)
