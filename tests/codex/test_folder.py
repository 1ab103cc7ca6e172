"""Marks and sorted folders of a codex."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avwalk.codex.folder import CodexFolder
from avwalk.codex.record import Record, record_texts
from avwalk.errors import CodexError
from avwalk.files.image_meta import write

RECORD = Record(0, "sea", "a lighthouse", {"Ambiance": "fog"}, "a lighthouse, fog", width=8, height=8)


@pytest.fixture
def folder(tmp_path: Path) -> CodexFolder:
    found = CodexFolder(tmp_path / "sea")
    for each in (found.pictures, found.good, found.bad):
        each.mkdir(parents=True)
    for k in range(6):
        record = replace(RECORD, index=k, seed=k)
        write(found.picture(k), np.zeros((8, 8, 3), np.float32), record_texts(record), sync="no")
    return found


def test_the_last_mark_of_a_picture_counts(folder: CodexFolder) -> None:
    for name, mark in (("00000.png", "good"), ("00001.png", "bad"), ("00000.png", "bad"), ("00001.png", "none")):
        folder.add_mark(name, mark)  # type: ignore[arg-type]
    assert folder.read_marks() == ({"00000.png": "bad"}, [])


def test_lines_that_are_no_marks_are_named(folder: CodexFolder) -> None:
    folder.add_mark("00002.png", "good")
    with folder.marks.open("ab") as file:
        file.write(b'\n{"picture": "../x.png", "mark": "bad"}\n{"picture": "a.png", "mark": "great"}\n{"pict')
    marks, left_out = folder.read_marks()
    assert marks == {"00002.png": "good"}
    assert [each.name for each in left_out] == ["marks.jsonl:3", "marks.jsonl:4", "marks.jsonl:5"]


@pytest.mark.parametrize("name", ["../00000.png", "00099.png", ""])
def test_only_pictures_of_the_codex_are_marked(folder: CodexFolder, name: str) -> None:
    with pytest.raises(CodexError, match="no picture of"):
        folder.add_mark(name, "good")


def test_marks_and_folders_count_together_and_each_picture_once(folder: CodexFolder) -> None:
    folder.add_mark("00000.png", "good")
    shutil.copy(folder.picture(0), folder.good / "renamed copy.png")
    shutil.copy(folder.picture(1), folder.good)
    shutil.copy(folder.picture(2), folder.bad)
    write(folder.good / "holiday.png", np.zeros((8, 8, 3), np.float32), {})
    (folder.bad / "snap.jpg").write_bytes(b"\xff\xd8")
    (folder.bad / "notes.txt").write_text("not a picture")
    found = folder.sorted_pictures()
    assert [each.record.index for each in found.good] == [0, 1]
    assert [each.record.index for each in found.bad] == [2]
    assert [each.name for each in found.left_out] == ["good/holiday.png", "bad/snap.jpg"]


def test_a_mark_of_a_picture_that_is_gone_is_left_out(folder: CodexFolder) -> None:
    folder.add_mark("00003.png", "bad")
    folder.picture(3).unlink()
    found = folder.sorted_pictures()
    assert not found.bad and [each.name for each in found.left_out] == ["pictures/00003.png"]


def test_the_same_picture_in_both_is_an_error_that_names_it(folder: CodexFolder) -> None:
    shutil.copy(folder.picture(4), folder.good / "mine.png")
    shutil.copy(folder.picture(4), folder.bad)
    with pytest.raises(CodexError, match="good in good/mine.png and bad in bad/00004.png"):
        folder.sorted_pictures()


def test_a_mark_against_a_folder_is_an_error_too(folder: CodexFolder) -> None:
    folder.add_mark("00005.png", "good")
    shutil.copy(folder.picture(5), folder.bad)
    with pytest.raises(CodexError, match=r"marks.jsonl \(00005.png\) and bad in bad/00005.png"):
        folder.sorted_pictures()


def test_other_folders_can_be_named(folder: CodexFolder, tmp_path: Path) -> None:
    (tmp_path / "liked").mkdir()
    shutil.copy(folder.picture(1), tmp_path / "liked")
    assert [each.record.index for each in folder.sorted_pictures(tmp_path / "liked").good] == [1]
