"""Ctrl-C, a polite kill, a terminal that is closed: the first stops the command, others do not stop the stopping."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

POLITE = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What asks a program to end: it may keep what it has."""

_SOON = 0.02  # seconds
_received: list[int] = []  # what stopped the command that runs
_IMPORTS = "<frozen importlib"


@contextmanager
def interruptible(signals: tuple[int, ...] = POLITE) -> Iterator[None]:
    """Within it the first of these signals is a KeyboardInterrupt, later ones are nothing: what is done is being kept.

    Where Python cannot raise it, as in callbacks of an import, the signal comes once more a moment later; so it does
    where the import system itself is at work, which would keep a lock for ever that all threads need. Signals that
    whoever started the program has switched off, as ``nohup`` does, stay so. In other threads than the main one,
    nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stopping: int | None = None
    _received.clear()
    others = sys.unraisablehook

    def stop(number: int, frame: Any) -> None:
        nonlocal stopping
        if stopping is None and frame is not None and frame.f_code.co_filename.startswith(_IMPORTS):
            _again(number)
        elif stopping is None:
            stopping = number
            _received.append(number)
            raise KeyboardInterrupt

    def unraisable(what: sys.UnraisableHookArgs) -> None:
        nonlocal stopping
        if what.exc_type is KeyboardInterrupt and stopping is not None:
            number, stopping = stopping, None
            _again(number)
        else:
            others(what)

    before = {number: signal.getsignal(number) for number in signals}
    before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, stop)
    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = others
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code() -> int:
    """Of a command that was interrupted, as shells have it: 128 and the signal's number, 130 after Ctrl-C, 143 after
    SIGTERM, 129 after SIGHUP."""
    return 128 + (_received[-1] if _received else signal.SIGINT)


def _again(number: int) -> None:
    """Sends a signal to this program a moment later."""
    again = threading.Timer(_SOON, signal.raise_signal, (signal.Signals(number),))
    again.daemon = True
    again.start()
