"""Atomic writes: a file gets its final name only when it is complete.

A file is written beside its final name, as ``NAME.part``, and renamed in one step at the end. What is guaranteed:
under the final name there is what was there before, or all of the new file, whenever somebody looks, whenever the
process dies, and after a power cut: the file is on the disk before it is renamed, and its name before anything goes on.
An exception removes the ``.part``; a killed process leaves it, and the next writer overwrites it. Not guaranteed: that
two processes may write one name at a time, unless with ``unique``: then the one that ends last is there. That is for
caches, which do not wait for the disk: what is lost of them is made again.

Waiting takes a few milliseconds a call. `Sync` says for what: a file beside another, which is renamed after it,
needs no folder of its own; of numbered pictures none waits, the record of a run of them does.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from avwalk.errors import OutputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Sync = Literal["no", "file", "folder"]
"""What waits for the disk: nothing, the file before it is renamed, or that and its folder afterwards."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TOO_MANY = (errno.EMFILE, errno.ENFILE)
_LOST = (errno.EIO, errno.ENOSPC, errno.EDQUOT)  # other errors of a sync: this file system knows none


def part_of(path: Path) -> Path:
    """The temporary path (``.part``) of a file that is being written."""
    return path.with_name(path.name + ".part")


def output_error(path: Path, error: OSError) -> OutputError:
    """An `OutputError` with one line for a system error while ``path`` was written."""
    raise_if_short_of_files(path, error)
    full = error.errno in _FULL or (error.errno is None and "requested and" in str(error))  # as NumPy says it
    reason = error.strerror or (os.strerror(errno.ENOSPC) if full else str(error))
    todo = "free some space" if full else "choose another place with --out"
    return OutputError(f"'{path}' cannot be written: {reason}; {todo}")


def raise_if_short_of_files(path: Path, error: OSError) -> None:
    """Says what is short where a file cannot be opened because too many are: it is not damaged, nor its place wrong.

    Raises:
        OutputError: so it is.
    """
    if error.errno in _TOO_MANY:
        raise OutputError(
            f"'{path}' cannot be opened: {error.strerror}; allow more open files, as with `ulimit -n 1024`"
        ) from None


def sync_file(path: Path) -> None:
    """Waits until a file's contents are on the disk: on macOS also in it, past its own cache.

    Raises:
        OSError: they could not be written. That a file system knows no such thing is no error.
    """
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))  # Windows wants it writable
    try:
        _flush(handle)
    except OSError as error:
        if error.errno in _LOST:
            raise
    finally:
        os.close(handle)


def _flush(handle: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
        except OSError:  # a network volume, say, has only the other
            pass
    os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Waits until a folder's names are on the disk. Does nothing on Windows, which opens no folders.

    Raises:
        OSError: they could not be written.
    """
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in _LOST:
            raise


def rename_whole(part: Path, path: Path, sync: Sync = "folder") -> None:
    """Gives a file that is whole its final name; every other function here ends with it.

    Raises:
        OSError: as it came.
    """
    if sync != "no":
        sync_file(part)
    part.replace(path)
    if sync == "folder":
        sync_folder(path.parent)


@contextmanager
def atomic_file(path: Path, *, unique: bool = False, sync: Sync | None = None) -> Iterator[Path]:
    """Yields a ``.part`` path to write to; renames it at the end, or removes it after an exception.

    For callers that have their own words for an ``OSError``; others take `whole_file`.

    Args:
        path: the final name; its folder is there.
        unique: the ``.part`` has a name of its own, for places such as a cache where several write the same file.
        sync: what waits for the disk; None: file and folder, nothing with ``unique``.

    Raises:
        OSError: as it came, while writing or renaming.
    """
    part = part_of(path)
    if unique:
        part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield part
        rename_whole(part, path, sync or ("no" if unique else "folder"))
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def whole_file(path: Path, sync: Sync = "folder") -> Iterator[Path]:
    """`atomic_file` for what a person asked for.

    Raises:
        OutputError: an ``OSError`` while writing or renaming.
    """
    try:
        with atomic_file(path, sync=sync) as part:
            yield part
    except OSError as error:
        raise output_error(path, error) from None


def write_file(path: Path, data: bytes | str, *, parents: bool = False, sync: Sync = "folder") -> None:
    """Writes a file in one step.

    Args:
        path: the final name.
        data: the contents; text becomes UTF-8, its line ends stay as they are.
        parents: makes the folders that it lies in.
        sync: what waits for the disk.

    Raises:
        OutputError: it cannot be written.
    """
    with whole_file(path, sync) as part:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data.encode() if isinstance(data, str) else data)


def save_array(path: Path, array: NDArray[Any], *, unique: bool = False, sync: Sync | None = None) -> None:
    """Writes an array as ``.npy`` in one step; ``unique`` and ``sync`` as of `atomic_file`.

    Raises:
        OSError: it cannot be written.
    """
    import numpy as np

    with atomic_file(path, unique=unique, sync=sync) as part, part.open("wb") as file:  # NumPy makes another name
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


def move(made: Path, final: Path) -> None:
    """Gives what is made, a file or a folder, its final name, from another volume too. What it holds is on the disk.

    Raises:
        OutputError: it cannot be moved; it stays where it is.
    """
    try:
        made.replace(final)
        sync_folder(final.parent)
    except OSError:
        try:  # another volume, or Windows holding the old file open
            if made.is_dir():
                shutil.move(made, final)
                return
            with atomic_file(final) as part:
                shutil.copyfile(made, part)
            made.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write '{final}': {error.strerror}; the film is in '{made}'") from error
