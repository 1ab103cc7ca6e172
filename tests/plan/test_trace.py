from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.rendering.segment_label import SegmentLabels
from avwalk.request.resolve import resolve
from avwalk.runners.segments import Segment
from tests.conftest import clicks

SHAPES = ("ridge", "ring", "ribbon", "lissajous", "chroma")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trace") / "clicks.wav"
    sound = clicks(9.0, rate=22050)
    sound += 0.3 * np.sin(2 * np.pi * 110 * np.arange(len(sound)) / 22050).astype(np.float32)
    soundfile.write(path, sound, 22050)
    return path


def planned(song: Path, shape: str, preset: str = "halcyon", **options: Any) -> tuple[Plan, Any]:
    chosen = {"preset": preset, "generator": "cppn", "size": "64x36", "fps": 15, "set": (f"sound.shape={shape}",)}
    plan, worlds, _ = plan_of(resolve(song, {**chosen, **options}))
    return plan, worlds


@pytest.mark.parametrize("shape", SHAPES)
def test_an_excerpt_shows_the_same_frames(song: Path, shape: str) -> None:
    whole, worlds = planned(song, shape)
    part, _ = planned(song, shape, start=4.0, duration=1.0)
    a = source_of(whole, worlds).frames(part.i0, part.i1)
    np.testing.assert_array_equal(source_of(part, worlds).frames(part.i0, part.i1), a)
    none, _ = planned(song, "none", start=4.0, duration=1.0)
    assert np.abs(source_of(none).frames(none.i0, none.i1) - a).mean() > 0.001


def test_a_plan_is_the_same_after_it_was_saved(song: Path, tmp_path: Path) -> None:
    plan, worlds = planned(song, "ridge", start=2.0, duration=1.0)
    plan.save(tmp_path / "plan")
    again = Plan.load(tmp_path / "plan")
    np.testing.assert_array_equal(again.trace, plan.trace)
    assert again.past == plan.past > 0
    before, after = (source_of(p, worlds).frames(plan.i0, plan.i1) for p in (plan, again))
    np.testing.assert_array_equal(before, after)


def test_without_a_shape_nothing_is_stored(song: Path) -> None:
    plan, _ = planned(song, "none")
    assert plan.trace.shape == (0, 0) and plan.drive(0, 4).trace.shape == (0, 0)


def test_a_later_picture_shows_the_sound_later(song: Path) -> None:
    plan, _ = planned(song, "ridge")
    late, _ = planned(song, "ridge", av_offset_ms=200)
    np.testing.assert_array_equal(late.drive(60, 70).trace, plan.drive(57, 67).trace)
    assert len(late.drive(0, 1).trace) == late.past + 1


def test_the_beginning_of_a_loop_shows_what_was_before_it(song: Path) -> None:
    loop, _ = planned(song, "ring", loop="2bars", start="bar:2")
    whole, _ = planned(song, "ring")
    k = len(loop.shots) - 1
    lead = loop.shots[k].lead
    coming = loop.lead(k, loop.i1 - lead, loop.i1)
    np.testing.assert_array_equal(coming.trace, whole.drive(loop.i0 - lead, loop.i0).trace)
    assert np.isfinite(source_of(loop).frames(loop.i1 - 2, loop.i1)).all()


def test_a_segment_is_labelled_by_its_sound_and_that_before_it(song: Path) -> None:
    plan, _ = planned(song, "ridge")
    trace = plan.trace.copy()
    trace[plan.past + 20] *= 0.5
    labels = [SegmentLabels(each) for each in (plan, replace(plan, trace=trace))]
    for span, same in (((0, 20), True), ((0, 21), False), ((40, 60), False), ((130, 135), True)):
        told = {each.aspects(Segment(*span))["matter"] for each in labels}
        assert (len(told) == 1) == same
