"""The table of scenes: what is written is read again, and the artist's rows stay."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from avwalk.errors import ScenesError
from avwalk.screenplay.grouping import Length
from avwalk.screenplay.prompting import Style
from avwalk.screenplay.scene import Scene
from avwalk.screenplay.screenplay import ScreenplayOptions, screenplay_of
from avwalk.screenplay.table import COLUMNS, keys_of, merged, read_screenplay, table_file, table_of, write_screenplay
from tests.screenplay.tales import LIGHTHOUSE

ONE = ScreenplayOptions(length=Length(1, "sentences"))


@pytest.fixture
def scenes() -> list[Scene]:
    return screenplay_of(LIGHTHOUSE)


def edited(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_names_of_tables() -> None:
    for name in ("tale.txt", "tale.wav", "tale.words.csv"):
        assert table_file(Path(name)) == Path("tale.scenes.csv")


def test_what_is_written_is_read_again(scenes: list[Scene], tmp_path: Path) -> None:
    timed = [replace(scene, start_s=5.0 * k, end_s=5.0 * k + 5) for k, scene in enumerate(scenes)]
    for wanted in (scenes, timed):
        file = tmp_path / f"tale{len(list(tmp_path.iterdir()))}.scenes.csv"
        assert write_screenplay(file, wanted) == f"wrote {file}"
        assert read_screenplay(file) == wanted
        assert "already" in write_screenplay(file, wanted)


def test_edited_rows_stay_and_the_others_follow_the_text(scenes: list[Scene], tmp_path: Path) -> None:
    file = tmp_path / "tale.scenes.csv"
    write_screenplay(file, scenes)
    edited(file, scenes[1].prompt, "a boat of my own")
    again = screenplay_of(LIGHTHOUSE, ScreenplayOptions(style=Style(style="watercolour")))
    assert "1 row of yours stay" in write_screenplay(file, again)
    found = read_screenplay(file)
    assert [scene.prompt for scene in found] == [again[0].prompt, "a boat of my own", *(s.prompt for s in again[2:])]
    assert (tmp_path / "tale.scenes.csv.bak").exists()


@pytest.mark.parametrize("column", ["seed", "prompt"])
def test_a_row_of_the_artists_goes_on_with_a_text_that_was_mended(column: str, tmp_path: Path) -> None:
    """Not twice, and with what he wrote; where that is the seed alone, all the rest is made anew."""
    tale = "Marta lit the white lighthouse above the calm sea every evening. A storm came out of the north that night."
    file = tmp_path / "a.scenes.csv"
    write_screenplay(file, screenplay_of(tale, ONE))
    before = read_screenplay(file)
    own = "77" if column == "seed" else "a red door"
    file.write_text(file.read_text().replace(str(getattr(before[0], column)), own, 1))
    told = write_screenplay(file, screenplay_of(tale.replace("calm", "wild"), ONE))
    after = read_screenplay(file)
    assert [scene.text for scene in after] == [before[0].text.replace("calm", "wild"), before[1].text], told
    assert str(getattr(after[0], column)) == own
    assert column == "prompt" or "wild" in after[0].prompt or after[0].prompt != before[0].prompt
    write_screenplay(file, screenplay_of(tale, ONE))
    assert [scene.text for scene in read_screenplay(file)] == [scene.text for scene in before], "and back"


def test_a_row_that_is_taken_out_stays_out(scenes: list[Scene], tmp_path: Path) -> None:
    file = tmp_path / "tale.scenes.csv"
    write_screenplay(file, scenes)
    rows = file.read_text().splitlines(keepends=True)
    file.write_text("".join(row for row in rows if keys_of(scenes)[1] not in row or row.startswith("#")))
    write_screenplay(file, scenes)
    assert [scene.text for scene in read_screenplay(file)] == [s.text for k, s in enumerate(scenes) if k != 1]


def test_own_rows_comments_and_columns_stay_in_their_place(scenes: list[Scene], tmp_path: Path) -> None:
    file = tmp_path / "tale.scenes.csv"
    write_screenplay(file, scenes)
    lines = file.read_text().splitlines(keepends=True)
    head = next(k for k, line in enumerate(lines) if line.startswith("scene,"))
    own = ["# about the boat\n", ',,,,,,,,,,,,,,,"a title card, black",,7,\n']
    file.write_text("".join([*lines[: head + 3], *own, *lines[head + 3 :]]))
    more = [*scenes, Scene(len(scenes), "The end came at last for all.", prompt="the end", seed=1)]
    write_screenplay(file, more)
    found = read_screenplay(file)
    assert [scene.prompt for scene in found] == [
        *(s.prompt for s in scenes[:2]), "a title card, black", *(s.prompt for s in scenes[2:]), "the end",
    ]  # fmt: skip
    assert file.read_text().count("# about the boat") == 1


def test_merging_is_done_after_one_time(scenes: list[Scene]) -> None:
    data, _ = merged(None, scenes)
    assert merged(table_of(data), scenes) == (data, 0)
    semicolons = data.replace(b",", b";").replace(b"\n", b"\r\n")
    assert merged(table_of(semicolons), scenes[:2])[0].count(b"\r\n") > 3


def test_a_prompt_is_made_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.scenes.csv").write_text("text,place,light\nAnna waits for him.,the pier,lamplight\n")
    (scene,) = read_screenplay(tmp_path / "a.scenes.csv", Style(style="oil"))
    assert scene.prompt == "Anna waits for him, the pier, lamplight, oil" or scene.prompt.startswith("Anna waits")
    (tmp_path / "b.scenes.csv").write_text("start,prompt\n0,a sea\n4.5,a hill\n0:09.000s,a town\n")
    found = read_screenplay(tmp_path / "b.scenes.csv")
    assert [(scene.start_s, scene.end_s) for scene in found] == [(0.0, 4.5), (4.5, 9.0), (9.0, None)]


def test_no_spreadsheet_calculates_what_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.scenes.csv"
    told = [Scene(0, '=HYPERLINK("http://evil","x")', prompt="@SUM(1)", speaker="+49 1", seed=1)]
    write_screenplay(file, told)
    cells = next(row for row in csv.reader(io.StringIO(file.read_text())) if row[0] == "1")
    assert not any(cell.startswith(("=", "@", "+")) for cell in cells)
    assert read_screenplay(file) == told


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("0,soon,a,\n", "a.scenes.csv:2:3: end 'soon' is no time"),
        ("5,4,a,\n", "a.scenes.csv:2:3: end '4' is not behind the start"),
        ("0,1,a,-3\n", "a.scenes.csv:2:7: seed '-3' is no whole number"),
        ("3,4,a,\n2,3,b,\n", "a.scenes.csv:3:1: start '2' is not behind that of the row above"),
        ("3,4,a,\n,,b,\n", "a.scenes.csv:3:1: column 'start' is empty"),
        ("0,1,,\n", "columns 'prompt' and 'text' are empty"),
        ("0,1,a,1,more\n", "'more' is in no column"),
        ("", "holds no scene"),
        ('0,1,"a,\n', "a quotation mark is never closed"),
    ],
)
def test_what_is_wrong_in_a_table(rows: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.scenes.csv").write_text(f"start,end,prompt,seed\n{rows}")
    with pytest.raises(ScenesError) as error:
        read_screenplay(tmp_path / "a.scenes.csv")
    assert said in str(error.value)


def test_a_table_with_problems_is_not_rewritten(scenes: list[Scene], tmp_path: Path) -> None:
    file = tmp_path / "a.scenes.csv"
    file.write_text("start,prompt\nsoon,a\n")
    with pytest.raises(ScenesError):
        write_screenplay(file, scenes)
    assert file.read_text() == "start,prompt\nsoon,a\n" and COLUMNS[-1] == "note"
