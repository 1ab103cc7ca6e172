"""What is there, begun and missing, of real folders; and the tables, the graph for Gephi, the picture, the report."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from avwalk.errors import OptionError, ScenesError
from avwalk.scenes.film.material import path_of
from avwalk.scenes.graph.gexf import NAMESPACE, VIZ, write_gexf
from avwalk.scenes.graph.graph import graph_of
from avwalk.scenes.graph.inventory import TransitionCount, inventory, write_existing, write_transitions
from avwalk.scenes.graph.path_csv import planned_path, read_path, shown_path
from avwalk.scenes.graph.path_store import current_plan, fits, on_graph, path_shown, plan_of, write_plan, write_story
from avwalk.scenes.graph.plan_path import path_through, plan
from avwalk.scenes.graph.plot import draw_graph
from avwalk.scenes.graph.report import write_report
from avwalk.scenes.graph.ring_layout import positions
from avwalk.scenes.graph.story import story
from avwalk.scenes.graph.thumbnails import dominant, shown
from avwalk.scenes.nodes import Edge
from avwalk.scenes.project.project import Project
from avwalk.scenes.project.sequence_csv import SceneRow
from tests.pictures import read
from tests.scenes.graphs import graph, node
from tests.scenes.project_forms import DEFINITIONS, Folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Three pictures; ways whole, begun, of no sequence, and of strangers."""
    made = Folders(tmp_path)
    for name, colour in (("forest_1000", 40), ("forest_1001", 90), ("sea_7", 200)):
        made.picture(f"prompt_images/{name}.png", colour)
    for way, frames in (
        ("forest-1001 to forest-1000", 4),
        ("forest-1001 to sea-7", 3),
        ("city-70 to city-71", 2),
        ("forest-1000 to city-70", 3),
        ("forest-1 to elsewhere-2", 2),
    ):
        for k in range(frames):
            made.picture(f"transition_images/{way}/frame{k:06d}.png", 50 * k)
    half = made.media / "transition_images" / "forest-1001 to sea-7" / "frame000001.png"
    half.write_bytes(half.read_bytes()[:30])
    (made.media / "transition_images" / "sea-7 to sea-8").mkdir()
    return made


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_counts(folders: Folders) -> None:
    project = folders.load()
    world = graph_of(project)
    found = inventory(project, world)
    assert found.scenes == (
        ("forest", 3, 2, TransitionCount(1, 0, 2)),
        ("sea", 3, 1, TransitionCount(0, 0, 3)),
        ("city", 2, 0, TransitionCount(1, 0, 0)),
    )
    assert found.between == (("forest", "sea", TransitionCount(0, 1, 8)), ("sea", "city", TransitionCount(0, 0, 6)))
    assert found.path is None and TransitionCount(1, 1, 7).all == 9
    assert [way.folder for way in found.others] == ["forest-1000 to city-70"]
    assert found.unrecognised == ("forest-1 to elsewhere-2",)
    hops = plan(world).hops
    told = inventory(project, world, hops).path
    assert told == TransitionCount(2, 0, 4) and told.all == len(hops)


def test_tables(folders: Folders) -> None:
    project = folders.load()
    world = graph_of(project)
    chosen = plan(world)
    inner, between = (table(path) for path in write_transitions(project, world, chosen.hops))
    assert list(inner[0]) == [
        "",
        "from_name",
        "from_seed",
        "to_name",
        "to_seed",
        "compute",
        "duration",
        "scene",
        "state",
    ]
    assert list(between[0])[7:] == ["scene_from", "scene_to", "state"]
    assert len(inner) == 7 and len(between) == 15
    wanted = {
        Edge.read(f"{row['from_name']}-{row['from_seed']} to {row['to_name']}-{row['to_seed']}")
        for row in (*inner, *between)
        if row["compute"] == "y"
    }
    assert wanted == set(chosen.new)
    existing = table(write_existing(project, world))
    assert [(row["from_seed"], row["to_seed"], row["state"]) for row in existing] == [
        ("70", "71", "whole"),
        ("1000", "70", "whole"),
        ("1001", "1000", "whole"),
        ("1001", "7", "partial"),
    ]


