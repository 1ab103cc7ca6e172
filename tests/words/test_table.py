"""The table of words: read, and merged with what an artist made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import WordsError
from avwalk.files.csv_table import read_table
from avwalk.words.table import merged, parse_table, write_table
from avwalk.words.timing import arranged
from avwalk.words.transcript import Line, words_of
from tests.words.transcripts import lines

ONE, TWO, THREE = (Line(t, t + 2, words_of(text)) for t, text in ((1.0, "One, two"), (4.0, "three"), (8.0, "four")))


def rows(data: bytes) -> list[str]:
    return [line for line in data.decode().splitlines() if not line.startswith("#")][1:]


def lines_in(data: bytes) -> tuple[Line, ...]:
    return arranged(parse_table(data.decode(), "w.csv"), 1000.0)[0]


@given(lines())
def test_what_is_written_is_read_and_merging_it_again_changes_nothing(found: tuple[Line, ...]) -> None:
    data = merged(None, found)
    assert lines_in(data) == found
    assert merged(read_table(data), found) == data


@given(lines(), lines())
def test_an_unedited_table_becomes_that_of_the_new_file(before: tuple[Line, ...], after: tuple[Line, ...]) -> None:
    assert lines_in(merged(read_table(merged(None, before)), after)) == after


def test_what_the_artist_edits_stays_and_what_is_deleted_stays_away() -> None:
    data = merged(None, [ONE, TWO, THREE])
    edited = data.replace(b"three", b"THREE!").replace(rows(data)[2].encode() + b"\n", b"")
    again = merged(read_table(edited), [ONE, TWO, THREE])
    assert [line.text for line in lines_in(again)] == ["One, two", "THREE!"]
    later = [Line(line.start + 0.1, line.end + 0.1, line.words) for line in (ONE, TWO, THREE)]  # a corrected file
    assert [(x.start, x.text) for x in lines_in(merged(read_table(again), later))] == [
        (1.1, "One, two"),
        (4.0, "THREE!"),  # covers the new row
        (8.1, "four"),
    ]


def test_rows_of_the_artist_stand_where_they_are() -> None:
    data = b"start;end;text;speaker\r\n0:02,5;3;Mine;Ana\r\n# remark\r\n20;;Last;\r\n"
    made = merged(read_table(data), [Line(10.0, 12.0, words_of("new"))])
    assert made.startswith(b"# avwalk wrote: ") and b"\r\n0:02,5;3;Mine;Ana\r\n# remark\r\n0:10.000s;" in made
    assert [line.text for line in lines_in(made)] == ["Mine", "new", "Last"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_table_keeps_its_encoding(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "s.words.csv"
    file.write_bytes("start,end,text,note\n1,2,Schön Café,\n".encode(encoding))
    assert write_table(file, [THREE]).startswith("wrote")
    text = file.read_bytes().decode(encoding)
    assert "1,2,Schön Café," in text and "0:08.000s,0:10.000s,four" in text
    assert (tmp_path / "s.words.csv.bak").read_bytes() == "start,end,text,note\n1,2,Schön Café,\n".encode(encoding)
    assert "already" in write_table(file, [THREE])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text\nx\n", "w.csv:1:1: no column 'start'"),
        ("start,text\nsoon,x\n1,y\n", "w.csv:2:1: start 'soon' is no time"),
        ("start,text\n1,\n", "w.csv:2:3: column 'text' is empty"),
        ("start,text\n1,a,b\n", "w.csv:2:5: 'b' is in no column"),
        ('start,text\n1,"a\n', "never closed"),
        ("start,txt\n1,a\n", "did you mean 'text'"),
        ("start,text\n", "holds no row"),
        ("# only\n", "holds no row"),
    ],
)
def test_problems_have_their_place(text: str, said: str) -> None:
    with pytest.raises(WordsError) as caught:
        parse_table(text, "w.csv")
    assert said in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_table("start,text\n" + text, "w.csv")
    except WordsError as error:
        assert "w.csv" in str(error)
