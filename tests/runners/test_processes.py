"""Workers that are processes: what becomes of segments when one fails, dies, or is told to stop."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.contracts import Frames
from avwalk.errors import AvwalkError, GeneratorError, VideoError
from avwalk.runners.processes import draw_segments
from avwalk.runners.retries import Line, WorkerDied
from avwalk.runners.segment_work import Drawing, Tail
from avwalk.runners.segments import Segment, partition

SEGMENTS = partition(0, 60, 20)


@dataclass
class Writer:
    """Leaves the numbers of its frames in a file."""

    folder: Path
    segment: Segment
    n_done = 0

    def __post_init__(self) -> None:
        self.got: list[int] = []

    def write(self, frames: Frames) -> None:
        self.got += frames[:, 0, 0, 0].astype(int).tolist()

    def close(self) -> None:
        (self.folder / self.segment.name).write_text(f"{os.getpid()} {self.got}")

    def cut(self) -> Path:
        tail = self.folder / f"{self.segment.i0}.tail"
        tail.write_text(str(self.got))
        return tail

    def abort(self) -> None:
        (self.folder / f"{self.segment.i0}.aborted").touch()


@dataclass
class Numbers:
    """Frame i is full of i. Does ``fault`` at frame 20: always, or the first times only."""

    folder: Path
    fault: str = ""
    times: int = 99
    slow: float = 0.0
    failed_frames: tuple[int, ...] = ()

    def frames(self, i0: int, i1: int) -> Frames:
        time.sleep(self.slow)
        if i0 <= 20 < i1 and self.fault:
            marks = len(list(self.folder.glob("fault*")))
            if marks < self.times:
                (self.folder / f"fault-{marks}-{os.getpid()}").touch()
                if self.fault == "die":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise {"wrong": VideoError("no disk"), "odd": ZeroDivisionError("by zero")}[self.fault]
        self.failed_frames = (i0,) if i0 == 40 else self.failed_frames
        return np.arange(i0, i1, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 2, 3), np.float32)


@dataclass
class Setup:
    """Makes the drawing in the process."""

    source: Numbers

    def __call__(self) -> Drawing[Frames]:
        return Drawing(self.source, lambda segment: Writer(self.source.folder, segment), 8_000_000)


def run(source: Numbers, **more: Any) -> tuple[dict[Segment, int], list[Segment]]:
    seen: dict[Segment, int] = {}
    whole: list[Segment] = []
    draw_segments(
        SEGMENTS,
        Setup(source),
        on_frames=lambda segment, n, stages: seen.update({segment: n}),
        on_segment=whole.append,
        **{"workers": 2, **more},
    )
    return seen, whole


def drawn(folder: Path) -> dict[str, tuple[int, list[int]]]:
    """Segment → the process that made it, and its frames."""
    found = {}
    for file in folder.glob("*.mp4"):
        pid, _, frames = file.read_text().partition(" ")
        found[file.name] = int(pid), [int(i) for i in frames.strip("[]").split(",")]
    return found


def test_every_frame_once_in_processes_of_their_own(tmp_path: Path) -> None:
    failed: list[int] = []
    environments = [{"AVWALK_TEST": "a"}, {"AVWALK_TEST": "b"}]
    seen, whole = run(Numbers(tmp_path), environments=environments, on_failed_frames=failed.extend)
    made = drawn(tmp_path)
    assert {name: frames for name, (_, frames) in made.items()} == {s.name: list(range(s.i0, s.i1)) for s in SEGMENTS}
    assert os.getpid() not in {pid for pid, _ in made.values()}
    assert seen == {s: 20 for s in SEGMENTS} and sorted(whole) == SEGMENTS and failed == [40]
    assert "AVWALK_TEST" not in os.environ


@pytest.mark.parametrize("fault", ["die", "odd"])
def test_a_segment_that_failed_is_drawn_again_elsewhere(fault: str, tmp_path: Path) -> None:
    seen, whole = run(Numbers(tmp_path, fault, times=1))
    assert sorted(whole) == SEGMENTS and seen == {s: 20 for s in SEGMENTS}
    (mark,) = tmp_path.glob("fault*")
    maker, frames = drawn(tmp_path)[SEGMENTS[1].name]
    assert frames == list(range(20, 40)) and maker != int(mark.name.split("-")[-1])


@pytest.mark.parametrize(("fault", "said"), [("die", "was killed"), ("odd", "by zero")])
def test_a_segment_that_fails_three_times_is_named(fault: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match=f"frames 20 to 39 could not be drawn, 3 times: .*{said}"):
        run(Numbers(tmp_path, fault))
    assert len(list(tmp_path.glob("fault*"))) == 3
    assert not multiprocessing.active_children()


def test_an_error_with_a_reason_is_not_tried_again(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no disk"):
        run(Numbers(tmp_path, "wrong"))
    assert len(list(tmp_path.glob("fault*"))) == 1


def test_an_interrupt_cuts_segments_short_and_leaves_no_process(tmp_path: Path) -> None:
    tails: list[Tail] = []
    presses = iter([1])

    def stop(segment: Segment, n: int, stages: object) -> None:
        if next(presses, 0):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_segments(
            SEGMENTS,
            Setup(Numbers(tmp_path, slow=0.3)),
            workers=2,
            on_frames=stop,
            on_segment=lambda segment: None,
            on_tail=tails.append,
        )
    assert tails and not list(tmp_path.glob("*.mp4"))
    for segment, n, path in tails:
        if path:
            assert path.read_text() == str(list(range(segment.i0, segment.i0 + n)))
    assert not multiprocessing.active_children()


def test_a_segment_waits_for_another_worker_than_those_where_it_failed() -> None:
    a, b, c = SEGMENTS
    line = Line(SEGMENTS)
    assert line.take(0, 2) == a
    line.failed(a, 0, 2, WorkerDied("gone"))
    assert line.take(0, 2) == b and line.take(0, 2) == c and line.take(0, 2) is None
    assert line.take(1, 2) == a
    line.failed(a, 1, 2, ZeroDivisionError())
    assert line.take(0, 2) == a  # it failed everywhere: where does not matter
    with pytest.raises(AvwalkError, match="3 times: ZeroDivisionError"):
        line.failed(a, 0, 2, ZeroDivisionError())
