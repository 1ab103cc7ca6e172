"""A folder of files at a URL that fsspec knows: object stores (``s3://``, ``gs://``, …), or any other file system."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from avwalk.errors import OptionError, OutputError
from avwalk.files.atomic import atomic_file, output_error


def is_url(place: str) -> bool:
    """Whether it names a place by protocol; ``C:/x`` does not."""
    return re.match(r"[a-z][a-z0-9+.-]+://", place) is not None


class RemoteFolder:
    """Files at a URL, by names with ``/`` between their parts. Who has the URL may read and write them.

    Args:
        url: such as ``s3://bucket/folder``; keys and endpoints come from the environment, as those of each store do.

    Raises:
        OptionError: fsspec does not know the protocol, or lacks what it needs for it.
    """

    def __init__(self, url: str) -> None:
        try:
            import fsspec

            # others write there: what was listed once is old
            self._store, self._root = fsspec.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise OptionError(f"--work '{url}' cannot be used: {error}; pip install 'avwalk[cluster]'") from None
        self.url = url.rstrip("/")

    def put(self, name: str, file: Path) -> None:
        """Copies a file there.

        Raises:
            OutputError: it cannot be written.
        """
        self._try(name, lambda: self._store.pipe_file(self._at(name), file.read_bytes()))

    def get(self, name: str, file: Path) -> None:
        """Copies a file from there, in one step; folders are made.

        Raises:
            OutputError: it cannot be read there, or written here.
        """
        data: bytes = self._try(name, lambda: self._store.cat_file(self._at(name)))
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(file, sync="no") as part:
                part.write_bytes(data)
        except OSError as error:
            raise output_error(file, error) from None

    def read(self, name: str) -> bytes | None:
        """A file's contents; None: there is none.

        Raises:
            OutputError: it cannot be read.
        """
        try:
            data: bytes = self._store.cat_file(self._at(name))
        except FileNotFoundError:
            return None
        except Exception as error:  # every store has its own
            raise self._error(name, error) from None
        return data

    def write(self, name: str, data: bytes) -> None:
        """Writes a file.

        Raises:
            OutputError: it cannot be written.
        """
        self._try(name, lambda: self._store.pipe_file(self._at(name), data))

    def create(self, name: str, data: bytes) -> bool:
        """Writes a file that must not be there, which the store sees to; whether it was not.

        Raises:
            OutputError: it cannot be written, or the store knows no such thing.
        """
        try:
            self._store.pipe_file(self._at(name), data, mode="create")
        except FileExistsError:
            return False
        except Exception as error:
            raise self._error(name, error) from None
        return True

    def names(self, folder: str = "") -> set[str]:
        """Of all files in it and its folders.

        Raises:
            OutputError: it cannot be listed.
        """
        self._store.invalidate_cache()
        try:
            paths = self._store.find(self._at(folder))
        except FileNotFoundError:
            return set()
        except Exception as error:
            raise self._error(folder, error) from None
        root = self._store._strip_protocol(self._root).rstrip("/") + "/"
        return {str(path).removeprefix(root) for path in paths}

    def remove(self, name: str = "") -> None:
        """Deletes a file, or all; what is not there is no error.

        Raises:
            OutputError: it cannot be deleted.
        """
        try:
            self._store.rm(self._at(name) if name else self._root, recursive=not name)
        except FileNotFoundError:
            return
        except Exception as error:
            raise self._error(name, error) from None

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}".rstrip("/")

    def _try(self, name: str, work: Any) -> Any:
        try:
            return work()
        except Exception as error:
            raise self._error(name, error) from None

    def _error(self, name: str, error: Exception) -> OutputError:
        reason = " ".join(str(error).split()) or type(error).__name__
        return OutputError(
            f"'{self.url}/{name}' cannot be used: {reason}; look at its keys and rights, or change --work"
        )


def is_inside(name: str) -> bool:
    """Whether a name from elsewhere stays in its folder."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
