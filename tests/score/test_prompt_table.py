from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.errors import CuesError
from avwalk.score.prompt_table import PromptRow, on_frames, read_prompts
from tests.score.songs import analysis, without_beats

SONG = analysis()


def file_of(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "p.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_every_column_and_every_kind_of_time(tmp_path: Path) -> None:
    text = (
        "at,prompt,seed,guidance_scale,negative_prompt\n"
        "0,a forest,7,,\n"
        "# a comment\n"
        'bar:3,"light, baroque",,9.5,"blurry, grey"\n\n'
        "section:A#2,the sea,8,0,\n"
        "drop:1+2beats,fire,,,\n"
        "0:50.5,end,4294967295,,\n"
    )
    rows = read_prompts(file_of(tmp_path, text))
    assert [row.prompt for row in rows] == ["a forest", "light, baroque", "the sea", "fire", "end"]
    assert [row.seed for row in rows] == [7, None, 8, None, 2**32 - 1]
    assert [row.guidance for row in rows] == [None, 9.5, 0, None, None]
    assert rows[1].negative == "blurry, grey" and rows[0].negative is None
    frames = [frame for frame, _ in on_frames(rows, SONG)]
    score = SONG.score
    wanted = [0, score.bars[2], score.sections[2].start, score.drops[0] + 1.0, 50.5]
    assert frames == [int(at * 30 + 0.5) for at in wanted]  # half a frame goes up
    stored = [row.as_json() for row in rows]
    again = [PromptRow.from_json(row) for row in json.loads(json.dumps(stored))]
    assert [row.as_json() for row in again] == stored
    assert [frame for frame, _ in on_frames(again, SONG)] == frames


def test_as_spreadsheets_and_other_programs_write_it(tmp_path: Path) -> None:
    text = "name;AT;Prompt;Guidance;Negative\r\nx;2,5;größe;7,5;nein\r\n"
    (row,) = read_prompts(file_of(tmp_path, text, "utf-16"))
    assert (row.at.number, row.prompt, row.guidance, row.negative) == (2.5, "größe", 7.5, "nein")


def test_every_problem_is_said_with_its_place(tmp_path: Path) -> None:
    text = "at,prompt,seed,guidance_scale\nsoon,a,,\n,b,,\n3,,,\n4,c,-1,much\n5,d,,99\n6,one, two,3,4\n"
    with pytest.raises(CuesError) as caught:
        read_prompts(file_of(tmp_path, text))
    lines = str(caught.value).splitlines()
    places = [":".join(line.split(":")[:3]) for line in lines]
    assert places == [
        "p.csv:2:1",
        "p.csv:3:1",
        "p.csv:4:3",
        "p.csv:5:5",
        "p.csv:5:8",
        "p.csv:6:6",
        "p.csv:7:7",
        "p.csv:7:14",
    ]
    said = ("not understood", "'at' is empty", "'prompt' is empty", "'-1'", "'much'", "99", "'two'", "in no column")
    assert all(words in line for words, line in zip(said, lines, strict=True))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("at,text\n0,a\n", "p.csv:1:1: no column 'prompt'"),
        ("at,prompt,seeed\n0,a,1\n", "did you mean 'seed'"),
        ("at,prompt,prompt\n0,a,b\n", "there twice"),
        ('at,prompt\n0,"a\n', "never closed"),
        ("at,prompt\n", "holds no prompts"),
        ("", "holds no prompts"),
        ("a\0b" * 50, "not text"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CuesError, match=says):
        read_prompts(file_of(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CuesError, match="cannot be read"):
        read_prompts(tmp_path / "none.csv")


def test_times_that_the_song_does_not_have(tmp_path: Path) -> None:
    rows = read_prompts(file_of(tmp_path, "at,prompt\nbar:2,a\n900,b\nbar:2+1ms,c\n"))
    with pytest.raises(CuesError) as caught:
        on_frames(rows, SONG)
    first, second = str(caught.value).splitlines()
    assert first.startswith("p.csv:3:1: ") and "outside the song" in first
    assert second.startswith("p.csv:4:1: ") and "frame of 'a'" in second
    with pytest.raises(CuesError, match="no steady beat"):
        on_frames(rows[:1], without_beats())
