"""Files that a command is asked to write: refused before the work, made after it."""

from __future__ import annotations

import os
from pathlib import Path


def writable(name: str, force: bool) -> Path:
    """The path, if a file can be written there; a folder that is missing is made then, not now.

    Raises:
        OutputError: it is a folder, is in no folder or one that is closed, or is there and ``force`` is not given.
    """
    from avwalk.errors import OutputError
    from avwalk.files.names import name_problem, too_long

    path = Path(name)
    if problem := name_problem(path) or too_long(path, len(".part")):
        raise OutputError(f"file {problem}")
    if path.is_dir():
        raise OutputError(f"cannot write '{name}': it is a folder; name a file in it")
    there = next(folder for folder in path.absolute().parents if folder.exists())
    if not there.is_dir():
        raise OutputError(f"cannot write '{name}': '{there}' is a file, not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write '{name}': folder '{there}' may not be written to; choose another")
    if path.exists() and not force:
        raise OutputError(f"'{name}' exists; --force replaces it")
    return path
