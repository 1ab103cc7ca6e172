"""Draws and encodes segments in processes of their own: one for each graphics card, or where threads are in the way.

A process draws as `avwalk.runners.threads` does, one segment after the other, and keeps what it has loaded. When one
dies, its segment is drawn again by another, twice at most. When the program that started them dies, they end.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from multiprocessing.connection import Connection, wait
from queue import Queue
from typing import Any

from avwalk.errors import AvwalkError, GeneratorError, at_command_line, is_at_command_line
from avwalk.runners.retries import Line, WorkerDied
from avwalk.runners.segment_work import Drawing, Tail, draw_segment
from avwalk.runners.segments import Segment
from avwalk.runners.stages import Stages, Times

CONTEXT = multiprocessing.get_context("spawn")  # the same on every system, and no threads are forked
_PATIENCE = 60.0  # s in which a stopped process keeps what it has

Setup = Callable[[], Drawing[Any]]


def draw_segments(
    todo: Iterable[Segment],
    setup: Setup,
    *,
    workers: int,
    on_frames: Callable[[Segment, int, Stages], None],
    on_segment: Callable[[Segment], None],
    on_tail: Callable[[Tail], None] | None = None,
    on_failed_frames: Callable[[Sequence[int]], None] = lambda frames: None,
    environments: Sequence[Mapping[str, str]] = (),
) -> None:
    """Draws every segment, ``workers`` at once, lowest first. Processes are started anew, as on Windows.

    Callbacks are called from the calling thread only, and as those of `avwalk.runners.threads.draw_segments`. What
    processes log as ``avwalk`` is logged here.

    Args:
        todo: segments to draw.
        setup: called in each process; a function of a module, or an object of its classes, that can be pickled.
        workers: processes.
        on_frames: (segment, n, stages) after more frames were encoded, or were lost with a process: n are there now.
        on_segment: a segment is whole.
        on_tail: a segment was cut short by an interrupt.
        on_failed_frames: frames whose own picture a process could not have.
        environments: environment variables of each process, in turn.

    Raises:
        AvwalkError: of a process, as it came; or a segment failed three times, for the reason that it names.
    """
    line = Line(todo)
    places = [dict(environments[k % len(environments)]) if environments else {} for k in range(min(workers, len(line)))]
    staff, stages = [_Worker(setup, place) for place in places], Stages(len(places))

    def hear(k: int) -> None:
        worker = staff[k]
        kind, value = worker.receive()
        if kind == "frames":
            segment, n, times = value
            stages.add(times)
            on_frames(segment, n, stages)
        elif kind == "segment":
            worker.segment = None
            on_failed_frames(value[1])
            on_segment(value[0])
        elif kind == "tail":
            worker.segment = None
            if on_tail:
                on_tail(value)
        elif kind == "failed":
            assert worker.segment
            segment, worker.segment = worker.segment, None
            on_frames(segment, 0, stages)
            if not worker.is_alive:
                staff[k] = _Worker(setup, places[k])
            line.failed(segment, k, len(staff), value)

    try:
        while line or any(worker.segment for worker in staff):
            for k, worker in enumerate(staff):
                if not worker.segment and (segment := line.take(k, len(staff))):
                    worker.begin(segment)
            for k in _with_news(staff):
                hear(k)
    except BaseException:
        for worker in staff:
            worker.stop()
        _hear_the_last(staff, hear)
        raise
    finally:
        for worker in staff:
            worker.end()


def _with_news(staff: Sequence[_Worker]) -> list[int]:
    at_work = {worker.connection: k for k, worker in enumerate(staff) if worker.segment}
    # a wait without end cannot be interrupted by Ctrl-C on Windows
    return [at_work[connection] for connection in wait(list(at_work), timeout=0.5)]  # type: ignore[index]


def _hear_the_last(staff: Sequence[_Worker], hear: Callable[[int], None]) -> None:
    """Segments that are just done count, others are cut short; what goes wrong now is no news."""
    until = time.monotonic() + _PATIENCE
    while any(worker.segment for worker in staff) and time.monotonic() < until:
        for k in _with_news(staff):
            with contextlib.suppress(AvwalkError):
                hear(k)


class _Worker:
    """A process that draws one segment after the other."""

    def __init__(self, setup: Setup, environment: Mapping[str, str]) -> None:
        self.connection, theirs = CONTEXT.Pipe()
        self.segment: Segment | None = None
        """What it is at; None: nothing."""
        self._process = CONTEXT.Process(target=_serve, args=(theirs, setup, is_at_command_line()))
        with _environment(environment), ignored_signals():
            self._process.start()
        theirs.close()  # so that ours ends with the process

    def begin(self, segment: Segment) -> None:
        """Gives it a segment."""
        self.segment = segment
        with contextlib.suppress(OSError):  # it is dead: `receive` says so
            self.connection.send(segment)

    def receive(self) -> tuple[str, Any]:
        """What it has to say; waits for it. Of a process that ended: that it failed."""
        try:
            said: tuple[str, Any] = self.connection.recv()
        except (EOFError, OSError):
            self._process.join()
            return "failed", WorkerDied(f"its process {how_it_ended(self._process.exitcode or 0)}")
        if said[0] == "log":
            logging.getLogger("avwalk").log(*said[1])
        return said

    @property
    def is_alive(self) -> bool:
        """Whether it can be given another segment."""
        return self._process.is_alive()

    def stop(self) -> None:
        """Asks it to keep what it has and end."""
        with contextlib.suppress(OSError):
            self.connection.send(None)

    def end(self) -> None:
        """Ends it: at once if it is at nothing."""
        self.connection.close()
        for stronger in (None, self._process.terminate, self._process.kill):
            if stronger:
                stronger()
            self._process.join(_PATIENCE if stronger is None and self.segment else 5.0)
            if not self._process.is_alive():
                return


def how_it_ended(code: int) -> str:
    """What to say of a process that ended by itself, by its exit code."""
    if code == -getattr(signal, "SIGKILL", 9):
        return "was killed, as when memory runs out"
    name = f"exit code {code}"
    if code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
    return f"ended with {name}"


def _serve(connection: Connection, setup: Setup, spells_flags: bool) -> None:
    """The process: draws what it is told until there is no more, or whoever started it is gone."""
    orders: Queue[Segment | None] = Queue()
    stop = threading.Event()

    def listen() -> None:
        order: Segment | None = None
        with contextlib.suppress(EOFError, OSError):
            while order := connection.recv():
                orders.put(order)
        stop.set()
        orders.put(None)

    def tell(kind: str, value: Any) -> None:
        with contextlib.suppress(OSError):  # nobody is there any more: `listen` sees to it
            connection.send((kind, value))

    threading.Thread(target=listen, daemon=True).start()
    with at_command_line(spells_flags), _logs_told(tell):
        drawing: Drawing[Any] | None = None
        while segment := orders.get():
            try:
                drawing = drawing or setup()
                tail = draw_segment(segment, drawing, stop, partial(_tell_frames, tell, segment))
            except Exception as error:
                tell("failed", _sendable(error))
            else:
                failed = getattr(drawing.source, "failed_frames", ())
                tell(*(("tail", tail) if tail else ("segment", (segment, failed))))


def _tell_frames(tell: Callable[[str, Any], None], segment: Segment, n: int, times: Times) -> None:
    tell("frames", (segment, n, times))


def _sendable(error: Exception) -> Exception:
    """An error as another process can read it."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return GeneratorError(f"{type(error).__name__}: {' '.join(str(error).split())}")
    return error


@contextlib.contextmanager
def _logs_told(tell: Callable[[str, Any], None]) -> Iterator[None]:
    class _Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            tell("log", (record.levelno, record.getMessage()))

    handler = _Teller(logging.WARNING)
    logging.getLogger("avwalk").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("avwalk").removeHandler(handler)


@contextlib.contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Within it, processes that are started have other environment variables."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def ignored_signals() -> Iterator[None]:
    """Within it, Ctrl-C and what else asks programs to end is nothing here, nor, ever, to processes that are started.

    A terminal sends them to all processes at once; who started them stops them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before = {n: signal.signal(n, signal.SIG_IGN) for name in names if (n := getattr(signal, name, None))}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
