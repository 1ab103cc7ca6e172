"""Adds a shared codex: checked against its manifest and its own rules before the first file is written."""

from __future__ import annotations

import hashlib
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from avwalk.codex.share.entries import (
    FORMAT,
    MANIFEST,
    MAX_FILES,
    MAX_TOTAL,
    check_content,
    entry_problem,
    size_limit,
)
from avwalk.errors import CodexError, OutputError, clipped
from avwalk.files.atomic import make_folder, move, output_error, write_file
from avwalk.files.bounded import parse_json
from avwalk.files.names import is_bare, same_name

MAX_MANIFEST = 4 << 20
MAX_DIRECTORY = 4 << 20
"""Bytes of a zip's list of files: so many more than it may hold take less."""
MAX_PROBLEMS = 20
_END, _END_SIZE = b"PK\x05\x06", 22
_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)
"""Exceptions of zipfile for damaged, truncated or encrypted archives."""


@dataclass(frozen=True)
class Added:
    """What became of a shared codex.

    Attributes:
        folder: where it is.
        wrote: names of files that were not there.
        replaced: names of those that were others, and the names that these have now.
        same: names of those that were there already.
    """

    folder: Path
    wrote: tuple[str, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    same: tuple[str, ...] = ()


class Differs(CodexError):
    """Files of other contents are there.

    Attributes:
        names: of them.
    """

    def __init__(self, folder: Path, names: list[str]) -> None:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        super().__init__(
            f"'{folder}' is there already, and other: {', '.join(names[:3])}{more}; --into DIR adds it elsewhere, "
            "--force replaces them and keeps yours as .bak"
        )
        self.names = names


def add(file: Path, folder: Path | None = None, *, force: bool = False) -> Added:
    """Adds a shared codex as a folder. All of it, or nothing.

    Args:
        file: that `avwalk.codex.share.pack.share` wrote.
        folder: where it goes; None: the name that it has, here.
        force: replace files of other contents; those that are there become ``.bak``, ``.bak2``, ….

    Raises:
        CodexError: it is no shared codex, or holds what none may hold; a line for each problem.
        Differs: files of other contents are there.
        OutputError: it cannot be written.
    """
    name, files = read_shared(file)
    place = folder or Path(name)
    if place.is_file():
        raise CodexError(f"'{place}' is a file; name a folder with --into DIR")
    found = {entry: _sha256(place / entry) for entry in files}
    same = tuple(entry for entry, data in files.items() if found[entry] == hashlib.sha256(data).hexdigest())
    differing = [entry for entry in files if found[entry] and entry not in same]
    if differing and not force:
        raise Differs(place, differing)
    _check_links(place, files)
    missing = {entry: data for entry, data in files.items() if entry not in same}
    if not place.exists():
        _write_new(place, missing)
        return Added(place, tuple(missing))
    replaced = {}
    for entry, data in missing.items():
        target = place / entry
        if found[entry]:
            backup = next(each for k in count(1) if not (each := Path(f"{target}.bak{k if k > 1 else ''}")).exists())
            move(target, backup)
            replaced[entry] = backup.name
        write_file(target, data, parents=True)
    return Added(place, tuple(each for each in missing if each not in replaced), replaced, same)


def read_shared(file: Path) -> tuple[str, dict[str, bytes]]:
    """Name and files of a shared codex, all of them checked.

    Raises:
        CodexError: it is none; a line for each problem.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            told, listed = _manifest(archive, file)
            if problems := _problems(archive, listed):
                raise _refused(file, problems)
            return str(told["name"]), _contents(archive, listed, file)
    except _BROKEN as error:
        raise CodexError(f"'{file}' cannot be read ({clipped(error)}); fetch it again") from None


def _check_directory(file: Path) -> None:
    """Looks at how long a zip's list of files is, before it is read."""
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, 2)
            if size > MAX_TOTAL:
                raise CodexError(f"'{file}' is larger than {MAX_TOTAL >> 20} MiB; that is no shared codex")
            stream.seek(max(0, size - 65_536 - _END_SIZE))
            tail = stream.read()
    except FileNotFoundError:
        raise CodexError(f"'{file}' is not there; `avwalk codex share` writes one") from None
    except OSError as error:
        raise CodexError(f"'{file}' cannot be opened: {error.strerror}") from None
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise CodexError(f"'{file}' is no shared codex, or not all of it; fetch it again")
    n, length = struct.unpack_from("<10xHI", tail, at)
    if n > MAX_FILES + 1 or length > MAX_DIRECTORY:
        raise CodexError(f"'{file}' holds more than {MAX_FILES} files; that is no shared codex")


