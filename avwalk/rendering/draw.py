"""Draws the segments of a plan that are not there yet, and reports progress."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from avwalk.contracts import Event, Source
from avwalk.events import progress
from avwalk.plan.plan import Plan
from avwalk.rendering.finish import keep_partial
from avwalk.rendering.work_folder import WorkFolder
from avwalk.rendering.writers import FilmWriter, PictureWriter, is_whole
from avwalk.request.output import Output
from avwalk.request.resolve import Request
from avwalk.runners.segments import Segment, partition
from avwalk.runners.threads import Stages, draw_segments

Report = Callable[[Event], None]


def drawn(source: Source, plan: Plan, request: Request, work: WorkFolder, output: Output, report: Report) -> int:
    """Draws what is not there yet; gives the number of frames that were."""
    segments = partition(plan.i0, plan.i1, plan.film.segment_frames)
    whole = {segment for segment in segments if is_whole(work.file(segment), segment, output.pictures)}
    resumed = sum(segment.i1 - segment.i0 for segment in whole)
    report(
        {
            "event": "plan",
            "n_frames": plan.n_frames,
            "n_segments": len(segments),
            "resumed_frames": resumed,
            "tempo_bpm": plan.facts["tempo_bpm"],
            "hash": plan.hash,
        }
    )
    tails: dict[Segment, tuple[int, Path]] = {}
    began, done = time.perf_counter(), resumed

    def on_frames(n: int, stages: Stages) -> None:
        nonlocal done
        done += n
        speed = (done - resumed) / max(1e-9, time.perf_counter() - began)
        report(progress(done, plan.n_frames, speed, stages.limit))

    def on_segment(segment: Segment) -> None:
        whole.add(segment)
        report({"event": "segment", "i0": segment.i0, "i1": segment.i1, "done": len(whole), "total": len(segments)})

    def on_tail(segment: Segment, n: int, path: Path | None) -> None:
        if path is not None:
            tails[segment] = (n, path)

    writer = PictureWriter if output.pictures else FilmWriter
    try:
        draw_segments(
            [segment for segment in segments if segment not in whole],
            source,
            lambda segment: writer(work, segment, plan, request.film.encoder),
            frame_bytes=plan.size[0] * plan.size[1] * 12,
            workers=request.options.workers or os.cpu_count() or 1,
            on_frames=on_frames,
            on_segment=on_segment,
            on_tail=on_tail,
        )
    except KeyboardInterrupt:
        if not output.pictures:
            keep_partial(segments, whole, tails, plan, request, work, output)
        raise
    return resumed
