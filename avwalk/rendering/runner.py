"""Where the segments of a song's film are drawn: threads of this process, processes, or a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from avwalk.contracts import Frames
from avwalk.device import cards
from avwalk.rendering.draw import Runner
from avwalk.rendering.song_segments import SongWorker
from avwalk.request.resolve import Request
from avwalk.runners import processes, threads
from avwalk.runners.segment_work import Drawing


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


def runner_in_threads(request: Request, drawing: Drawing[Frames]) -> Runner:
    """Draws in this process."""
    return partial(threads.draw_segments, drawing=drawing, workers=request.options.workers or os.cpu_count() or 1)


def runner_elsewhere(request: Request, worker: SongWorker, on_failed_frames: Callable[[Sequence[int]], None]) -> Runner:
    """Draws in processes: on CUDA one for each card, unless ``workers`` says otherwise, else one for each core."""
    workers, environments = request.options.workers, environments_of(request)
    return partial(
        processes.draw_segments,
        setup=worker,
        workers=workers or len(environments),
        environments=environments,
        on_failed_frames=on_failed_frames,
    )


def environments_of(request: Request) -> list[dict[str, str]]:
    """Environment variables of each process: its card, and its share of the cores."""
    n_cores = os.cpu_count() or 1
    if request.film.device == "cuda" and (n_cards := len(cards())):
        listed = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
        names = listed if len(listed) == n_cards else [str(k) for k in range(n_cards)]
        return [{"CUDA_VISIBLE_DEVICES": name} for name in names]
    share = str(max(1, n_cores // (request.options.workers or n_cores)))
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"]
    return [dict.fromkeys(names, share)] * n_cores
