"""Draws the segments of a song's film: in threads of this process, in processes, or on a cluster."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from avwalk.contracts import Source
from avwalk.device import cards
from avwalk.errors import OptionError
from avwalk.files.remote_folder import RemoteFolder, is_url
from avwalk.plan.edits import EDITS
from avwalk.rendering.draw import Report, Runner
from avwalk.rendering.remote_work import RemoteWork, RemoteWorker
from avwalk.rendering.song_film import SongFilm
from avwalk.rendering.song_segments import SongWorker
from avwalk.rendering.work_folder import WorkFolder, left_elsewhere, remember_place
from avwalk.request.resolve import Request
from avwalk.runners import processes, ray_cluster, threads
from avwalk.runners.stages import Stages


class DrawResult(NamedTuple):
    """What is known of the frames of a film when all are drawn.

    Attributes:
        n_resumed: how many were there before.
        stages: how long the others took.
        failed_frames: indices of those whose own picture could not be had.
    """

    n_resumed: int
    stages: Stages
    failed_frames: frozenset[int]


def draw_segments(film: SongFilm, request: Request, source: Source, worker: SongWorker, report: Report) -> DrawResult:
    """Draws what is not there yet, where the request says.

    Args:
        film: whose segments they are.
        request: how many workers, and of which kind.
        source: gives its frames in this process.
        worker: draws them in another.
        report: called with events, see `avwalk.rendering.draw.draw`.

    Raises:
        AvwalkError: as it came; finished segments stay.
    """
    failed_frames, options = set[int](), request.options
    if is_in_threads(request):
        n_workers = options.workers or os.cpu_count() or 1
        run: Runner = partial(threads.draw_segments, drawing=film.drawing(source), workers=n_workers)
    elif options.ray is None:
        run = _in_processes(request, worker, failed_frames.update)
    else:
        run = _on_cluster(request, worker, failed_frames.update)
    with contextlib.ExitStack() as stack:
        if url := _url(request, worker.work):
            remote = stack.enter_context(RemoteWork(RemoteFolder(url), worker.work))
            remote.send_plan()
            remote.fetch_all(film.job.segments)
            run = remote.fetching(run)
        n_resumed, stages = film.draw(run, report)
    return DrawResult(n_resumed, stages, frozenset(failed_frames | {*source.failed_frames}))


def work_folder(request: Request, out: Path) -> WorkFolder:
    """The work folder of a film in a file, where the request wants it.

    Raises:
        OptionError: a URL, and no cluster.
        OutputError, PlanError: as `WorkFolder` says.
    """
    place = request.options.work or ""
    if is_url(place) and request.options.ray is None:
        raise OptionError(f"--work {place} is a URL, which only --ray needs; name a folder, or leave it out")
    local = Path(place).absolute() if place and not is_url(place) else None
    if local:
        remember_place(out, local)
    elif left := left_elsewhere(out):
        logging.getLogger(__name__).warning(
            f"a run before left work of '{out.name}' in '{left}', which is not used; --work '{left}' goes on with it"
        )
    return WorkFolder(out, request.film, fresh=request.options.fresh, place=local, edits=EDITS)


def is_in_threads(request: Request) -> bool:
    """Whether this process draws a film itself.

    ``auto`` does, unless there are several graphics cards: NumPy, Numba, torch and the encoder let threads run side
    by side, and threads share what is loaded.
    """
    options = request.options
    if options.ray is not None:
        return False
    if options.runner == "auto":
        return request.film.device != "cuda" or len(cards()) < 2
    return options.runner == "threads"


def _in_processes(request: Request, worker: SongWorker, on_failed_frames: Callable[[Sequence[int]], None]) -> Runner:
    """On CUDA a process for each card, unless the request says how many workers, else one for each core."""
    environments = environments_of(request)
    return partial(
        processes.draw_segments,
        setup=worker,
        workers=request.options.workers or len(environments),
        environments=environments,
        on_failed_frames=on_failed_frames,
    )


def _on_cluster(request: Request, worker: SongWorker, on_failed_frames: Callable[[Sequence[int]], None]) -> Runner:
    """A worker has a core, and on CUDA a card."""
    url = _url(request, worker.work)
    return partial(
        ray_cluster.draw_segments,
        setup=RemoteWorker(worker, url) if url else worker,
        address=request.options.ray or "auto",
        resources=ray_cluster.Resources(1, 1 if request.film.device == "cuda" else 0, request.options.workers),
        on_failed_frames=on_failed_frames,
    )


def _url(request: Request, work: Path) -> str:
    """Where the work folder is copied to; empty: nowhere."""
    place = request.options.work or ""
    return f"{place.rstrip('/')}/{work.name}" if is_url(place) else ""


def environments_of(request: Request) -> list[dict[str, str]]:
    """Environment variables of each process: its card, or its share of the cores."""
    n_cores = os.cpu_count() or 1
    if request.film.device == "cuda" and (n_cards := len(cards())):
        listed = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
        names = listed if len(listed) == n_cards else [str(k) for k in range(n_cards)]
        return [{"CUDA_VISIBLE_DEVICES": name} for name in names]
    share = str(max(1, n_cores // (request.options.workers or n_cores)))
    libraries = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    return [{f"{library}_NUM_THREADS": share for library in libraries}] * n_cores
