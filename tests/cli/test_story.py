from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.cli.info import about
from avwalk.story import film_plan
from avwalk.story.film import TAG
from tests.cli.test_bad_input import run
from tests.story.tales import ToneVoice, book, tale

SMALL = ["--size", "64x36", "--fps", "10", "--workers", "1", "--no-card"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(film_plan, "open_voice", lambda name, speed, language: None if name == "none" else ToneVoice())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_story_by_itself_is_told_and_its_folder_is_worked_on(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "A red fox ran over the green hills all day. At night it slept."
    tale(here, f"The Fox\n\n{text}\n\nIt woke up early in the white snow of the morning.")
    code, _, err = run(capfd, "story", "tale.txt", *SMALL)
    assert (
        code == 0 and "2 storylets" in err and "picture 1 (1/2)" in err and (here / "tale_story" / "tale.mp4").exists()
    )
    code, out, _ = run(capfd, "story", "tale_story", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and events[-1]["event"] == "done" and events[-1]["resumed_frames"] == events[-1]["n_frames"]
    code, _, err = run(capfd, "story", "redo", "tale_story", "2", "--seed", "5")
    assert code == 0 and "picture 2" in err and "are there already" in err
    code, _, err = run(capfd, "story", "edit", "tale_story", "2", "--mask", "m.png", "--prompt", "a moon")
    assert code == 1 and "cannot change a part of a picture" in err and err.count("\n") == 1
    assert run(capfd, "story", "board", "tale_story")[1].strip() == "wrote tale_story/board.pdf"
    code, out, _ = run(capfd, "story", "export", "tale_story", "--to", "zip")
    assert code == 0 and (here / "tale.zip").exists()
    assert run(capfd, "story", "like", "tale_story", "1")[0] == 0
    assert run(capfd, "story", "note", "tale_story", "2", "more snow")[0] == 0
    code, _, err = run(capfd, "story", "dislike", "tale_story", "3")
    assert code == 1 and "there is no storylet 3; the story has 1 to 2" in err
    assert len((here / "tale_story" / "reviews.jsonl").read_text().splitlines()) == 2


def test_told_again_a_story_is_as_it_was_but_for_what_is_given(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tale(here)
    assert run(capfd, "story", "tale.txt", *SMALL, "--no-film", "--style", "oil")[0] == 0
    code, _, err = run(capfd, "story", "tale.txt")
    assert code == 0 and "all 3 are there" in err and not (here / "tale_story" / "tale.mp4").exists()
    assert "as it was told before: style oil, film no, size 64x36, fps 10, card no (--forget takes none of it)" in err
    code, _, err = run(capfd, "story", "tale.txt", "--style", "ink", "--size", "64x36")
    assert code == 0 and "style is ink from now on; it was oil" in err and "size is" not in err
    assert "picture 3 (3/3)" in err
    code, out, _ = run(capfd, "story", "tale.txt", "--forget", "--estimate")
    assert code == 0 and "a film of about" in out and "3 to paint" in out


def test_a_story_whose_folder_cannot_be_read_is_told_again(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tale(here)
    assert run(capfd, "story", "tale.txt", *SMALL, "--no-film")[0] == 0
    (here / "tale_story" / "story.json").write_text("{")
    assert run(capfd, "story", "tale.txt", *SMALL, "--no-film")[0] == 0


def test_an_estimate_makes_nothing(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tale(here)
    code, out, _ = run(capfd, "story", "--estimate", "tale.txt")
    assert code == 0 and out.startswith("3 storylets") and "3 to paint" in out
    assert {path.name for path in here.iterdir()} <= {"tale.txt", "cache"}
    code, out, _ = run(capfd, "story", "tale.txt", "--estimate", "--json")
    assert code == 0 and json.loads(out)["storylets"] == 3


def test_several_stories_go_on_where_one_fails(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tale(here, "A fox ran over the hills of the land.", "a.txt")
    tale(here, "", "b.txt")
    code, _, err = run(capfd, "story", "b.txt", "a.txt", *SMALL, "--no-film", "--quiet")
    assert code == 1 and "b.txt" in err and "is empty" in err and "1 of 2 stories failed" in err
    assert (here / "a_story" / "index.html").exists() and not (here / "a_story" / "a.mp4").exists()
    code, _, err = run(capfd, "story", "a.txt", "b.txt", "-o", "x")
    assert code == 1 and "--out is the folder of one story" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "no story is given"),
        (["nothing.txt"], "neither a story that is there nor a command"),
        (["reddo", "x", "1"], "did you mean 'redo'"),
        (["folder"], "is no folder of a story"),
        (["tale.txt", "--size", "7x7"], "--size 7x7 is out of range"),
        (["tale.txt", "--fps", "no"], "fps 'no' is not a number"),
        (["tale.txt", "--speed", "9"], "speed"),
        (["tale.txt", "--painter", "wrlds"], "wrlds"),
        (["tale.txt", "--narrate", "--voice", "none"], "contradict"),
        (["tale.txt", "--music", "none.wav"], "none.wav"),
        (["tale.txt", "--limit", "1"], "--limit 3 allows them"),
        (["book.epub", "--chapter", "4"], "out of range"),
        (["redo", "folder", "1"], "is no folder of a story"),
        (["export", "folder", "--to", "zip"], "is no folder of a story"),
        (["tale.txt", "--colour", "red"], "--colour"),
    ],
)
def test_bad_input_is_one_line(here: Path, capfd: pytest.CaptureFixture[str], args: list[str], said: str) -> None:
    tale(here)
    (here / "folder").mkdir()
    book(here / "book.epub", {"a.xhtml": "<p>" + "word " * 50 + "</p>"})
    quiet = [] if args[:1] in (["redo"], ["export"]) else ["--quiet"]
    code, _, err = run(capfd, "story", *(args or ["tell"]), *quiet)
    lines = [line for line in err.splitlines() if line]
    assert code in (1, 2) and said in err and len(lines) == 1, err
    assert "Traceback" not in err


def test_help_names_the_commands(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "story", "--help")
    assert code == 0 and all(f"  {name} " in out for name in ("tell", "redo", "edit", "board", "export", "note"))
    code, out, _ = run(capfd, "story", "tell", "--help")
    assert code == 0 and "--painter" in out and "--narrate" in out


def test_a_film_of_a_story_says_that_it_is_one(tmp_path: Path) -> None:
    frames = [av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), "rgb24") for _ in range(3)]
    with av.open(str(tmp_path / "a.mp4"), "w", options={"movflags": "use_metadata_tags"}) as film:
        film.metadata.update({"title": "The Lamp", TAG: '{"version": "1.2.3", "film": "0f"}'})
        stream = film.add_stream("libx264", rate=10)
        stream.width = stream.height = 16
        film.mux([packet for frame in (*frames, None) for packet in stream.encode(frame)])
    told = about(tmp_path / "a.mp4")
    assert told["made_by"] == "avwalk 1.2.3" and "avwalk story" in told["story"] and told["title"] == "The Lamp"
