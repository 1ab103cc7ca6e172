"""Status of all models: size, location, and whether they can be used on this machine."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import NamedTuple

from avwalk.errors import ModelError
from avwalk.models import diffusers_folder, package_files, requirements, store
from avwalk.models.catalogue import CATALOGUE

_UNLISTED_MEMORY = 1000  # MB, for a model that nobody has measured


class Row(NamedTuple):
    """A model of the catalogue or of the cache.

    Attributes:
        name: of it.
        resolution: of its pictures, pixels; 0 for what draws none on its own.
        megabytes: on disk, or to be fetched (10⁶ bytes).
        licence: of the weights.
        where: its folder, or empty if it is not here.
        sha256: of the file that it came in, or empty.
        problem: why it cannot draw here, or None.
    """

    name: str
    resolution: int
    megabytes: int
    licence: str
    where: str
    sha256: str
    problem: str | None


def rows() -> list[Row]:
    """The catalogue, then what else is in the cache."""
    why = {kind: requirements.problem_of(kind) for kind in (*store.KINDS, *package_files.KINDS)}
    there = store.here()
    found = []
    for name, entry in CATALOGUE.items():
        if entry.kind in package_files.KINDS and package_files.is_here(name):
            sha256, where = package_files.package_files()[name][0].sha256, str(package_files.model_folder(name))
            found.append(Row(name, 0, entry.megabytes, entry.licence, where, sha256, why[entry.kind]))
        elif not any(model.name == name for model in there):
            problem = why[entry.kind] or too_little(entry.memory)
            found.append(Row(name, entry.resolution, entry.megabytes, entry.licence, "", "", problem))
    for model in there:
        entry_ = CATALOGUE.get(model.name)
        problem = why[model.kind] or too_little(entry_.memory if entry_ else _UNLISTED_MEMORY)
        try:
            size, resolution = _measures(model)
        except (ModelError, OSError) as error:
            size, resolution, problem = 0, 0, str(error)
        licence, where = store.card(model)["licence"], str(model.folder)
        found.append(Row(model.name, resolution, round(size / 1e6), licence, where, model.sha256, problem))
    order = list(CATALOGUE)
    return sorted(found, key=lambda row: (order.index(row.name) if row.name in order else len(order), row.name))


def _measures(model: store.Model) -> tuple[int, int]:
    """Bytes of weights, and the side of its pictures."""
    if model.kind == diffusers_folder.KIND:
        card = store.card(model)
        folder = Path(card["config"] or card["path"])
        return diffusers_folder.size(card), diffusers_folder.resolution(folder) if folder.is_dir() else 0
    return (model.folder / store.WEIGHTS).stat().st_size, int(store.config(model)["output_dim"])


def too_little(megabytes: int) -> str | None:
    """Why this machine's memory is not enough for ``megabytes`` (10⁶ bytes), or None."""
    total = total_memory()
    if total is None or total >= megabytes * 10**6:
        return None
    return f"it needs {megabytes} MB of memory, this machine has {total // 10**6} MB"


def total_memory() -> int | None:
    """Bytes of memory of this machine; None if it does not tell."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


class _Status(ctypes.Structure):
    """MEMORYSTATUSEX of Windows."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "free", "a", "b", "c", "d", "e")),
    )


def _windows_memory() -> int | None:
    status = _Status(length=ctypes.sizeof(_Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 (there on Windows alone)
    return int(status.total) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
