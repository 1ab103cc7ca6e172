"""What a film that is replaced or made again says of itself, beside what is asked for now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from avwalk.errors import AvwalkError, VideoError, clipped
from avwalk.files.bounded import parse_json
from avwalk.files.png_text import read_text
from avwalk.plan.cues_files import cues_file, cues_of
from avwalk.score.cues import Cues
from avwalk.video.join import read_metadata

MAX_TEXT = 8 << 20
"""Characters of what a film says of itself."""
_SHOWN, _VALUE, _EDIT = 3, 40, 2000
"""So many of a list are shown; characters of a value, and of what is kept of an edit."""
_NO_CHANGES = ("version", "song_sha256", "looks", "edit", "redone")

Rows = tuple[tuple[str, str, str], ...]
"""Parts that were rolled again: from, to, seed."""


def film_facts(film: Path) -> dict[str, Any]:
    """What a film made by avwalk says of itself, or a folder of its pictures; empty where it says nothing, or nothing
    that can be read."""
    try:
        picture = next(film.glob("[0-9]*.png"), None) if film.is_dir() else None
        text = (read_metadata(film) if picture is None else read_text(picture)).get("avwalk", "")
        found = parse_json(text) if len(text) <= MAX_TEXT else None
    except (VideoError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def redone_rows(again: Mapping[str, Any]) -> Rows:
    """The parts of a film that were rolled again, as it says of itself; what is no such part is left out."""
    rows = again.get("redone")
    return tuple(
        (row[0], row[1], row[2])
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, list) and len(row) == 3 and all(isinstance(cell, str) for cell in row)
    )


def edit_of(again: Mapping[str, Any]) -> dict[str, Any]:
    """What a film says of its last edit: numbers of segments ``kept`` and of all, ``drawn_again`` and ``changed``."""
    edit = again.get("edit")
    edit = edit if isinstance(edit, dict) else {}
    numbers = {name: edit[name] for name in ("kept", "segments") if type(edit.get(name)) is int}
    texts = {name: clipped(edit[name], _EDIT) for name in ("drawn_again", "changed") if isinstance(edit.get(name), str)}
    return {**numbers, **texts} if len(numbers) == 2 else {}


def seed_rows(cues: Cues) -> Rows:
    """Rows ``seed`` of cues, in the words in which a film stores them."""
    return tuple((c.at.canonical, c.until.canonical if c.until else "", c.value) for c in cues.of("seed"))


def dropped_notes(films: Sequence[Path], cues: Cues) -> list[str]:
    """A line for each earlier film with parts that were rolled again, which are not in this one's cues."""
    lines, known = [], [*seed_rows(cues)]
    for film in films:
        lost = [row for row in redone_rows(film_facts(film)) if row not in known]
        known += lost
        if lost:
            parts = _some([f"{at}-{until}, seed {seed}" for at, until, seed in lost], "; ")
            rows = _some([f"{at},{until},seed,{seed}" for at, until, seed in lost], " / ")
            lines.append(
                f"'{film.name}' has parts that were rolled again, which this film drops ({parts}); --again keeps them, "
                f"or rows of the cues file: {rows}"
            )
    return lines


def unread_cues_notes(song: Path, stored: Cues, redone: Rows) -> list[str]:
    """A line where the cues file beside a song is not what the film says that is made again."""
    file = cues_file(song)
    if not file.exists():
        return []
    try:
        same = _compared(cues_of(song), bool(redone)) == _compared(stored, bool(redone))
    except AvwalkError:
        same = False
    if same:
        return []
    return [f"'{file.name}' says something else than the film's cues, which --again keeps; --cues '{file}' takes it"]


def _compared(cues: Cues, without_seeds: bool) -> Any:
    """Rows that were rolled again take something off others, so that rows ``seed`` are not compared then."""
    rows = cues.as_json()["rows"]
    return sorted(row for row in rows if not (without_seeds and row[2] == "seed")), sorted(cues.removed)


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What a film is told otherwise than an earlier one: ``camera.zoom 1 → 1.2, cue 130 camera.zoom 1.3``."""
    found = list(_options(before, now))
    old, new = (_cue_texts(each) for each in (before, now))
    found += [f"cue {row}" for row in new if row not in old]
    found += [f"no cue {row}" for row in old if row not in new]
    return _some(found, ", ")


def _options(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Options, and values of the preset, that differ."""
    old, new = (dict(_leaves(each)) for each in (before, now))
    for name in new:
        if old.get(name) != new[name] and not (name in old and json.dumps(old[name]) == json.dumps(new[name])):
            values = [_text(old.get(name)), _text(new[name])]
            yield f"{name} {' → '.join(values)}" if max(map(len, values)) <= _VALUE else name


def _leaves(again: Mapping[str, Any], key: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in again.items():
        if not key and name in (*_NO_CHANGES, "cues"):
            continue
        path = f"{key}.{name}".removeprefix("preset.values").removeprefix("preset.name").lstrip(".") or "preset"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{key}.{name}".lstrip("."))
        else:
            yield path, value


def _cue_texts(again: Mapping[str, Any]) -> list[str]:
    cues = again.get("cues")
    rows = cues.get("rows") if isinstance(cues, dict) else None
    return [cue_text(row) for row in (rows if isinstance(rows, list) else []) if isinstance(row, list)]


def cue_text(row: Sequence[Any]) -> str:
    """A stored row of cues in a line: ``bar:33 to bar:40 seed 9``."""
    cells = [clipped(str(cell), _VALUE) for cell in row]
    until = [f"to {cells[1]}"] if len(cells) > 1 and cells[1] else []
    return " ".join([*cells[:1], *until, *(cell for cell in cells[2:] if cell)])


def _some(texts: Sequence[str], between: str) -> str:
    more = len(texts) - _SHOWN
    return between.join([*texts[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
