"""Checksums of what a later run builds on, in a record beside it: a line for each file, as ``sha256sum`` writes it.

    # 5f0c… what it was made for, in any words
    9b74…  0000000-0000300.mp4
    e3b0…  0000000-0000300.npz
    # 77ab… sha256 of the lines above

``sha256sum -c RECORD`` checks them by hand. A file is hashed once, when it is closed, and again when it is read by a
later run. A file without a record, as earlier versions left them, is not believed: it is made again.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path

from avwalk.files.atomic import Sync, raise_if_short_of_files, write_file

_BLOCK = 1 << 20  # bytes read at once


class State(Enum):
    """What is known of files that an earlier run left."""

    ABSENT = "absent"
    WHOLE = "whole"
    OTHER = "other"
    """Made for something else, or without checksums."""
    DAMAGED = "damaged"


def sha256_of(path: Path) -> str:
    """sha256 of a file, 64 hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    digest, buffer = hashlib.sha256(), bytearray(_BLOCK)
    with path.open("rb", buffering=0) as file:
        while n := file.readinto(buffer):
            digest.update(memoryview(buffer)[:n])
    return digest.hexdigest()


def record_of(path: Path) -> Path:
    """Where the record of a file is, and of those that belong to it."""
    return path.with_name(path.name + ".sha256")


def write_record(path: Path, label: str, digests: Mapping[Path, str], sync: Sync = "file") -> None:
    """Writes the record of a file; before the file gets its name, so that none that is whole is without.

    Args:
        path: the file.
        label: what it was made for: one line.
        digests: files, itself included → their sha256. Their names are stored as they are seen from the record.
        sync: what waits for the disk: the folder is that of the file.

    Raises:
        OutputError: it cannot be written.
    """
    lines = [f"{digest}  {_name(file, path)}" for file, digest in digests.items()]
    write_file(record_of(path), _signed("\n".join([f"# {label}", *lines, ""])), sync=sync)


def state_of(
    path: Path, label: str, others: Iterable[Path] = (), digest_of: Callable[[Path], str] = sha256_of
) -> State:
    """Whether a file, and others that belong to it, are what their record says.

    Args:
        path: the file.
        label: what it should have been made for.
        others: the files that must be in the record beside it.
        digest_of: gives the sha256 of one of these others.

    Raises:
        OutputError: too many files are open.
    """
    if not path.exists():
        return State.ABSENT
    try:
        text = record_of(path).read_text(encoding="utf-8")
        head, *lines, _ = text.splitlines()
    except FileNotFoundError:
        return State.OTHER
    except (OSError, ValueError) as error:
        return _unreadable(path, error)
    if text != _signed("\n".join([head, *lines, ""])):
        return State.DAMAGED
    if head != f"# {label}":
        return State.OTHER
    files = {_name(file, path): file for file in others}
    digests = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    if set(digests) != {path.name, *files}:
        return State.DAMAGED
    try:
        whole = sha256_of(path) == digests[path.name]
        whole = whole and all(digest_of(file) == digests[name] for name, file in files.items())
    except OSError as error:
        return _unreadable(path, error)
    return State.WHOLE if whole else State.DAMAGED


def files_of(text: str, folder: str) -> list[str]:
    """The files that a record names, as seen from a folder that holds that of the record.

    Args:
        text: of the record.
        folder: of the record, as seen from there.
    """
    names = (line.partition("  ")[2] for line in text.splitlines() if not line.startswith("#"))
    return [posixpath.normpath(f"{folder}/{name}") for name in names]


def recorded(path: Path) -> dict[str, str]:
    """File → sha256, as the record of a file says; nothing is checked. Empty where there is none.

    Names are as they are seen from the record.
    """
    try:
        lines = record_of(path).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines if not line.startswith("#"))}


def is_labelled(path: Path, label: str) -> bool:
    """Whether a file says that it was made for this; nothing in it is checked."""
    try:
        return record_of(path).read_text(encoding="utf-8").startswith(f"# {label}\n")
    except (OSError, ValueError):
        return False


def _signed(text: str) -> str:
    return f"{text}# {hashlib.sha256(text.encode()).hexdigest()}\n"


def _unreadable(path: Path, error: Exception) -> State:
    if isinstance(error, OSError):
        raise_if_short_of_files(path, error)
    return State.DAMAGED


def _name(file: Path, beside: Path) -> str:
    return Path(os.path.relpath(file, beside.parent)).as_posix()
