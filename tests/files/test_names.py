from __future__ import annotations

import os
from pathlib import Path

import pytest

from avwalk.files.names import is_text, name_problem, shown

LATIN1 = os.fsdecode(b"caf\xe9.wav") if os.name == "posix" else "caf\udce9.wav"


@pytest.mark.parametrize("name", ["a.wav", "café.wav", "歌.flac", "a b.wav", "-x"])
def test_text_is_fine(name: str) -> None:
    assert name_problem(Path(name)) is None and is_text(Path(name)) and shown(Path(name)) == name


def test_other_encodings_are_told() -> None:
    assert name_problem(Path(LATIN1)) == "'caf?.wav' is no name in UTF-8; rename it"
    assert shown(Path(LATIN1)) == "caf?.wav" and not is_text(Path(LATIN1))


def test_a_folder_above_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "d\udce9"
    try:
        folder.mkdir()
        monkeypatch.chdir(folder)
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    assert name_problem(Path("a.wav")) == "'a.wav' lies in a folder whose name is not text in UTF-8; rename the folder"
