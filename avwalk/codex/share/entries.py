"""What a shared codex may hold: names, sizes, and nothing that belongs to one machine or person alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from avwalk.codex.lock import lock_of, painter_kind
from avwalk.codex.record import record_of
from avwalk.codex.settings_file import settings_of
from avwalk.config.lock import Lock
from avwalk.errors import CodexError, OptionError, PresetError, VideoError, clipped
from avwalk.files.bounded import parse_json, parse_toml
from avwalk.files.names import is_bare
from avwalk.files.png_text import png_size, texts_of
from avwalk.presets import from_tree, toml_value

MANIFEST = "avwalk-codex.json"
FORMAT = 1
TABLES = ("codex.toml", "scene.csv", "structure.csv", "lock.toml", "marks.jsonl", "taste.json")
"""Files of a codex that are shared, where they are there."""
FOLDERS = {"locks": ".toml", "presets": ".toml", "thumbnails": ".png"}
"""Folders of a shared codex, and the suffix of what is in them."""
MAX_FILES = 5000
MAX_TEXT = 8 << 20
"""Bytes of a table or a text."""
MAX_THUMBNAIL = 1 << 20
"""Bytes of a small picture."""
MAX_SIDE = 1024
"""Pixels of one."""
MAX_TOTAL = 512 << 20
"""Bytes of all files together, unpacked."""
_PRIVATE = (
    (re.compile(r"(?<![\w.])(?:/(?:home|Users|root|mnt|media|var|tmp)/[^\s\"',;]*|~/[^\s\"',;]+)"), "a path"),
    (re.compile(r"(?<![A-Za-z])[A-Za-z]:[\\/]+[^\s\"',;]+|\\\\\w[^\s\"',;]*"), "a path"),
    (re.compile(r"\b(?:https?|file|ftp|s3)://[^\s\"',;]*", re.I), "an address"),
    (re.compile(r"\b(?:sk-|hf_|gh[pousr]_|AKIA|xox[abp]-)[A-Za-z0-9_\-]{12,}"), "a key"),
    (re.compile(r"\b(?!sd@)[\w.+-]+@[\w-]+\.[A-Za-z]{2,}\b"), "somebody's address"),
)


def entry_problem(name: str) -> str | None:
    """Why the name of a file in an archive is refused; None of one that a shared codex may hold."""
    folder, _, file = name.rpartition("/")
    if not is_bare(file) or file.startswith(".") or len(file.encode("utf-8", "replace")) > 200:
        return "leaves its folder, or is no legal name everywhere"
    if not folder:
        return None if name in TABLES else "is nothing that a codex has"
    if folder not in FOLDERS or not file.endswith(FOLDERS[folder]):
        return "is nothing that a codex has"
    return None


def size_limit(name: str) -> int:
    """Bytes of a file, at most."""
    return MAX_THUMBNAIL if name.startswith("thumbnails/") else MAX_TEXT


def without_private(name: str, text: str) -> list[str]:
    """Lines that name a path, an address, or a key, which are nobody else's: what is wrong with each."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in _PRIVATE:
            if match := pattern.search(line):
                said = "" if what == "a key" else f" '{clipped(match[0], 40)}'"
                found.append(f"{name}:{number}: it holds {what}{said}, which is not shared; take it out")
                break
    return found


def check_content(name: str, data: bytes) -> None:
    """Reads a file as whoever uses it will, and refuses what names files, services or weights of another machine.

    Raises:
        CodexError: it is not what its name says, or names such a thing.
    """
    if name.startswith("thumbnails/"):
        _check_thumbnail(name, data)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CodexError(f"'{name}' is no text in UTF-8") from None
    if problems := without_private(name, text):
        raise CodexError("\n".join(problems[:20]))
    try:
        if name == "lock.toml" or name.startswith("locks/"):
            lock_of(data, name)
        elif name.startswith("presets/"):
            check_preset(name, parse_toml(text))
        elif name == "codex.toml":
            check_settings(parse_toml(text))
        elif name == "taste.json" and not isinstance(parse_json(text), dict):
            raise ValueError("it is no table")
    except (ValueError, PresetError) as error:
        raise CodexError("\n".join(f"'{name}': {line}" for line in str(error).splitlines()[:20])) from None


def check_preset(name: str, tree: dict[str, Any]) -> None:
    """Refuses a preset that another file, a service or a path belongs to.

    Raises:
        ValueError: it names one.
        PresetError: it is none, or names files otherwise than by name.
    """
    if "extends" in tree:
        raise ValueError("extends: a shared preset stands by itself; share it again")
    restyle = tree.get("restyle")
    painter = restyle.get("painter") if isinstance(restyle, Mapping) else None
    if painter and painter != painter_kind(str(painter)):
        raise ValueError(
            f"restyle.painter = '{clipped(painter)}' says where a service is; a shared preset names a kind"
        )
    preset = from_tree(name, tree)
    if preset.curves:
        raise ValueError(f"a route reads the curve '{clipped(next(iter(preset.curves)))}', a file that is not shared")


def check_settings(tree: Mapping[str, Any]) -> None:
    """Refuses settings that are none of a codex, or say where a painter is.

    Raises:
        ValueError: they do.
    """
    try:
        settings_of(tree)
    except (OptionError, TypeError) as error:
        raise ValueError(str(error)) from None
    for key, value in _texts(tree):
        if key.rpartition(".")[2] in ("painter", "painters"):
            for each in value.split(","):
                if each.strip() and each.strip() != painter_kind(each):
                    raise ValueError(
                        f"{key} = '{clipped(value)}' says where a painter is; a shared codex names its kind"
                    )


def shareable_settings(text: str) -> str:
    """Settings of a codex without where its painter is; as they are where they do not say it.

    Raises:
        ValueError: they are none.
    """
    tree = parse_toml(text)
    for key, value in list(_texts(tree)):
        if key.rpartition(".")[2] in ("painter", "painters"):
            kinds = ",".join(Lock(painter=painter_kind(each)).painter for each in value.split(","))
            text = text.replace(toml_value(value), toml_value(kinds)).replace(f"'{value}'", toml_value(kinds))
    return text


def _texts(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """(dotted key, text) of all texts in a table, those of its lists too."""
    for key, value in tree.items():
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, Mapping):
                yield from _texts(each, f"{above}{key}.")
            elif isinstance(each, str):
                yield f"{above}{key}", each


def _check_thumbnail(name: str, data: bytes) -> None:
    size = png_size(data)
    if size is None or not all(1 <= side <= MAX_SIDE for side in size):
        raise CodexError(f"'{name}' is no whole PNG of at most {MAX_SIDE} pixels")
    try:
        texts = texts_of(data)
        record = record_of(texts)
    except (ValueError, VideoError) as error:
        raise CodexError(f"'{name}': {error}") from None
    if set(texts) - {"avwalk", "parameters"} or record.painter != painter_kind(record.painter):
        raise CodexError(f"'{name}' says more than how it was made")
    if problems := [each for text in texts.values() for each in without_private(name, text)]:
        raise CodexError("\n".join(problems[:5]))
