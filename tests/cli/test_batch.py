from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_bad_input import run, wav
from tests.conftest import clicks


@pytest.fixture
def songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "one.wav", clicks(1.0))
    (tmp_path / "bad.wav").write_text("no music")
    (tmp_path / "songs.csv").write_text("song,generator,size\nbad.wav,testcard,64x36\none.wav,testcard,64x36\n")
    return tmp_path


def test_a_line_per_film_failures_at_the_end_and_the_exit_code(songs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capfd, "batch", "songs.csv")
    lines = out.splitlines()
    assert code == 1 and len(lines) == 2
    assert lines[0].startswith("[1/2] bad.wav") and "failed" in lines[0]
    assert re.match(r"\[2/2\] one\.wav → one_lsd_\d+\.mp4: 30 frames", lines[1])
    assert "1 of 2 films failed" in err and "songs.csv:2" in err
    (songs / "songs.csv").write_text("song,generator,size\none.wav,testcard,64x36\n")
    code, out, _ = run(capfd, "batch", "songs.csv")
    assert code == 0 and "is there already" in out


def test_dry_run_writes_nothing_and_json_is_an_object_per_film(songs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = sorted(songs.iterdir())
    code, out, err = run(capfd, "batch", "songs.csv", "--dry-run")
    assert code == 1 and len(out.splitlines()) == 2 and "generator=testcard" in out
    assert "songs.csv:2" in err and "holds no sound that can be read" in err and "songs.csv:3" not in err
    assert sorted(songs.iterdir()) == before
    code, out, _ = run(capfd, "batch", "songs.csv", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [event["what"] for event in found] == ["failed", "made"]


def test_a_table_with_problems_makes_nothing(songs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (songs / "songs.csv").write_text("song,seed\none.wav,x\nnone.wav,1\n")
    code, out, err = run(capfd, "batch", "songs.csv")
    assert code == 1 and out == "" and "songs.csv:2:9" in err and "songs.csv:3:1" in err
    assert run(capfd, "batch", "none.csv")[0] == 1
