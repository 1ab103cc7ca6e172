"""Numba's cache of compiled kernels, made safe: no fault of it stops a program, and nothing damaged is run.

Numba stores pickles of machine code, and raises whatever reading a damaged one raises. Here each file ends with the
sha256 of what is before it; what does not fit is compiled anew. Numba takes a kernel for unchanged as long as its file
is; here it is as long as its own code is, that of all that it calls, and the constants that these use.

A pickle runs what it says: the folder must be the user's, and writable by nobody else. What is compiled stays compiled
where it cannot be stored.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numba.core import caching as _caching

from avwalk.arrays.sealed import sealed, unsealed
from avwalk.events import warn_once

caching: Any = _caching
"""Numba's module: half of it has types."""


def cache_of(function: Callable[..., Any], folder: Path) -> KernelCache | None:
    """The cache of a function's compiled code in a folder, which is made; None where there can be none."""
    try:
        cache = KernelCache(function, folder)
        for place in (folder, Path(cache.cache_path)):
            make_private(place)
            if problem := distrust(place):
                warn_once(f"compiled kernels in '{place}' are not used: {problem}; each start compiles them anew")
                return None
    except Exception as error:  # of another version of numba, say: this class stands on what numba does not promise
        _not_kept(folder, error)
        return None
    return cache


def make_private(folder: Path) -> None:
    """Makes a folder that only its owner can write, whatever others are made.

    Raises:
        OSError: it is not there, and cannot be made.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def distrust(folder: Path) -> str | None:
    """Why what lies in a folder must not be run; None where all of it is the user's own. Windows is not asked."""
    if not hasattr(os, "geteuid"):
        return None
    status = folder.stat()
    if status.st_uid != os.geteuid():
        return "the folder belongs to another user"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "others can write the folder (`chmod go-w` takes that away)"
    return None


class KernelCache(caching.FunctionCache):  # type: ignore[misc]
    """The compiled code of one function.

    Args:
        function: what is compiled.
        folder: of all functions; each source file has a folder in it.
    """

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._impl_class = type("Impl", (caching.CompileResultCacheImpl,), {"_locator_classes": [_locator(folder)]})
        self._folder = folder
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = _SealedFiles(
            cache_path=locator.get_cache_path(),
            filename_base=self._impl.filename_base,
            source_stamp=locator.get_source_stamp(),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled code for a signature; None where it is not there, or cannot be believed."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:
            warn_once(f"a compiled kernel in '{self._folder}' cannot be read ({_said(error)}), and is compiled anew")
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Stores compiled code, if that can be."""
        try:
            super().save_overload(sig, data)
        except Exception as error:
            _not_kept(self._folder, error)


def _locator(folder: Path) -> type[Any]:
    class Locator(caching.UserProvidedCacheLocator):  # type: ignore[misc]
        """Numba's own asks whether it can write there, and goes elsewhere."""

        def __init__(self, function: Callable[..., Any], file: str) -> None:
            self._py_file, self._lineno = file, function.__code__.co_firstlineno
            self._cache_path = str(folder / self.get_suitable_cache_subpath(file))
            self._stamp = stamp_of(function)

        @classmethod
        def from_function(cls, function: Callable[..., Any], file: str) -> Any:
            return cls(function, file)

        def ensure_cache_path(self) -> None:
            make_private(Path(self._cache_path))

        def get_source_stamp(self) -> str:
            return self._stamp

    return Locator


def stamp_of(function: Callable[..., Any]) -> str:
    """Sha256 of what a kernel computes: its code, that of the kernels it calls, and the global constants of all."""
    digest = hashlib.sha256()
    for part in _parts(function, set()):
        digest.update(repr(part).encode())
    return digest.hexdigest()


def _is_ours(value: Any) -> bool:
    return isinstance(value, ModuleType) and value.__name__.partition(".")[0] == __name__.partition(".")[0]


def _parts(function: Any, seen: set[int]) -> Iterator[Any]:
    """Code and constants of a function and of all that it reaches, each function once."""
    if id(function) in seen:
        return
    seen.add(id(function))
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        inner = [const for const in code.co_consts if isinstance(const, CodeType)]
        codes += inner
        yield code.co_code, code.co_names, code.co_varnames
        yield [const for const in code.co_consts if const not in inner]
        spaces = [function.__globals__]
        spaces += [vars(space) for name in code.co_names if _is_ours(space := function.__globals__.get(name))]
        for name, space in product(code.co_names, spaces):
            value = space.get(name)
            value = getattr(value, "py_func", value)
            if isinstance(value, FunctionType):
                yield from _parts(value, seen)
            elif isinstance(value, (int, float, tuple, np.number)):
                yield name, value
            elif isinstance(value, np.ndarray):
                yield name, value.dtype.str, value.shape, value.tobytes()


class _SealedFiles(caching.IndexDataCacheFile):  # type: ignore[misc]
    """An index of signatures, and a file for each."""

    def _load_index(self) -> dict[Any, str]:
        data = _content(Path(self._index_path))
        if data is None:
            return {}
        version, stamp, overloads = pickle.loads(data)
        return overloads if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._store(self._index_path, self._dump((self._version, self._source_stamp, overloads)))

    def _load_data(self, name: str) -> Any:
        data = _content(Path(self._data_path(name)))
        return None if data is None else pickle.loads(data)

    def _save_data(self, name: str, data: Any) -> None:
        self._store(self._data_path(name), self._dump(data))

    def _store(self, path: str, data: bytes) -> None:
        with self._open_for_write(path) as file:
            file.write(sealed(data))


def _content(path: Path) -> bytes | None:
    """What was stored in a file; None where it is not there, or is something else now."""
    try:
        stored = path.read_bytes()
    except FileNotFoundError:
        return None
    data = unsealed(stored)
    if data is None:
        warn_once(f"compiled kernels in '{path.parent.parent}' are damaged, and are compiled anew")
    return data


def _not_kept(folder: Path, error: Exception) -> None:
    warn_once(f"compiled kernels cannot be kept in '{folder}' ({_said(error)}); each start compiles them anew")


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
