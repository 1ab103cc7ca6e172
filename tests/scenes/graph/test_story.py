"""Stories: existing transitions alone, in the order of the scenes; and why there is none."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from avwalk.errors import ScenesError
from avwalk.scenes.archive.pack import missing_work
from avwalk.scenes.draw.transitions import draw
from avwalk.scenes.graph.graph import Graph, graph_of
from avwalk.scenes.graph.path_store import write_plan
from avwalk.scenes.graph.plan_path import plan
from avwalk.scenes.graph.story import story
from avwalk.scenes.project.project import load_project
from avwalk.scenes.project.sequence_csv import SceneRow
from tests.scenes.a_project import a_project
from tests.scenes.graph.test_plan_path import shown, worlds
from tests.scenes.graphs import graph, node

ROWS = (SceneRow("red", 1), SceneRow("sea", 1))
SEEDS = {"red": 3, "sea": 3}


def test_reversed_ways_are_played_backwards() -> None:
    world = graph(ROWS, SEEDS, ["red-3 to red-1", "sea-2 to red-3", "sea-2 to sea-3"], ["red-1 to sea-1"])
    for seed in range(5):
        chosen = story(world, seed)
        assert shown(chosen) == ["red-1", "red-3", "sea-2", "sea-3"] and not chosen.new and not chosen.notes
        assert [(hop.folder, hop.reversed) for hop in chosen.hops] == [
            ("red-3 to red-1", True),
            ("sea-2 to red-3", True),
            ("sea-2 to sea-3", False),
        ]


def test_what_is_whole_with_other_settings_is_used_and_said(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    (project.meta / "tgen_settings.json").write_text(
        json.dumps({
            "default": {"res_width": 64, "res_height": 36, "interpolation_steps": 5, "generator": "cppn"},
            "draft": {"res_width": 32, "res_height": 18, "interpolation_steps": 3, "generator": "cppn"},
        })
    )  # fmt: skip
    (project.meta / "scene_sequence.csv").write_text("scene,duration,section,start\nreef,1,1,\nfox,1,1,\n")
    meta, media = tmp_path / "meta", tmp_path / "media"
    draft = load_project("song", profile="draft", meta_dir=meta, media_dir=media)
    drawn = graph_of(draft)
    assert draw(draft, drawn.edges) == 3 * len(drawn.edges)
    project = load_project("song", meta_dir=meta, media_dir=media)
    world = graph_of(project)
    assert not any(world.is_complete(edge) for edge in world.edges) and world.whole_with == {"draft": len(world.edges)}
    chosen = story(world)
    assert len(chosen.hops) == 3 and "as the settings 'draft' draw them" in chosen.notes[0]
    write_plan(draft, drawn, plan(graph_of(draft)))
    work = missing_work(project)
    assert len(work.hops) == 3 and work.whole_with == {"draft": 3}
    assert not missing_work(draft).hops


def test_seeds_differ_and_stay() -> None:
    world = graph(ROWS, {"red": 5, "sea": 5})
    world = graph(ROWS, {"red": 5, "sea": 5}, [edge.folder for edge in world.edges])
    assert story(world, 4) == story(world, 4)
    assert len({tuple(shown(story(world, seed))) for seed in range(20)}) > 12


def test_fewer_and_more_hops_than_asked_are_said() -> None:
    first, second = {"scene": "s.csv:2:1"}, {"scene": "s.csv:3:1"}
    rows = (SceneRow("red", 1, start=(node("red-1"),), locations=first), SceneRow("sea", 2, locations=second))
    world = graph(rows, SEEDS, ["red-1 to red-2", "red-2 to red-3", "red-3 to sea-1", "sea-1 to sea-2"])
    chosen = story(world)
    assert shown(chosen) == ["red-1", "red-2", "red-3", "sea-1", "sea-2"]
    assert chosen.notes == (
        "s.csv:2:1: scene 'red' has 2 hops and is asked for 1: the transitions that exist allow no better",
        "s.csv:3:1: scene 'sea' has 1 hop and is asked for 2: the transitions that exist allow no better",
    )


def test_a_start_by_chance_is_one_that_leads_on() -> None:
    rows = (SceneRow("red", 1, start="random"), SceneRow("sea", 1, start=(node("sea-1"), node("sea-3"))))
    world = graph(rows, SEEDS, ["red-1 to red-2", "red-2 to sea-3"])
    for seed in range(10):
        assert shown(story(world, seed))[-1] == "sea-3"


def test_a_cut_needs_no_transition() -> None:
    rows = (SceneRow("red", 1), SceneRow("sea", 1, transition="cut"))
    chosen = story(graph(rows, SEEDS, ["red-1 to red-2", "sea-1 to sea-3"]))
    assert [hop.transition for hop in chosen.hops] == ["", "cut", ""]


@pytest.mark.parametrize(
    ("rows", "whole", "message"),
    [
        (ROWS, [], "no transition of the sequence is whole yet; 1 transition is begun; `avwalk scenes plan` and "
         "`scenes transitions` make some"),
        (ROWS, ["red-1 to red-2", "sea-1 to sea-2"],
         "no story: from 'red' nothing leads into 'sea' with existing transitions; none of the 9 transitions between "
         "them is whole; `avwalk scenes plan` and `scenes transitions` make the missing ones"),
        ((SceneRow("red", 1, start=(node("red-1"),)), SceneRow("sea", 1, locations={"scene": "s.csv:3:1"})),
         ["red-2 to sea-2", "red-1 to red-3"],
         "s.csv:3:1: no story: from 'red' nothing leads into 'sea' with existing transitions; whole between them: "
         "red-2 to sea-2; the path before comes to no end of it; "),
        ((SceneRow("red", 1), SceneRow("sea", 1, start=(node("sea-1"),))), ["red-2 to sea-2"],
         "no story: from 'red' nothing leads into sea-1, the start of 'sea', with existing transitions; "),
        ((SceneRow("red", 1, start=(node("red-1"),)),), ["red-2 to red-3"],
         "the starts of the sequence leave no hop with existing transitions; change or empty them"),
    ],
)  # fmt: skip
def test_why_there_is_none(rows: tuple[SceneRow, ...], whole: list[str], message: str) -> None:
    seeds = {row.scene: 3 for row in rows}
    with pytest.raises(ScenesError) as caught:
        story(graph(rows, seeds, whole, ["red-1 to sea-1"]))
    assert str(caught.value).startswith(message)


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_any_story_is_a_walk_along_what_is_there(world: Graph) -> None:
    try:
        chosen = story(world, 1)
    except ScenesError:
        return
    hops = chosen.hops
    assert all(before.edge.b == after.edge.a for before, after in pairwise(hops))
    assert all(hop.transition or world.is_complete(hop.edge) for hop in hops)
    assert [hop.row for hop in hops] == sorted(hop.row for hop in hops)
    assert {hop.row for hop in hops} >= set(range(len(world.rows) - 1))
