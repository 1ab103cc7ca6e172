"""Paths are written and read back, those of AI-Art too; every refusal says where and what."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from avwalk.errors import ScenesError
from avwalk.scenes.graph.path_csv import Hop, planned_path, read_path, shown_path, write_planned, write_shown
from avwalk.scenes.nodes import Edge, Node

A, B, C = Node("red", "1000"), Node("red", "12345678901"), Node("sea at night", "7")
HOPS = [
    Hop(Edge(A, B), "red", 1, False, Edge(A, B).folder, 0),
    Hop(Edge(B, C), "red", 1, True, Edge(C, B).folder, 0),
    Hop(Edge(C, A), "sea at night", 2, False, "", 1, "whip"),
    Hop(Edge(A, C), "red", 2, False, Edge(A, C).folder, 2, path_section=1),
]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    for path in (write_planned(tmp_path / "story", HOPS), write_shown(tmp_path / "story", HOPS)):
        assert read_path(path) == HOPS
    assert sorted(p.name for p in (tmp_path / "story").iterdir()) == [
        "transition_sequence.csv",
        "transition_sequence_gen.csv",
    ]


def test_the_stretch_is_kept_in_the_films_table(tmp_path: Path) -> None:
    assert [hop.path_section for hop in read_path(write_shown(tmp_path, HOPS))] == [0, 0, 0, 1]


def test_columns_are_those_of_ai_art(tmp_path: Path) -> None:
    with write_planned(tmp_path, HOPS).open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][:7] == ["", "scene_from", "c1", "c2", "section", "reversed", "input_image_folder"]
    assert rows[2][:6] == ["1", "red", "red-12345678901", "sea at night-7", "1", "True"]
    assert rows[2][6] == "sea at night-7 to red-12345678901"
    with write_shown(tmp_path, HOPS).open(newline="") as stream:
        header = next(csv.reader(stream))
    assert header[:5] == ["", "path_section", "section", "scene_from", "c1"]


def test_ai_arts_own_files_are_read(tmp_path: Path) -> None:
    table = (
        "\ufeff,path_section,section,scene_from,c1,c2,reversed,input_image_folder\r\n"
        "0,0,1,red,red-1000,red-1001,False,/content/drive/x/transition_images/red-1000 to red-1001\r\n"
        "1,0,1,red,red-1001,blue-0042,True,C:\\x\\transition_images\\blue-0042 to red-1001\r\n"
        "2,0,1,blue,blue-0042,blue-5,,\r\n"
    )
    (tmp_path / "trans_sequence.csv").write_bytes(table.encode())
    found = shown_path(tmp_path)
    assert found is not None
    hops = read_path(found)
    assert [hop.edge.folder for hop in hops] == ["red-1000 to red-1001", "red-1001 to blue-42", "blue-42 to blue-5"]
    assert [hop.folder for hop in hops] == ["red-1000 to red-1001", "blue-0042 to red-1001", "blue-42 to blue-5"]
    assert [hop.row for hop in hops] == [0, 0, 1]
    assert hops[1].stored_edge == Edge.read("blue-42 to red-1001")


def test_the_path_that_is_shown(tmp_path: Path) -> None:
    assert shown_path(tmp_path) is None
    (tmp_path / "trans_sequence_gen.csv").write_text("x")
    assert shown_path(tmp_path) == planned_path(tmp_path) == tmp_path / "trans_sequence_gen.csv"
    planned = write_planned(tmp_path, HOPS)
    assert shown_path(tmp_path) == planned == planned_path(tmp_path)
    assert shown_path(write_shown(tmp_path, HOPS).parent) == tmp_path / "transition_sequence.csv"


def test_every_problem_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "scene_from,c1,c2,section,reversed,input_image_folder,row,transition\n"
        ",red-1,red-2,1,False,,,\n"
        "red,red,red-2,one,maybe,red-1,-1,mealt\n"
        "red,red-1,red-2,1.0,yes,red-1 to red-2,0,Cut\n"
    )
    with pytest.raises(ScenesError) as caught:
        read_path(path)
    assert str(caught.value).replace(str(path), "p.csv").splitlines() == [
        "p.csv:2:1: scene_from is empty; give it one, such as glass_forest",
        "p.csv:3:5: 'red' names no picture; write name-seed",
        "p.csv:3:15: section 'one' is no whole number from 0 to 1000000000",
        "p.csv:3:19: reversed 'maybe' is neither True nor False",
        "p.csv:3:25: 'red-1' names no transition; write a-1 to b-2",
        "p.csv:3:31: row '-1' is no whole number from 0 to 1000000000",
        "p.csv:3:34: transition 'mealt' is not known (did you mean 'melt'?); it is melt, cut, whip, or empty",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.csv: it holds no rows; its columns are path_section,section,scene_from,"),
        ("scene_from,c1,c2\n", "p.csv: the path has no hop; `avwalk scenes plan` makes one"),
        ("scene_from,c1\na,a-1\n", "p.csv:1:1: no column 'c2'; the first row must name the columns: "),
        ('scene_from,c1,c2\n"a,a-1,a-2\n', "p.csv:2:1: a quotation mark is never closed; close it, or take it out"),
    ],
)
def test_tables_that_are_no_path(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(ScenesError) as caught:
        read_path(path)
    assert str(caught.value).replace(str(path), "p.csv").startswith(message)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ScenesError, match=r"there is no path '.*p.csv'; `avwalk scenes plan` or `scenes story` makes"):
        read_path(tmp_path / "p.csv")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(b"a\0\0\0\0b")
    with pytest.raises(ScenesError, match="is not text: it holds bytes"):
        read_path(tmp_path / "p.csv")


def test_names_with_to_and_accents(tmp_path: Path) -> None:
    a, b = Node("road to rome", "1"), Node("été", "2")
    hops = [Hop(Edge(a, b), "road to rome", 1, False, Edge(a, b).folder)]
    assert read_path(write_planned(tmp_path, hops)) == hops


def test_pictures_that_would_leave_their_folder_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "transition_sequence.csv"
    path.write_text("scene_from,c1,c2\nred,../../red-1,red-2\nred,red-2,red-a/b\n")
    with pytest.raises(ScenesError) as caught:
        read_path(path)
    lines = str(caught.value).splitlines()
    assert [line.split("csv:")[1][:2] for line in lines] == ["2:", "3:"] and "no legal name" in lines[0]
