"""Unpacks an archive into a project: verified against its manifest, confined to the project's folders."""

from __future__ import annotations

import hashlib
import shutil
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from avwalk.contracts import Event
from avwalk.errors import OptionError, ScenesError
from avwalk.events import progress
from avwalk.files.atomic import make_folder, sync_folder, whole_file
from avwalk.files.bounded import parse_json
from avwalk.files.image import PICTURES
from avwalk.files.image_meta import image_info
from avwalk.files.names import same_name
from avwalk.scenes.archive.foreign import SETTINGS, SONG_ENTRY, without_paths
from avwalk.scenes.archive.pack import BLOCK, FORMAT, LIST, MAX_DEPTH, entry_problem
from avwalk.scenes.project.names import file_name
from avwalk.scenes.project.places import media_root, meta_root

MAX_LIST = 64 << 20
MAX_PROBLEMS = 100
"""So many are said at once."""
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


class _Damaged(Exception):
    """An entry does not match the manifest."""


@dataclass
class Unpacked:
    """Result of unpacking.

    Attributes:
        name: of the project.
        wrote: files that were missing or damaged.
        replaced: replaced local files (with ``theirs``) → their backups, ``.bak``, ``.bak2``, ….
        same: number of equal files.
        different: local files that differ; left unchanged.
        damaged: archive entries that do not match the manifest; not written.
        taken_out: paths of another machine that files named, a line each.
        pictures: number of missing pictures when packed.
        transitions: number of incomplete transitions of the planned path when packed.
        planned: it has a planned path.
        sequence: name of its sequence; empty for the default one.
    """

    name: str
    wrote: list[Path] = field(default_factory=list)
    replaced: dict[Path, Path] = field(default_factory=dict)
    same: int = 0
    different: list[Path] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    taken_out: list[str] = field(default_factory=list)
    pictures: int = 0
    transitions: int = 0
    planned: bool = False
    sequence: str = ""


