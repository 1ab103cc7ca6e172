"""The work on one segment: a thread draws ahead through a bounded queue, the caller's encodes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sized
from dataclasses import dataclass
from pathlib import Path
from queue import Full, Queue
from types import TracebackType
from typing import Generic, NamedTuple, Protocol, TypeVar

from avwalk.runners.segments import Segment
from avwalk.runners.stages import Times

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
    def n_done(self) -> int:
        """The segment's first frames that it has from an earlier run: `write` begins behind them."""
        ...

    def write(self, frames: _Taken_contra) -> None:
        """Writes the next frames."""
        ...

    def close(self) -> None:
        """Completes the segment."""
        ...

    def cut(self) -> Path | None:
        """Ends before the segment is complete, and keeps what it can for the next run.

        Returns:
            A video of what there is; None: its frames are files of their own.
        """
        ...

    def abort(self) -> None:
        """Discards the segment."""
        ...


@dataclass(frozen=True)
class Drawing(Generic[_Drawn]):
    """What draws the segments of a film.

    Attributes:
        source: gives frames.
        open_writer: opens what takes those of a segment.
        frame_bytes: of one frame as float32, to bound queues.
    """

    source: SegmentSource[_Drawn]
    open_writer: Callable[[Segment], SegmentWriter[_Drawn]]
    frame_bytes: int


class Tail(NamedTuple):
    """What there is of a segment that was cut short: how many frames, and a video of them, if there is one."""

    segment: Segment
    n_frames: int
    path: Path | None


def draw_segment(
    segment: Segment, drawing: Drawing[_Drawn], stop: threading.Event, on_frames: Callable[[int, Times], None]
) -> Tail | None:
    """Draws and encodes a segment.

    Args:
        segment: which frames.
        drawing: how.
        stop: set from another thread, it cuts the segment short.
        on_frames: (n, times) after more frames were encoded: n of the segment are there now.

    Returns:
        None: the segment is whole. Else what there is of it.

    Raises:
        Exception: of source or writer, as it came. What was drawn before the source failed is kept.
    """
    writer = drawing.open_writer(segment)
    try:
        done = segment.i0 + writer.n_done
        with _Drawer(done, segment.i1, drawing, stop) as drawer:
            while True:
                since = time.perf_counter()
                frames, times = drawer.next()
                waited = time.perf_counter()
                if frames is None:
                    break
                writer.write(frames)
                done += len(frames)
                encoding = time.perf_counter() - waited
                on_frames(done - segment.i0, times._replace(encoding=encoding, encoding_waited=waited - since))
    except _SourceError as failure:
        if tail := writer.cut():
            tail.unlink(missing_ok=True)
        raise failure.error from None
    except BaseException:
        writer.abort()
        raise
    if done == segment.i1:
        writer.close()
        return None
    if done == segment.i0:
        writer.abort()
        return Tail(segment, 0, None)
    return Tail(segment, done - segment.i0, writer.cut())


class _SourceError(Exception):
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Drawer(Generic[_Drawn]):
    """A thread that draws batches of frames [i0, i1) ahead, as far as its queue goes."""

    def __init__(self, i0: int, i1: int, drawing: Drawing[_Drawn], stop: threading.Event) -> None:
        self._i0, self._i1, self._source, self._stop = i0, i1, drawing.source, stop
        frame_bytes = drawing.frame_bytes
        self._batch = max(1, min(8, BATCH_BYTES // frame_bytes))
        room = max(1, min(8, QUEUE_BYTES // (frame_bytes * self._batch)))
        self._ready: Queue[tuple[_Drawn | BaseException | None, Times]] = Queue(room)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._draw, name=f"draw-{i0}")

    def __enter__(self) -> _Drawer[_Drawn]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        self._thread.join()

    def next(self) -> tuple[_Drawn | None, Times]:
        """The next frames, and how long they took; None behind the last.

        Raises:
            _SourceError: the source failed.
        """
        frames, times = self._ready.get()
        if isinstance(frames, BaseException):
            raise _SourceError(frames)
        return frames, times

    def _draw(self) -> None:
        last: BaseException | None = None
        waited = 0.0  # for room, before the batch that is drawn now
        try:
            for a in range(self._i0, self._i1, self._batch):
                if self._stop.is_set() or self._gone.is_set():
                    break
                since = time.perf_counter()
                frames = self._source.frames(a, min(self._i1, a + self._batch))
                drawn = time.perf_counter()
                self._put((frames, Times(drawn - since, waited)))
                waited = time.perf_counter() - drawn
        except BaseException as error:
            last = error
        self._put((last, Times(0.0, waited)))

    def _put(self, item: tuple[_Drawn | BaseException | None, Times]) -> None:
        while not self._gone.is_set():
            try:
                self._ready.put(item, timeout=0.2)
                return
            except Full:
                continue
