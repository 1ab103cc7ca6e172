"""``scene.csv`` and ``structure.csv`` as people and EchoAI write them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avwalk.codex import tables
from avwalk.codex.tables import Matrix, read_matrix, read_scenes, read_structure
from avwalk.errors import CodexError

CELL = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12).map(
    lambda text: " ".join(text.split())
)


def put(folder: Path, data: bytes | str, name: str = "structure.csv") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("data", [
    b"\xef\xbb\xbfPrefix,Camera\r\nink,\"close, from below\"\r\n,wide\r\n",
    'Prefix;Camera\nink;"close, from below"\n;wide\n'.encode("utf-16"),
    b"Prefix\tCamera\nink\tclose, from below\n\n\twide\t\n",
    b'Prefix,Camera\n"ink","close, from below"\n"",wide\n # a remark\nink',
])  # fmt: skip
def test_columns_are_lists_of_their_own(tmp_path: Path, data: bytes) -> None:
    categories, _ = read_structure(put(tmp_path, data))
    assert categories == {"Prefix": ("ink",), "Camera": ("close, from below", "wide")}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=8), st.sampled_from(",;\t"))
def test_what_a_spreadsheet_writes_is_read(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["A", "B"], *rows])
    categories, _ = read_structure(put(tmp_path, text.getvalue()))
    for k, name in enumerate("AB"):
        kept = [row[k] for row in rows if not (row[0].startswith("#") and not row[1]) and any(row)]
        kept = [value for value in kept if value]
        if not any(value.startswith("#") for row in rows for value in row):  # remarks have tests of their own
            assert categories.get(name, ()) == tuple(dict.fromkeys(kept))


@pytest.mark.parametrize(("text", "scenes"), [
    ("Scene Description\na fox, in snow, at night\n\na fox\n", ["a fox, in snow, at night", "a fox"]),
    ('Scene Description\n"a fox, in snow"\n', ["a fox, in snow"]),
    ("scene\ta\nx\ty\n", ["x"]),
    ("Number;Scene Description\n1;a fox; \n2;an owl, awake\n", ["a fox", "an owl, awake"]),
    ("Scene Description;\na fox;\nan owl; awake\n", ["a fox", "an owl; awake"]),
    ("a fox\nan owl\n", ["a fox", "an owl"]),
])  # fmt: skip
def test_scenes_are_lines_or_a_column(tmp_path: Path, text: str, scenes: list[str]) -> None:
    assert read_scenes(put(tmp_path, text, "scene.csv"))[0] == scenes


@pytest.mark.parametrize(("text", "said"), [
    ("Camera,camera\na,b\n", r"structure.csv:1:8: category 'camera' is there twice"),
    ("Camera,Mood\na,b,c\n", r"structure.csv:2:5: 'c' is in column 3, which has no name"),
    ("Camera,Scene\na,b\n", "would be taken for the scenes"),
    ("Camera\n" + "x" * 2001 + "\n", "2001 characters"),
    ("Camera\na\x07b\n", "control characters"),
    (",".join(f"c{k}" for k in range(65)) + "\n", "65 categories; at most 64"),
    ("Camera\n" + "\n".join(map(str, range(1001))), "1001 values; at most 1000"),
])  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CodexError, match=said):
        read_structure(put(tmp_path, text))


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(CodexError) as found:
        read_structure(put(tmp_path, "A,a\nx,y,z\n"))
    assert len(str(found.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["Scene Description\n", "", "\n\n", "Scene Description\n,,\n"])
def test_no_scene_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(CodexError, match=r"holds no scene|are empty"):
        read_scenes(put(tmp_path, text, "scene.csv"))


def test_what_is_doubtful_is_a_note(tmp_path: Path) -> None:
    scenes = put(tmp_path, "Scene Description\nfog\nsea\nsea\n", "scene.csv")
    matrix = read_matrix(scenes, put(tmp_path, "Mood,Empty,Air\ncalm, ,Fog\ncalm,,wind\n"))
    assert matrix.scenes == ("fog", "sea") and matrix.categories == {"Mood": ("calm",), "Air": ("Fog", "wind")}
    said = "\n".join(matrix.notes)
    for each in (
        "scene 'sea' is repeated",
        "'Mood' 'calm' is repeated",
        "column 'Empty' is empty",
        "'fog' is in the sce",
    ):
        assert each in said


def test_one_column_and_none_are_a_matrix(tmp_path: Path) -> None:
    scenes = put(tmp_path, "Scene Description\nsea\n", "scene.csv")
    assert read_matrix(scenes, put(tmp_path, "prefix\nink\n")).categories == {"Prefix": ("ink",)}
    assert read_matrix(scenes, put(tmp_path, "A,B\n , \n")).categories == {}
    assert read_matrix(scenes, put(tmp_path, "")).categories == {}
    assert read_matrix(scenes, None).categories == {}


def test_combinations_are_counted_not_made() -> None:
    matrix = Matrix(("a",) * 10, {f"c{k}": tuple(map(str, range(10))) for k in range(12)})
    assert matrix.combinations() == 10**13
    assert matrix.combinations({"c0": 0.5, "c1": 0.0}) == 10 * 11 * 10**10


def test_a_table_that_is_far_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 1 << 10)
    with pytest.raises(CodexError, match="larger than"):
        read_structure(put(tmp_path, "a\n" * 2000))
