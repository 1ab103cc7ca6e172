"""A process that makes films for a batch: when native code ends it, one row fails and the batch goes on."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event as Stop

from avwalk.batch.outcome import Outcome, Report
from avwalk.batch.table import Job
from avwalk.contracts import Event
from avwalk.errors import at_command_line, is_at_command_line
from avwalk.runners import processes
from avwalk.runners.interrupts import interruptible

CONTEXT = multiprocessing.get_context("spawn")  # the same on every system, and no threads are forked
_PATIENCE = 20.0  # s in which an interrupted process keeps what it has


Make = Callable[[Job, Report], Outcome]


class Worker:
    """A process of its own, for one job after the other.

    Args:
        make: makes a film; a function of a module, as it is called in the process. None:
            `avwalk.batch.film.run_job`, which is imported there alone.
        stop: set when the batch is interrupted.
        share: segments that it renders in parallel; None: one for each core.
        reports: whether the events of a render are wanted.
    """

    def __init__(self, make: Make | None, stop: Stop, share: int | None = None, *, reports: bool) -> None:
        self.connection, theirs = CONTEXT.Pipe()
        self.job: Job | None = None
        """What it is at; None: nothing."""
        habits = (is_at_command_line(), gc.get_threshold())
        self._process = CONTEXT.Process(target=_serve, args=(theirs, make, stop, share, reports, habits), daemon=True)
        with _no_interrupts():
            self._process.start()
        theirs.close()  # so that ours ends with the process

    def begin(self, job: Job) -> None:
        """Gives it a job."""
        self.job = job
        with contextlib.suppress(OSError):  # it is dead: `receive` says so
            self.connection.send(job)

    def receive(self) -> Event | Outcome:
        """What it has to say; waits for it. A job whose process ends has failed.

        Raises:
            KeyboardInterrupt: it was interrupted.
        """
        try:
            said: Event | Outcome | None = self.connection.recv()
        except (EOFError, OSError):
            self._process.join()
            said = Outcome(self._done(), "failed", how_it_ended(self._process.exitcode or 0))
        else:
            if said is None:
                raise KeyboardInterrupt
            if isinstance(said, Outcome):
                self._done()
        return said

    @property
    def is_alive(self) -> bool:
        """Whether it can be given another job."""
        return self._process.is_alive()

    def end(self) -> None:
        """Ends it when it has kept what it has: at once if it is at nothing."""
        self.connection.close()
        self._process.join(_PATIENCE)
        for stronger in (self._process.terminate, self._process.kill):
            if self._process.is_alive():
                stronger()
                self._process.join(_PATIENCE)

    def _done(self) -> Job:
        job, self.job = self.job, None
        assert job is not None
        return job


def how_it_ended(code: int) -> str:
    """What to say of a process that ended before its film was made."""
    killed = code == -getattr(signal, "SIGKILL", 9)
    advice = "fewer --jobs take less" if killed else "avwalk render of this song alone may say more"
    return f"its process {processes.how_it_ended(code)}; {advice}"


def _serve(
    connection: Connection,
    make: Make | None,
    stop: Stop,
    share: int | None,
    reports: bool,
    habits: tuple[bool, tuple[int, int, int]],
) -> None:
    """The process: takes jobs until there are no more, or it is interrupted."""
    spells_flags, collect = habits
    gc.set_threshold(*collect)  # before what makes films is imported
    parent = multiprocessing.parent_process()

    def watch(event: Event) -> None:
        if stop.is_set() or (parent and not parent.is_alive()):
            raise KeyboardInterrupt
        if reports:
            connection.send(event)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # it was switched off while the process started
    with at_command_line(spells_flags), contextlib.suppress(EOFError, OSError), interruptible():
        try:
            if make is None:
                from avwalk.batch.film import run_job

                make = partial(run_job, workers=share)
            while not stop.is_set():
                connection.send(make(connection.recv(), watch))
        except KeyboardInterrupt:
            connection.send(None)


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Within it, Ctrl-C is nothing, and for a process that is started nothing until it wants it: no traceback."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
