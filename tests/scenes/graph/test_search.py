"""The search beside a brute one that looks at every path, on small graphs."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avwalk.scenes.graph.search import BEGUN, BOUNCE, DETOUR, NEW, REPEAT, Search, Stop

Visits = tuple[tuple[int, int], ...]


def every_path(stops: Sequence[Stop], there: set[frozenset[int]], only: bool) -> Iterator[Visits]:
    """All of them, one hop after the other."""

    def on(path: Visits) -> Iterator[Visits]:
        k, a = path[-1]
        inside = sum(1 for stop, _ in path if stop == k) - 1
        if inside >= stops[k].least:
            if k + 1 == len(stops):
                yield path
            else:
                free = stops[k + 1].free
                for b in stops[k + 1].starts:
                    if b != a and (free or not only or frozenset((a, b)) in there):
                        yield from on((*path, (k + 1, b)))
        if inside < stops[k].most:
            for b in stops[k].pictures:
                if b != a and (not only or frozenset((a, b)) in there):
                    yield from on((*path, (k, b)))

    for a in stops[0].starts:
        yield from on(((0, a),))


def price(
    stops: Sequence[Stop], visits: Visits, there: set[frozenset[int]], begun: Collection[frozenset[int]] = ()
) -> int:
    """What the words at the top of the module say, counted by hand."""
    asked: dict[tuple[int, ...], int] = {}
    for stop in stops:
        asked[stop.pictures] = asked.get(stop.pictures, 0) + stop.hops + 1
    cost = 0
    for pictures, number in asked.items():
        shown = [a for k, a in visits if stops[k].pictures == pictures]
        if number <= len(pictures):
            cost += REPEAT * (len(shown) - len(set(shown)))
            continue
        lap: set[int] = set()
        for a in shown:
            cost += REPEAT * (a in lap)
            lap |= {a}
            lap = set() if lap == set(pictures) else lap
    for (_, a), (k, _), (_, b) in zip(visits, visits[1:], visits[2:], strict=False):
        crowded = asked[stops[k].pictures] > len(stops[k].pictures) > 2
        cost += BOUNCE * (a == b and crowded)
    inside = [sum(1 for k, _ in visits if k == row) - 1 for row in range(len(stops))]
    cost += DETOUR * sum(abs(j - stop.hops) for j, stop in zip(inside, stops, strict=True))
    ways = {frozenset((a, b)) for (k, a), (m, b) in pairwise(visits) if k == m or not stops[m].free}
    return cost + sum(BEGUN if way in begun else NEW for way in ways - there)


def bits(pairs: st.DrawFn, n: int) -> set[frozenset[int]]:
    return {frozenset((a, b)) for a in range(n) for b in range(a) if pairs(st.booleans())}


@st.composite
def sequences(draw: st.DrawFn, loose: bool = False) -> tuple[list[Stop], set[frozenset[int]]]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    scenes = [tuple(range(sum(sizes[:k]), sum(sizes[: k + 1]))) for k in range(len(sizes))]
    stops: list[Stop] = []
    hops_left = 5
    for _ in range(draw(st.integers(1, 4))):
        pictures = draw(st.sampled_from(scenes))
        hops = draw(st.integers(0, min(hops_left, 4)))
        hops_left -= hops
        start = draw(st.one_of(st.none(), st.sampled_from(pictures)))
        most = hops + draw(st.integers(0, 1)) if loose else hops
        stops.append(Stop(pictures, hops, start, 0 if loose else hops, most, draw(st.booleans()) and bool(stops)))
    return stops, bits(draw, sum(sizes))


@settings(max_examples=150, deadline=None)
@given(sequences(), st.integers(0, 3), st.randoms(use_true_random=False))
def test_no_path_needs_less_than_that_found(
    world: tuple[list[Stop], set[frozenset[int]]], seed: int, chance: random.Random
) -> None:
    stops, there = world
    pictures = {picture for stop in stops for picture in stop.pictures}
    begun = {frozenset((a, b)) for a in pictures for b in pictures if a < b and chance.random() < 0.2} - there

    def ways(a: int, b: int) -> int:
        way = frozenset((a, b))
        return 0 if way in there else BEGUN if way in begun else NEW

    found = Search(stops, ways).best(random.Random(seed))
    paths = list(every_path(stops, there, only=False))
    if not paths:
        assert found is None
        return
    assert found is not None and found.proven and found.visits in paths
    assert price(stops, found.visits, there, begun) == min(price(stops, path, there, begun) for path in paths)


@settings(max_examples=150, deadline=None)
@given(sequences(loose=True), st.integers(0, 3))
def test_and_of_ways_that_are_there_alone(world: tuple[list[Stop], set[frozenset[int]]], seed: int) -> None:
    stops, there = world
    found = Search(stops, lambda a, b: 0 if frozenset((a, b)) in there else None).best(random.Random(seed))
    paths = list(every_path(stops, there, only=True))
    if not paths:
        assert found is None
        return
    assert found is not None and found.proven and found.visits in paths
    assert price(stops, found.visits, there) == min(price(stops, path, there) for path in paths)


@pytest.mark.parametrize("seed", range(5))
def test_laps(seed: int) -> None:
    """Four pictures and eleven hops: three times round, never straight back."""
    found = Search([Stop((0, 1, 2, 3), 11, None, 11, 11)], lambda a, b: 0).best(random.Random(seed))
    assert found is not None and found.cost == 0 and found.proven
    shown = [a for _, a in found.visits]
    for lap in range(3):
        assert sorted(shown[4 * lap : 4 * lap + 4]) == [0, 1, 2, 3]
    assert all(a != b for a, b in zip(shown, shown[2:], strict=False))


def test_a_way_that_is_walked_straight_back_is_drawn_once() -> None:
    """Round three pictures, out to another scene and in again by the same way, and on by one that was walked before."""
    stops = [Stop((0, 1, 2), 2, None, 2, 2), Stop((3, 4, 5), 0), Stop((0, 1, 2), 0, 1), Stop((0, 1, 2), 0)]
    found = Search(stops, lambda a, b: NEW).best(random.Random(0))
    assert found is not None and found.proven and found.cost == 3 * NEW == price(stops, found.visits, set())


def test_what_is_out_of_budget_is_still_a_path_and_says_so() -> None:
    rng = random.Random(2)
    pictures = tuple(range(40))
    there = {frozenset((a, b)) for a in pictures for b in range(a) if rng.random() < 0.06}
    stops = [Stop(pictures, 30, None, 30, 30)]
    found = Search(stops, lambda a, b: 0 if frozenset((a, b)) in there else NEW).best(random.Random(0))
    assert found is not None and not found.proven
    assert found.cost == price(stops, found.visits, there) < 8 * NEW
