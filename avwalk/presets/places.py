"""Where in a preset file each key was written, for messages."""

from __future__ import annotations

import re
from collections import Counter


def key_lines(text: str, name: str) -> dict[str, str]:
    """Dotted key → ``file:line``, for plain ``[section]`` and ``key = value`` lines, which is how presets look.

    Entries of a list that have a line each, and tables under ``[[key]]``, are found as ``key.0``, ``key.1``, ….
    """
    where: dict[str, str] = {}
    tables: Counter[str] = Counter()
    section, entries, listed = "", 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        place = f"{name}:{number}"
        if listed and re.match(r"\s*[\"'{]", line):
            where[f"{listed}.{entries}"] = place
            entries += 1
        elif header := re.match(r"\s*(\[+)([\w.\-]+)\]+", line):
            key = header[2]
            if header[1] == "[[":
                tables[key] += 1
                key += f".{tables[key] - 1}"
            section = key + "."
            where.setdefault(key, place)
        elif assigned := re.match(r"\s*([\w.\-]+)\s*=\s*(\[\s*(#.*)?$)?", line):
            where.setdefault(section + assigned[1], place)
            listed, entries = (section + assigned[1] if assigned[2] else ""), 0
    return where
