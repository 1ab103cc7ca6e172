"""A cache decorator for loaded weights, thread-safe."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Params = ParamSpec("Params")
Loaded = TypeVar("Loaded")
MAX_LOADED = 2  # results in memory


def loaded_once(load: Callable[Params, Loaded]) -> Callable[Params, Loaded]:
    """Caches the last results of ``load`` under a lock, so that concurrent threads do not load twice."""
    kept, turn = functools.lru_cache(maxsize=MAX_LOADED)(load), threading.Lock()

    @functools.wraps(load)
    def loaded(*args: Params.args, **named: Params.kwargs) -> Loaded:
        with turn:
            return kept(*args, **named)  # type: ignore[arg-type]  # what they are is hashable

    loaded.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
    return loaded
