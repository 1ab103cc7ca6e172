"""Names of files that are text; and those that are not, which no library takes."""

from __future__ import annotations

import os
from pathlib import Path

from avwalk.errors import clipped

MAX_BYTES = 255
"""Of a name, on every usual file system."""
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(1, 10))}


def name_problem(path: Path) -> str | None:
    """What is wrong with the name of a file, and what to do; None if it is text.

    A name in another encoding than UTF-8, as old archives and memory sticks have them, holds bytes that stand for no
    letter.
    """
    if long := next((part for part in path.parts if len(os.fsencode(part)) > MAX_BYTES), None):
        return f"'{clipped(shown(Path(long)))}' is a name of more than {MAX_BYTES} bytes; shorten it"
    if "\0" in os.fspath(path):
        return f"'{clipped(path)}' holds a zero byte, which no name can have; correct it"
    if is_text(path.absolute()):
        return None
    if is_text(path):
        return f"'{path}' lies in a folder whose name is not text in UTF-8; rename the folder"
    return f"'{shown(path)}' is no name in UTF-8; rename it"


def is_text(path: Path) -> bool:
    """Whether a name stands for letters."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: Path) -> str:
    """A name for people: what is no letter becomes a question mark."""
    return os.fspath(path).encode("utf-8", "replace").decode()


def is_bare(name: str) -> bool:
    """Whether a name from elsewhere is only that: a name without folders, which opens nothing but what lies here.

    No separator of any system, no drive, no home folder, no address, no device of Windows, no control character.
    """
    if not name.isprintable() or name.startswith("~") or set(name) & set("/\\:") or not name.strip(" ."):
        return False
    return name.split(".")[0].strip().lower() not in _DEVICES


def is_regular(path: Path) -> bool:
    """Whether there is a file of that name, which is no device, pipe or folder: it has an end."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name that a file can have
        return False
