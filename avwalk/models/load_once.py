"""Weights that are loaded once and shared."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Params = ParamSpec("Params")
Loaded = TypeVar("Loaded")
MAX_LOADED = 2  # the last that were asked for


def loaded_once(load: Callable[Params, Loaded]) -> Callable[Params, Loaded]:
    """Keeps what ``load`` gives. Calls wait for each other: threads that come while it loads would load it again."""
    kept, turn = functools.lru_cache(maxsize=MAX_LOADED)(load), threading.Lock()

    @functools.wraps(load)
    def loaded(*args: Params.args, **named: Params.kwargs) -> Loaded:
        with turn:
            return kept(*args, **named)  # type: ignore[arg-type]  # what they are is hashable

    loaded.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
    return loaded
