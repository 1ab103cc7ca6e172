"""Events of a render: progress, and warnings of stages as events; what is said once in a process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from avwalk.contracts import Event
from avwalk.errors import as_keywords, is_at_command_line


def progress(done: int, total: int, speed: float, limit: str) -> Event:
    """A ``progress`` event.

    Args:
        done: frames completed.
        total: frames in all.
        speed: frames per second.
        limit: the bottleneck stage.
    """
    eta = (total - done) / max(1e-9, speed)
    return {
        "event": "progress",
        "done": done,
        "total": total,
        "fps": round(speed, 2),
        "eta_s": round(eta),
        "limit": limit,
    }


def warning(message: str) -> Event:
    """A ``warning`` event; options in it are spelled for whoever reads it, as in errors."""
    return {"event": "warning", "message": message if is_at_command_line() else as_keywords(message)}


@contextmanager
def warnings_as_events(report: Callable[[Event], None]) -> Iterator[None]:
    """Within the context, warnings logged as ``avwalk`` become events of the render instead of log lines."""

    class _ToEvents(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            report(warning(record.getMessage()))

    logger, handler = logging.getLogger("avwalk"), _ToEvents(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


_said: set[str] = set()
_saying = threading.Lock()


def warn_once(message: str) -> None:
    """Logs a warning as ``avwalk``, once in this process however often it is called: for caches that do not work."""
    with _saying:
        if message in _said:
            return
        _said.add(message)
    logging.getLogger("avwalk").warning(message)
