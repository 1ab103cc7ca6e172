"""Models of speech: their files, as package registries and hubs have them, by size and sha256: `package_files.csv`.

    <model cache>/speech/<name>/<file>

A source may be a hub or a package of a registry; whatever it is called, a file counts only if its sha256 is that of the
table. Nothing here uses the network.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from avwalk.errors import ModelError
from avwalk.models.catalogue import CATALOGUE
from avwalk.models.weights import sha256_of
from avwalk.settings import settings

KINDS = ("whisper", "kokoro")
"""Kinds of the catalogue whose models are files of `package_files.csv`."""
_TABLE = Path(__file__).with_name("package_files.csv")


class Part(NamedTuple):
    """A file in a package of a registry, or a part of one.

    Attributes:
        registry: ``"pypi"``: a wheel; ``"npm"``: a tarball.
        package: its name there.
        version: of the package.
        member: path in the archive.
    """

    registry: str
    package: str
    version: str
    member: str


class PackageFile(NamedTuple):
    """A file of a model.

    Attributes:
        name: path in the model's folder, with ``/``.
        size: bytes.
        sha256: 64 hex digits.
        parts: joined in this order they are the file.
    """

    name: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


@cache
def package_files() -> dict[str, tuple[PackageFile, ...]]:
    """Name of a model → its files, the weights first."""
    found: dict[str, list[PackageFile]] = {}
    with _TABLE.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            parts = tuple(_part(text) for text in row["parts"].split())
            found.setdefault(row["model"], []).append(PackageFile(row["file"], int(row["bytes"]), row["sha256"], parts))
    return {name: tuple(files) for name, files in found.items()}


def _part(text: str) -> Part:
    """``pypi:name==1.0.0:path/in/wheel``."""
    registry, package, member = text.split(":", 2)
    name, _, version = package.partition("==")
    return Part(registry, name, version, member)


def model_folder(name: str) -> Path:
    """Where a model of speech is, or would be."""
    return settings().model_cache_dir / "speech" / name


def is_here(name: str) -> bool:
    """Whether all files of a model are here, by their sizes."""
    folder = model_folder(name)
    return all(_size(folder / file.name) == file.size for file in package_files()[name])


def find_files(name: str, only: Sequence[str] = ()) -> Path:
    """The folder of a model whose files have been checked by sha256.

    Args:
        name: of the catalogue.
        only: names of the files that are needed; none: all.

    Raises:
        ModelError: it is not here, or a file is not what it should be.
    """
    folder = model_folder(name)
    for file in package_files()[name]:
        if only and file.name not in only:
            continue
        path = folder / file.name
        if not path.is_file():
            raise ModelError(
                f"model '{name}' is not here; get it with: avwalk models pull {name} "
                f"(about {CATALOGUE[name].megabytes} MB)"
            )
        if _size(path) != file.size or sha256_of(path) != file.sha256:
            raise ModelError(f"{path} is not what it should be; delete it, and: avwalk models pull {name}")
    return folder


def names_of(kind: str) -> list[str]:
    """Names of the models of a kind."""
    return [name for name in package_files() if CATALOGUE[name].kind == kind]


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