def _manifest(archive: zipfile.ZipFile, file: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The manifest, and of each file its length and sha256."""
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > MAX_MANIFEST:
            raise ValueError("its list is far too long")
        told = parse_json(_read(archive, info, MAX_MANIFEST))
        if told.get("format") != FORMAT:
            raise CodexError(
                f"'{file}' is of format {clipped(told.get('format'))}, not {FORMAT}; a newer avwalk reads it"
            )
        if not isinstance(told["name"], str) or not is_bare(told["name"]) or len(told["name"]) > 100:
            raise ValueError(f"'{clipped(told['name'])}' is no name of a folder")
        listed = {str(name): dict(row) for name, row in told["files"].items()}
        for row in listed.values():
            if type(row["bytes"]) is not int or row["bytes"] < 0 or len(bytes.fromhex(row["sha256"])) != 32:
                raise ValueError("its list says of a file what is no length or no sha256")
    except KeyError as error:
        raise CodexError(f"'{file}' is no shared codex: {error}; `avwalk codex share` writes one") from None
    except (TypeError, AttributeError) as error:
        raise CodexError(f"'{file}' cannot be read ({clipped(error)}); fetch it again") from None
    return told, listed


def _problems(archive: zipfile.ZipFile, listed: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Why a shared codex is refused as a whole, by its list alone."""
    problems, seen = [], set[str]()
    for info in archive.infolist():
        entry = info.orig_filename
        if entry == MANIFEST and MANIFEST not in seen:
            seen.add(MANIFEST)
            continue
        if reason := entry_problem(entry) or _kind_problem(info):
            problems.append(f"'{clipped(entry)}' {reason}")
        elif entry not in listed:
            problems.append(f"'{entry}' is not in its list")
        elif info.file_size != listed[entry]["bytes"]:
            problems.append(f"'{entry}' is not as long as its list says")
        elif info.file_size > size_limit(entry):
            problems.append(f"'{entry}' is larger than {size_limit(entry) >> 20} MiB")
        elif same_name(entry) in seen:
            problems.append(f"'{entry}' is there twice")
        seen.add(same_name(entry))
    there = {info.orig_filename for info in archive.infolist()}
    problems += [f"'{clipped(entry)}' is in its list, but not there" for entry in listed if entry not in there]
    if sum(row["bytes"] for row in listed.values()) > MAX_TOTAL:
        problems.append(f"its files are more than {MAX_TOTAL >> 20} MiB")
    return problems


def _kind_problem(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.is_dir() or kind not in (0, stat.S_IFREG):
        return "is a link, a folder or a device"
    if info.flag_bits & 1:
        return "is encrypted"
    return None if info.compress_type in _PACKING else "is packed in a way that is not taken"


def _contents(archive: zipfile.ZipFile, listed: Mapping[str, Mapping[str, Any]], file: Path) -> dict[str, bytes]:
    """All files, each as its list says and as its kind has to be."""
    files, problems = {}, []
    for entry, row in listed.items():
        data = _read(archive, archive.getinfo(entry), row["bytes"])
        if hashlib.sha256(data).hexdigest() != row["sha256"].lower():
            problems.append(f"'{entry}' is not what its list says (sha256); fetch it again")
            continue
        try:
            check_content(entry, data)
        except CodexError as error:
            problems += str(error).splitlines()
        files[entry] = data
        if len(problems) > MAX_PROBLEMS:
            break
    if problems:
        raise _refused(file, problems)
    if not files:
        raise CodexError(f"'{file}' holds nothing; share it again")
    return files


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """The content of an entry, no more than was said of it.

    Raises:
        ValueError: it is more.
    """
    with archive.open(info) as source:
        data = source.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{clipped(info.filename)} is longer than it says")
    return data


def _refused(file: Path, problems: list[str]) -> CodexError:
    more = len(problems) - MAX_PROBLEMS
    lines = [f"'{file}': {problem}; nothing was added" for problem in problems[:MAX_PROBLEMS]]
    return CodexError("\n".join([*lines, *([f"'{file}': and {more} more"] if more > 0 else [])]))


def _check_links(place: Path, files: Mapping[str, bytes]) -> None:
    """Refuses to write through a link that leads out of the folder."""
    real = place.resolve()
    for entry in files:
        target = place / entry
        if target.is_symlink() or not target.parent.resolve().is_relative_to(real):
            raise CodexError(f"'{target}' is a link, or leads out of the folder by one; take the link away")


def _write_new(place: Path, files: Mapping[str, bytes]) -> None:
    """A folder that was not there appears whole."""
    make_folder(place.absolute().parent)
    needed, free = sum(map(len, files.values())), shutil.disk_usage(place.absolute().parent).free
    if needed > free:
        raise OutputError(f"the codex needs {needed >> 20} MiB, and {free >> 20} are left; make room")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.absolute().parent) as part:
            whole = Path(part) / place.name
            for entry, data in files.items():
                write_file(whole / entry, data, parents=True, sync="file")
            move(whole, place)
    except OSError as error:
        raise output_error(place, error) from None


def _sha256(path: Path) -> str:
    """Of a file; of what is there and none: a word that is no sha256; empty: nothing is there."""
    if not path.exists() and not path.is_symlink():
        return ""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"
