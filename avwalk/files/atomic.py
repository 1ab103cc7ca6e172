"""Atomic writes: a file gets its final name only when it is complete.

A file is written beside its final name, as ``NAME.part``, and renamed in one step at the end. What is guaranteed:
under the final name there is what was there before, or all of the new file, whenever somebody looks and whenever the
process dies. An exception removes the ``.part``; a killed process leaves it, and the next writer overwrites it. Not
guaranteed: that a file survives a power cut (nothing waits for the disk), and that two processes may write one name
at a time, unless with ``unique``: then the one that ends last is there.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avwalk.errors import OutputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def part_of(path: Path) -> Path:
    """The temporary path (``.part``) of a file that is being written."""
    return path.with_name(path.name + ".part")


def output_error(path: Path, error: OSError) -> OutputError:
    """An `OutputError` with one line for a system error while ``path`` was written."""
    reason = error.strerror or str(error)
    todo = "free some space" if error.errno in _FULL else "choose another place with --out"
    return OutputError(f"'{path}' cannot be written: {reason}; {todo}")


@contextmanager
def atomic_file(path: Path, *, unique: bool = False) -> Iterator[Path]:
    """Yields a ``.part`` path to write to; renames it at the end, or removes it after an exception.

    For callers that have their own words for an ``OSError``; others take `whole_file`.

    Args:
        path: the final name; its folder is there.
        unique: the ``.part`` has a name of its own, for places such as a cache where several write the same file.

    Raises:
        OSError: as it came, while writing or renaming.
    """
    part = part_of(path)
    if unique:
        part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """`atomic_file` for what a person asked for.

    Raises:
        OutputError: an ``OSError`` while writing or renaming.
    """
    try:
        with atomic_file(path) as part:
            yield part
    except OSError as error:
        raise output_error(path, error) from None


def write_file(path: Path, data: bytes | str, *, parents: bool = False) -> None:
    """Writes a file in one step.

    Args:
        path: the final name.
        data: the contents; text becomes UTF-8, its line ends stay as they are.
        parents: makes the folders that it lies in.

    Raises:
        OutputError: it cannot be written.
    """
    with whole_file(path) as part:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data.encode() if isinstance(data, str) else data)


def save_array(path: Path, array: NDArray[Any], *, unique: bool = False) -> None:
    """Writes an array as ``.npy`` in one step; ``unique`` as of `atomic_file`.

    Raises:
        OSError: it cannot be written.
    """
    import numpy as np

    with atomic_file(path, unique=unique) as part, part.open("wb") as file:  # of a name, NumPy makes another
        np.save(file, array)


def make_folder(folder: Path) -> None:
    """Creates a folder and its parents.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from None
