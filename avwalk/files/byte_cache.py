"""A folder of small files in the user's cache, each sealed by its sha256; those used longest ago go first.

Never a reason to fail: what is damaged is not there, and that nothing can be written is said once.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from avwalk.arrays.sealed import sealed, unsealed
from avwalk.events import warn_once
from avwalk.files.atomic import atomic_file


class ByteCache:
    """Files by name.

    Args:
        name: of the folder, in ``AVWALK_CACHE_DIR`` if set, else in the user's cache folder of this platform.
        limit: bytes that it may take.
        lost: what it means that nothing can be kept, for the one line that says so.
    """

    def __init__(self, name: str, limit: int, lost: str) -> None:
        self._name, self._limit, self._lost = name, limit, lost

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return cache_folder(self._name)

    def find(self, name: str) -> bytes | None:
        """What was stored; None if it is missing or damaged."""
        path = self.folder / name
        try:
            found = unsealed(path.read_bytes())
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used now: removed last
        return found

    def store(self, name: str, data: bytes) -> None:
        """Keeps it; that it cannot be written is no error."""
        folder = self.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with atomic_file(folder / name, unique=True) as part:
                part.write_bytes(sealed(data))
        except OSError as error:
            warn_once(f"nothing can be kept in '{folder}' ({error.strerror or error}); {self._lost}")

    def trim(self) -> None:
        """Removes the files used longest ago until the rest fits."""
        trim(self.folder, self._limit)


def cache_folder(name: str) -> Path:
    """A folder for caches; it need not exist."""
    chosen = os.environ.get("AVWALK_CACHE_DIR")
    if chosen:
        return Path(chosen) / name
    from avwalk.settings import user_folder

    return user_folder("cache", author=True) / name


def trim(folder: Path, limit: int) -> None:
    """Removes the files of a folder that were used longest ago until the rest is at most ``limit`` bytes."""
    entries = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):  # another process was faster
                status = path.stat()
                entries.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= limit:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size
