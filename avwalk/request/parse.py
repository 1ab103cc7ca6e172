"""Parses and checks the options of a render, and reports every problem at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from avwalk.clock import parse_time
from avwalk.config.options import RenderOptions
from avwalk.errors import OptionError, did_you_mean
from avwalk.score.musical_time import parse_length, parse_moment


def parse_options(values: Mapping[str, Any]) -> RenderOptions:
    """Options as given, checked.

    Raises:
        OptionError: unknown names or values out of range, all at once.
    """
    try:
        return RenderOptions.model_validate({k: _plain(k, v) for k, v in values.items() if v is not None})
    except ValidationError as error:
        raise OptionError("\n".join(_problem(e) for e in error.errors())) from None


def _time(key: str, value: Any) -> float | str:
    """Seconds, or the text of a time that is looked up in the song later; checked."""
    try:
        return parse_time(value)
    except OptionError:
        parse_moment(value) if key == "start" else parse_length(value)
        return str(value)


def _plain(key: str, value: Any) -> Any:
    """Options come from Python too: paths, numbers for fps, pairs for size, times as people write them."""
    if key == "first_beat":
        return parse_time(value)
    if key in ("start", "duration"):
        return _time(key, value)
    if key == "fps":
        return str(value)
    if key == "size" and isinstance(value, tuple | list):
        return "x".join(str(side) for side in value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return tuple(value) if isinstance(value, list) else value


def _problem(error: Any) -> str:
    key = ".".join(part for part in error["loc"] if isinstance(part, str))
    if error["type"] == "extra_forbidden":
        return f"unknown option '{key}'{did_you_mean(key, RenderOptions.model_fields)}"
    hint = ""
    if error["type"] == "literal_error":
        hint = did_you_mean(str(error["input"]), re.findall(r"'([^']+)'", error["msg"]))
    said = error["msg"].removeprefix("Input ").replace("should be", "must be").partition(", unable to parse")[0]
    return f"--{key.replace('_', '-')} {error['input']!r}: {said}{hint}"
