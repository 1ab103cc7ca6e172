"""Worlds that a sheet shows, with their features in its metadata, so that marks of its rows can be learnt from."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avwalk.errors import OptionError, VideoError, clipped
from avwalk.explore.taste import WorldMark
from avwalk.files.bounded import parse_json
from avwalk.files.png_text import read_text

KEYWORD = "avwalk_worlds"
"""PNG keyword of the worlds, JSON."""
MAX_ROWS = 1000
TASTE = "taste.json"


@dataclass(frozen=True)
class SheetWorld:
    """A world on a sheet.

    Attributes:
        row: its name there: ``7``.
        world: its name anywhere: ``lsd-7``.
        features: see `avwalk.explore.features`.
    """

    row: str
    world: str
    features: Mapping[str, float]


def worlds_text(worlds: Sequence[SheetWorld]) -> dict[str, str]:
    """PNG text of a sheet's worlds, for `avwalk.video.contact_sheet.contact_sheet`; none without worlds."""
    rows = [{"row": each.row, "world": each.world[:200], "features": dict(each.features)} for each in worlds]
    return {KEYWORD: json.dumps({"worlds": rows}, ensure_ascii=False)} if rows else {}


def learn_command(sheet: Path, taste: str = TASTE) -> str:
    """The command that learns from marks of a sheet, up to ``--good``."""
    if os.name == "nt":
        return f'avwalk codex taste "{taste}" "{sheet}"'
    return shlex.join(["avwalk", "codex", "taste", taste, str(sheet)])


def marks_of(sheet: Path, good: Sequence[str], bad: Sequence[str]) -> list[WorldMark]:
    """Marks of rows of a sheet.

    Args:
        sheet: the PNG.
        good: names of rows.
        bad: names of others.

    Raises:
        OptionError: the sheet says nothing of its worlds, has no such row, or one is good and bad.
    """
    if both := [row for row in good if row in bad]:
        raise OptionError(f"'{clipped(both[0])}' is in --good and in --bad; take it out of one")
    rows = _rows(sheet)
    marks = []
    for row in (*good, *bad):
        if row not in rows:
            raise OptionError(f"'{sheet}' has no row '{clipped(row)}'; it has {clipped(', '.join(rows), 100)}")
        try:
            mark = {"world": rows[row]["world"], "good": row in good, "features": rows[row]["features"]}
            marks.append(WorldMark.model_validate(mark))
        except (KeyError, ValueError):
            raise OptionError(f"what '{sheet}' says of row '{clipped(row)}' is no world; draw the sheet anew") from None
    return marks


def _rows(sheet: Path) -> dict[str, dict[str, Any]]:
    """Row → what the sheet says of it."""
    nothing = OptionError(f"'{sheet}' does not say which worlds it shows; draw one with `avwalk explore SONG`")
    try:
        found = parse_json(read_text(sheet).get(KEYWORD, "null"))
        rows = found["worlds"] if isinstance(found, dict) else None
        if not isinstance(rows, list) or len(rows) > MAX_ROWS:
            raise nothing
        return {str(row["row"]): row for row in rows if isinstance(row, dict) and "row" in row}
    except VideoError as error:
        raise OptionError(f"{error}; name a sheet of `avwalk explore SONG`") from None
    except (ValueError, KeyError):
        raise nothing from None
