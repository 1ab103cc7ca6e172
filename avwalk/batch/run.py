"""Runs a batch: renders missing films, skips finished ones, collects failures."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Stop
from pathlib import Path
from typing import Any, Literal

from avwalk.batch.table import Job
from avwalk.contracts import Event
from avwalk.errors import AvwalkError, OutputError, VideoError, at_command_line, is_at_command_line
from avwalk.files.atomic import make_folder
from avwalk.files.png_text import read_text
from avwalk.pipeline import render
from avwalk.rendering.finish import expected_sound
from avwalk.rendering.soundtrack import samples
from avwalk.request.metadata import metadata
from avwalk.request.resolve import Request, resolve
from avwalk.video.join import read_metadata
from avwalk.video.verify import verify

Report = Callable[[Event], None]


@dataclass(frozen=True)
class Outcome:
    """Result of a job.

    Attributes:
        job: which.
        what: ``made``; ``there``: the film was there, and is what the table asks for; ``failed``.
        message: of a failure, one line or several; else a note, or empty.
        n_frames: of the film; 0 where it failed.
        wall_s: seconds that it took.
    """

    job: Job
    what: Literal["made", "there", "failed"]
    message: str = ""
    n_frames: int = 0
    wall_s: float = 0.0


def run_jobs(jobs: Sequence[Job], *, at_once: int = 1, on_event: Report | None = None) -> Iterator[Outcome]:
    """Renders the missing films; a failure does not stop the others.

    Args:
        jobs: from `avwalk.batch.table.read_jobs`.
        at_once: films rendered in parallel, each in its own process; 1: one after the other in this one.
        on_event: called with what `avwalk.render` reports; only where films are made one after the other.

    Yields:
        The outcome of each job, as they end.
    """
    if at_once <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield run_job(job, on_event or (lambda event: None))
        return
    context = multiprocessing.get_context("spawn")  # the same on every system, and no threads are forked
    stop = context.Event()
    share = max(1, (os.cpu_count() or 1) // at_once)
    left = list(jobs)
    while left:  # a pool whose process was killed takes no more jobs: another goes on with the rest
        with ProcessPoolExecutor(at_once, context, _keep, (stop, is_at_command_line())) as pool:
            try:
                for outcome in _pooled(pool, left, share, at_once):
                    left.remove(outcome.job)
                    yield outcome
            except BaseException:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise


def _pooled(pool: ProcessPoolExecutor, jobs: Sequence[Job], share: int, at_once: int) -> Iterator[Outcome]:
    """Outcomes as they complete; ends early when a process was killed. Jobs are submitted only to free workers."""
    waiting = list(jobs)
    running: dict[Future[Outcome], Job] = {}
    broken = False
    while (waiting and not broken) or running:
        while waiting and not broken and len(running) < at_once:
            job = waiting.pop(0)
            try:
                running[pool.submit(_apart, job, share)] = job
            except BrokenProcessPool:
                broken = True
        done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in done:
            job = running.pop(future)
            try:
                yield future.result()
            except BrokenProcessPool:
                broken = True
                yield Outcome(job, "failed", "its process was killed, or one beside it; --jobs 1 takes less memory")


_stop: Stop | None = None  # of a process of the pool: whether the batch was interrupted


def _keep(stop: Stop, spells_flags: bool) -> None:
    """Begins a process of the pool: it is interrupted with the others, and its errors read as theirs."""
    global _stop
    _stop = stop
    at_command_line(spells_flags).__enter__()


def _apart(job: Job, share: int) -> Outcome:
    """A job in a process of the pool."""

    def watch(event: Event) -> None:
        if _stop is not None and _stop.is_set():
            raise KeyboardInterrupt

    return run_job(Job(job.song, {"workers": share, **job.options}, job.location), watch, as_job=job)


def run_job(job: Job, report: Report, *, as_job: Job | None = None) -> Outcome:
    """Makes one film, unless it is there. Errors become its outcome; KeyboardInterrupt passes."""
    began, named = time.perf_counter(), as_job or job
    try:
        request = resolve(job.song, job.options)
        n_frames = request.film.span[1] - request.film.span[0]
        there = existing_film(request)
        if there is not None:
            return Outcome(named, "there", there, n_frames)
        make_folder(Path(str(job.options["out"])).absolute().parent)
        done = render(job.song, on_event=report, **job.options)
    except AvwalkError as error:
        return Outcome(named, "failed", str(error))
    except Exception as error:
        text = " ".join(str(error).split()) or "no message"
        message = f"unexpected {type(error).__name__}: {text}; avwalk render with AVWALK_DEBUG=1 says more"
        return Outcome(named, "failed", message)
    return Outcome(named, "made", "", done["n_frames"], round(time.perf_counter() - began, 3))


def existing_film(request: Request) -> str | None:
    """Checks for a finished film of the request: None if there is none, else a note, or empty.

    A film is identified by its metadata: song, preset with every value, seed, size, range, cues. The version of
    avwalk that made it does not matter. One made with ``no_metadata`` is identified by length and sound alone.

    Raises:
        OutputError: another or a damaged film exists, and may not be replaced.
    """
    out = Path(str(request.options.out))
    pictures = out.is_dir()
    if not out.exists() or (pictures and not any(out.glob("*.png"))):
        return None
    wanted = metadata(request)
    try:
        problems = _picture_problems(out, request) if pictures else _film_problems(out, request)
        tags = read_text(min(out.glob("*.png"))) if pictures else read_metadata(out)
    except VideoError as error:
        problems, tags = [str(error)], {}
    if not problems and wanted:
        problems = _differences(tags.get("avwalk", ""), wanted["avwalk"])
    if not problems:
        return "" if wanted else "its plan is not known: it holds no metadata"
    if request.options.force:
        return None
    raise OutputError(f"'{out}' is there, but {'; '.join(problems)}; a column force with yes replaces it")


def _film_problems(out: Path, request: Request) -> list[str]:
    start, stop = samples(request.clock, *request.film.span)
    checked = verify(
        out,
        n_frames=request.film.span[1] - request.film.span[0],
        fps=request.clock.fps,
        sound=expected_sound(request.song, start, stop),
        quick=True,
    )
    return list(checked["problems"])


def _picture_problems(out: Path, request: Request) -> list[str]:
    n, n_frames = sum(1 for _ in out.glob("[0-9]*.png")), request.film.span[1] - request.film.span[0]
    return [] if n == n_frames else [f"it holds {n} pictures instead of {n_frames}"]


def _differences(text: str, wanted: str) -> list[str]:
    """Differences between a film's metadata and the request's, by name; missing metadata counts as a difference."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, Mapping):
        return ["it does not say how it was made"]
    asked: dict[str, Any] = json.loads(wanted)
    names = [name for name in asked if name != "version" and said.get(name) != asked[name]]
    return [f"it was made with other settings ({', '.join(names[:4])})"] if names else []
