from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.files.png_text import put_text
from tests.cli.test_bad_input import SMALL, run, wav
from tests.conftest import clicks

THEIRS = "sea\nNegative prompt: x\nSteps: 20, Seed: 1, Size: 2x2, Version: v1.7.0"
MALICIOUS = ['{"preset": 3}', '{"preset": {"values": [], "name": "x\\u001b[2J"}}', "[1]", "{", '{"a": 1}']


def png(path: Path, **texts: str) -> Path:
    path.write_bytes(cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes())
    put_text(path, texts)
    return path


def test_a_film_says_how_it_was_made(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    song, film = wav(tmp_path / "s.wav", clicks(1.0)), tmp_path / "a.mp4"
    assert run(capfd, "render", str(song), "--out", str(film), *SMALL, "--seed", "5", "--title", "Dawn")[0] == 0
    code, out, _ = run(capfd, "info", str(film))
    lines = dict(line.split(None, 1) for line in out.splitlines() if not line.startswith("also"))
    assert code == 0 and lines["preset"] == "lsd" and lines["seed"] == "5" and lines["title"] == "Dawn"
    assert lines["fps"] == "30/1" and lines["size"] == "64x36" and lines["generator"] == "testcard"
    found = json.loads(run(capfd, "info", str(film), "--json")[1])
    assert found["song"] == f"sha256 {found['again']['song_sha256']}" and found["size"] == lines["size"]
    assert "major_brand" not in found.get("other", {})
    bare = tmp_path / "b.mp4"
    run(capfd, "render", str(song), "--out", str(bare), *SMALL, "--no-metadata")
    code, out, err = run(capfd, "info", str(bare))
    assert code == 1 and not out and "says nothing" in err and len(err.splitlines()) == 1


def test_pictures_of_avwalk_and_of_others(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    again = {
        "version": "1.2",
        "preset": {"name": "lsd", "values": {"restyle": {"when": "always", "prompt": "ink"}}},
        "seed": 3,
        "song_sha256": "ab" * 32,
        "model": "f00",
        "prompts": {"texts": ["a", "b"], "rows": []},
    }
    own = png(tmp_path / "own.png", avwalk=json.dumps(again), parameters="a\nSteps: 4, Seed: 9, Size: 8x8")
    found = json.loads(run(capfd, "info", str(own), "--json")[1])
    assert found["made_by"] == "avwalk 1.2" and found["prompts"] == ["a", "b"] and found["restyle"] == "ink"
    assert found["prompt"] == "a" and found["steps"] == "4"
    out = run(capfd, "info", str(own))[1].splitlines()
    at = next(k for k, line in enumerate(out) if line.startswith("prompts"))
    assert out[at].split()[1:] == ["a"] and out[at + 1].strip() == "b"
    again |= {
        "generator": "sd",
        "prompts": None,
        "preset": {"name": "x", "values": {"sd": {"prompts": ["sea", "sky"]}}},
    }
    walk = png(tmp_path / "walk.png", avwalk=json.dumps(again))
    assert json.loads(run(capfd, "info", str(walk), "--json")[1])["prompts"] == ["sea", "sky"]
    theirs = png(
        tmp_path / "t.png", parameters="sea\nNegative prompt: x\nSteps: 20, Seed: 1, Size: 2x2, Version: v1.7.0"
    )
    found = json.loads(run(capfd, "info", str(theirs), "--json")[1])
    assert found["made_by"] == "v1.7.0" and found["prompt"] == "sea" and found["negative prompt"] == "x"
    comfy = png(tmp_path / "c.png", prompt='{"3": {}}', workflow='{"nodes": []}')
    code, text, _ = run(capfd, "info", str(comfy))
    assert code == 0 and "ComfyUI" in text and "workflow" in text


@pytest.mark.parametrize(
    "text", ['{"preset": 3}', '{"preset": {"values": [], "name": "x\\u001b[2J"}}', "[1]", "{", '{"a": 1}']
)
def test_what_a_file_says_cannot_break_anything(tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str) -> None:
    code, out, err = run(capfd, "info", str(png(tmp_path / "x.png", avwalk=text)))
    assert code in (0, 1) and "unexpected" not in err and "\x1b" not in out
    assert (code == 1) == (text in ("[1]", "{"))


def test_what_holds_nothing_or_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "info", str(png(tmp_path / "n.png")), "--json")
    assert code == 1 and "says nothing" in err
    code, _, err = run(capfd, "info", str(tmp_path / "none.mp4"))
    assert code == 1 and "not there" in err
    (tmp_path / "t.txt").write_text("text", encoding="utf-8")
    code, _, err = run(capfd, "info", str(tmp_path / "t.txt"))
    assert code == 1 and "cannot be opened" in err


def test_contact_sheets_say_where_they_come_from(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    song = wav(tmp_path / "s.wav", clicks(1.0))
    arguments = (str(song), "--at", "0", "--seconds", "0.5", "--out", str(tmp_path), "--frames", "2")
    assert run(capfd, "preview", *arguments, "--generator", "testcard")[0] == 0
    found = json.loads(run(capfd, "info", str(next(tmp_path.glob("*.png"))), "--json")[1])
    assert found["preset"] == "lsd" and found["generator"] == "testcard"


def test_every_picture_that_a_render_writes_says_how_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "s.wav", clicks(2.0))
    small = ("--generator", "cppn", "--size", "64x36", "-q")
    lines = (
        ("render", "s.wav", *small, "--out", "a.mp4", "--duration", "0.2", "--poster", "--passes", "depth,flow"),
        ("render", "s.wav", *small, "--out", "frames/", "--duration", "0.1"),
        ("preview", "s.wav", *small, "--at", "0", "--seconds", "0.1", "--frames", "2"),
        ("explore", "s.wav", "--generator", "cppn", "-n", "1", "-q"),
        ("analyze", "s.wav", "--plot", "analysis.png"),
        ("cues", "show", "s.wav", "--plot", "cues.png"),
        ("explore", "--prompt", "a reef", "--generator", "cppn", "-n", "2", "--size", "64x36", "-q"),
        ("explore", "--prompt", "a reef", "--generator", "cppn", "--grid", "camera.zoom=1,1.2", "-q"),
    )  # fmt: skip
    for line in lines:
        code, _, err = run(capfd, *line)
        assert code == 0, (line, err)
    made = [path for path in tmp_path.rglob("*") if path.suffix in (".png", ".jpg")]
    assert len(made) >= 6 * 2 + 3 + 6 and {"a.jpg", "analysis.png", "cues.png"} <= {path.name for path in made}
    for path in made:
        code, out, err = run(capfd, "info", str(path), "--json")
        assert code == 0, (path, err)
        found = json.loads(out)
        assert found["made_by"].startswith("avwalk ") and (found.get("preset") or found.get("kind")), path
    poster = json.loads(run(capfd, "info", "a.jpg", "--json")[1])
    assert poster["preset"] == "lsd" and poster["frame"] == 3 and str(tmp_path) not in str(poster["again"])
