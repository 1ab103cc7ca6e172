"""What the network says of new sections, and how it weighs changes."""

from __future__ import annotations

import numpy as np

from avwalk.features.form.boundaries import boundary_evidence, novelty_of
from avwalk.features.form.units import UnitFeatures

EDGES = np.arange(0.0, 64.1, 0.5)


def told(*seconds: float, high: float = 0.5) -> np.ndarray:
    """Probabilities of a song of 64 s in which the network hears new sections at some times."""
    t = np.arange(3201) / 50
    near = np.max([np.maximum(0, 1 - np.abs(t - x) / 0.25) for x in seconds] or [0 * t], axis=0)
    return np.asarray(0.03 + (high - 0.03) * near, np.float32)


def units(rows: np.ndarray) -> UnitFeatures:
    flat = np.zeros(len(rows))
    return UnitFeatures(np.zeros((len(rows), 20)), np.zeros((len(rows), 12)), flat, flat, flat, flat)


def test_evidence_is_high_at_the_edge_that_is_meant() -> None:
    evidence = boundary_evidence(told(8.0, 16.1, 28.0, 40.0, 52.0), EDGES)
    assert len(evidence) == len(EDGES)
    assert set(np.flatnonzero(evidence > 0.5)) == {16, 32, 56, 80, 104}
    assert evidence.min() >= 0 and evidence.max() < 1


def test_how_sure_the_network_is_does_not_count() -> None:
    sure = told(8.0, 16.0, 28.0, 40.0, 52.0)
    np.testing.assert_allclose(
        boundary_evidence(sure, EDGES), boundary_evidence(sure * np.float32(0.4), EDGES), atol=1e-6
    )


def test_where_it_hears_next_to_nothing_there_is_no_evidence() -> None:
    assert boundary_evidence(np.zeros(3201, np.float32), EDGES).max() == 0.0
    assert boundary_evidence(np.zeros(3, np.float32), EDGES).shape == EDGES.shape  # a song that ends early


def test_a_change_counts_more_where_a_section_is_heard_and_none_is_made_up() -> None:
    rows = np.zeros((128, 4))
    rows[64:] = 0.4
    plain, more, less = (novelty_of(rows, units(rows), 4, evidence) for evidence in (0.5, 0.9, 0.1))
    assert more[64] > plain[64] > less[64] > 0
    evidence = boundary_evidence(told(16.0), EDGES)
    assert novelty_of(0 * rows, units(rows), 4, evidence).max() == 0.0
    assert novelty_of(rows, units(rows), 4, evidence).argmax() == 64
