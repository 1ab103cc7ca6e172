"""Draws the segments of a film that are not there yet, and reports progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from avwalk.contracts import Event
from avwalk.events import progress, warning
from avwalk.files.checksums import State
from avwalk.rendering.job import FilmJob, Piece
from avwalk.rendering.work_folder import WorkFolder
from avwalk.runners.segment_work import Tail
from avwalk.runners.segments import Segment
from avwalk.runners.stages import Stages

Report = Callable[[Event], None]


class Runner(Protocol):
    """Draws segments somewhere: `avwalk.runners`, with what draws them filled in."""

    def __call__(
        self,
        todo: Sequence[Segment],
        *,
        on_frames: Callable[[Segment, int, Stages], None],
        on_segment: Callable[[Segment], None],
        on_tail: Callable[[Tail], None],
    ) -> None:
        """Draws every segment, lowest first."""
        ...


class SegmentFiles(Protocol):
    """What earlier runs left of a film."""

    def state(self, segment: Segment) -> State:
        """What is there of a segment."""
        ...

    def n_done(self, segment: Segment) -> int:
        """How many first frames there are of a segment that was cut short."""
        ...


def draw(
    job: FilmJob,
    run: Runner,
    files: SegmentFiles,
    work: WorkFolder,
    report: Report,
    *,
    on_interrupt: Callable[[Sequence[Piece]], None] | None = None,
) -> tuple[int, Stages]:
    """Draws the segments of a film that are not in its work folder.

    Args:
        job: the film.
        run: draws them, each into ``work.file(segment)``.
        files: what there is.
        work: where the segments are kept.
        report: called with the events ``plan``, ``progress`` and ``segment``; ``kept``, before an interrupt goes on.
        on_interrupt: called before a KeyboardInterrupt goes on, with what there is without a gap from the start.

    Returns:
        The number of frames that were there before, and how long the others took.

    Raises:
        AvwalkError: as source and writers raise it; finished segments stay.
    """
    whole = _whole(job, work, files, report)
    there = {each: each.i1 - each.i0 if each in whole else files.n_done(each) for each in job.segments}
    resumed, total = sum(there.values()), len(job.segments)
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
    began, spent = time.perf_counter(), Stages()

    def on_frames(segment: Segment, n: int, stages: Stages) -> None:
        nonlocal spent
        there[segment], spent = n, stages
        done = sum(there.values())
        speed = max(0, done - resumed) / max(1e-9, time.perf_counter() - began)
        report(progress(done, job.n_frames, speed, stages.limit))

    def on_segment(segment: Segment) -> None:
        whole.add(segment)
        report({"event": "segment", "i0": segment.i0, "i1": segment.i1, "done": len(whole), "total": total})

    def on_tail(tail: Tail) -> None:
        if tail.path is not None:
            tails[tail.segment] = Piece(tail.path, tail.n_frames)

    try:
        todo = [segment for segment in job.segments if segment not in whole]
        run(todo, on_frames=on_frames, on_segment=on_segment, on_tail=on_tail)
    except KeyboardInterrupt:
        left = (each.i1 - each.i0 if each in whole else files.n_done(each) for each in job.segments)
        report({"event": "kept", "n_frames": sum(left)})
        if on_interrupt:
            on_interrupt(_from_the_start(job.segments, whole, tails, work))
        raise
    return resumed, spent


def _whole(job: FilmJob, work: WorkFolder, files: SegmentFiles, report: Report) -> set[Segment]:
    """The segments that need not be drawn; says which cannot be believed."""
    states = {segment: files.state(segment) for segment in job.segments}
    for segment in job.segments:
        if states[segment] is State.DAMAGED:
            report(warning(f"'{work.file(segment)}' is damaged, and is drawn again"))
    if others := sum(each is State.OTHER for each in states.values()):
        were = "1 segment was" if others == 1 else f"{others} segments were"
        again = "it is" if others == 1 else "they are"
        report(warning(f"{were} drawn before an edit, or without checksums; {again} drawn again"))
    return {segment for segment in job.segments if states[segment] is State.WHOLE}


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
