"""JSON and TOML that others wrote, read within bounds: how deep they are nested, how many digits a number has."""

from __future__ import annotations

import json
import math
import re
import tomllib
from typing import Any

MAX_DEPTH = 100
"""Lists and tables in each other; presets with all their ancestors need half of it."""
MAX_DIGITS = 400
"""Characters of a number: the longest float that is written out without an exponent has 330."""
_MAX_DOTS = 10_000  # in a line: tomllib copies a dotted key once for each of its parts
_HALF = re.compile("[\ud800-\udfff]")
_LEAST, _MOST = -(2**63), 2**64 - 1  # integers: as TOML has them, and unsigned ones


def parse_json(text: str | bytes) -> Any:
    """A JSON value.

    Raises:
        ValueError: it is none, is nested too deeply, or holds a number that is too long, too large or not finite.
    """
    try:
        found = json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    _check(found)
    return found


def parse_toml(text: str) -> dict[str, Any]:
    """A TOML table.

    Raises:
        ValueError: it is none, is nested too deeply, or holds an integer of more than 64 bits.
    """
    if any(line.count(".") > _MAX_DOTS for line in text.splitlines()):
        raise ValueError("it is nested too deeply")
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python's own limit of digits
        raise ValueError("a number has too many digits; integers have 64 bits") from None
    _check(found)
    return found


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS or not _LEAST <= int(text) <= _MOST:
        raise ValueError(f"the number {text[:20]}… is out of range")
    return int(text)


def _real(text: str) -> float:
    value = float(text) if len(text) <= MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]}… is out of range")
    return value


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _check(tree: Any) -> None:
    """Depth, size of integers, and texts that are letters, without recursion."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += (*each, *each.values())
            elif isinstance(each, list):
                below += each
            elif isinstance(each, str):
                if _HALF.search(each):
                    raise ValueError("a text holds half of a letter")
            elif isinstance(each, int) and not _LEAST <= each <= _MOST:
                raise ValueError("a number has too many digits; integers have 64 bits")
        level = [each for each in below if isinstance(each, dict | list | int | str)]
