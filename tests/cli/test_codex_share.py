"""``avwalk codex page``, ``lock``, ``share``, ``add``, ``show``: what they print, and how they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_bad_input import run
from tests.codex.pictures import small_codex


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path / "presets"))
    monkeypatch.chdir(tmp_path)
    small_codex(tmp_path / "shore")


def test_lock_share_add_and_make_a_preset(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "codex", "lock", "shore", "--from", "00001.png", "--style", "MOODY")
    assert code == 0 and "prompt    <SCENE>, crimson and gold, moody" in out and "presets new NAME --codex shore" in out
    code, _, err = run(capfd, "codex", "lock", "shore", "--prompt", "<SCENE>")
    assert code == 1 and "is there already" in err
    assert run(capfd, "presets", "new", "mine", "--codex", "shore")[0] == 0
    code, out, _ = run(capfd, "codex", "share", "shore", "shore.codex", "--preset", "mine")
    assert code == 0 and "presets/mine.toml; 6 small pictures" in out
    code, out, _ = run(capfd, "codex", "add", "shore.codex", "--into", "two")
    assert code == 0 and "files added" in out and "--preset two/presets/mine.toml" in out.replace("\\", "/")
    assert "nothing differs" in run(capfd, "codex", "add", "shore.codex", "--into", "two")[1]
    (tmp_path / "two" / "scene.csv").write_text("mine")
    code, _, err = run(capfd, "codex", "add", "shore.codex", "--into", "two")
    assert code == 1 and err.count("\n") == 1 and "other: scene.csv" in err and "--force" in err
    assert "1 replaced" in run(capfd, "codex", "add", "shore.codex", "--into", "two", "--force")[1]
    assert run(capfd, "presets", "new", "theirs", "--codex", "two")[0] == 0


def test_an_override_of_the_codex_is_locked_by_its_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "shore" / "codex.toml").open("a") as file:
        file.write('style = "MOODY"\n[overrides]\nnoir = "film noir, <SCENE>, rain"\n')
    code, out, _ = run(capfd, "codex", "lock", "shore", "--prompt", "noir", "--negative", "text")
    assert code == 0 and "prompt    film noir, <SCENE>, rain, moody\nnegative  text" in out


def test_the_page_is_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "codex", "page", "shore")
    assert code == 0 and Path(out.strip()) == Path("shore/index.html")
    assert (tmp_path / "shore" / "index.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["page", "none"], "is no folder"),
        (["show", "none"], "is no folder"),
        (["show", "shore", "--seconds", "0"], "--seconds 0 is out of range"),
        (["lock", "shore"], "say what is locked"),
        (["lock", "shore", "--from", "none.png"], "cannot be opened"),
        (["lock", "shore", "--prompt", "oil"], "write once where the scene goes"),
        (["lock", "shore", "--prompt", "<SCENE>", "--painter", "a1111@http://x"], "names a place"),
        (["share", "shore"], "say last which file"),
        (["share", "none", "x.codex"], "is not there"),
        (["add", "none.codex"], "is not there"),
        (["add", "shore/scene.csv"], "no shared codex"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "codex", *words)
    assert code == 1 and said in err and err.count("\n") == 1