def test_no_sequence(tmp_path: Path) -> None:
    with pytest.raises(ScenesError, match=r"has no scenes; write them there, or let `avwalk scenes auto` do it"):
        graph_of(Folders(tmp_path, sequence=None).load())


def test_gexf_is_xml_that_says_all(folders: Folders) -> None:
    project = folders.load()
    world = graph_of(project)
    hops = plan(world).hops
    root = ET.parse(write_gexf(world, hops, project.story_dir / "g.gexf")).getroot()
    assert root.tag == f"{{{NAMESPACE}}}gexf" and root.get("version") == "1.3"
    nodes, edges = root.findall(f".//{{{NAMESPACE}}}node"), root.findall(f".//{{{NAMESPACE}}}edge")
    assert {one.get("id") for one in nodes} == {one.id for one in world.nodes}
    assert len(edges) == len(world.edges) and len({one.get("id") for one in edges}) == len(edges)
    ids = {one.get("id") for one in nodes}
    assert all({one.get("source"), one.get("target")} <= ids for one in edges)
    states = [[v.get("value") for v in one.iter(f"{{{NAMESPACE}}}attvalue")] for one in edges]
    assert sum(state == "whole" for state, _, _ in states) == 2
    assert sum(walked == "true" for _, _, walked in states) == len(hops)
    assert all(one.find(f"{{{VIZ}}}position") is not None for one in nodes)
    declared = {one.get("id") for one in root.findall(f".//{{{NAMESPACE}}}attribute")}
    assert {v.get("for") for v in root.iter(f"{{{NAMESPACE}}}attvalue")} == declared
    only = ET.parse(write_gexf(world, hops, project.story_dir / "g.gexf", existing=True)).getroot()
    assert len(only.findall(f".//{{{NAMESPACE}}}edge")) == 2


def test_gexf_of_names_that_xml_has_not(tmp_path: Path) -> None:
    world = graph((SceneRow('<"&é\x07', 1),), {'<"&é\x07': 2})
    root = ET.parse(write_gexf(world, (), tmp_path / "g.gexf")).getroot()
    assert root.findall(f".//{{{NAMESPACE}}}node")[0].get("id") == '<"&é�-1'


def test_pictures_of_a_ring_keep_apart() -> None:
    for seeds in (1, 2, 3, 9, 40):
        rows = [SceneRow(name, 1) for name in "abcdefg"]
        found = list(positions(graph(rows, dict.fromkeys("abcdefg", seeds))).values())
        assert len(found) == 7 * seeds
        near = min(np.hypot(a[0] - b[0], a[1] - b[1]) for k, a in enumerate(found) for b in found[:k])
        assert near > 1


def test_the_graph_in_a_picture(folders: Folders) -> None:
    """Green, amber, red and blue are in it: existing, begun and missing ways and the path; no green without any."""
    project = folders.load()
    world = graph_of(project)

    def tones(hops: tuple[Any, ...] = ()) -> set[str]:
        out = draw_graph(project, world, hops, project.story_dir / "g.png")
        picture = read(out)
        assert picture.shape[0] > 500 and picture.shape[1] > 500
        body = picture[60 : round(picture.shape[0] * 0.85)].astype(int)  # without the legend
        b, g, r = body[..., 0], body[..., 1], body[..., 2]
        masks = {
            "green": (g > r + 60) & (g > b + 40),
            "amber": (r > b + 90) & (g > b + 60),
            "red": (r > g + 40) & (r > b + 40) & (g < 80),
            "blue": (b > r + 90) & (b > g + 50),
        }
        return {name for name, mask in masks.items() if mask.sum() > 50}

    assert tones() == {"green", "amber", "red"}
    assert tones(plan(world).hops) == {"green", "amber", "red", "blue"}


