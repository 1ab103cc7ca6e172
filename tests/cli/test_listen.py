"""``avwalk listen``, ``score``, ``music``, ``serve``: what they print, and how they refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from avwalk.files.image_meta import write
from tests.cli.test_bad_input import run


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path / "presets"))
    monkeypatch.chdir(tmp_path)


def typed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))


def test_a_chat_becomes_pictures(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chat.txt").write_text("Anna: a calm lake in the morning fog\nBen: a red boat on a stormy sea\n")
    code, out, _ = run(capfd, "listen", "--text", "chat.txt", "--size", "64x36")
    assert code == 0 and len(out.splitlines()) == 2 and "0002.png  a red boat on a stormy sea" in out
    typed(monkeypatch, "ein Wald — a dark forest at night".encode())
    code, out, _ = run(capfd, "listen", "--text", "-", "--size", "64x36", "--json")
    assert code == 0 and json.loads(out)["picture"] == "0003.png" and json.loads(out)["source"] == "stdin"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give a sound or --text FILE"),
        (["a.wav", "--text", "b.txt"], "one of them"),
        (["--live", "--text", "b.txt"], "contradict"),
        (["--text", "nothing.txt"], "nothing.txt"),
        (["--text", "-"], "no word"),
        (["--text", "-", "--painter", "brush"], "painter"),
        (["--text", "-", "--size", "big"], "--size"),
        (["--text", "-", "--length", "x"], "--length"),
    ],
)
def test_what_cannot_be_listened_to(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, b"\n")
    code, _, err = run(capfd, "listen", *words)
    assert code == 1 and said in err and len(err.splitlines()) == 1


def test_without_a_recogniser_speech_says_what_to_install(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from avwalk.listen.recognition import recogniser

    recogniser.cache_clear()
    monkeypatch.setattr("avwalk.listen.recognition.speech_problem", lambda kind: "it needs pip install 'avwalk[voice]'")
    for words in (["a.wav"], ["--live", "-"]):
        code, _, err = run(capfd, "listen", *words)
        assert code == 1 and "pip install 'avwalk[voice]'" in err


def test_pictures_are_scored(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for k in range(3):
        write(tmp_path / f"{k}.png", np.full((20, 30, 3), 0.3 * k, np.float32), {})
    code, out, err = run(capfd, "score", ".")
    assert code == 0 and out.splitlines()[-1].startswith("SSIM of neighbours") and "n = 2" in out
    assert "no CLIP score" in err and "--model FOLDER" in err
    code, out, err = run(capfd, "score", "0.png", "1.png", "--no-clip", "--json")
    assert code == 0 and not err and json.loads(out)["clip_score"]["n"] == 0
    for words, said in (
        (["nothing.png"], "not there"),
        (["0.png", "--model", "nothing"], "none of these pictures says its prompt"),
        (["0.png", "--model", "x", "--no-clip"], "contradict"),
        (["0.png", "--prompts", "nothing"], "cannot be read"),
    ):
        code, _, err = run(capfd, "score", *words)
        assert code == 1 and said in err and len(err.splitlines()) == 1


def test_music_is_composed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "music", "calm:3", "tense", "--seconds", "2", "--rate", "8000", "-o", "a/m.wav")
    assert code == 0 and "5.0 s" in out and "LUFS" in out and soundfile.info("a/m.wav").frames == 40_000
    code, out, _ = run(capfd, "music", "calm:3", "--rate", "8000", "-o", "a/n.wav", "--json")
    assert code == 0 and json.loads(out)["sections"][0]["mood"] == "calm" and len(json.loads(out)["beats"]) >= 3
    for words, said in (
        (["calm", "-o", "a/m.wav"], "--force"),
        (["calm", "-o", "m.mp3"], "no WAV"),
        (["calmm"], "did you mean 'calm'"),
        (["calm:x"], "no length"),
        (["calm:3600", "calm:3600"], "too long"),
    ):
        code, _, err = run(capfd, "music", *words)
        assert code == 1 and said in err and len(err.splitlines()) == 1


def test_a_server_is_refused_where_it_would_be_open(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AVWALK_SERVE_TOKEN", raising=False)
    (tmp_path / "short").write_text("abc")
    for words, said in (
        (["--host", "0.0.0.0"], "can be reached by others"),
        (["--token-file", "short"], "no token of 16"),
        (["--save_to_disk", "perhaps"], "neither yes nor no"),
        (["--img_format", "gif"], "JPEG, jpeg, png"),
        (["--port", "99999"], "--port"),
        (["--rate", "-1"], "--rate"),
    ):
        code, _, err = run(capfd, "serve", *words)
        assert code == 1 and said in err and len(err.splitlines()) == 1, words


def test_without_the_extra_a_server_says_what_to_install(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fastapi", None)
    monkeypatch.delitem(__import__("sys").modules, "avwalk.serve.app", raising=False)
    monkeypatch.delitem(__import__("sys").modules, "avwalk.serve.jobs_api", raising=False)
    code, _, err = run(capfd, "serve", "--port", "0")
    assert code == 1 and "pip install 'avwalk[serve]'" in err


def test_a_conversation_in_a_locked_style(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "chat.txt").write_text("Anna: a calm lake in the morning fog\nBen: a red boat on a stormy sea\n")
    assert run(capfd, "codex", "lock", "--prompt", "watercolour of <SCENE>, teal", "--negative", "people")[0] == 0
    assert run(capfd, "presets", "new", "mine", "--codex", ".")[0] == 0
    code, out, _ = run(capfd, "listen", "--text", "chat.txt", "--size", "64x36", "--preset", "mine", "--json")
    records = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and all(each["prompt"].startswith("watercolour of ") for each in records)
    assert all(each["prompt"].endswith(", teal") and each["negative"] == "people" for each in records)
    assert run(capfd, "listen", "--text", "chat.txt", "--preset", "lsd")[0] == 1
