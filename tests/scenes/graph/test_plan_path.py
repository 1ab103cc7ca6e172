"""Plans: what decides them, what is written in their hops, and why there is none."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avwalk.errors import ScenesError
from avwalk.scenes.graph import plan_path
from avwalk.scenes.graph.graph import Graph
from avwalk.scenes.graph.plan_path import ChosenPath, plan
from avwalk.scenes.nodes import Edge
from avwalk.scenes.project.sequence_csv import SceneRow
from tests.scenes.graphs import graph, node


def shown(chosen: ChosenPath) -> list[str]:
    return [chosen.hops[0].edge.a.id, *(hop.edge.b.id for hop in chosen.hops)]


ROWS = (SceneRow("red", 2, 1), SceneRow("sea", 0, 1), SceneRow("sky", 3, 2))


def test_every_row_makes_its_hops_the_last_one_too() -> None:
    chosen = plan(graph(ROWS, {"red": 4, "sea": 2, "sky": 5}))
    assert [hop.scene for hop in chosen.hops] == ["red"] * 3 + ["sea"] + ["sky"] * 3
    assert [hop.row for hop in chosen.hops] == [0, 0, 0, 1, 2, 2, 2]
    assert [hop.section for hop in chosen.hops] == [1, 1, 1, 1, 2, 2, 2]
    assert all(before.edge.b == after.edge.a for before, after in pairwise(chosen.hops))
    assert len(set(shown(chosen))) == 8
    assert chosen.new == tuple(hop.edge.sorted for hop in chosen.hops) and not chosen.notes
    assert [hop.reversed for hop in chosen.hops] == [hop.edge.a > hop.edge.b for hop in chosen.hops]


def test_seeds_differ_and_stay() -> None:
    world = graph(ROWS, {"red": 4, "sea": 2, "sky": 5})
    assert plan(world, 3) == plan(world, 3)
    assert len({tuple(shown(plan(world, seed))) for seed in range(20)}) > 15


def test_what_is_there_is_used_backwards_too() -> None:
    rows = (SceneRow("red", 1), SceneRow("sea", 1))
    world = graph(rows, {"red": 3, "sea": 3}, ["red-3 to red-1", "sea-2 to red-3", "sea-2 to sea-3"])
    for seed in range(5):
        chosen = plan(world, seed)
        assert shown(chosen) == ["red-1", "red-3", "sea-2", "sea-3"] and not chosen.new
        assert [hop.folder for hop in chosen.hops] == ["red-3 to red-1", "sea-2 to red-3", "sea-2 to sea-3"]
        assert [hop.reversed for hop in chosen.hops] == [True, True, False]
        assert chosen.hops[0].stored_edge == Edge.read("red-3 to red-1")


def test_random_pays_no_heed_to_what_is_there() -> None:
    rows = (SceneRow("red", 1), SceneRow("sea", 1))
    world = graph(rows, {"red": 3, "sea": 3}, ["red-3 to red-1", "sea-2 to red-3", "sea-2 to sea-3"])
    assert len({tuple(shown(plan(world, seed, thrifty=False))) for seed in range(20)}) > 10
    assert max(len(plan(world, seed, thrifty=False).new) for seed in range(20)) == 3


def test_a_way_that_is_begun_is_finished_in_its_own_direction() -> None:
    world = graph((SceneRow("red", 1, start=(node("red-1"),)),), {"red": 2}, partial=["red-2 to red-1"])
    chosen = plan(world)
    assert chosen.new == (Edge.read("red-2 to red-1"),)
    assert chosen.hops[0].reversed and chosen.hops[0].folder == "red-2 to red-1"


def test_of_two_paths_that_which_finishes_more_is_taken() -> None:
    begun = ["sea-2 to red-3", "red-3 to red-1"]
    world = graph((SceneRow("red", 1), SceneRow("sea", 0)), {"red": 3, "sea": 3}, ["red-2 to red-1"], begun)
    assert len(plan(world).new) == 1  # fewer come first
    world = graph((SceneRow("red", 1), SceneRow("sea", 0)), {"red": 3, "sea": 3}, [], begun)
    assert shown(plan(world)) == ["red-1", "red-3", "sea-2"]


def test_starts() -> None:
    several = (node("sea-1"), node("sea-2"))
    rows = (
        SceneRow("red", 1, start=(node("red-2"),)),
        SceneRow("sea", 1, start=several),
        SceneRow("sky", 1, start="random"),
        SceneRow("red", 1, start=(node("red-1"),)),
    )
    world = graph(rows, {"red": 4, "sea": 3, "sky": 6})
    paths = [plan(world, seed) for seed in range(30)]
    entries = [[next(h.edge.a.id for h in path.hops if h.row == k) for k in range(4)] for path in paths]
    assert {entry[0] for entry in entries} == {"red-2"} and {entry[3] for entry in entries} == {"red-1"}
    assert {entry[1] for entry in entries} == {"sea-1", "sea-2"}
    assert len({entry[2] for entry in entries}) > 4
    assert all(len(set(shown(path))) == 8 for path in paths)
    assert [hop.path_section for hop in paths[0].hops] == [0, 0, 1, 1, 2, 2, 3]


def test_more_hops_than_seeds_come_again_in_turn_with_a_note() -> None:
    chosen = plan(graph((SceneRow("red", 7),), {"red": 4}))
    pictures = shown(chosen)
    assert sorted(pictures[:4]) == sorted(pictures[4:]) == ["red-1", "red-2", "red-3", "red-4"]
    assert all(a != b for a, b in zip(pictures, pictures[2:], strict=False))
    assert chosen.notes[0] == (
        "scene 'red' is asked for 8 pictures and has 4: pictures come again; more seeds or fewer hops keep them apart"
    )
    assert len(chosen.new) == len({hop.folder for hop in chosen.hops}) < 7


def test_a_new_way_that_is_walked_twice_is_rendered_once() -> None:
    chosen = plan(graph((SceneRow("red", 3),), {"red": 2}))
    assert len(chosen.new) == 1
    assert [hop.reversed for hop in chosen.hops] in ([False, True, False], [True, False, True])
    assert len({hop.folder for hop in chosen.hops}) == 1


def test_a_row_with_a_transition_needs_no_frames() -> None:
    rows = (SceneRow("red", 0), SceneRow("sea", 0, transition="cut"), SceneRow("sky", 0))
    chosen = plan(graph(rows, {"red": 1, "sea": 1, "sky": 1}))
    assert [(hop.transition, hop.folder) for hop in chosen.hops] == [("cut", ""), ("", "sea-1 to sky-1")]
    assert chosen.new == (Edge.read("sea-1 to sky-1"),)


def test_one_scene_twice_running() -> None:
    rows = (SceneRow("red", 1), SceneRow("red", 1))
    assert len(set(shown(plan(graph(rows, {"red": 4}))))) == 4


@pytest.mark.parametrize(
    ("rows", "seeds", "message"),
    [
        (
            [SceneRow("red", 0), SceneRow("sea", 2, locations={"scene": "s.csv:3:1"}), SceneRow("sky", 2)],
            {"red": 1, "sea": 0, "sky": 1},
            "s.csv:3:1: scene 'sea' has no pictures; give its prompt seeds (`avwalk explore --name sea`), "
            "or put pictures into scenes/sea\n"
            "scene 'sky' has 1 picture, and a duration of 2 needs at least 2; add a seed, or make the duration 0",
        ),
        (
            [SceneRow("red", 0), SceneRow("red", 0, locations={"scene": "s.csv:3:1"})],
            {"red": 1},
            "s.csv:3:1: scene 'red' cannot be entered by its 1 picture: 'red' before it can end in no other picture; "
            "change the start or the duration there, or add seeds",
        ),
        (
            [SceneRow("red", 1, start=(node("red-1"),)), SceneRow("red", 0, start=(node("red-2"),))],
            {"red": 2},
            "scene 'red' cannot be entered by its start red-2: 'red' before it can end in no other picture; "
            "change the start or the duration there, or add seeds",
        ),
        ([SceneRow("red", 0)], {"red": 3}, "scene 'red' is the only one, and its duration is 0: there is no hop"),
    ],
)
def test_why_there_is_no_path(rows: list[SceneRow], seeds: dict[str, int], message: str) -> None:
    with pytest.raises(ScenesError) as caught:
        plan(graph(rows, seeds))
    assert str(caught.value).startswith(message)


def test_starts_that_chance_decides_leave_a_path() -> None:
    """With two pictures only one of the two starts can be reached by one hop."""
    rows = (SceneRow("red", 1, start=(node("red-1"),)), SceneRow("red", 0, start="random"))
    for seed in range(10):
        assert shown(plan(graph(rows, {"red": 2}), seed)) == ["red-1", "red-2", "red-1"]


def test_a_given_path() -> None:
    world = graph(ROWS, {"red": 4, "sea": 2, "sky": 5}, ["red-2 to red-1"])
    ids = ["red-1", "red-2", "red-1", "sea-2", "sky-1", "sky-2", "sky-3", "sky-1"]
    chosen = plan_path.path_through(world, [node(text) for text in ids])
    assert shown(chosen) == ids and len(chosen.new) == 5
    assert [hop.row for hop in chosen.hops] == [0, 0, 0, 1, 2, 2, 2]


def test_given_paths_that_do_not_fit() -> None:
    world = graph(ROWS, {"red": 4, "sea": 2, "sky": 5})
    with pytest.raises(ScenesError) as caught:
        plan_path.path_through(world, [node("red-1"), node("red-2")])
    assert str(caught.value) == "the path has 2 pictures, the sequence 8: red 3, sea 1, sky 4"
    ids = ["red-1", "red-1", "red-9", "sea-2", "sky-1", "sky-2", "sky-3", "red-1"]
    with pytest.raises(ScenesError) as caught:
        plan_path.path_through(world, [node(text) for text in ids])
    assert str(caught.value).splitlines() == [
        "picture 2 of the path, red-1, is that before it; give another one",
        "picture 3 of the path, red-9, is not of scene 'red'; it has red-1, red-2, red-3, red-4",
        "picture 8 of the path, red-1, is not of scene 'sky'; it has sky-1, sky-2, sky-3, sky-4, sky-5",
    ]


@st.composite
def worlds(draw: st.DrawFn) -> Graph:
    seeds = {name: draw(st.integers(1, 5)) for name in "abcd"}
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        scene = draw(st.sampled_from("abcd"))
        nodes = [node(f"{scene}-{k}") for k in range(1, seeds[scene] + 1)]
        start: Any = draw(
            st.one_of(st.none(), st.just("random"), st.lists(st.sampled_from(nodes), min_size=1).map(tuple))
        )
        rows.append(SceneRow(scene, draw(st.integers(0, 6)), start=start))
    world = graph(rows, {row.scene: seeds[row.scene] for row in rows})
    return replace(world, existing=graph([], {}, [e.folder for e in world.edges if draw(st.booleans())]).existing)


@settings(max_examples=80, deadline=None)
@given(worlds(), st.integers(0, 9))
def test_any_plan_is_a_walk_through_its_graph(world: Graph, seed: int) -> None:
    try:
        chosen = plan(world, seed)
    except ScenesError:
        return
    hops = chosen.hops
    assert len(hops) == sum(row.duration for row in world.rows) + len(world.rows) - 1
    assert all(before.edge.b == after.edge.a for before, after in pairwise(hops))
    assert all(hop.edge.sorted in world.edges for hop in hops)
    assert all(hop.folder == hop.stored_edge.folder for hop in hops)
    assert {hop.stored_edge for hop in hops if not world.is_complete(hop.edge)} == set(chosen.new)
    for k, row in enumerate(world.rows):
        inside = [hop for hop in hops if hop.row == k]
        assert len(inside) == row.duration + (k + 1 < len(world.rows))
        if isinstance(row.start, tuple) and inside:
            assert inside[0].edge.a in row.start
