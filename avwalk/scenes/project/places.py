"""Location of a project: its name, text folder, media folder and song."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from avwalk.errors import OptionError, ScenesError, did_you_mean
from avwalk.files.names import as_there, is_regular
from avwalk.scenes.project.names import file_name

SONG = "song.txt"
"""Holds the path of the song: absolute, or from the folder that the file is in."""
MAX_BYTES = 4096


@dataclass(frozen=True)
class ProjectPaths:
    """Paths of a project.

    Attributes:
        name: of its folders.
        meta: folder of its text files.
        media: folder of generated files.
        song: the audio file, if given instead of the name.
    """

    name: str
    meta: Path
    media: Path
    song: Path | None = None


def meta_root(folder: Path | None = None) -> Path:
    """Folder of the projects' text files: the given one, else from the settings, else ``meta``."""
    from avwalk.settings import settings

    return folder or settings().meta_dir or Path("meta")


def media_root(folder: Path | None = None) -> Path:
    """Folder of generated files: the given one, else from the settings, else ``media``."""
    from avwalk.settings import settings

    return folder or settings().media_dir or Path("media")


def projects(meta: Path) -> list[str]:
    """Names of the projects whose text files are in a folder."""
    return sorted(f.name for f in meta.iterdir() if f.is_dir() and f.name[0] != ".") if meta.is_dir() else []


def find_project(name: str, meta_dir: Path | None = None, media_dir: Path | None = None) -> ProjectPaths:
    """Finds a project.

    Args:
        name: of the project; or a song's file, which is looked up in the ``song.txt`` of projects, then by name.
        meta_dir: see `meta_root`.
        media_dir: see `media_root`.

    Raises:
        ScenesError: there is none, or a song has several.
    """
    meta, media = meta_root(meta_dir), media_root(media_dir)
    there = projects(meta)
    song = Path(name) if name not in there and is_regular(Path(name)) else None
    if song:
        name = _project_of(song, meta, there)
    elif name not in there:
        _refuse(name, meta, there)
    return ProjectPaths(name, meta / name, media / name, song)


def read_song_file(meta: Path) -> Path | None:
    """The path in ``song.txt``, existing or not; None if empty or no text."""
    try:
        text = (meta / SONG).read_bytes()[:MAX_BYTES].decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        return None
    if not text or "\0" in text:
        return None
    path = Path(os.path.normpath(meta.resolve() / text))  # `..` is said of the real folder, not of a link to it
    with suppress(OptionError):  # two of the same letters: neither is meant
        path = as_there(path)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _project_of(song: Path, meta: Path, there: list[str]) -> str:
    """The project of a song.

    Raises:
        ScenesError: there is none, or several.
    """
    found = []
    for name in there:
        named = read_song_file(meta / name)
        if named and is_regular(named) and os.path.samefile(named, song):  # noqa: PTH121 (links count too)
            found.append(name)
    if len(found) > 1:
        names = f"{', '.join(found[:-1])} and {found[-1]}"
        raise ScenesError(f"'{song}' is the song of the projects {names}; give the name of one instead of the file")
    if found:
        return found[0]
    if song.stem in there:
        return song.stem
    raise ScenesError(f"no project in '{meta}' is of '{song}'; `avwalk scenes new {song}` makes one")


def _refuse(name: str, meta: Path, there: list[str]) -> None:
    try:
        file_name(name, "project")
    except OptionError as error:
        raise ScenesError(str(error)) from None
    known = f"; there are {', '.join(there)}" if there else ""
    near = did_you_mean(name, there)
    raise ScenesError(f"no project '{name}' in '{meta}'{near}{known}; `avwalk scenes new SONGFILE` makes one")
