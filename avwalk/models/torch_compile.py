"""torch.compile with a fallback to the uncompiled function."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from avwalk.models.batch_size import is_out_of_memory

BACKEND = "inductor"
"""What torch compiles with: Triton on a CUDA card, a C++ compiler on a processor."""
SHAPES = 64
"""Maximum recompilations of one function; torch's default of 8 is too small for blocks of many widths."""


def compiler_options() -> dict[str, Any]:
    """Keyword arguments of torch.compile."""
    return {"backend": BACKEND, "fullgraph": True, "dynamic": False, "recompile_limit": SHAPES}


class Compiled:
    """A function compiled by torch at its first call; after a failure, the uncompiled one.

    Results are those of the function to rounding. Threads may share it.

    Args:
        fast: compiled by torch, at its first call.
        plain: returns the uncompiled function.
    """

    def __init__(self, fast: Callable[..., Any], plain: Callable[[], Callable[..., Any]]) -> None:
        self._fast: Callable[..., Any] | None = fast
        self._plain = plain
        self._lock, self._begun = threading.RLock(), False

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Calls the function."""
        if not self._begun:
            with self._lock:  # threads that begin together would all compile
                made = self._called(*args, **named)
                self._begun = True
                return made
        return self._called(*args, **named)

    def _called(self, *args: Any, **named: Any) -> Any:
        if (fast := self._fast) is not None:
            try:
                return fast(*args, **named)
            except Exception as error:  # compilers raise anything
                if is_out_of_memory(error):
                    raise
                why = _line(getattr(error, "inner_exception", error))
            made = self._plain()(*args, **named)  # what is wrong with the call itself is wrong here too
            self._give_up(why)
            return made
        return self._plain()(*args, **named)

    def _give_up(self, why: str) -> None:
        with self._lock:
            if self._fast is None:  # another thread has said it
                return
            self._fast = None
        logging.getLogger("avwalk").warning(
            "--compile does not work here (%s): it goes on without; leave it out, or see to a compiler for torch",
            why,
        )


def _line(error: Exception) -> str:
    """The first line of what a compiler says."""
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return text if len(text) <= 120 else text[:119] + "…"
