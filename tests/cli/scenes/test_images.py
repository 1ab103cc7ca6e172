"""``scenes images``, ``scenes transitions``, ``explore --prompt``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.cli import progress
from tests.cli.test_bad_input import run
from tests.scenes.a_project import a_project, again


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    a_project(tmp_path)


def test_images_are_drawn_once(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "scenes", "images", "song", "--name", "fox")
    assert code == 0 and out.strip() == f"2 pictures drawn in {Path('media/song/prompt_images')}"
    code, out, _ = run(capfd, "scenes", "images", "song", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and events[0]["event"] == "progress" and events[-1]["drawn"] == 2
    assert run(capfd, "scenes", "images", "song", "-q")[1] == ""
    code, _, err = run(capfd, "scenes", "images", "song", "--name", "fix")
    assert code != 0 and "did you mean 'fox'" in err


def test_transitions_that_are_named_are_drawn(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "scenes", "transitions", "song", "--edge", "reef-11 to fox-21", "--steps", "3")
    assert code == 0 and out.startswith("3 frames drawn; 1 transition is whole")
    assert len(list(Path("media/song/transition_images/reef-11 to fox-21").iterdir())) == 3
    code, _, err = run(capfd, "scenes", "transitions", "song", "--edge", "reef-11 to fox-99")
    assert code != 0 and "fox-99" in err
    assert "write 'a-1 to b-2'" in run(capfd, "scenes", "transitions", "song", "--edge", "reef")[2]
    assert "--steps 1 is out of range" in run(capfd, "scenes", "transitions", "song", "--steps", "1")[2]


def test_transitions_of_the_plan_are_drawn(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capfd, "scenes", "transitions", "song")
    assert code != 0 and "avwalk scenes plan song" in err
    story = again(tmp_path).story_dir
    story.mkdir(parents=True)
    (story / "trans_sequence_gen.csv").write_text(
        ",scene_from,c1,c2,section,reversed,input_image_folder\n"
        "0,reef,reef-11,reef-1234567,1,False,reef-11 to reef-1234567\n"
        "1,reef,reef-1234567,fox-21,1,False,reef-1234567 to fox-21\n",
        encoding="utf-8",
    )
    code, out, _ = run(capfd, "scenes", "transitions", "song")
    assert code == 0 and out.startswith("10 frames drawn; 2 transitions are whole")
    out = run(capfd, "scenes", "transitions", "song")[1]
    assert out.startswith("nothing to draw: 2 transitions are whole") and "next: `avwalk scenes assemble song`" in out


def test_without_a_terminal_there_are_lines(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    code, out, err = run(capfd, "scenes", "transitions", "song", "--edge", "reef-11 to fox-21", "--steps", "3")
    lines = err.splitlines()
    assert code == 0 and [line.split(",")[0] for line in lines] == ["1/3 frames", "2/3 frames", "3/3 frames"]
    assert "\r" not in out + err and "\x1b" not in out + err


def test_what_is_odd_is_said_once(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for k in range(5):
        (tmp_path / f"media/song/scenes/beach/{k}.gif").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"media/song/scenes/beach/{k}.gif").write_bytes(b"GIF89a")
    code, _, err = run(capfd, "scenes", "images", "song", "--name", "fox")
    notes = [line for line in err.splitlines() if line.startswith("note:")]
    assert (
        code == 0 and len(notes) == 4 and notes[-1] == "note: and 2 more: `avwalk scenes check song` says all of them"
    )
    assert run(capfd, "scenes", "images", "song", "-q")[2] == ""


def test_seeds_are_explored_and_kept(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capfd, "explore", "--project", "song", "--name", "fox", "-n", "2")
    folder = Path("media/song/explore_images/fox")
    assert code == 0 and out.split() == [str(folder / "image_grid.png"), str(folder / "image_grid.html")]
    assert "avwalk explore --project song --name fox" in (folder / "image_grid.html").read_text(encoding="utf-8")
    code, out, _ = run(capfd, "explore", "--project", "song", "--name", "fox", "--keep", "1, 2")
    assert code == 0 and out.strip().endswith("fox has seeds 21 22 2247248172 759045492")
    assert len(again(tmp_path).definitions["fox"].seeds) == 4
    assert run(capfd, "explore", "--project", "song", "--name", "fox", "-n", "1")[0] == 0  # its own sheet is replaced


def test_a_prompt_needs_no_project(capfd: pytest.CaptureFixture[str]) -> None:
    asked = ("explore", "--prompt", "a red fox", "--size", "64x36", "-n", "2")
    code, out, _ = run(capfd, *asked)
    assert code == 0 and out.split() == ["red_fox_seeds.png", "red_fox_seeds.html"]
    assert "--force replaces it" in run(capfd, *asked)[2]
    assert run(capfd, *asked, "--vary", "7", "--out", "near.png")[1].split()[0] == "near.png"
    code, out, _ = run(capfd, "explore", "--prompt", "a red fox", "--size", "64x36", "--grid", "cppn.warp=0.5,1")
    assert code == 0 and out.strip() == "red_fox_settings.png"
    assert "--project SONG" in run(capfd, "explore", "--prompt", "a red fox", "--keep", "1")[2]
    assert "--size 'big' is not understood" in run(capfd, "explore", "--prompt", "x", "--size", "big")[2]
    assert "give --prompt TEXT" in run(capfd, "explore", "--grid", "steps=1")[2]


def test_columns_are_the_sections_of_a_song(capfd: pytest.CaptureFixture[str], click_song: Path) -> None:
    code, out, _ = run(capfd, "explore", str(click_song), "--prompt", "a red fox", "--size", "64x36", "-n", "2")
    assert code == 0 and Path(out.strip()).name == "red_fox_sections.png" and Path(out.strip()).exists()
