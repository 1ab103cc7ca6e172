from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.contracts import Lineage, Shot
from avwalk.walk import classes, tour
from avwalk.walk.classes import ClassSpan

counts = st.integers(1, 14)
lengths = st.integers(1, 400)
seeds = st.integers(0, 2**63 - 1)


def valid(weights: np.ndarray, n_frames: int, n_classes: int) -> bool:
    return (
        weights.shape == (n_frames, n_classes)
        and bool((weights >= 0).all())
        and np.allclose(weights.sum(axis=1), 1, atol=1e-12)
    )


@st.composite
def mixes(draw: st.DrawFn) -> np.ndarray:
    rng = np.random.default_rng(draw(seeds))
    return rng.dirichlet(np.full(draw(counts), 0.3), draw(lengths))


@st.composite
def pin_lists(draw: st.DrawFn) -> tuple[np.ndarray, list[ClassSpan]]:
    weights = draw(mixes())
    n, k = weights.shape
    spans = []
    for _ in range(draw(st.integers(0, 4))):
        i0 = draw(st.integers(0, n - 1))
        i1 = draw(st.integers(i0 + 1, n))
        spans.append(ClassSpan(i0, i1, draw(st.integers(0, k - 1)), draw(st.floats(0, 100))))
    return weights, spans


@given(counts, lengths, st.booleans())
def test_a_morph_is_a_mix_everywhere(n_classes: int, n_frames: int, eased: bool) -> None:
    stops = classes.even_stops(n_classes, n_frames)
    assert valid(classes.along(stops, n_frames, n_classes, eased=eased), n_frames, n_classes)


@given(st.integers(2, 14), st.integers(60, 400), st.booleans())
def test_a_morph_arrives_at_every_class_and_never_stands_still(n_classes: int, n_frames: int, eased: bool) -> None:
    stops = classes.even_stops(n_classes, n_frames)
    weights = classes.along(stops, n_frames, n_classes, eased=eased)
    assert stops[0][0] == 0 and stops[-1][0] == n_frames - 1
    for frame, k in stops:
        assert np.array_equal(weights[frame], np.eye(n_classes)[k])
    speed = np.abs(np.diff(weights, axis=0)).sum(axis=1)
    even = 2 * (n_classes - 1) / (n_frames - 1)
    assert speed.min() > 0.35 * even and speed.max() < 2 * even


def test_one_label_works() -> None:
    assert np.array_equal(classes.along(classes.even_stops(1, 50), 50, 1), np.ones((50, 1)))


def test_stops_are_held_before_the_first_and_after_the_last() -> None:
    weights = classes.along([(20, 2), (30, 0), (40, 2)], 60, 3)
    assert np.array_equal(weights[:21], np.tile([0, 0, 1], (21, 1)))
    assert np.allclose(weights[25], [0.5, 0, 0.5])
    assert np.array_equal(weights[40:], np.tile([0, 0, 1], (20, 1)))


def shot(i0: int, i1: int, lead: int, label: int, occurrence: int) -> Shot:
    return Shot(i0, i1, lead, label, occurrence, Lineage(1), None, "melt" if lead else "cut")


SONG = (
    shot(0, 100, 0, 0, 0),
    shot(100, 200, 40, 1, 0),
    shot(200, 300, 0, 0, 1),
    shot(300, 400, 20, 1, 1),
    shot(400, 500, 40, 2, 0),
    shot(500, 600, 50, 1, 2),
)


@given(counts, st.floats(0, 1))
def test_scenes_are_a_mix_everywhere(n_classes: int, development: float) -> None:
    assert valid(classes.from_shots(SONG, 600, n_classes, development), 600, n_classes)


def test_a_chorus_has_its_class_and_leans_on_as_it_returns() -> None:
    weights = classes.from_shots(SONG, 600, 3, 0.15)
    assert np.array_equal(weights[50], [1, 0, 0])
    assert np.array_equal(weights[150], [0, 1, 0])
    assert np.allclose(weights[230], [0.85, 0.15, 0])
    assert np.allclose(weights[350], [0, 0.85, 0.15])
    assert np.allclose(weights[550], [0, 0.7, 0.3])
    firm = classes.from_shots(SONG, 600, 3, 1.0)
    assert firm[550].argmax() == 1  # still recognised


def test_a_scene_melts_in_over_its_lead_and_is_there_on_its_first_frame() -> None:
    weights = classes.from_shots(SONG, 600, 3)
    assert np.array_equal(weights[60], [1, 0, 0]) and np.allclose(weights[80], [0.5, 0.5, 0])
    assert np.array_equal(weights[100], [0, 1, 0])
    assert np.array_equal(weights[199], [0, 1, 0]) and np.array_equal(weights[200], [1, 0, 0])  # a cut
    assert np.abs(np.diff(weights[400:], axis=0)).max() <= 1 / 40 + 1e-12


