"""Parts that are rolled again become rows ``seed``, which win over those that are there."""

from __future__ import annotations

import pytest

from avwalk.errors import OptionError
from avwalk.score.cues import Cues
from avwalk.score.redo import parse_span, redone
from tests.score.songs import analysis, without_beats

SONG = analysis()


def cues(*rows: str) -> Cues:
    return Cues.from_json({"rows": [row.split(",") for row in rows], "removed": [], "kept": []})


def rows(found: Cues) -> list[str]:
    return [",".join(row[:2] + row[3:4]) for row in found.as_json()["rows"] if row[2] == "seed"]


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("bar:33-bar:40", "bar:33", "bar:40"),
        ("bar:33-40", "bar:33", "bar:40"),
        ("beat:2.5 – 8", "beat:2.5", "beat:8"),
        ("1:10-1:25.5", "70", "85.5"),
        ("10-20", "10", "20"),
        ("drop:1-2bars-drop:1+4bars", "drop:1-2bar", "drop:1+4bar"),
        ("section:verse-2-end", "section:verse-2#1", "end"),
    ],
)
def test_a_span_is_two_times(text: str, begin: str, end: str) -> None:
    assert [moment.canonical for moment in parse_span(text)] == [begin, end]


@pytest.mark.parametrize("text", ["", "-", "bar:33", "bar:33-", "-bar:3", "bar:0-bar:2", "x-y", "bar:1-8bars"])
def test_what_is_no_span_is_one_clear_error(text: str) -> None:
    with pytest.raises(OptionError, match=r"redo .* is not understood; write FROM-TO"):
        parse_span(text)


def test_it_becomes_a_row_and_takes_the_seed_given_or_the_next() -> None:
    found, notes = redone(Cues(), ["bar:3-bar:5"], SONG, 4, 9)
    assert rows(found) == ["bar:3,bar:5,9"] and notes == []
    found, notes = redone(Cues(), ["bar:3-bar:5"], SONG, 4)
    assert rows(found) == ["bar:3,bar:5,5"]
    assert notes == ["--redo bar:3-bar:5: seed 5, it was 4; --seed N takes another"]
    found, notes = redone(found, ["bar:3-bar:5"], SONG, 4)
    assert rows(found) == ["bar:3,bar:5,6"] and "it was 5" in notes[0]


def test_what_changes_nothing_and_what_overlaps_is_said() -> None:
    assert redone(Cues(), ["3-5"], SONG, 4, 4)[1] == [
        "--redo 3-5 changes nothing: seed 4 is there already; --seed N takes another"
    ]
    before = cues("4,6,seed,9,")
    assert redone(before, ["3-5"], SONG, 4, 4)[1] == [], "from 4 on another one is there"
    assert "changes nothing" in redone(before, ["4-5"], SONG, 4, 9)[1][0]
    assert redone(Cues(), ["3-6", "5-8"], SONG, 4, 9)[1] == [
        "--redo 5-8 overlaps --redo 3-6: where both are, the later one is seen"
    ]
    assert redone(Cues(), ["3-6", "6-8"], SONG, 4, 9)[1] == []


@pytest.mark.parametrize(
    ("text", "todo"),
    [("bar:5-bar:5", "write bar:5-bar:6"), ("beat:3-3", "write beat:3-beat:4"), ("7-7", "write a later end")],
)
def test_an_empty_part_is_said_to_be(text: str, todo: str) -> None:
    with pytest.raises(OptionError, match=f"is empty: it ends where it begins; {todo}"):
        redone(Cues(), [text], SONG, 4)


def test_it_wins_over_rows_that_are_there_and_leaves_the_rest_of_them() -> None:
    before = cues("2,4,seed,1,", "6,12,seed,2,cut", "20,30,seed,3,", "0,,camera.zoom,1.2,")
    assert rows(redone(before, ["3-10"], SONG, 0, 9)[0]) == ["2,4,1", "10,12,2", "20,30,3", "3,10,9"]
    assert rows(redone(before, ["1-13"], SONG, 0, 9)[0]) == ["20,30,3", "1,13,9"]
    assert rows(redone(before, ["22-25"], SONG, 0, 9)[0]) == ["2,4,1", "6,12,2", "20,30,3", "22,25,9"]
    assert redone(before, ["22-25"], SONG, 0)[1] == ["--redo 22-25: seed 4, it was 3; --seed N takes another"]
    assert len(redone(before, ["3-10"], SONG, 0, 9)[0].of("camera.zoom")) == 1


def test_a_row_without_an_end_comes_back_behind_it() -> None:
    """A row lasts until the next of its kind: the new one would end it for good."""
    before = cues("2,,seed,1,", "40,,seed,2,")
    assert rows(redone(before, ["10-12"], SONG, 0, 9)[0]) == ["2,40,1", "40,end,2", "10,12,9"]


def test_times_that_the_song_does_not_have_are_told() -> None:
    with pytest.raises(OptionError, match=r"redo bar:400-bar:402: .*outside the song.*last bar is bar 32"):
        redone(Cues(), ["bar:400-bar:402"], SONG, 0, 9)
    with pytest.raises(OptionError, match=r"redo bar:5-bar:3 ends before it begins"):
        redone(Cues(), ["bar:5-bar:3"], SONG, 0, 9)
    with pytest.raises(OptionError, match=r"redo bar:1-bar:2: .*no steady beat"):
        redone(Cues(), ["bar:1-bar:2"], without_beats(), 0, 9)
