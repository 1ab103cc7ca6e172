"""``avwalk paint``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.cli.info import about
from avwalk.cli.main import main
from avwalk.files.image_meta import read
from tests.painters.services import A1111, serving


@pytest.fixture(autouse=True)
def _own_paintings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["paint", *arguments])
    return int(end.value.code or 0)


def test_a_picture_says_how_it_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("a stormy sea at night", "-o", "p.png", "--size", "96x54", "--seed", "3", "--negative", "boats") == 0
    assert read(tmp_path / "p.png").shape == (54, 96, 3)
    found = about(tmp_path / "p.png")
    assert found["prompt"] == "a stormy sea at night" and found["negative prompt"] == "boats" and found["seed"] == "3"
    assert found["painter"] == "worlds" and found["place"] == "sea"
    assert "p.png  worlds" in capsys.readouterr().out


def test_several_pictures_are_named_by_their_seeds(tmp_path: Path) -> None:
    assert run("a calm lake", "-n", "2", "--size", "64x36", "-q") == 0
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["a-calm-lake_0.png", "a-calm-lake_1.png"] or sorted(
        path.name for path in tmp_path.glob("*.png")
    ) == ["a calm lake_0.png", "a calm lake_1.png"]


def test_several_painters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(A1111) as service:
        painters = f"worlds,a1111@{service.url}?price=0.5"
        assert run("a sea", "-p", painters, "-o", "p.png", "--size", "64x64") == 1
        assert "several painters" in capsys.readouterr().err
        assert run("a sea", "-p", painters, "-o", "p.png", "--size", "64x64", "--all", "--estimate") == 0
        assert "2 pictures" in capsys.readouterr().out and not service.asked
        assert run("a sea", "-p", painters, "-o", "p.png", "--size", "64x64", "--all", "--json") == 0
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [record["painter"] for record in records] == ["worlds", "a1111"]
        assert len(service.asked) == 1
        assert run("a sea", "-p", painters, "-o", "p.png", "--size", "64x64", "--all", "--estimate") == 0
        assert "1 of them kept" in capsys.readouterr().out


def test_files_that_are_there_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.png").write_bytes(b"mine")
    assert run("a sea", "-o", "p.png") == 1
    assert (tmp_path / "p.png").read_bytes() == b"mine" and "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["", "-o", "p.png"], "empty"),
        (["a sea", "-o", "p.jpg"], "no PNG"),
        (["a sea", "--size", "big"], "no size"),
        (["a sea", "--size", "1x1"], "out of range"),
        (["a sea", "-n", "0"], "out of range"),
        (["a sea", "--seed", "-1"], "out of range"),
        (["a sea", "--painter", "nobody"], "unknown"),
        (["a sea", "--init", "nowhere.png"], "not there"),
        (["a sea", "--random", "--all"], "contradict"),
        (["a sea", "-p", "a1111@http://127.0.0.1:9"], "is the service running"),
    ],
)
def test_wrong_input_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert said in error and len(error.strip().splitlines()) == 1


def test_a_picture_to_start_from(tmp_path: Path) -> None:
    assert run("a green forest", "-o", "a.png", "--size", "64x36", "-q") == 0
    assert run("a red city", "--init", "a.png", "--strength", "0.3", "-o", "b.png", "--size", "64x36", "-q") == 0
    assert about(tmp_path / "b.png")["denoising strength"] == "0.3"
