"""Marks of a sheet's rows, and what the sheet says of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.explore.marked_sheet import KEYWORD, SheetWorld, learn_command, marks_of, worlds_text
from avwalk.files.image_meta import write

PICTURE = np.zeros((8, 8, 3), np.float32)
WORLDS = [SheetWorld("3", "lsd-3", {"warmth": 0.25}), SheetWorld("7v2", "lsd-7v2", {"warmth": -0.5})]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "a sheet.png"
    write(path, PICTURE, worlds_text(WORLDS))
    return path


def test_rows_become_marks(sheet: Path) -> None:
    good, bad = marks_of(sheet, ["7v2"], ["3"])
    assert (good.world, good.good, good.features) == ("lsd-7v2", True, {"warmth": -0.5})
    assert (bad.world, bad.good) == ("lsd-3", False)
    assert learn_command(sheet).startswith("avwalk codex taste ") and "a sheet.png" in learn_command(sheet)


@pytest.mark.parametrize(
    ("good", "bad", "said"), [(["3"], ["3"], "in --good and in --bad"), (["9"], [], "no row '9'; it has 3, 7v2")]
)
def test_marks_that_cannot_be_are_refused(sheet: Path, good: list[str], bad: list[str], said: str) -> None:
    with pytest.raises(OptionError, match=said.replace("--", "")):
        marks_of(sheet, good, bad)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"worlds": 3}', json.dumps({"worlds": [{"row": str(k)} for k in range(2000)]})]
)
def test_a_sheet_that_says_nothing_or_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path / "x.png", PICTURE, {KEYWORD: text})
    with pytest.raises(OptionError, match="does not say which worlds"):
        marks_of(tmp_path / "x.png", ["0"], [])


def test_a_row_that_is_no_world_is_refused(tmp_path: Path) -> None:
    rows = {"worlds": [{"row": "0", "world": "a", "features": {"w": "far"}}]}
    write(tmp_path / "x.png", PICTURE, {KEYWORD: json.dumps(rows)})
    with pytest.raises(OptionError, match="is no world"):
        marks_of(tmp_path / "x.png", ["0"], [])


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"text")
    with pytest.raises(OptionError, match="is no PNG"):
        marks_of(tmp_path / "x.png", ["0"], [])