def test_dominant_colours() -> None:
    red, blue = np.full((20, 30, 3), (200, 20, 30), np.uint8), np.full((20, 10, 3), (10, 30, 180), np.uint8)
    found = dominant([np.concatenate([red, blue], axis=1)])
    assert [tuple(map(int, colour)) for colour, _ in found[:1]] == [(200, 20, 30)]
    assert abs(found[0][1] - 0.75) < 0.03 and sum(share for _, share in found) == pytest.approx(1)
    both = dominant([red, blue], 2)
    assert [round(share, 3) for _, share in both] == [0.5, 0.5]
    assert dominant([]) == [] and len(dominant([red])) == 1


def test_words_that_the_font_has_not() -> None:
    assert shown("sea  at\tnight") == "sea at night" and shown("火 x") == "□ x" and shown("abcdef", 4) == "abc…"


def test_report(folders: Folders) -> None:
    project = folders.load()
    pdf = write_report(project, project.story_dir / "r.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
    assert b"/Count 1" in pdf
    picture = read(write_report(project, project.story_dir / "r.png"))
    greys = {tuple(colour) for colour in np.unique(picture.reshape(-1, 3), axis=0)}
    assert {(40, 40, 40), (90, 90, 90), (200, 200, 200)} <= greys  # the pictures, or the strips of their colours
    assert not list(project.story_dir.glob("*.part"))


def test_a_report_of_many_scenes_has_more_pages(tmp_path: Path) -> None:
    more = "".join(f'p{k},"{"a long prompt, " * 40}",1 2 3 4 5 6 7 8 9 10,\n' for k in range(5))
    project = Folders(tmp_path, DEFINITIONS + more, None).load()
    assert b"/Count 3" in write_report(project, tmp_path / "r.pdf").read_bytes()


def test_report_refusals(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"'r.txt' is no report; give a name that ends in .pdf or .png"):
        write_report(folders.load(), tmp_path / "r.txt")


def test_a_plan_is_kept_while_it_fits(folders: Folders) -> None:
    project = folders.load()
    world = graph_of(project)
    assert current_plan(project, world) is None
    chosen = plan(world, 5)
    assert write_plan(project, world, chosen).file == shown_path(project.story_dir)
    assert tuple(current_plan(project, world) or ()) == chosen.hops
    before = planned_path(project.story_dir)
    write_story(project, plan(world, 6))
    assert before and tuple(read_path(before)) == chosen.hops
    folders.text("scene_sequence.csv", "scene,duration\nforest,1\nsea,1\ncity,1\n")
    changed = folders.load()
    assert current_plan(changed, graph_of(changed)) is None
    before.write_text("nonsense")
    assert current_plan(project, world) is None


def test_no_path_is_lost(folders: Folders) -> None:
    project = folders.load()
    world = graph_of(project)
    told = write_plan(project, world, plan(world, 5))
    assert told.backups == () and write_plan(project, world, plan(world, 5)).backups == ()  # the same is written again
    told.file.write_text(edited := told.file.read_text() + "# mine\n")
    other = write_story(project, plan(world, 5))
    assert [path.name for path in other.backups] == ["transition_sequence_old1.csv"]
    assert other.backups[0].read_text() == edited and "mine" not in told.file.read_text()
    again = write_plan(project, world, plan(world, 6, thrifty=False))
    assert [path.name for path in again.backups] == ["transition_sequence_gen_old1.csv", "transition_sequence_old2.csv"]


def test_named_sequences_have_paths_of_their_own(folders: Folders) -> None:
    folders.text("scene_sequence_x.csv", "scene,duration\ncity,1\nsea,2\n")
    plain, named = folders.load(), folders.load("x")
    write_plan(plain, graph_of(plain), plan(graph_of(plain)))
    assert plan_of(named) is None and path_shown(named) is None  # that is the path of other scenes
    told = write_plan(named, graph_of(named), plan(graph_of(named)))
    assert told.backups == () and told.file == folders.media / "story" / "x" / "transition_sequence.csv"
    assert current_plan(plain, graph_of(plain)) and current_plan(named, graph_of(named))
    assert path_of(named) == read_path(told.file) != path_of(plain)
    # a project in which all sequences had one table
    for path in filter(None, (told.file, plan_of(named))):
        path.replace(folders.media / "story" / path.name)
    assert plan_of(named) == folders.media / "story" / "transition_sequence_gen.csv" == plan_of(plain)
    assert current_plan(named, graph_of(named)) and not current_plan(plain, graph_of(plain))
    (folders.media / "story" / "transition_sequence_gen.csv").write_text("nonsense")
    assert plan_of(named) is None


def test_a_path_of_ai_art_with_cut_seeds_and_pictures_that_are_gone(tmp_path: Path) -> None:
    made = Folders(tmp_path, "name,prompt,seeds\nred,x,123456789 5\n", "scene,duration\nred,1\n")
    project = made.load()
    path = project.story_dir / "trans_sequence.csv"
    path.parent.mkdir(parents=True)
    path.write_text(",scene_from,c1,c2,section,reversed\n0,red,red-1234,red-5,1,False\n1,red,red-5,gone-1,1,False\n")
    found = on_graph(project, graph_of(project), read_path(path))
    assert [(hop.edge.folder, hop.folder) for hop in found] == [("red-123456789 to red-5", "red-1234 to red-5")]
    draw_graph(project, graph_of(project), found, project.story_dir / "g.png")
    for k in range(3):
        made.picture(f"transition_images/red-1234 to red-5/frame{k:06d}.png")
    hop = plan(graph_of(project)).hops[0]
    assert hop.folder == "red-1234 to red-5" and hop.stored_edge == Edge.read("red-123456789 to red-5")


def test_what_fits() -> None:
    start = (node("red-1"),)
    rows = (SceneRow("red", 1, start=start), SceneRow("sea", 0, 2, transition="cut"), SceneRow("sky", 1, 2))
    seeds = {"red": 2, "sea": 1, "sky": 2}
    hops = plan(graph(rows, seeds)).hops
    assert fits(graph(rows, seeds), hops)
    changes = [
        (SceneRow("red", 2), *rows[1:]),
        (SceneRow("red", 1, start=(node("red-2"),)), *rows[1:]),
        (rows[0], SceneRow("sea", 0, 2), rows[2]),
        (rows[0], SceneRow("sea", 0, 1, transition="cut"), rows[2]),
        rows[:2],
        (rows[0], SceneRow("sky", 0, 2, transition="cut"), rows[2]),
        (*rows[:2], SceneRow("sky", 1, 2, start=(hops[-1].edge.b,))),
    ]
    for change in changes:
        assert not fits(graph(change, seeds), hops), change
    assert not fits(graph(rows, {**seeds, "sky": 1}), hops)
    assert not fits(graph(rows, seeds), hops[:-1])
    end = (*rows[:2], SceneRow("sky", 0, 2, start=(node("sky-1"),)))
    assert fits(graph(end, seeds), plan(graph(end, seeds)).hops)
    other = (*rows[:2], SceneRow("sky", 0, 2, start=(node("sky-2"),)))
    assert not fits(graph(other, seeds), plan(graph(end, seeds)).hops)


def test_a_story_of_real_folders(folders: Folders) -> None:
    folders.text("scene_sequence.csv", "scene,duration\nforest,1\n")
    project: Project = folders.load()
    chosen = story(graph_of(project), 1)
    assert [hop.folder for hop in chosen.hops] == ["forest-1001 to forest-1000"]
    assert path_through(graph_of(project), [node("forest-1000"), node("forest-1001")]).new == ()
