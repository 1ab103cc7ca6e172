"""Draws and encodes segments in this process; each worker draws in one thread and encodes in another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sized
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Protocol, TypeVar

from avwalk.runners.segments import Segment

QUEUE_BYTES = 96 * 1024 * 1024
BATCH_BYTES = 24 * 1024 * 1024


_Drawn = TypeVar("_Drawn", bound=Sized)  # frames, as the source gives them and the writer takes them
_Given_co = TypeVar("_Given_co", bound=Sized, covariant=True)
_Taken_contra = TypeVar("_Taken_contra", contravariant=True)


class SegmentSource(Protocol[_Given_co]):
    """Gives frames for a range of indices: a `avwalk.contracts.Source`, or frames ready for the encoder."""

    def frames(self, i0: int, i1: int) -> _Given_co:
        """Frames [i0, i1) of the film. The same range gives the same bits, independent of earlier calls."""
        ...


class SegmentWriter(Protocol[_Taken_contra]):
    """Takes the frames of one segment; `close` gives the file its final name, `abort` leaves nothing."""

    @property
    def path(self) -> Path | None:
        """The segment's own file; None: its frames are files of their own."""
        ...

    def write(self, frames: _Taken_contra) -> None:
        """Writes the next frames."""
        ...

    def close(self) -> None:
        """Completes the segment."""
        ...

    def abort(self) -> None:
        """Discards the segment."""
        ...


class Stages:
    """Waiting times of the drawing and the encoding side; the one that waits less is the bottleneck."""

    def __init__(self) -> None:
        self.drawing_waited = 0.0
        self.encoding_waited = 0.0

    @property
    def limit(self) -> str:
        """``picture`` or ``encoder``."""
        return "picture" if self.encoding_waited > self.drawing_waited else "encoder"


def draw_segments(
    todo: Iterable[Segment],
    source: SegmentSource[_Drawn],
    open_writer: Callable[[Segment], SegmentWriter[_Drawn]],
    *,
    frame_bytes: int,
    workers: int,
    on_frames: Callable[[int, Stages], None],
    on_segment: Callable[[Segment], None],
    on_tail: Callable[[Segment, int, Path | None], None] | None = None,
) -> None:
    """Draws every segment, ``workers`` at once, lowest first.

    Callbacks are called from the calling thread only. On an exception, KeyboardInterrupt included, all workers
    are stopped and joined before it goes on; a segment in progress is closed early and passed to ``on_tail``.

    Args:
        todo: segments to draw.
        source: gives the frames.
        open_writer: opens the encoder of a segment.
        frame_bytes: of one frame as float32, to bound the queues.
        workers: segments drawn at once.
        on_frames: (n, stages) after n more frames were encoded.
        on_segment: a segment is whole.
        on_tail: (segment, n_frames, path) for segments that were cut short by an interrupt.
    """
    line: Queue[Segment] = Queue()
    for segment in todo:
        line.put(segment)
    news: Queue[tuple[str, object]] = Queue()
    stop = threading.Event()
    stages = Stages()
    count = max(1, min(workers, line.qsize()))
    threads = [
        threading.Thread(
            target=_work, args=(line, source, open_writer, frame_bytes, stop, news, stages), name=f"segments-{k}"
        )
        for k in range(count)
    ]
    for thread in threads:
        thread.start()
    running, failure = count, None
    try:
        while running:
            kind, value = _next(news)
            if kind == "frames":
                on_frames(value, stages)  # type: ignore[arg-type]
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
                on_tail(*value)  # type: ignore[misc]
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
    line: Queue[Segment],
    source: SegmentSource[_Drawn],
    open_writer: Callable[[Segment], SegmentWriter[_Drawn]],
    frame_bytes: int,
    stop: threading.Event,
    news: Queue[tuple[str, object]],
    stages: Stages,
) -> None:
    try:
        while not stop.is_set():
            try:
                segment = line.get_nowait()
            except Empty:
                break
            _one(segment, source, open_writer, frame_bytes, stop, news, stages)
    except BaseException as error:
        news.put(("failed", error))
    finally:
        news.put(("idle", None))


def _one(
    segment: Segment,
    source: SegmentSource[_Drawn],
    open_writer: Callable[[Segment], SegmentWriter[_Drawn]],
    frame_bytes: int,
    stop: threading.Event,
    news: Queue[tuple[str, object]],
    stages: Stages,
) -> None:
    """One segment: a thread draws ahead through a bounded queue, this one encodes."""
    batch = max(1, min(8, BATCH_BYTES // frame_bytes))
    ready: Queue[_Drawn | BaseException | None] = Queue(max(1, min(8, QUEUE_BYTES // (frame_bytes * batch))))
    gone = threading.Event()

    def draw() -> None:
        last: BaseException | None = None
        try:
            for a in range(segment.i0, segment.i1, batch):
                if stop.is_set() or gone.is_set():
                    break
                frames = source.frames(a, min(segment.i1, a + batch))
                since = time.perf_counter()
                _put(ready, frames, gone)
                stages.drawing_waited += time.perf_counter() - since
        except BaseException as error:
            last = error
        _put(ready, last, gone)

    drawer = threading.Thread(target=draw, name=f"draw-{segment.i0}")
    drawer.start()
    writer = None
    try:
        writer = open_writer(segment)
        done = 0
        while True:
            since = time.perf_counter()
            frames = ready.get()
            stages.encoding_waited += time.perf_counter() - since
            if frames is None:
                break
            if isinstance(frames, BaseException):
                raise frames
            writer.write(frames)
            done += len(frames)
            news.put(("frames", len(frames)))
        _finish(segment, writer, done, news)
    except BaseException:
        if writer is not None:
            writer.abort()
        raise
    finally:
        gone.set()
        drawer.join()


def _finish(segment: Segment, writer: SegmentWriter[_Drawn], done: int, news: Queue[tuple[str, object]]) -> None:
    if done == segment.i1 - segment.i0:
        writer.close()
        news.put(("segment", segment))
    elif done == 0:
        writer.abort()
    else:
        writer.close()
        path = writer.path
        if path is not None:  # the name of a whole segment must not stand for a short one
            tail = path.with_suffix(".tail")
            path.replace(tail)
            path = tail
        news.put(("tail", (segment, done, path)))


def _put(
    ready: Queue[_Drawn | BaseException | None], item: _Drawn | BaseException | None, gone: threading.Event
) -> None:
    while not gone.is_set():
        try:
            ready.put(item, timeout=0.2)
            return
        except Full:
            continue