@given(seeds, st.integers(1, 60), counts)
def test_a_tour_shows_every_class_and_none_twice_in_a_row(seed: int, count: int, n_classes: int) -> None:
    nodes = classes.anchors(seed, count, n_classes)
    order = nodes.argmax(axis=1)
    assert valid(nodes, count, n_classes)
    assert len(set(order.tolist())) == min(count, n_classes)
    assert n_classes == 1 or all(a != b for a, b in pairwise(order))
    assert np.array_equal(classes.anchors(seed, count + 30, n_classes)[:count], nodes)


def test_classes_turn_with_the_latents_of_a_tour() -> None:
    """On a quarter circle the angle of z is the share of the way, and the share of the next class."""
    position = np.linspace(-0.5, 2.5, 301)
    z = tour.along(np.eye(3), position)
    weights = classes.along_tour(np.eye(3), position)
    assert valid(weights, 301, 3)
    for k in range(2):
        between = (position >= k) & (position <= k + 1)
        angle = np.arctan2(z[between, k + 1], z[between, k]) / (np.pi / 2)
        assert np.allclose(weights[between, k + 1], angle, atol=1e-9)


@st.composite
def ways(draw: st.DrawFn) -> np.ndarray:
    """A song that goes to and fro between a few places, as the recurrence basis has them."""
    rng = np.random.default_rng(draw(seeds))
    parts = rng.uniform(-1, 1, (4, 8))
    order = rng.integers(0, 4, 24)
    steps = np.interp(np.arange(960) / 40, np.arange(24), np.arange(24))
    columns = [np.interp(steps, np.arange(24), parts[order, j]) for j in range(8)]
    return np.stack(columns, axis=1).astype(np.float32)


@given(ways(), seeds, counts)
def test_what_sounds_alike_has_the_same_classes(places: np.ndarray, seed: int, n_classes: int) -> None:
    weights = classes.from_recurrence(places, seed, n_classes)
    assert valid(weights, 960, n_classes)
    twice = classes.from_recurrence(np.concatenate([places, places]), seed, n_classes)
    assert np.allclose(twice[:960], twice[960:])
    assert np.array_equal(weights, classes.from_recurrence(places, seed, n_classes))


def test_one_or_two_classes_lead_and_every_class_has_its_time() -> None:
    rng = np.random.default_rng(0)
    walk = np.stack([np.interp(np.arange(3000) / 100, np.arange(31), rng.uniform(-1, 1, 31)) for _ in range(8)], axis=1)
    for n_classes in (2, 5, 12):
        ranked = [
            np.sort(classes.from_recurrence(walk.astype(np.float32), seed, n_classes), axis=1) for seed in range(8)
        ]
        two = np.concatenate([w[:, -2:].sum(axis=1) for w in ranked])
        assert np.median(two) > 0.9
        leads = [set(classes.from_recurrence(walk.astype(np.float32), s, n_classes).argmax(axis=1)) for s in range(8)]
        assert np.mean([len(found) for found in leads]) > 0.75 * n_classes


def test_a_song_without_form_has_one_class() -> None:
    weights = classes.from_recurrence(np.zeros((30, 8), np.float32), 3, 5)
    assert np.array_equal(weights, np.tile(weights[0], (30, 1))) and weights[0].max() == 1


@given(pin_lists())
def test_pins_hold_exactly_and_all_is_a_mix(case: tuple[np.ndarray, list[ClassSpan]]) -> None:
    weights, spans = case
    n, k = weights.shape
    out = classes.with_spans(weights, spans)
    assert valid(out, n, k)
    wanted = np.full(n, -1)
    for span in spans:
        wanted[span.i0 : span.i1] = span.chosen
    for i in np.flatnonzero(wanted >= 0):
        assert np.array_equal(out[i], np.eye(k)[wanted[i]])
    reach = [(span.i0 - span.ease, span.i1 - 1 + span.ease) for span in spans]
    far = [i for i in range(n) if not any(a < i < b for a, b in reach) and wanted[i] < 0]
    assert np.allclose(out[far], weights[far])


def test_a_pin_comes_and_goes_without_a_jump() -> None:
    weights = np.tile([0.5, 0.5, 0.0], (200, 1))
    out = classes.with_spans(weights, [ClassSpan(80, 100, 2, 30), ClassSpan(120, 130, 0, 30)])
    assert np.abs(np.diff(out, axis=0)).max() < 0.12
    assert (np.diff(out[50:80, 2]) >= 0).all() and out[50, 2] == 0 and out[65, 2] == pytest.approx(0.5)
    cut = classes.with_spans(weights, [ClassSpan(80, 100, 2, 0)])
    assert np.array_equal(cut[79], weights[79]) and np.array_equal(cut[100], weights[100])


def test_the_later_pin_wins() -> None:
    out = classes.with_spans(np.full((50, 2), 0.5), [ClassSpan(10, 40, 0, 5), ClassSpan(20, 30, 1, 5)])
    assert np.array_equal(out[20:30], np.tile([0, 1], (10, 1))) and np.array_equal(out[12], [1, 0])
