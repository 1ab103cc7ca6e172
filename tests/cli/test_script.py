"""``avwalk script``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.cli.main import main
from tests.painters.services import serving
from tests.screenplay.chat_server import Chat
from tests.screenplay.tales import CHAT, FRENCH, LIGHTHOUSE


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tale.txt").write_text(LIGHTHOUSE, encoding="utf-8")


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["script", *arguments])
    return int(end.value.code or 0)


def test_a_text_becomes_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tale.txt", "--style", "watercolour", "--universe", "on Mars") == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 4 and all("on Mars" in line and line.endswith("watercolour") for line in lines)
    assert "wrote tale.scenes.csv" in err and (tmp_path / "tale.scenes.csv").exists()
    assert run("tale.txt", "--style", "watercolour", "--universe", "on Mars") == 0
    assert "says all 4 scenes already" in capsys.readouterr().err


def test_a_conversation(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(CHAT, encoding="utf-8")
    assert run("chat.txt", "--length", "1", "--json") == 0
    scenes = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [scene["speaker"] for scene in scenes] == ["Anna", "Ben", "Anna", "Ben"]
    assert "boat" in scenes[1]["prompt"] and scenes[3]["time"] == "dusk"


def test_words_on_a_clock(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "song.lrc").write_text("[00:01.00]The sea is wide\n[00:09.00]The city sleeps\n[00:20.00]\n")
    assert run("song.lrc", "--length", "6s") == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["0:01.0", "0:08.8"]


def test_an_endpoint(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Chat) as service:
        assert run("tale.txt", "--chat", f"{service.url}/v1", "--estimate") == 0
        assert "4 scenes, 2 questions to" in capsys.readouterr().out and not service.asked
        assert run("tale.txt", "--chat", f"{service.url}/v1") == 0
    assert "a heron on post 4, pale dawn" in capsys.readouterr().out


def test_templates_are_written_to_be_edited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tale.txt", "--templates", "mine") == 0
    assert "wrote mine/define.txt" in capsys.readouterr().err.replace("\\", "/")
    (tmp_path / "mine" / "shot.txt").write_text("a woodcut of {happening}")
    assert run("tale.txt", "--templates", "mine") == 0
    assert "a woodcut of " in capsys.readouterr().out


def test_another_language_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "conte.txt").write_text(FRENCH, encoding="utf-8")
    assert run("conte.txt") == 0
    assert "in French" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.txt",), "avwalk: text 'none.txt' cannot be read: No such file or directory; check its name"),
        (("tale.txt", "--length", "long"), "avwalk: --length 'long' is no length of a scene; write 8s, or 3"),
        (("tale.txt", "--most", "2"), "make 4 scenes, and 2 are allowed; make them longer (--length 20s)"),
        (("tale.txt", "--chat", "nowhere"), "is no address of a service"),
        (("tale.txt", "--encoding", "klingon"), "encoding 'klingon' is not known"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) != 0
    err = capsys.readouterr().err
    assert said in err and len(err.splitlines()) == 1 and "Traceback" not in err
