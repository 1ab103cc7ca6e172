from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.contracts import Score
from avwalk.errors import CuesError
from avwalk.files.csv_table import read_table
from avwalk.score.correction import correct
from avwalk.score.cues import Cues, read_cues, read_rows
from avwalk.score.findings import findings, merged
from tests.score.songs import analysis, without_beats

SONG = analysis()
FOUND = findings(SONG.score)
NEW = merged(None, FOUND)


def again(data: bytes, score: Score = SONG.score) -> bytes:
    return merged(read_table(data), findings(score))


def cues_in(data: bytes, folder: Path) -> Cues:
    file = folder / "a.cues.csv"
    file.write_bytes(data)
    return read_cues(file, {})


def test_a_new_file_says_what_was_found_and_asks_for_nothing(tmp_path: Path) -> None:
    text = NEW.decode()
    assert "at,until,what,value,ease,note\n" in text
    for line in (
        "0:00.000s,,tempo,120.00,,auto:",
        "0:00.250s,,downbeat,,,auto:",
        ",,section,B,,auto:",
        ",,drop,,,auto:",
    ):
        assert line in text
    assert not cues_in(NEW, tmp_path)


def test_writing_twice_is_writing_once() -> None:
    assert again(NEW) == NEW


def test_a_song_with_nothing_in_it() -> None:
    assert merged(None, findings(without_beats().score)).decode().count("auto:") == 2  # the help, and one section


@pytest.mark.parametrize("text", ["", "# only a comment", "\n", "at,what", "at,what,value\n", "what;at"])
def test_files_without_rows(text: str, tmp_path: Path) -> None:
    data = again(text.encode())
    assert text.strip() in data.decode() and again(data) == data and data.decode().count("auto:") == len(FOUND)
    assert not cues_in(data, tmp_path)
    rows = read_rows(read_table(data))[1]
    assert [row.text("value") for row in rows if row.text("what") == "section"] == ["A", "B", "A", "C"]


def test_the_artists_rows_are_kept_to_the_letter(tmp_path: Path) -> None:
    mine = "bar:9 ,, Camera.Zoom, 1.3 ,,  mine\r\n"
    data = (
        NEW.decode().replace("\n", "\r\n").replace(",,drop,", ",,drop,no").encode()
        + b"# my comment\r\n"
        + mine.encode()
    )
    later = dataclasses.replace(SONG.score, tempo_bpm=121.0, drops=np.array([40.0]))
    text = again(data, later).decode()
    assert "# my comment\r\n" + mine in text and "\n" not in text.replace("\r\n", "")
    assert text.index(",tempo,") < text.index(",section,") < text.index(",drop,,") < text.index("# my comment")
    assert text.count(",drop,") == 2 and "0:40.000s,,drop,,,auto:" in text and ",drop,no," in text
    assert ",tempo,121.00," in text and ",tempo,120.00," not in text
    assert again(text.encode(), later).decode() == text


def test_what_is_taken_out_or_changed_stays_so(tmp_path: Path) -> None:
    lines = NEW.decode().splitlines(keepends=True)
    without = "".join(line for line in lines if ",drop," not in line)
    moved = without.replace(",section,B,", ",section,chorus,")
    assert again(moved.encode()).decode() == moved
    score, problems = correct(SONG, cues_in(moved.encode(), tmp_path))
    assert problems == [] and len(score.drops) == 0
    assert [s.label for s in score.sections] == ["A", "chorus", "A", "C"]
    assert [s.start for s in score.sections] == pytest.approx([s.start for s in SONG.score.sections], abs=5e-4)


def test_a_section_ends_at_the_next_row_be_it_found_or_the_artists(tmp_path: Path) -> None:
    renamed = NEW.decode().replace(",section,A,", ",section,verse,")  # the first and the third
    score, _ = correct(SONG, cues_in(renamed.encode(), tmp_path))
    assert [s.label for s in score.sections] == ["verse", "B", "verse", "C"]
    assert [s.start for s in score.sections] == pytest.approx([s.start for s in SONG.score.sections], abs=5e-4)
    stored = cues_in(renamed.encode(), tmp_path).as_json()
    assert correct(SONG, Cues.from_json(stored))[0].sections == score.sections


def test_a_note_is_an_edit() -> None:
    noted = NEW.decode().replace("tempo,120.00,,auto:", "tempo,120.00,,sure? auto:")
    text = again(noted.encode(), dataclasses.replace(SONG.score, tempo_bpm=121.0)).decode()
    assert "sure? auto:" in text


def test_what_the_artist_has_said_by_hand_is_not_said_again() -> None:
    text = again(f"at,what,value\n{SONG.score.drops[0] + 0.04},drop,\n".encode()).decode()
    assert text.count("drop") == 1
    assert text.splitlines()[1] == "at,what,value,until,note"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_encoding_and_delimiter_stay(encoding: str, delimiter: str, tmp_path: Path) -> None:
    text = "value,at,what,until,note\nCafé,bar:1,section,,größer\n".replace(",", delimiter)
    data = again(text.encode(encoding))
    shown = data.decode(encoding)
    assert shown.splitlines()[1:3] == text.splitlines() and again(data) == data
    assert f"{delimiter}drop{delimiter}{delimiter}auto:" in shown


def test_columns_are_not_put_under_notes_with_commas() -> None:
    with pytest.raises(CuesError, match="no column until and value; name them"):
        again(b"at,what,note\n1,drop,one, two\n")


columns = ["at", "until", "what", "value", "ease", "note"]
artists = st.lists(
    st.sampled_from(
        [
            "bar:2,,camera.zoom,1.2,,mine",
            "",
            "# a comment",
            "0:30,,drop,,,",
            "bar:4,bar:6,section,X,,",
            '1.5,,text,"a, b",cut,"two\nlines"',
            "0:00.000s,,tempo,99,,auto:00000000",
            ",,,,,",
        ]
    ),
    max_size=8,
)


@given(artists, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_merging_keeps_every_row_and_is_idempotent(lines: list[str], newline: str, ends: bool) -> None:
    text = newline.join([",".join(columns), *lines]) + (newline if ends else "")
    once = again(text.encode())
    assert again(once) == once
    left = once.decode()
    for line in text.split(newline):  # all are there, in their order
        assert line in left
        left = left[left.index(line) + len(line) :]


@given(st.lists(st.floats(1, 60), max_size=5), st.lists(st.floats(1, 60), max_size=5))
def test_what_is_no_longer_found_goes(before: list[float], after: list[float]) -> None:
    scores = [dataclasses.replace(SONG.score, drops=np.unique(np.round(drops, 3))) for drops in (before, after)]
    data = again(merged(None, findings(scores[0])), scores[1])
    marks = {finding.mark for finding in findings(scores[1])}
    text = data.decode()
    assert text.count(",drop,,,auto:") == len(scores[1].drops)
    assert all(f"auto:{mark}" in text for mark in marks)
