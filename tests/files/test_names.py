from __future__ import annotations

import os
from pathlib import Path

import pytest

from avwalk.errors import OptionError
from avwalk.files.names import as_there, is_text, name_problem, same_name, shown, too_long

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


COMPOSED, APART = "\u00e9t\u00e9.wav", "e\u0301te\u0301.wav"


def test_the_exact_name_comes_first_then_the_same_letters(tmp_path: Path) -> None:
    folder = tmp_path / APART
    folder.mkdir()
    (folder / APART).write_bytes(b"")
    if (tmp_path / COMPOSED).exists():
        pytest.skip("this file system takes both for one name")
    assert as_there(tmp_path / COMPOSED / COMPOSED) == folder / APART
    assert as_there(folder / "none.wav") == folder / "none.wav"
    (folder / COMPOSED).write_bytes(b"")
    assert as_there(folder / COMPOSED) == folder / COMPOSED
    mixed = "\u00e9te\u0301.wav"
    with pytest.raises(OptionError, match="2 files in different Unicode forms; rename one"):
        as_there(folder / mixed)


def test_names_that_some_file_system_takes_for_one() -> None:
    assert same_name(COMPOSED) == same_name(APART.upper()) != same_name("ete.wav")


def test_names_too_long() -> None:
    assert too_long(Path("a" * 255)) is None and too_long(Path("é" * 127)) is None
    assert "is 256 bytes long; shorten it to 255" in str(too_long(Path("a" * 256) / "b"))
    assert "is 256 bytes long; shorten it to 250" in str(too_long(Path("é" * 128), 5))
