"""A function that is watched while it does its work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def noting(note: Callable[..., object], function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; before each call, ``note`` gets its arguments."""

    def noted(*args: Any, **kwargs: Any) -> Any:
        note(*args, **kwargs)
        return function(*args, **kwargs)

    return noted
