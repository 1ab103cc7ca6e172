"""Restyled sources as a render uses them: generators with exact flow, files, several workers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from avwalk.contracts import Frames
from avwalk.frames.compose import GeneratorSource
from avwalk.frames.files import VideoSource
from avwalk.frames.generators import GeneratorPool
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Plan
from avwalk.rendering.passes import passes_of, runs
from avwalk.request.resolve import resolve
from avwalk.restyle.optical_flow import Flows, Plane
from avwalk.restyle.restyled import Coherence, Footage, KeyRequest, Restyled
from avwalk.restyle.schedule import Schedule
from avwalk.runners.segment_work import Drawing
from avwalk.runners.segments import Segment, partition
from avwalk.runners.threads import draw_segments
from tests.frames.test_files import film, number
from tests.restyle.moving import MOVES, Grainy, Moving, Painter, repainted


class Kept:
    """What a segment's encoder would get."""

    n_done = 0

    def __init__(self, found: dict[int, Plane], segment: Segment) -> None:
        self._found, self._at = found, segment.i0

    def write(self, frames: Frames) -> None:
        for frame in frames:
            self._found[self._at] = frame
            self._at += 1

    def close(self) -> None: ...

    def cut(self) -> None: ...

    def abort(self) -> None: ...


def drawn(source: Restyled, n: int, length: int, workers: int) -> Frames:
    found: dict[int, Plane] = {}
    draw_segments(
        partition(0, n, length),
        Drawing(source, lambda segment: Kept(found, segment), 3_000_000),
        workers=workers,
        on_frames=lambda segment, n, stages: None,
        on_segment=lambda segment: None,
    )
    return np.stack([found[i] for i in range(n)])


def test_workers_and_segments_change_no_bit_and_paint_no_key_twice() -> None:
    shot = Moving((96, 54), **MOVES["all"])
    made = []
    for workers, length in ((1, 60), (3, 10)):
        painter = Painter(shot)
        source = repainted(shot, painter, Schedule(0, 45, 4), batch=4)
        made.append(drawn(source, 45, length, workers))
        assert sorted(i for call in painter.calls for i in call) == list(range(0, 45, 4))
    assert np.array_equal(made[0], made[1])


def exact_flow(plan: Plan, worlds: GeneratorPool) -> Flows:
    """Flow of a film whose generators know it; None at the first frame of a scene."""
    parts = runs(plan, worlds)

    def flows(i0: int, i1: int) -> Sequence[Plane | None]:
        found: list[Plane | None] = []
        for i in range(i0, i1):
            run = next(run for run in parts if run.i0 <= i < run.i1)
            found.append(None if i == run.i0 else passes_of(run, i, i + 1, ("flow",))["flow"][0])
        return found

    return flows


def test_a_generator_that_knows_its_flow_is_carried_by_it(click_song: Path) -> None:
    options = {
        "preset": "throat",
        "generator": "cppn",
        "size": "160x90",
        "fps": "30",
        "duration": 0.6,
        "set": ("camera.dive=1.5", "grain.amount=0"),
    }
    plan, worlds, _ = plan_of(resolve(click_song, options))
    shot = GeneratorSource(plan, worlds)
    truth = shot.frames(plan.i0, plan.i1)
    error = {}
    for name, flows, between in (
        ("exact", exact_flow(plan, worlds), "carry"),
        ("seen", None, "carry"),
        ("fade", None, "fade"),
    ):

        class Same(Grainy):
            def __call__(self, frames: Frames, wish: KeyRequest) -> Frames:
                return frames

        source = Restyled(
            Footage(shot, plan.size, plan.drive, flows),
            Same((160, 90)),
            Schedule(plan.i0, plan.i1, 4),
            Coherence(1, between=between),
        )
        error[name] = float(np.abs(source.frames(plan.i0, plan.i1) - truth).mean())
    print(error)
    assert error["exact"] < 0.5 * error["fade"]
    assert error["seen"] < 0.5 * error["fade"]


def test_a_video_is_restyled_by_its_own_motion(tmp_path: Path) -> None:
    video = VideoSource(film(tmp_path / "a.mp4", 20, Fraction(25)), (96, 64), Fraction(25))
    size, asked = (96, 64), Moving((96, 64))
    lock, painted = threading.Lock(), list[int]()

    class Softened(Grainy):
        def __call__(self, frames: Frames, wish: KeyRequest) -> Frames:
            with lock:
                painted.extend(wish.indices)
            return np.stack([cv2.GaussianBlur(frame, (0, 0), 1) for frame in frames])

    source = Restyled(Footage(video, size, asked.drive), Softened(size), Schedule(0, 20, 3), Coherence(1))
    got = source.frames(0, 20)
    assert [number(got[i]) for i in range(0, 20, 3)] == list(range(0, 20, 3))
    assert painted == [*range(0, 20, 3), 19]
    assert got.min() >= 0 and got.max() <= 1
