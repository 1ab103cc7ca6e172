from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.contracts import Frames
from avwalk.runners.segment_work import Drawing, Tail
from avwalk.runners.segments import Segment, partition
from avwalk.runners.threads import draw_segments


class Numbers:
    """Frame i is full of i."""

    def __init__(self, fail_at: int = -1, slow: float = 0.0) -> None:
        self.fail_at, self.slow = fail_at, slow
        self.drawn: list[int] = []

    def frames(self, i0: int, i1: int) -> Frames:
        time.sleep(self.slow)
        if i0 <= self.fail_at < i1:
            raise ValueError("cannot draw")
        self.drawn.extend(range(i0, i1))
        return np.arange(i0, i1, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 2, 3), np.float32)


class Memory:
    """Keeps what it was given, by segment."""

    n_done = 0

    def __init__(self, segment: Segment, kept: dict[Segment, Any], fail: bool = False) -> None:
        self.segment, self.kept, self.fail = segment, kept, fail
        self.got: list[int] = []

    def write(self, frames: Frames) -> None:
        if self.fail:
            raise OSError("disk full")
        self.got.extend(frames[:, 0, 0, 0].astype(int).tolist())

    def close(self) -> None:
        self.kept[self.segment] = self.got

    def cut(self) -> Path | None:
        self.kept[self.segment] = "cut"
        return None

    def abort(self) -> None:
        self.kept[self.segment] = "aborted"


def run(
    source: Numbers,
    kept: dict[Segment, Any],
    *,
    workers: int = 2,
    on_frames: Callable[[Segment, int, Any], None] = lambda segment, n, s: None,
    fail: bool = False,
    **more: Any,
) -> None:
    draw_segments(
        partition(0, 100, 30),
        Drawing(source, lambda s: Memory(s, kept, fail), 48),
        workers=workers,
        on_frames=on_frames,
        on_segment=lambda s: None,
        **more,
    )


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_frame_once_and_in_order_in_its_segment(workers: int) -> None:
    kept: dict[Segment, Any] = {}
    counts: dict[Segment, int] = {}
    source = Numbers()
    run(source, kept, workers=workers, on_frames=lambda segment, n, s: counts.update({segment: n}))
    assert kept == {s: list(range(s.i0, s.i1)) for s in partition(0, 100, 30)}
    assert sum(counts.values()) == 100 and sorted(source.drawn) == list(range(100))


@pytest.mark.parametrize("fault", ["draw", "encode"])
def test_a_fault_crosses_the_queue_and_no_thread_is_left(fault: str) -> None:
    before = threading.active_count()
    kept: dict[Segment, Any] = {}
    with pytest.raises(ValueError if fault == "draw" else OSError):
        run(Numbers(fail_at=40 if fault == "draw" else -1), kept, fail=fault == "encode")
    assert threading.active_count() == before
    assert ("cut" if fault == "draw" else "aborted") in kept.values()


def test_an_interrupt_keeps_whole_segments_and_reports_the_tail() -> None:
    kept: dict[Segment, Any] = {}
    whole: list[Segment] = []
    tails: list[Tail] = []
    seen: dict[Segment, int] = {}

    def on_frames(segment: Segment, n: int, stages: object) -> None:
        seen[segment] = n
        if sum(seen.values()) >= 45:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_segments(
            partition(0, 300, 30),
            Drawing(Numbers(slow=0.02), lambda s: Memory(s, kept), 8_000_000),
            workers=1,
            on_frames=on_frames,
            on_segment=whole.append,
            on_tail=tails.append,
        )
    assert Segment(0, 30) in whole and len(whole) < 10
    assert len(tails) <= 1
    for segment, n, _ in tails:
        assert kept[segment] == "cut"
        assert 0 < n < 30 and segment.i0 == 30 * len(whole)
    assert threading.active_count() == 1 or not [t for t in threading.enumerate() if "segments" in t.name]


def test_the_queue_is_bounded(tmp_path: Path) -> None:
    source = Numbers()
    kept: dict[Segment, Any] = {}
    ahead = 0

    class Slow(Memory):
        def write(self, frames: Frames) -> None:
            nonlocal ahead
            time.sleep(0.01)
            ahead = max(ahead, len(source.drawn) - len(self.got))
            super().write(frames)

    draw_segments(
        [Segment(0, 60)],
        Drawing(source, lambda s: Slow(s, kept), 24_000_000),
        workers=1,
        on_frames=lambda segment, n, s: None,
        on_segment=lambda s: None,
    )
    assert ahead <= 7  # 96 MB of queue, one in hand on each side
