"""Draws the segments of a film that are not there yet, and reports progress."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence, Sized
from pathlib import Path
from typing import TypeVar

from avwalk.contracts import Event
from avwalk.events import progress, warning
from avwalk.files.checksums import State
from avwalk.rendering.job import FilmJob, Piece
from avwalk.rendering.work_folder import WorkFolder
from avwalk.runners.segments import Segment
from avwalk.runners.threads import SegmentSource, SegmentWriter, Stages, draw_segments

Report = Callable[[Event], None]

_Drawn = TypeVar("_Drawn", bound=Sized)


def draw(
    job: FilmJob,
    source: SegmentSource[_Drawn],
    open_writer: Callable[[Segment], SegmentWriter[_Drawn]],
    work: WorkFolder,
    report: Report,
    *,
    state: Callable[[Path, Segment], State],
    on_interrupt: Callable[[Sequence[Piece]], None] | None = None,
) -> int:
    """Draws the segments of a film that are not in its work folder.

    Args:
        job: the film.
        source: gives its frames.
        open_writer: opens what takes the frames of a segment, and writes to ``work.file(segment)``.
        work: where the segments are kept.
        report: called with the events ``plan``, ``progress`` and ``segment``.
        state: of a segment that an earlier call may have left.
        on_interrupt: called before a KeyboardInterrupt goes on, with what there is without a gap from the start.

    Returns:
        The number of frames that were there before.

    Raises:
        AvwalkError: as source and writers raise it; finished segments stay.
    """
    whole = _whole(job, work, state, report)
    resumed = sum(segment.i1 - segment.i0 for segment in whole)
    total = len(job.segments)
    report(
        {
            "event": "plan",
            "n_frames": job.n_frames,
            "n_segments": total,
            "resumed_frames": resumed,
            "tempo_bpm": job.tempo_bpm,
            "hash": job.hash,
        }
    )
    tails: dict[Segment, Piece] = {}
    began, done = time.perf_counter(), resumed

    def on_frames(n: int, stages: Stages) -> None:
        nonlocal done
        done += n
        speed = (done - resumed) / max(1e-9, time.perf_counter() - began)
        report(progress(done, job.n_frames, speed, stages.limit))

    def on_segment(segment: Segment) -> None:
        whole.add(segment)
        report({"event": "segment", "i0": segment.i0, "i1": segment.i1, "done": len(whole), "total": total})

    def on_tail(segment: Segment, n: int, path: Path | None) -> None:
        if path is not None:
            tails[segment] = Piece(path, n)

    try:
        draw_segments(
            [segment for segment in job.segments if segment not in whole],
            source,
            open_writer,
            frame_bytes=job.size[0] * job.size[1] * 12,
            workers=job.workers or os.cpu_count() or 1,
            on_frames=on_frames,
            on_segment=on_segment,
            on_tail=on_tail,
        )
    except KeyboardInterrupt:
        if on_interrupt:
            on_interrupt(_from_the_start(job.segments, whole, tails, work))
        raise
    return resumed


def _whole(job: FilmJob, work: WorkFolder, state: Callable[[Path, Segment], State], report: Report) -> set[Segment]:
    """The segments that need not be drawn; says which cannot be believed."""
    found = {segment: state(work.file(segment), segment) for segment in job.segments}
    for segment in job.segments:
        if found[segment] is State.DAMAGED:
            report(warning(f"'{work.file(segment)}' is damaged, and is drawn again"))
    if others := sum(each is State.OTHER for each in found.values()):
        were = "1 segment was" if others == 1 else f"{others} segments were"
        again = "it is" if others == 1 else "they are"
        report(warning(f"{were} drawn before an edit, or without checksums; {again} drawn again"))
    return {segment for segment in job.segments if found[segment] is State.WHOLE}


def _from_the_start(
    segments: Sequence[Segment], whole: Collection[Segment], tails: Mapping[Segment, Piece], work: WorkFolder
) -> list[Piece]:
    """The pieces before the first gap; a segment that was cut short is the last."""
    pieces: list[Piece] = []
    for segment in segments:
        if segment not in whole:
            return [*pieces, tails[segment]] if segment in tails else pieces
        pieces.append(work.piece(segment))
    return pieces
