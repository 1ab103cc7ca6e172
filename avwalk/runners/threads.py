"""Draws and encodes segments in this process; each worker draws in one thread and encodes in another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sized
from functools import partial
from queue import Empty, Queue
from typing import TypeVar, cast

from avwalk.runners.segment_work import Drawing, Tail, draw_segment
from avwalk.runners.segments import Segment
from avwalk.runners.stages import Stages, Times

_Drawn = TypeVar("_Drawn", bound=Sized)


def draw_segments(
    todo: Iterable[Segment],
    drawing: Drawing[_Drawn],
    *,
    workers: int,
    on_frames: Callable[[Segment, int, Stages], None],
    on_segment: Callable[[Segment], None],
    on_tail: Callable[[Tail], None] | None = None,
) -> None:
    """Draws every segment, ``workers`` at once, lowest first.

    Callbacks are called from the calling thread only. On an exception, KeyboardInterrupt included, all workers
    are stopped and joined before it goes on; a segment in progress is closed early and passed to ``on_tail``.

    Args:
        todo: segments to draw.
        drawing: how.
        workers: segments drawn at once.
        on_frames: (segment, n, stages) after more frames were encoded: n of the segment are there now.
        on_segment: a segment is whole.
        on_tail: a segment was cut short by an interrupt.
    """
    line: Queue[Segment] = Queue()
    for segment in todo:
        line.put(segment)
    news: Queue[tuple[str, object]] = Queue()
    stop = threading.Event()
    count = max(1, min(workers, line.qsize()))
    stages = Stages(count)
    threads = [
        threading.Thread(target=_work, args=(line, drawing, stop, news), name=f"segments-{k}") for k in range(count)
    ]
    for thread in threads:
        thread.start()
    running, failure = count, None
    try:
        while running:
            kind, value = _next(news)
            if kind == "frames":
                segment, n, times = cast("tuple[Segment, int, Times]", value)
                stages.add(times)
                on_frames(segment, n, stages)
            elif kind == "segment":
                on_segment(value)  # type: ignore[arg-type]
            elif kind == "failed":
                stop.set()
                failure = failure or value
            elif kind == "idle":
                running -= 1
        if isinstance(failure, BaseException):
            raise failure
    except KeyboardInterrupt:
        stop.set()
        for thread in threads:
            thread.join()
        while on_tail and not news.empty():
            kind, value = news.get()
            if kind == "segment":
                on_segment(value)  # type: ignore[arg-type]
            elif kind == "tail":
                on_tail(value)  # type: ignore[arg-type]
        raise
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _next(news: Queue[tuple[str, object]]) -> tuple[str, object]:
    while True:  # a wait without end cannot be interrupted by Ctrl-C on Windows
        try:
            return news.get(timeout=0.5)
        except Empty:
            continue


def _work(
    line: Queue[Segment], drawing: Drawing[_Drawn], stop: threading.Event, news: Queue[tuple[str, object]]
) -> None:
    try:
        while not stop.is_set():
            try:
                segment = line.get_nowait()
            except Empty:
                break
            tail = draw_segment(segment, drawing, stop, partial(_tell, news, segment))
            news.put(("tail", tail) if tail else ("segment", segment))
    except BaseException as error:
        news.put(("failed", error))
    finally:
        news.put(("idle", None))


def _tell(news: Queue[tuple[str, object]], segment: Segment, n: int, times: Times) -> None:
    news.put(("frames", (segment, n, times)))
