from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import CuesError
from avwalk.files.csv_table import read_table
from avwalk.score.cue_cells import parse_ease
from avwalk.score.cues import Cues, mark_of, read_cues
from tests.score.songs import KNOWN

EXAMPLE = """\
at,until,what,value,ease,note
0:00.000,,tempo,126.02,,            first beat 0:00.214
bar:1,bar:17,section,verse,,
bar:17,,drop,,,
bar:33,bar:40,palette,neon,melt:1bar,
2:10.5,2:14,camera.zoom,1.3,smoothstep,
"""


def read(folder: Path, text: str | bytes, name: str = "song.cues.csv") -> Cues:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_cues(file, KNOWN)


def problems(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(CuesError) as caught:
        read(folder, text)
    return str(caught.value).split("\n")


def test_the_example_of_the_design(tmp_path: Path) -> None:
    cues = read(tmp_path, EXAMPLE)
    assert [(c.what, c.value, c.ease) for c in cues.rows] == [
        ("tempo", "126.02", ""),
        ("section", "verse", ""),
        ("drop", "", ""),
        ("palette", "neon", "melt:1bar"),
        ("camera.zoom", "1.3", "smoothstep"),
    ]
    assert cues.rows[1].until is not None and cues.rows[1].until.text == "bar:17" and cues.rows[2].until is None
    assert cues.rows[3].locations["ease"] == "song.cues.csv:5:28"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_a_spreadsheet_writes(tmp_path: Path, encoding: str, newline: str, delimiter: str) -> None:
    lines = [
        "# über alles",
        "at,until,what,value,ease,note",
        "",
        ",,,,,",
        '"0:10","bar:9",section,"Café ""noir""",,x',
        "bar:33,,Camera.Zoom, 1.30 ,cut,",
        "   ",
        "# the end",
    ]
    data = newline.join(lines).replace(",", delimiter).encode(encoding)
    cues = read(tmp_path, data)
    assert [(c.at.canonical, c.what, c.value) for c in cues.rows] == [
        ("10", "section", 'Café "noir"'),
        ("bar:33", "camera.zoom", "1.3"),
    ]


def test_columns_in_any_order_and_foreign_ones(tmp_path: Path) -> None:
    cues = read(tmp_path, "who,what,AT,value\nme,seed,bar:2,7\n,drop,0:30,\n")
    assert [(c.what, c.at.text, c.value) for c in cues.rows] == [("seed", "bar:2", "7"), ("drop", "0:30", "")]


def test_excels_habits(tmp_path: Path) -> None:
    cues = read(tmp_path, "sep=;\r\nat;until;what;value;ease;note\r\n00:10,5;2,5+20;camera.zoom;1,3;;\r\n")
    assert (cues.rows[0].at.number, cues.rows[0].value) == (10.5, "1.3")
    cues = read(tmp_path, 'at,until,what,value,ease,note\n1,,text,"=HYPERLINK(""x"",1)",,=1+1\n2,,text,"a\nb, c",,\n')
    assert [c.value for c in cues.rows] == ['=HYPERLINK("x",1)', "a\nb, c"]


def test_every_problem_at_once_with_its_place(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        "at,until,what,value,ease,note\n"
        "baar:1,,drop,,,\n"
        "0:30,0:20,camera.zoom,1.2,,\n"
        "0:30,,camera.zom,1.2,,\n"
        ",,tempo,fast,,\n"
        "1,,tempo,5,,\n"
        "1,,camera.zoom,99,,\n"
        "1,,preset,lds,,\n"
        "1,,palette,neno,,\n"
        "1,,seed,-3,,\n"
        "1,,drop,loud,,\n"
        "1,2,drop,,,\n"
        "1,,section,,,\n"
        "1,,camera.x,nan,smothstep,\n"
        "1,,palette,neon,cut:2,\n"
        "1,,tempo,120,linear,\n"
        "1,,downbeat,99,,\n"
        '1,,"open,3,,\n',
    )
    wanted = [
        ("2:1", "did you mean 'bar'"), ("3:6", "not after at '0:30'"), ("4:7", "did you mean 'camera.zoom'"),
        ("5:1", "'at' is empty"), ("5:9", "'fast' is not a number; give 10 to 1000 BPM"), ("6:10", "out of range"),
        ("7:16", "give 0.25 to 4"), ("8:11", "did you mean 'lsd'"), ("9:12", "did you mean 'neon'"),
        ("10:9", "no whole number"), ("11:9", "write 'no'"), ("12:3", "has no end"), ("13:12", "needs a value"),
        ("14:13", "out of range"), ("14:17", "did you mean 'smoothstep'"), ("15:17", "a cut has no length"),
        ("16:14", "a tempo has no ease"), ("17:13", "beats of a bar"), ("18:1", "never closed"),
    ]  # fmt: skip
    assert len(found) == len(wanted)
    for line, (place, said) in zip(found, wanted, strict=True):
        assert line.startswith(f"song.cues.csv:{place}: ") and said in line


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"0:30,,drop,,,\n", "no column 'at'"),
        (b"at,value\n1,2\n", "no column 'what'"),
        (b"at,what,at\n", "there twice"),
        (b"at,what,vallue\n", "did you mean 'value'"),
        (b"at,what,value\n1,text,a,b\n", "is in no column"),
        (b"at,what\n\x00\x01\x02", "is not text"),
        (b"\xff\xfea\x00\x00\xd8", "is not text"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, data: bytes, said: str) -> None:
    assert any(said in line for line in problems(tmp_path, data))


