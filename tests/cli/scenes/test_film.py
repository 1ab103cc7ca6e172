from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_bad_input import run
from tests.scenes.film.test_assemble import PATH, PLAIN
from tests.scenes.film.test_build import project
from tests.scenes.film_project import make


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_assemble_makes_named_versions(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make(here, PLAIN, PATH, seconds=2.0)
    code, _, err = run(capfd, "scenes", "assemble", "song.wav", "--fps", "10", "--out", "first")
    assert code == 0 and "20 frames" in err
    assert (here / "media/song/stories/first/first.mp4").is_file()
    code, out, _ = run(capfd, "scenes", "assemble", "song.wav", "--fps", "10", "--out", "first", "--json")
    assert code == 0 and json.loads(out.splitlines()[-1])["resumed_frames"] == 20
    code, _, err = run(capfd, "scenes", "assemble", "song.wav", "--fps", "12", "--out", "first")
    assert code == 1 and "--force" in err
    code, _, err = run(capfd, "scenes", "assemble", "song.wav", "--fps", "12", "--story", "first", "-o", "b", "-q")
    assert code == 0 and err == ""


def test_assemble_says_what_is_wrong(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make(here, PLAIN, PATH, seconds=2.0)
    code, _, err = run(capfd, "scenes", "assemble", "song.wav", "--pace", "slow", "--arrive", "bar")
    assert code == 1 and "--pace" in err and "did you mean 'bars'" in err
    code, _, err = run(capfd, "scenes", "assemble", "song")
    assert code == 1 and "song's file" in err
    (here / "media/song/story/transition_sequence.csv").unlink()
    code, _, err = run(capfd, "scenes", "assemble", "song.wav")
    assert code == 1 and "scenes plan" in err


def test_build_says_its_steps(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project(here)
    code, _, err = run(capfd, "scenes", "build", "song", "--fps", "5")
    assert code == 0, err
    assert [line for line in err.splitlines() if line.startswith("[")] == [
        "[1/4] images",
        "[2/4] plan",
        "[3/4] transitions",
        "[4/4] assemble",
    ]
    assert "done in" in err and (here / "media/song/stories/film/film.mp4").is_file()
