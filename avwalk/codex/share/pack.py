"""Packs a codex, its locks and presets into one file.

The file is a zip: the tables of the codex, ``locks/``, ``presets/``, ``thumbnails/``, and `MANIFEST` with the length
and the sha256 of each. Equal codices give equal files.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from avwalk import presets
from avwalk.codex.folder import CodexFolder
from avwalk.codex.lock import lock_of
from avwalk.codex.share.entries import (
    FORMAT,
    MANIFEST,
    MAX_FILES,
    MAX_TOTAL,
    TABLES,
    check_content,
    entry_problem,
    shareable_settings,
    size_limit,
)
from avwalk.codex.thumbnails import make_thumbnails, thumbnails_of
from avwalk.errors import CodexError, OutputError, clipped
from avwalk.files.atomic import make_folder, whole_file
from avwalk.files.names import is_bare

SUFFIX = ".codex"
_THEN = (1980, 1, 1, 0, 0, 0)  # of every entry: equal contents give equal files


@dataclass(frozen=True)
class Packed:
    """A shared codex, written.

    Attributes:
        path: the file.
        names: of what is in it.
        size: of the file, bytes.
        left_out: pictures that say nothing of themselves.
    """

    path: Path
    names: tuple[str, ...]
    size: int
    left_out: tuple[str, ...]


def share(places: Sequence[Path], named: Sequence[str], out: Path, *, force: bool = False) -> Packed:
    """Writes a codex, locked styles and presets as one file.

    Args:
        places: at most one folder of a codex, files of locks, ``.toml``, and of a taste, ``.json``.
        named: names or files of presets; they go with every value that they have, so that they stand by themselves.
        out: the file, ``.codex``.
        force: replace one that is there.

    Raises:
        CodexError: nothing is given; something names a path, a key or a service; it is too large.
        PresetError: there is no such preset.
        OutputError: the file is there, or cannot be written.
    """
    if out.suffix != SUFFIX:
        raise CodexError(f"'{out}' is no name of a shared codex; name it {out.stem or 'mine'}{SUFFIX}")
    if out.exists() and not force:
        raise OutputError(f"'{out}' is there already; --force replaces it")
    folders = [place for place in places if place.is_dir()]
    if len(folders) > 1:
        raise CodexError(f"'{folders[1]}' is a second codex; share each in a file of its own")
    left_out = (
        make_thumbnails([each.path for each in CodexFolder(folders[0]).read_pictures()[0]], folders[0])
        if folders
        else []
    )
    files = dict(_files(folders, [place for place in places if not place.is_dir()], named))
    if not files:
        raise CodexError("there is nothing to share; name the folder of a codex, or a lock")
    _check(files)
    name = folders[0].resolve().name if folders else out.stem
    told = {
        "format": FORMAT,
        "name": name if is_bare(name) else "codex",
        "files": {key: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for key, data in files.items()},
    }
    make_folder(out.parent)
    with whole_file(out) as part, zipfile.ZipFile(part, "w") as archive:
        for key, data in {**files, MANIFEST: json.dumps(told, ensure_ascii=False, indent=1).encode()}.items():
            info = zipfile.ZipInfo(key, _THEN)
            info.external_attr, info.create_system = 0o644 << 16, 3
            info.compress_type = zipfile.ZIP_STORED if key.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return Packed(out, tuple(files), out.stat().st_size, tuple(left_out))


def _pictures(folder: Path) -> list[Path]:
    return [each.path for each in CodexFolder(folder).read_pictures()[0]]


def _files(folders: Sequence[Path], locks: Sequence[Path], named: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """(name in the file, content) of all that is shared."""
    for folder in folders:
        if not (folder / "codex.toml").is_file() and not (folder / "lock.toml").is_file():
            raise CodexError(
                f"'{folder}' is no codex: neither codex.toml nor lock.toml is in it; `avwalk codex new` makes one"
            )
        for name in TABLES:
            if (data := _read(folder / name)) is not None:
                yield name, shareable_settings(data.decode("utf-8-sig")).encode() if name == "codex.toml" else data
        for kind in ("locks", "presets"):  # those that came with a codex that was added
            for file in sorted((folder / kind).glob("*.toml")):
                yield f"{kind}/{file.name}", _read(file) or b""
    for file in locks:
        if (data := _read(file)) is None:
            raise CodexError(
                f"'{file}' is not there; name the folder of a codex, or a lock that `avwalk codex lock` wrote"
            )
        if file.suffix == ".json":
            yield "taste.json", data
            continue
        lock_of(data, str(file))
        yield f"locks/{file.stem}.toml", data
    for preset in named:
        loaded = presets.load(preset)
        yield f"presets/{loaded.name}.toml", presets.as_toml(loaded.values).encode()
    for folder in folders:
        for file in thumbnails_of(folder):
            yield f"thumbnails/{file.name}", _read(file) or b""


def _read(file: Path) -> bytes | None:
    try:
        if file.is_symlink():
            raise CodexError(f"'{file}' is a link; share the file itself")
        with file.open("rb") as stream:
            return stream.read(MAX_TOTAL)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CodexError(f"'{file}' cannot be read: {error.strerror}") from None


def _check(files: dict[str, bytes]) -> None:
    """Everything is looked at as it will be looked at where it is read."""
    problems = []
    for name, data in files.items():
        if said := entry_problem(name):
            problems.append(f"'{clipped(name)}' {said}")
        elif len(data) > size_limit(name):
            problems.append(f"'{name}' is larger than {size_limit(name) >> 20} MiB")
        else:
            try:
                check_content(name, data)
            except CodexError as error:
                problems += str(error).splitlines()
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_TOTAL:
        problems.append(f"{len(files)} files are more than {MAX_FILES}, or more than {MAX_TOTAL >> 20} MiB")
    if problems:
        raise CodexError("\n".join(problems[:20]))