def unpack(
    path: Path,
    *,
    merge: bool = False,
    theirs: bool = False,
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Unpacked:
    """Unpacks an archive into a project.

    All names are checked before the first file is written. After an interruption, call it again with ``merge``.

    Args:
        path: written by `avwalk.scenes.archive.pack.pack`.
        merge: into an existing project: add missing files, skip equal ones.
        theirs: replace differing files, with ``.bak`` backups.
        meta_dir: see `avwalk.scenes.project.places.meta_root`.
        media_dir: see `avwalk.scenes.project.places.media_root`.
        on_event: called with ``progress`` after every file.

    Raises:
        ScenesError: not a valid archive of a project, forbidden entries, or the project exists.
        OutputError: a file cannot be written.
    """
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise ScenesError(f"archive '{path}' does not exist; `avwalk scenes pack` writes one") from None
    except _BROKEN as error:
        raise ScenesError(f"'{path}' is no whole archive ({error}); pack or fetch it again") from None
    with archive:
        told, listed = _listed(archive, path)
        name = told["project"]
        roots = {"meta": meta_root(meta_dir) / name, "media": media_root(media_dir) / name}
        if not merge and any(root.exists() and any(root.iterdir()) for root in roots.values()):
            raise ScenesError(f"project '{name}' is there already; --merge adds what it lacks")
        places = _places(listed, roots)
        _check_room(listed, places, roots["media"])
        done, begun, folders = _from_list(told), time.monotonic(), set[Path]()
        for k, (entry, place) in enumerate(places.items(), 1):
            _put(archive, entry, listed[entry], place, folders, theirs, done)
            if on_event:
                on_event(progress(k, len(places), k / max(1e-9, time.monotonic() - begun), "disk"))
    for folder in folders:  # once for all of their names
        sync_folder(folder)
    return done


def _from_list(told: Mapping[str, Any]) -> Unpacked:
    """Project facts of a manifest; older ones have fewer."""
    missing = told.get("missing")
    missing = missing if isinstance(missing, dict) else {}
    pictures, transitions = (
        len(found) if isinstance(found := missing.get(name), list) else 0 for name in ("pictures", "transitions")
    )
    sequence = told.get("sequence")
    try:
        of = file_name(sequence, "sequence") if isinstance(sequence, str) and sequence else ""
    except OptionError:
        of = ""
    planned = told.get("planned", transitions > 0)
    return Unpacked(told["project"], pictures=pictures, transitions=transitions, planned=planned is True, sequence=of)


def _listed(archive: zipfile.ZipFile, path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The manifest's header and file list, checked against the archive.

    Raises:
        ScenesError: one line for each entry that is refused.
    """
    try:
        info = archive.getinfo(LIST)
        if info.file_size > MAX_LIST:
            raise ValueError("its list is far too long")
        told = parse_json(archive.read(info))
        file_name(told["project"], "project")
        listed = {str(k): dict(v) for k, v in told["files"].items()}
        for row in listed.values():
            if type(row["bytes"]) is not int or row["bytes"] < 0 or len(bytes.fromhex(row["sha256"])) != 32:
                raise ValueError("its list says of a file what is no length or no sha256")
        sizes = {entry: row["bytes"] for entry, row in listed.items()}
    except KeyError as error:
        raise ScenesError(f"'{path}' is no archive of scenes: {error}; `avwalk scenes pack` writes one") from None
    except (TypeError, AttributeError, *_BROKEN) as error:
        raise ScenesError(f"'{path}' cannot be read: {error}; pack or fetch it again") from None
    except OptionError as error:
        raise ScenesError(f"'{path}': {error}") from None
    if told.get("format") != FORMAT:
        raise ScenesError(f"'{path}' is of format {told.get('format')}, not {FORMAT}; unpack it with a newer avwalk")
    if problems := _problems(archive, sizes):
        shown = [f"'{path}': {problem}; nothing was unpacked" for problem in problems[:MAX_PROBLEMS]]
        more = len(problems) - len(shown)
        raise ScenesError("\n".join([*shown, *([f"'{path}': and {more} more"] if more else [])]))
    return told, listed


def _problems(archive: zipfile.ZipFile, sizes: Mapping[str, int]) -> list[str]:
    """Why an archive is refused as a whole."""
    problems, seen = [], set[str]()
    infos = [info for info in archive.infolist() if info.filename != LIST]
    # as file systems compare names: some know no capitals, some take é for e and an accent
    folders = {
        same_name("/".join(parts[:k])): info.orig_filename
        for info, parts in zip(infos, map(_parts, infos), strict=True)
        for k in range(1, len(parts))
    }
    for info in infos:
        entry = info.orig_filename
        name = same_name(entry)
        reason = entry_problem(entry)
        if reason:
            problems.append(f"'{entry}' {reason}")
        elif entry not in sizes:
            problems.append(f"'{entry}' is not in its list")
        elif info.file_size != sizes[entry]:
            problems.append(f"'{entry}' is not as long as its list says")
        elif name in seen:
            problems.append(f"'{entry}' is there twice")
        elif name in folders:
            problems.append(f"'{entry}' is a file and, for '{folders[name]}', a folder")
        seen.add(name)
    there = {info.orig_filename for info in infos}
    return [*problems, *(f"'{entry}' is in its list, but not there" for entry in sizes if entry not in there)]


def _parts(info: zipfile.ZipInfo) -> list[str]:
    parts = info.orig_filename.split("/")
    return parts if len(parts) <= MAX_DEPTH else []  # nothing is so deep; `entry_problem` says it


def _places(entries: Iterable[str], roots: Mapping[str, Path]) -> dict[str, Path]:
    """Target paths of entries; each folder is looked at once.

    Raises:
        ScenesError: a link on this disk leads out of the project.
    """
    found: dict[str, Path] = {}
    real = {first: root.resolve() for first, root in roots.items()}
    stays: dict[str, bool] = {}
    for entry in entries:
        folder, _, name = entry.rpartition("/")
        first, *inner = folder.split("/")
        place = roots[first].joinpath(*inner, name)
        if folder not in stays:
            stays[folder] = place.parent.resolve().is_relative_to(real[first])
        if not stays[folder] or (place.is_symlink() and not place.resolve().is_relative_to(real[first])):
            raise ScenesError(f"'{place}' leads out of the project by a link; take the link away")
        found[entry] = place
    return found


def _check_room(listed: Mapping[str, dict[str, Any]], places: Mapping[str, Path], root: Path) -> None:
    needed = sum(row["bytes"] for entry, row in listed.items() if not places[entry].exists())
    there = next(folder for folder in (root, *root.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise ScenesError(f"the archive needs {needed >> 20} MiB, '{there}' has {free >> 20} left; make room")


def _put(
    archive: zipfile.ZipFile,
    entry: str,
    row: Mapping[str, Any],
    place: Path,
    folders: set[Path],
    theirs: bool,
    done: Unpacked,
) -> None:
    """Writes one file, if necessary; adds its folder to those that something was written to."""
    there = place.exists()
    if there and place.is_dir():
        done.different.append(place)
        return
    if there and _sha256(place) == row["sha256"]:
        done.same += 1
        return
    drawn = entry.startswith(("media/prompt_images/", "media/transition_images/"))
    broken = there and drawn and place.suffix.lower() in PICTURES and image_info(place) is None
    if there and not theirs and not broken:
        done.different.append(place)
        return
    if place.parent not in folders:
        make_folder(place.parent)
        folders.add(place.parent)
    yours = _free(place) if there else place
    try:
        with whole_file(place, "no" if drawn else "file") as part:  # those are many, and checked when they are read
            _extract(archive, entry, part, row)
            done.taken_out += _take_out_paths(entry, part)
            if there and not broken:
                shutil.copy2(place, yours)
    except _Damaged:
        done.damaged.append(entry)
        return
    if there and not broken:
        done.replaced[place] = yours
    else:
        done.wrote.append(place)


def _take_out_paths(entry: str, part: Path) -> list[str]:
    """Rewrites a file that names paths of another machine; says which."""
    if entry not in (SETTINGS, SONG_ENTRY):
        return []
    data = part.read_bytes()
    clean, said = without_paths(entry, data)
    if clean != data:
        part.write_bytes(clean)
    return said


def _free(place: Path) -> Path:
    """A free backup name."""
    names = (place.with_name(f"{place.name}.bak{k if k > 1 else ''}") for k in count(1))
    return next(name for name in names if not name.exists())


def _extract(archive: zipfile.ZipFile, entry: str, part: Path, row: Mapping[str, Any]) -> None:
    """Writes the contents of an entry, verified against the manifest.

    Raises:
        _Damaged: they are not.
    """
    found, length = hashlib.sha256(), 0
    with part.open("wb") as target:
        for block in _blocks(archive, entry):
            length += len(block)
            if length > row["bytes"]:
                raise _Damaged
            found.update(block)
            target.write(block)
    if found.hexdigest() != row["sha256"]:
        raise _Damaged


def _blocks(archive: zipfile.ZipFile, entry: str) -> Iterator[bytes]:
    """The contents of an entry.

    Raises:
        _Damaged: they cannot be read to the end.
    """
    try:
        with archive.open(entry) as source:
            while block := source.read(BLOCK):
                yield block
    except _BROKEN:
        raise _Damaged from None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
