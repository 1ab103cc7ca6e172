"""Names of files: those that are no text, which no library takes, those too long, and letters spelled in two ways.

Unicode spells é as one sign (NFC, as keyboards do) or as e and an accent (NFD, as macOS and its archives do). To most
file systems these are two names.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

from avwalk.errors import OptionError, clipped

MAX_NAME = 255
"""Bytes (elsewhere than on Linux: letters) that file systems take for one name."""
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(1, 10))}


def name_problem(path: Path) -> str | None:
    """What is wrong with the name of a file, and what to do; None if it is text.

    A name in another encoding than UTF-8, as old archives and memory sticks have them, holds bytes that stand for no
    letter.
    """
    if long := too_long(path):
        return long
    if "\0" in os.fspath(path):
        return f"'{clipped(path)}' holds a zero byte, which no name can have; correct it"
    if not names_are_utf8() and not os.fspath(path).isascii():
        return f"'{readable(path)}' cannot be read: {NOT_UTF8}"
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


def names_are_utf8() -> bool:
    """Whether Python takes names of files for UTF-8, as it does unless the environment says otherwise."""
    return sys.getfilesystemencoding().lower() == "utf-8"


NOT_UTF8 = f"names of files are taken for {sys.getfilesystemencoding()} here; set PYTHONUTF8=1"
"""Where they are not."""


def readable(path: Path) -> str:
    """A name for people, where names are not taken for UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


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


def too_long(path: Path, spare: int = 0) -> str | None:
    """What is wrong with a path one of whose names is longer than a file system takes; None if none is.

    Args:
        path: any.
        spare: bytes that are put behind the last name, for the files beside it.
    """
    for part in path.parts:
        size, limit = len(os.fsencode(part)), MAX_NAME - (spare if part == path.name else 0)
        if size > limit:
            return f"'{clipped(shown(Path(part)), 25)}' is {size} bytes long; shorten it to {limit}"
    return None


def same_name(path: Path | str) -> str:
    """What names have in common that some file system takes for one: case and Unicode form do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", os.fspath(path)).casefold())


def as_there(path: Path) -> Path:
    """A path as it is on disk: itself if there is such a file or folder, else the one of the same letters.

    Raises:
        OptionError: two of the same letters are there, in other Unicode forms.
    """
    text = os.fspath(path)
    if text.isascii() or not is_text(path):
        return path
    try:
        if path.exists() or path.parent == path:
            return path
        folder = as_there(path.parent)
        wanted = unicodedata.normalize("NFC", path.name)
        found = sorted(
            name for name in (each.name for each in folder.iterdir()) if unicodedata.normalize("NFC", name) == wanted
        )
    except (OSError, ValueError):
        return path
    if len(found) > 1:
        raise OptionError(f"'{path}' is the name of {len(found)} files in different Unicode forms; rename one of them")
    return folder / found[0] if found else path
