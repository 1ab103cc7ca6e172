"""Atomic writes: a file gets its final name only when it is complete."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avwalk.errors import OutputError

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
def whole_file(path: Path) -> Iterator[Path]:
    """Yields a ``.part`` path to write to; renames it at the end, or removes it after an exception.

    Raises:
        OutputError: an ``OSError`` while writing or renaming.
    """
    part = part_of(path)
    try:
        yield part
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise output_error(path, error) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Creates a folder and its parents.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from None
