"""`avwalk codex rank`: what it says, and what it makes of pictures that cannot be ranked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.cli.main import main
from avwalk.codex.folder import CodexFolder
from avwalk.codex.record import Record, record_texts
from avwalk.files.image_meta import write
from tests.pictures import read

PICTURE = np.zeros((8, 8, 3), np.float32)


def run(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["codex", "rank", *args])
    code = end.value.code
    assert isinstance(code, int)
    return code, *capfd.readouterr()


@pytest.fixture
def codex(tmp_path: Path) -> CodexFolder:
    """40 pictures; those in ink are marked good, those in oil bad."""
    folder = CodexFolder(tmp_path / "sea")
    folder.pictures.mkdir(parents=True)
    lines = []
    for k in range(40):
        attributes = {"Prefix": "ink" if k % 2 else "oil", "Light": ("day", "night")[k // 2 % 2]}
        record = Record(k, "sea", f"scene {k % 3}", attributes, f"p{k}", seed=k, width=8, height=8)
        write(folder.picture(k), PICTURE, record_texts(record), sync="no")
        lines.append(json.dumps({"picture": f"{k:05d}.png", "mark": "good" if k % 2 else "bad"}))
    folder.marks.write_text("\n".join(lines), encoding="utf-8")
    folder.scenes.write_text("Scene Description\nscene 0\nscene 1\nscene 2\n", encoding="utf-8")
    folder.structure.write_text("Prefix,Light\noil,day\nink,night\n", encoding="utf-8")
    return folder


def test_what_is_liked_is_said_drawn_and_written(codex: CodexFolder, capfd: pytest.CaptureFixture[str]) -> None:
    plot = codex.path / "liked.png"
    before = codex.structure.read_bytes()
    code, out, err = run(capfd, str(codex.path), "--plot", str(plot), "--optimise")
    assert code == 0, err
    assert "40: 20 good, 20 bad" in out and "liked" in out and "20 of 20  Prefix: ink" in out
    assert "0 of 20  Prefix: oil" in out and "AUC 1.00" in out
    assert read(plot).shape[1] > 800 and read(plot, cv2.IMREAD_GRAYSCALE).std() > 5
    optimised = (codex.path / "structure-optimized.csv").read_text(encoding="utf-8")
    assert optimised.splitlines()[1].startswith("ink,") and "oil" not in optimised
    assert codex.structure.read_bytes() == before
    code, _, err = run(capfd, str(codex.path), "--optimise")
    assert code == 1 and "--force" in err
    assert run(capfd, str(codex.path), "--optimise", "--force")[0] == 0


def test_everything_is_in_the_json(codex: CodexFolder, capfd: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capfd, str(codex.path), "--json")[1])
    assert (found["good"], found["bad"], found["auc"]["knows"]) == (20, 20, True)
    ink = next(each for each in found["ranks"] if each["value"] == "ink")
    assert (ink["category"], ink["likes"], ink["dislikes"], ink["verdict"]) == ("Prefix", 20, 0, "liked")


def test_folders_as_echoai_has_them_count(codex: CodexFolder, capfd: pytest.CaptureFixture[str]) -> None:
    codex.marks.unlink()
    for name, first in (("ranking_good", 1), ("ranking_bad", 0)):
        (codex.path / name).mkdir()
        for k in range(first, 12, 2):
            shutil.copy(codex.picture(k), codex.path / name / f"liked {k}.png")
    (codex.path / "ranking_good" / "holiday.jpg").write_bytes(b"no picture")
    code, out, err = run(capfd, str(codex.path))
    assert code == 0 and "12: 6 good, 6 bad" in out
    assert "left out  ranking_good/holiday.jpg: " in err


def test_a_picture_that_is_good_and_bad_is_named(codex: CodexFolder, capfd: pytest.CaptureFixture[str]) -> None:
    codex.bad.mkdir()
    shutil.copy(codex.picture(1), codex.bad / "copy.png")
    code, _, err = run(capfd, str(codex.path))
    assert code == 1 and "00001.png" in err and "bad/copy.png" in err


@pytest.mark.parametrize(("marks", "said"), [(0, "no picture is marked"), (3, "3 marks tell nothing yet")])
def test_too_few_marks_are_said(codex: CodexFolder, capfd: pytest.CaptureFixture[str], marks: int, said: str) -> None:
    lines = codex.marks.read_text(encoding="utf-8").splitlines()[:marks]
    codex.marks.write_text("\n".join(lines), encoding="utf-8")
    code, out, err = run(capfd, str(codex.path))
    assert (code == 0) == (marks > 0) and said in out + err


def test_random_marks_are_said_to_be_no_taste(codex: CodexFolder, capfd: pytest.CaptureFixture[str]) -> None:
    marks = [json.dumps({"picture": f"{k:05d}.png", "mark": "good" if k // 4 % 2 else "bad"}) for k in range(40)]
    codex.marks.write_text("\n".join(marks), encoding="utf-8")
    code, out, _ = run(capfd, str(codex.path))
    assert code == 0 and "none: what was liked cannot be told from chance" in out and "knows nothing" in out


def test_folders_that_are_not_there_are_named(codex: CodexFolder, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, str(codex.path / "none"))
    assert code == 1 and "is no folder" in err
    code, _, err = run(capfd, str(codex.path), str(codex.path / "liked"), str(codex.bad))
    assert code == 1 and "liked' is no folder" in err
