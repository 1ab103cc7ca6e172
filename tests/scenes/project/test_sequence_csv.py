"""Sequences: what is written is read, however a spreadsheet writes it."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OptionError
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.csv_rows import Findings, integer, number
from avwalk.scenes.project.sequence_csv import HOPS, SceneRow, SceneTable, read_sequence, sequence_file, sequence_names
from tests.scenes.project_forms import Folders

CAST = SceneTable(
    {"forest": tuple(Node("forest", str(k)) for k in (1000, 1001, 7)), "the sea": (Node("the sea", "8"),)}, {}
)


def read(path: Path) -> tuple[SceneRow, ...]:
    found = Findings()
    rows = read_sequence(path, CAST, found)
    found.check()
    return rows


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    scene = draw(st.sampled_from(list(CAST.members)))
    starts = st.lists(st.sampled_from(CAST.members[scene]), min_size=1, max_size=3, unique=True)
    return {
        "scene": scene,
        "duration": draw(st.none() | st.integers(0, 10_000)),
        "section": draw(st.none() | st.integers(0, 9999)),
        "start": draw(st.none() | st.just("random") | starts),
        "transition": draw(st.none() | st.sampled_from(["melt", "cut", "whip", "CUT"])),
    }


@given(
    table=st.lists(rows(), min_size=1, max_size=6),
    order=st.permutations(["scene", "duration", "section", "start", "transition", "", "my notes"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    coding=st.sampled_from([(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_BE, "utf-16-be")]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    mark=st.sampled_from(["_", "-"]),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[dict[str, Any]],
    order: list[str],
    delimiter: str,
    newline: str,
    coding: tuple[bytes, str],
    quoting: Any,
    mark: str,
) -> None:
    def cell(column: str, value: Any) -> str:
        if value is None:
            return ""
        return ", ".join(f"{n.name}{mark}{n.key}" for n in value) if isinstance(value, list) else str(value)

    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(order)
    for k, row in enumerate(table):
        writer.writerow([cell(c, row.get(c)) if c in row else str(k) if c == "" else "a note" for c in order])
    path = tmp_path_factory.mktemp("sequence") / "scene_sequence.csv"
    path.write_bytes(coding[0] + text.getvalue().encode(coding[1]))
    section = 1
    for made, row in zip(read(path), table, strict=True):
        section = section if row["section"] is None else row["section"]
        start = tuple(row["start"]) if isinstance(row["start"], list) else row["start"]
        how = row["transition"].lower() if row["transition"] else None
        hops = HOPS if row["duration"] is None else row["duration"]
        assert made == SceneRow(row["scene"], hops, section, start, transition=how, counted=row["duration"] is not None)


def test_times_as_in_cues_with_commas_as_decimal_points(tmp_path: Path) -> None:
    path = tmp_path / "scene_sequence.csv"
    path.write_text("scene;at;until\nforest;0:01,5;bar:2,5\nthe sea;drop:1-1,5bars;end\n")
    first, second = read(path)
    assert first.at and first.until and second.at and second.until
    assert (first.at.canonical, first.until.canonical) == ("1.5", "bar:2.5")
    assert (second.at.canonical, second.until.kind) == ("drop:1-1.5bar", "end")
    assert first.locations["at"] == f"{path}:2:8" and second.location == f"{path}:3:1"


def test_a_line_for_excel_and_comments_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "scene_sequence.csv"
    path.write_bytes(b"sep=;\r\n# mine;;\r\nscene;duration\r\n;;\r\nforest;2,0\r\n".replace(b"2,0", b"2.0"))
    assert [(row.scene, row.duration) for row in read(path)] == [("forest", 2)]


def test_a_scene_may_come_again(tmp_path: Path) -> None:
    path = tmp_path / "scene_sequence.csv"
    path.write_text("scene\nforest\nthe sea\nforest\n")
    assert [row.scene for row in read(path)] == ["forest", "the sea", "forest"]


def test_sequences_have_names(tmp_path: Path) -> None:
    for name in ("scene_sequence.csv", "scene_sequence_b.csv", "scene_sequence_a.b.csv", "scene_sequences.csv"):
        (tmp_path / name).touch()
    assert sequence_names(tmp_path) == ["", "a.b", "b"]
    assert [sequence_file(tmp_path, name).name for name in ("", "b")] == ["scene_sequence.csv", "scene_sequence_b.csv"]


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "51", "1e999", "1,5", "=1"])
def test_numbers_out_of_reach(text: str) -> None:
    with pytest.raises(OptionError, match=r"^x '?"):
        number("x", text, 0, 50)


def test_numbers_that_are_fine() -> None:
    assert (number("x", "", 0, 1), number("x", "0.5", 0, 1), integer("x", "3.00", 0, 9), integer("x", "", 0, 9)) == (
        None,
        0.5,
        3,
        None,
    )


def test_one_rule_says_when_scenes_come(tmp_path: Path) -> None:
    """The readme of the text files says it; rows tell whether a duration was written."""
    folders = Folders(tmp_path, sequence="scene,duration\nforest,3\nsea,\n")
    assert [(row.duration, row.counted) for row in folders.load().sequence] == [(3, True), (HOPS, False)]
