"""Runs a batch: hands rows to processes that make their films, and goes on whatever becomes of one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing.connection import wait

from avwalk.batch.outcome import Outcome, Report
from avwalk.batch.table import Job
from avwalk.batch.worker import CONTEXT, Make, Worker


def run_jobs(
    jobs: Sequence[Job], *, at_once: int = 1, on_event: Report | None = None, make: Make | None = None
) -> Iterator[Outcome]:
    """Renders the missing films; a failure does not stop the others, not even one that ends its process.

    Processes are started anew, as on Windows: a script that calls this does so under ``if __name__ == "__main__"``.

    Args:
        jobs: from `avwalk.batch.table.read_jobs`.
        at_once: films rendered side by side. Each has a process to itself, which makes the next film when it is done.
        on_event: called with what `avwalk.render` reports.
        make: makes a film; None: `avwalk.batch.film.run_job`.

    Yields:
        The outcome of each job, as they end.
    """
    left, stop = list(jobs), CONTEXT.Event()
    n_workers = max(1, min(at_once, len(left)))
    share = max(1, (os.cpu_count() or 1) // n_workers) if n_workers > 1 else None
    start = partial(Worker, make, stop, share, reports=on_event is not None)
    workers: list[Worker] = []
    try:
        while left or any(worker.job for worker in workers):
            workers = [worker for worker in workers if worker.job or worker.is_alive]
            while left and (idle := _idle(workers) or (len(workers) < n_workers and start())):
                workers += [idle] if idle not in workers else []
                idle.begin(left.pop(0))
            at_work = {worker.connection: worker for worker in workers if worker.job}
            for connection in wait(list(at_work)):
                said = at_work[connection].receive()  # type: ignore[index]
                if isinstance(said, Outcome):
                    yield said
                elif on_event is not None:
                    on_event(said)
    finally:
        stop.set()
        for worker in workers:
            worker.end()


def _idle(workers: Sequence[Worker]) -> Worker | None:
    """A process that is at nothing."""
    return next((worker for worker in workers if not worker.job and worker.is_alive), None)
