"""What an atomic write guarantees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OutputError
from avwalk.files.atomic import atomic_file, save_array, whole_file, write_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_is_utf8_with_its_own_line_ends(tmp_path: Path) -> None:
    write_file(tmp_path / "new" / "a.txt", "ä\nb", parents=True)
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"\xc3\xa4\nb"
    assert names(tmp_path / "new") == ["a.txt"]


def test_an_exception_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    write_file(file, b"old")
    with pytest.raises(ZeroDivisionError), atomic_file(file) as part:
        part.write_bytes(b"half")
        assert file.read_bytes() == b"old"
        raise ZeroDivisionError
    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    write_file(file, b"old")
    with whole_file(file) as part:
        part.write_bytes(b"new")
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"


def test_what_the_system_says_becomes_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"'.*a\.bin' cannot be written: No such file or directory; choose another"):
        write_file(tmp_path / "none" / "a.bin", b"")
    with pytest.raises(FileNotFoundError):
        save_array(tmp_path / "none" / "a.npy", np.zeros(1))


def test_many_may_write_one_name_with_unique(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: save_array(file, np.full(50_000, k), unique=True), range(64)))
    assert len(set(np.load(file).tolist())) == 1
    assert names(tmp_path) == ["a.npy"]
