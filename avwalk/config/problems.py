"""What pydantic finds wrong with a value, as one line in the words of avwalk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from avwalk.errors import OptionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

LONGEST = 60  # characters of a value that are shown


def problem(error: ErrorDetails, key: str, subject: str) -> str:
    """A value that is not allowed: ``--fps '0': must be greater than 0``.

    Args:
        error: one of `pydantic.ValidationError.errors`.
        key: the name of the field, as the person who gave the value knows it.
        subject: the same before the value: ``--fps``, or ``grain.amount =``.

    Returns:
        Subject, value, what it must be, and a hint where a word is near an allowed one.
    """
    given = error["input"]
    said = error["msg"].removeprefix("Value error, ").removeprefix("Input ").replace("should be", "must be")
    if error["type"] == "tuple_type":
        said = f'must be a list; write {key} = ["…", "…"]'
    hint = ""
    if error["type"] == "literal_error":
        hint = did_you_mean(str(given), re.findall(r"'([^']+)'", error["msg"]))
    shown = repr(given)
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 3] + "…"
    return f"{subject} {shown}: {said}{hint}"


def option_error(error: ValidationError, known: Collection[str]) -> OptionError:
    """All that is wrong with the options of a command, a line each.

    Args:
        error: of the model of the options.
        known: its fields.
    """
    return OptionError("\n".join(_option(each, known) for each in error.errors()))


def _option(error: ErrorDetails, known: Collection[str]) -> str:
    key = ".".join(part for part in error["loc"] if isinstance(part, str))
    if error["type"] == "extra_forbidden":
        return f"unknown option '{key}'{did_you_mean(key, known)}"
    error["msg"] = error["msg"].partition(", unable to parse")[0]  # that a number is no text says enough
    return problem(error, key, f"--{key.replace('_', '-')}")
