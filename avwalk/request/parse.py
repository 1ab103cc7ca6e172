"""Parses and checks the options of a render, and reports every problem at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from avwalk.clock import parse_time
from avwalk.config.options import RenderOptions
from avwalk.config.problems import option_error
from avwalk.errors import OptionError
from avwalk.score.musical_time import parse_length, parse_moment


def parse_options(values: Mapping[str, Any]) -> RenderOptions:
    """Options as given, checked.

    Raises:
        OptionError: unknown names or values out of range, all at once; options that contradict each other.
    """
    try:
        options = RenderOptions.model_validate({k: _plain(k, v) for k, v in values.items() if v is not None})
    except ValidationError as error:
        raise option_error(error, RenderOptions.model_fields) from None
    if options.ray is not None and not options.ray.strip():
        raise OptionError("--ray is empty; write --ray auto, --ray HOST:PORT, or leave it out")
    if options.ray is not None and options.runner != "auto":
        raise OptionError(
            f"--ray {options.ray} and --runner {options.runner}: a cluster draws or this machine; give one"
        )
    return options


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