def test_an_empty_file_asks_for_nothing(tmp_path: Path) -> None:
    for text in ("", "\n\n", "# only a comment\n", "at,until,what,value,ease,note\n"):
        assert not read(tmp_path, text)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    assert "larger than 4 MiB" in problems(tmp_path, b"#" * (5 << 20))[0]


@given(st.binary(max_size=200))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("cues") / "a.csv"
    file.write_bytes(b"at,what,value\n" + data)
    try:
        read_cues(file, KNOWN)
    except CuesError as error:
        assert str(error)


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
            min_size=1,
            max_size=4,
        )
    )
)
def test_the_table_is_the_whole_text(rows: list[list[str]]) -> None:
    text = "at,what\n" + "".join(",".join(row) + "\n" for row in rows)
    table = read_table(text.encode())
    assert "".join(record.raw for record in table.records) == text.removeprefix("\ufeff")


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5), st.sampled_from(",;\t"))
def test_rows_written_are_read_back(rows: list[list[str]], delimiter: str) -> None:
    table = read_table(f"at{delimiter}what{delimiter}value\n".encode())
    data = table.encoded([*table.records, *(table.record(row) for row in rows)])
    again = read_table(data)
    assert [[cell.text for cell in record.cells] for record in again.records[1:]] == rows


def test_only_what_decides_the_film_is_stored(tmp_path: Path) -> None:
    plain = read(tmp_path, EXAMPLE).as_json()
    spelled = (
        EXAMPLE.replace("0:00.000", "0").replace("2:10.5", "130.50").replace("1.3", "1.30").replace("first", "1st")
    )
    assert read(tmp_path, "# said\n" + spelled + "\n\n").as_json() == plain
    assert read(tmp_path, EXAMPLE.replace("1.3,", "1.31,")).as_json() != plain
    assert Cues.from_json(plain) == read(tmp_path, EXAMPLE)
    assert Cues.from_json(plain).as_json() == plain
    with pytest.raises(CuesError, match="no_cues"):
        Cues.from_json({"rows": [["soon", "", "drop", "", ""]], "removed": [], "kept": []})


def test_rows_as_avwalk_wrote_them_ask_for_nothing(tmp_path: Path) -> None:
    mark = mark_of("0:23.094s", "", "drop", "")
    row = f"0:23.094s,,drop,,,auto:{mark}"
    head = "at,until,what,value,ease,note\n"
    assert not read(tmp_path, head + row)
    assert not read(tmp_path, head + row.replace("0:23.094s", "00:23.0940"))  # a spreadsheet's spelling
    moved = read(tmp_path, head + row.replace("23.094", "25.000"))
    assert moved.removed == {mark} and [c.at.number for c in moved.rows] == [25.0]
    gone = read(tmp_path, f"# avwalk wrote: {mark}\n{head}")
    assert gone.removed == {mark} and not gone.rows


def test_eases() -> None:
    assert parse_ease("", "smoothstep") == ("smoothstep", (1.0, "beat"))
    assert parse_ease("", "cut") == ("cut", (0.0, "s"))
    assert parse_ease("melt:1bar", "cut") == ("melt", (1.0, "bar"))
    assert parse_ease("Linear : 0.5", "cut") == ("linear", (0.5, "s"))
