"""``avwalk codex new``, ``list`` and ``run``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.cli.codex import wizard
from avwalk.cli.info import about
from avwalk.codex.create import CodexSource
from avwalk.codex.folder import CodexFolder
from tests.cli.test_bad_input import run


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_from_tables_to_pictures(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "codex", "new", "mine", "--codex", "matter", "--format", "32x18", "--cycles", "1")
    assert code == 0 and "9 scenes × 1 cycle × 1 variation = 9 pictures of 32x18" in out and "combinations" in out
    assert not (tmp_path / "mine" / "pictures").exists()
    code, out, err = run(capfd, "codex", "run", "mine", "--count", "2", "--estimate")
    assert code == 0 and "2 to paint" in out and not (tmp_path / "mine" / "pictures").exists()
    code, out, err = run(capfd, "codex", "run", "mine", "--count", "3", "--deliver", "64x36")
    assert code == 0 and "3 painted, 3 of 3 there" in out and "0 of 3 pictures are there; 3 to paint" in err
    assert (tmp_path / "mine" / "sheet.png").is_file() and len(list((tmp_path / "mine" / "delivered").iterdir())) == 3
    found = about(tmp_path / "mine" / "pictures" / "00000.png")
    assert found["codex"] == "mine, picture 0" and found["scene"] == "molten metal"
    assert all(": " in line for line in found["attributes"])
    code, out, _ = run(capfd, "codex", "run", "mine", "--count", "3", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert [each["event"] for each in events] == ["plan", "done"] and events[0]["there"] == 3


def test_a_changed_codex_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "codex", "new", "mine", "--codex", "matter", "--format", "32x18", "--cycles", "1", "--json")
    run(capfd, "codex", "run", "mine", "-n", "1", "-q")
    settings = tmp_path / "mine" / "codex.toml"
    text = settings.read_text(encoding="utf-8").replace('style = ""', 'style = "neon"')
    settings.write_text(text, encoding="utf-8")
    code, _, err = run(capfd, "codex", "run", "mine", "-n", "1")
    assert code == 0 and "1 pictures (00000.png, …) are of an earlier state of the codex" in err
    code, out, err = run(capfd, "codex", "run", "mine", "-n", "1", "--redraw")
    assert code == 0 and "1 painted" in out and "earlier state" not in err


def test_pictures_that_fail_are_named(capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "codex", "new", "mine", "--codex", "matter", "--format", "32x18", "-y")
    code, _, err = run(capfd, "codex", "run", "mine", "-n", "2", "--painter", "a1111@http://127.0.0.1:9?timeout=1")
    assert code == 1 and "picture 0 failed" in err and "2 pictures failed: 0, 1; the same command tries them" in err
    assert run(capfd, "codex", "run", "mine", "-n", "2", "-q")[0] == 0


@pytest.mark.parametrize(("arguments", "said"), [
    (("new", "x", "--codex", "mattr"), "codex 'mattr' is unknown (did you mean 'matter'?)"),
    (("new", "x", "--from", "nowhere"), "--from 'nowhere' is no folder"),
    (("new", "x", "--codex", "matter", "--variations", "5"), "--variations 5: must be"),
    (("new", "x", "--codex", "matter", "--painter", "wrlds"), "painter 'wrlds' is unknown"),
    (("new", "x"), "has no scene.csv; take a codex"),
    (("run", "nowhere"), "avwalk codex new nowhere"),
    (("run", "."), "is no codex"),
])  # fmt: skip
def test_what_is_wrong_is_one_line(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    code, _, err = run(capfd, "codex", *arguments)
    assert code == 1 and said in err and len(err.splitlines()) == 1
    assert not (tmp_path / "x").exists()


def test_the_codices_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(run(capfd, "codex", "list", "--json")[1])
    assert [row["name"] for row in rows] == ["landscapes", "matter", "night-city", "storybook"]
    assert all(row["about"] in run(capfd, "codex", "list")[1] for row in rows)


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    left, questions = list(answers), []

    def prompt(question: str, **options: object) -> object:
        questions.append(question)
        return options["type"](left.pop(0))  # type: ignore[operator]

    monkeypatch.setattr("avwalk.cli.codex.wizard.typer.prompt", prompt)
    return questions


def test_the_wizard_asks_only_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = answer(monkeypatch, "storybook", "3", "square", "worlds")
    source, values = wizard.ask(CodexFolder(tmp_path / "x"), CodexSource(), {})
    assert source.shipped == "storybook" and values == {"cycles": 3, "format": "square", "painter": "worlds"}
    assert len(questions) == 4
    questions = answer(monkeypatch, "2")
    given = {"format": "64x36", "painter": "worlds"}
    _, values = wizard.ask(CodexFolder(tmp_path / "x"), CodexSource(shipped="matter"), given)
    assert len(questions) == 1 and values["cycles"] == 2
    assert answer(monkeypatch) == [] and wizard.ask(CodexFolder(tmp_path), CodexSource(echoai=tmp_path), {})[1] == {}


def test_the_wizard_takes_a_table_with_the_one_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scene.csv").write_text("Scene Description\na sea\n", encoding="utf-8")
    (tmp_path / "structure.csv").write_text("Mood\ncalm\n", encoding="utf-8")
    answer(monkeypatch, str(tmp_path / "scene.csv"), "1", "square", "worlds")
    source, _ = wizard.ask(CodexFolder(tmp_path / "x"), CodexSource(), {})
    assert source.scenes == tmp_path / "scene.csv" and source.structure == tmp_path / "structure.csv"
