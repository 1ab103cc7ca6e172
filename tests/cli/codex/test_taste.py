"""Marks of a sheet's page become a taste, and a taste proposes worlds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.cli.main import main
from tests.cli.test_bad_input import wav
from tests.conftest import clicks
from tests.pictures import read


def run(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([*args])
    code = end.value.code
    assert isinstance(code, int)
    return code, *capfd.readouterr()


def test_a_sheet_is_marked_learnt_from_and_more_is_proposed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "s.wav", clicks(2.0))
    small = ("--preset", "idol", "--size", "64x36", "-q", "--generator", "cppn")
    code, out, err = run(capfd, "explore", "s.wav", *small, "-n", "3")
    assert code == 0 and out.split() == ["s_idol_worlds.png", "s_idol_worlds.html"], err
    page = Path("s_idol_worlds.html").read_text(encoding="utf-8")
    assert page.count("<article") == 3 and "avwalk codex taste taste.json s_idol_worlds.png" in page
    code, out, err = run(capfd, "codex", "taste", "taste.json", "s_idol_worlds.png", "--good", "0, 2", "--bad", "1")
    assert code == 0 and "3: 2 good, 1 bad" in out and "3 marks are too few" in out, err
    code, out, err = run(capfd, "explore", "s.wav", "--like", "taste.json", *small[:4], "-n", "4", "-q")
    assert code == 0 and "s_idol_liked.png" in out, err
    names = [line.split()[0] for line in out.splitlines()[:4]]
    assert len(set(names)) == 4 and not set(names) & {"idol-0", "idol-1", "idol-2"}
    assert sum("outside of it" in line for line in out.splitlines()) == 1
    assert "these are guesses" in err and read("s_idol_liked.png").shape[0] > 4 * 36
    seed = names[0].removeprefix("idol-")
    assert run(capfd, "codex", "taste", "taste.json", "s_idol_liked.png", "--bad", seed)[0] == 0
    known = json.loads(run(capfd, "codex", "taste", "taste.json", "--json")[1])
    assert (known["good"], known["bad"]) == (2, 2) and known["caveat"]
    code, _, err = run(capfd, "explore", "s.wav", "--like", "taste.json", *small, "-n", "4")
    assert code == 1 and "--force" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("explore", "--like", "t.json"), "wants a SONG"),
        (("explore", "s.wav", "--like", "t.json", "--vary", "3"), "none of --vary"),
        (("explore", "s.wav", "--like", "t.json", "--generator", "testcard"), "not of testcard"),
        (("explore", "s.wav", "--like", "t.json"), "cannot be opened"),
        (("explore", "s.wav", "--like", "empty.json"), "holds no marks"),
        (("explore", "--prompt", "a fox", "--like", "t.json"), "--like"),
        (("codex", "taste", "t.json"), "cannot be opened"),
        (("codex", "taste", "t.json", "--good", "1"), "rows of a sheet"),
        (("codex", "taste", "t.json", "s.png"), "say which rows"),
        (("codex", "taste", "t.json", "s.png", "--good", "1"), "s.png"),
    ],
)
def test_what_cannot_be_is_said(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "s.wav", clicks(1.0))
    Path("empty.json").write_text('{"avwalk_taste": 1, "marks": []}', encoding="utf-8")
    code, _, err = run(capfd, *args)
    assert code == 1 and said in err and len(err.splitlines()) == 1
