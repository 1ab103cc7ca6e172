"""Runs the jobs of a store, one after the other, each in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from avwalk.errors import OptionError
from avwalk.serve.job_store import CANCELLED, DONE, ENDED, FAILED, QUEUED, RUNNING, Job, JobStore, outcome
from avwalk.serve.pictures import Busy

_LONGEST_LINE = 1 << 20
_GRACE_S = 25.0
_STOP_S = 8.0
_PROGRESS_S = 0.5  # between two that are kept
KEEPALIVE_S = 15.0
_SECRETS = ("AVWALK_SERVE_TOKEN",)


class JobRunner:
    """Runs queued jobs; those that a server left running when it died are queued again.

    Args:
        store: of the jobs.
        songs: folder of the songs that were sent.
        painter: ``KIND[@URL]``.
        most: jobs that wait, at most.
    """

    def __init__(self, store: JobStore, songs: Path, painter: str, most: int) -> None:
        self.store, self._songs, self._painter, self._most = store, songs, painter, most
        self._jobs = {job.id: job for job in store.all()}
        for job in self._jobs.values():
            if job.state == RUNNING:
                self._set(outcome(job, state=QUEUED, started=None))
                store.append(job, {"event": "state", "state": QUEUED, "reason": "the server was restarted"})
        self._changed = asyncio.Condition()
        self._process: asyncio.subprocess.Process | None = None
        self._running: Job | None = None
        self._cancelled: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def all(self) -> list[Job]:
        """Every job, the oldest first."""
        return list(self._jobs.values())

    def find(self, name: str) -> Job | None:
        """A job by its id."""
        return self._jobs.get(name)

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return sum(job.state == QUEUED for job in self._jobs.values())

    async def submit(self, kind: str, options: Mapping[str, Any]) -> Job:
        """Queues a job.

        Raises:
            Busy: too many wait.
            OutputError: it cannot be written.
        """
        if self.waiting >= self._most:
            raise Busy(60)
        job = self.store.add(kind, options)
        self._jobs[job.id] = job
        await self._say(job, {"event": "state", "state": QUEUED})
        return job

    async def cancel(self, job: Job) -> Job:
        """Cancels a job that waits or runs.

        Raises:
            OptionError: it has ended.
        """
        if job.state in ENDED:
            raise OptionError(f"job {job.id} is {job.state} already")
        if job.state == QUEUED:
            job = self._set(outcome(job, state=CANCELLED, ended=round(time.time(), 3)))
            await self._say(job, {"event": "state", "state": CANCELLED})
            return job
        self._cancelled.add(job.id)
        if self._process:
            _let_go(self._process)
        while (found := self._jobs[job.id]).state == RUNNING:
            async with self._changed:
                await self._changed.wait()
        return found

    async def remove(self, job: Job) -> None:
        """Deletes a job that has ended, and its results.

        Raises:
            OptionError: it has not ended.
        """
        if job.state not in ENDED:
            raise OptionError(f"job {job.id} is {job.state}; cancel it first")
        del self._jobs[job.id]
        self.store.remove(job)
        async with self._changed:
            self._changed.notify_all()

    async def events(self, job: Job, after: int = 0) -> AsyncIterator[tuple[int, dict[str, Any]] | None]:
        """What happened and happens to a job, numbered; ends when it does. None: nothing for a while."""
        while True:
            ended = self._jobs.get(job.id, outcome(job, state=CANCELLED)).state in ENDED
            for number, event in self.store.events(job, after):
                after = number
                yield number, event
            if ended:
                return
            try:
                async with self._changed:
                    if next(self.store.events(job, after), None) is None:
                        await asyncio.wait_for(self._changed.wait(), KEEPALIVE_S)
            except TimeoutError:
                yield None

    def start(self) -> None:
        """Begins to run jobs, in the running event loop."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Ends the job that runs; it is queued again when a server starts."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        while True:
            queued = [job for job in self._jobs.values() if job.state == QUEUED]
            if not queued:
                async with self._changed:
                    if not self.waiting:
                        await self._changed.wait()
                continue
            await self._run(queued[0])

    async def _run(self, job: Job) -> None:
        """Runs a job to its end."""
        job = self._set(outcome(job, state=RUNNING, started=round(time.time(), 3)))
        await self._say(job, {"event": "state", "state": RUNNING})
        error, code = "", -1
        try:
            error, code = await self._process_of(job)
        except OSError as problem:
            error = f"it cannot be run: {problem.strerror or problem}"
        out = self.store.folder_of(job.id) / "out"
        results = tuple(sorted(p.name for p in out.iterdir() if p.is_file() and not p.name.endswith(".part")))
        state = CANCELLED if job.id in self._cancelled else DONE if code == 0 else FAILED
        self._cancelled.discard(job.id)
        error = "" if state != FAILED else error or f"it ended with code {code}"
        if state == DONE and not results:
            state, error = FAILED, "it made nothing"
        done = outcome(job, state=state, ended=round(time.time(), 3), error=error, results=results)
        self._set(done)
        await self._say(done, {"event": "state", "state": state, "error": error, "results": list(results)})

    async def _process_of(self, job: Job) -> tuple[str, int]:
        """Why it failed, and the exit code."""
        out = self.store.folder_of(job.id) / "out"
        with (self.store.folder_of(job.id) / "stderr.txt").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "avwalk.serve.job_process",
                    job.kind,
                    str(out),
                    str(self._songs),
                    self._painter,
                ),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_LONGEST_LINE,
                env={name: value for name, value in os.environ.items() if name not in _SECRETS},
            )
        self._process = process
        assert process.stdin and process.stdout
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                process.stdin.write(json.dumps(dict(job.options)).encode() + b"\n")
                await process.stdin.drain()
            if job.id in self._cancelled:
                _let_go(process)
            error = await self._follow(job, process.stdout)
            return error, await asyncio.wait_for(process.wait(), _GRACE_S)
        except TimeoutError:
            return "it did not end", -1
        finally:
            self._process = None
            await _ended(process)

    async def _follow(self, job: Job, lines: asyncio.StreamReader) -> str:
        """Keeps the events of a job; gives why it failed."""
        error, last = "", -math.inf
        while line := await lines.readline():
            try:
                event = json.loads(line)
                kind = event["event"]
            except (ValueError, KeyError, TypeError):  # something that a library printed
                continue
            now = time.monotonic()
            if kind == "failed":
                error = str(event["error"])
            elif kind == "progress" and now < last + _PROGRESS_S and event.get("done") != event.get("total"):
                continue
            elif kind != "made":
                last = now if kind == "progress" else last
                await self._say(job, event)
        return error

    def _set(self, job: Job) -> Job:
        self.store.write(job)
        self._jobs[job.id] = job
        return job

    async def _say(self, job: Job, event: Mapping[str, Any]) -> None:
        self.store.append(job, event)
        async with self._changed:
            self._changed.notify_all()


def _let_go(process: asyncio.subprocess.Process) -> None:
    """Asks a job to end: by the end of its input, which every system has."""
    if process.stdin and not process.stdin.is_closing():
        process.stdin.close()


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Ends a process that has not ended: politely, then at once."""
    if process.returncode is not None:
        return
    _let_go(process)
    try:
        await asyncio.wait_for(process.wait(), _STOP_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
