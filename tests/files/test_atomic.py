"""What an atomic write guarantees."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.errors import OutputError
from avwalk.files import atomic
from avwalk.files.atomic import atomic_file, move, output_error, rename_whole, save_array, whole_file, write_file


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


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What waits for the disk, and what is renamed, in their order."""
    done: list[str] = []
    replace = Path.replace

    def renamed(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(atomic, "sync_file", lambda path: done.append("file"))
    monkeypatch.setattr(atomic, "sync_folder", lambda path: done.append("folder"))
    monkeypatch.setattr(Path, "replace", renamed)
    return done


@pytest.mark.parametrize(
    ("sync", "expected"),
    [("no", ["rename"]), ("file", ["file", "rename"]), ("folder", ["file", "rename", "folder"])],
)
def test_a_file_is_on_the_disk_before_it_has_its_name(
    sync: Any, expected: list[str], steps: list[str], tmp_path: Path
) -> None:
    write_file(tmp_path / "a", b"x", sync=sync)
    assert steps == expected


def test_caches_do_not_wait(steps: list[str], tmp_path: Path) -> None:
    save_array(tmp_path / "a.npy", np.zeros(3), unique=True)
    assert steps == ["rename"]


def test_folders_are_not_synced_on_windows_and_disks_of_macs_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: calls.append("fsync"))
    atomic.sync_folder(tmp_path)
    assert calls == ["fsync"]
    with monkeypatch.context() as patched:
        patched.setattr(os, "name", "nt")
        patched.setattr(os, "open", lambda *args: 1 / 0)
        atomic.sync_folder(tmp_path)
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / "a").touch()
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda handle, what: calls.append(f"fcntl {what}"))
    monkeypatch.setattr("sys.platform", "darwin")
    atomic.sync_file(tmp_path / "a")
    assert calls == ["fsync", "fcntl 51"]


@pytest.mark.parametrize(("number", "fails"), [(errno.EINVAL, False), (errno.ENOSPC, True), (errno.EIO, True)])
def test_what_a_file_system_does_not_know_is_no_error_and_what_is_lost_is(
    number: int, fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    if not fails:
        write_file(tmp_path / "a", b"x")
        return
    with pytest.raises(OutputError, match=os.strerror(number)):
        write_file(tmp_path / "a", b"x")
    assert names(tmp_path) == []


def test_another_volume_is_copied_to_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, final, replace = tmp_path / "made", tmp_path / "film", Path.replace
    made.write_bytes(b"film")

    def elsewhere(self: Path, target: Path) -> Path:
        if self == made:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", elsewhere)
    move(made, final)
    assert names(tmp_path) == ["film"] and final.read_bytes() == b"film"


def test_too_many_open_files_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"Too many open files; allow more open files, as with `ulimit -n 1024`"):
        raise output_error(tmp_path, OSError(errno.EMFILE, os.strerror(errno.EMFILE)))


def test_a_full_disk_is_one_as_numpy_says_it(tmp_path: Path) -> None:
    said = str(output_error(tmp_path, OSError("4096 requested and 0 written")))
    assert "No space left on device; free some space" in said


def test_a_rename_is_the_last_step_of_each_of_them(steps: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"x")
    rename_whole(tmp_path / "a.part", tmp_path / "a")
    assert steps == ["file", "rename", "folder"]
