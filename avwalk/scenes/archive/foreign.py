"""Paths that a project from an archive names: those of another machine are taken out, and said, not opened here."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from avwalk.errors import clipped
from avwalk.files.bounded import parse_json
from avwalk.files.names import is_bare
from avwalk.scenes.project.places import SONG
from avwalk.scenes.project.settings_json import FILE

SETTINGS, SONG_ENTRY = f"meta/{FILE}", f"meta/{SONG}"
NAMING = ("model_string", "model", "controlnet_string", "control_model")
"""Settings whose values name weights."""
_TEXTS = ("prompt", "negative_prompt")
_HUB = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(:[\w-][\w. -]*)?")
_MOST = 1 << 20
_UP = 2  # folders from the project's texts to what `meta` lies in: where `avwalk scenes new` finds a song


def without_paths(entry: str, data: bytes) -> tuple[bytes, list[str]]:
    """The content of a file of the archive without paths of another machine, and a line for each that it named.

    Args:
        entry: name in the archive.
        data: its content.
    """
    if entry == SONG_ENTRY:
        return _song(data)
    return _settings(data) if entry == SETTINGS and len(data) <= _MOST else (data, [])


def _song(data: bytes) -> tuple[bytes, list[str]]:
    text = data[:_MOST].decode("utf-8", "replace").strip("\ufeff \r\n\t")
    parts = PurePosixPath(text.replace("\\", "/")).parts
    up = next((k for k, part in enumerate(parts) if part != ".."), len(parts))
    leaves = PureWindowsPath(text).drive or text.startswith(("/", "\\", "~")) or up > _UP or ".." in parts[up:]
    if not text or not leaves:
        return data, []
    return b"", [f"{SONG} names '{clipped(text)}', a path of another machine: taken out; write that of your song there"]


def _settings(data: bytes) -> tuple[bytes, list[str]]:
    try:
        tree = parse_json(data)
    except ValueError:  # whoever reads it says what is wrong
        return data, []
    said: list[str] = []
    found = _cleaned(tree, "", said)
    return (json.dumps(found, ensure_ascii=False, indent=1).encode() if said else data), said


def _cleaned(value: Any, key: str, said: list[str], inner: bool = False) -> Any:
    """A value without paths; ``inner``: of the keywords of a generator, any of which may name a file."""
    if isinstance(value, dict):
        keywords = inner or key in ("pipe_kwargs", "pipeline")
        return {name: _cleaned(each, name, said, keywords) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, key, said, inner) for each in value]
    names_a_file = key in NAMING or (inner and key not in _TEXTS)
    if not (isinstance(value, str) and value and names_a_file) or is_bare(value) or _HUB.fullmatch(value):
        return value
    said.append(f"{key} '{clipped(value)}' of {FILE} is a path of another machine: taken out; write your own there")
    return ""
