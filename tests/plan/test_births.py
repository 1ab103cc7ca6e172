"""Births in plans: stored, cut, moved, in the terms of the shot that shows them, and joined in loops."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avwalk.contracts import Birth
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan, _digest, alive
from avwalk.rendering.segment_label import SegmentLabels
from avwalk.request.resolve import resolve
from avwalk.runners.segments import partition
from tests.conftest import clicks

ROUTES = (
    "routes=['onset -> spawn.petal 5 r4b', 'onset -> spawn.ring 2', 'onset ~> cppn.flow +2', 'rms ~> camera.dive +0.3']"
)
SMALL: dict[str, Any] = {"preset": "lsd", "generator": "cppn", "size": "64x36", "fps": 12}
MELTS = ("structure.transition='melt'", "structure.transition_bars=1")
SECTIONS = "at,until,what,value,ease\n0,3,section,A,\n3,6.2,section,B,\n6.2,10,section,A,\n"
NO_WAKE = "matter.wake='none'"
FRAME, PHASE, DEPTH = (Birth._fields.index(name) for name in ("frame", "phase", "depth"))


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("births") / "song.wav"
    soundfile.write(path, clicks(10.0, rate=22050), 22050)
    path.with_name("sections.csv").write_text(SECTIONS, encoding="utf-8")
    return path


def planned(song: Path, *settings: str, **options: Any) -> Plan:
    chosen = (ROUTES, *settings)
    return plan_of(resolve(song, {**SMALL, "cues": song.with_name("sections.csv"), "set": chosen, **options}))[0]


def test_a_stored_plan_has_its_births(song: Path, tmp_path: Path) -> None:
    plan = planned(song)
    assert len(plan.births) > 30
    plan.save(tmp_path)
    again = Plan.load(tmp_path)
    assert again.births.dtype == np.float64 and np.array_equal(again.births, plan.births)
    assert np.array_equal(source_of(again).frames(30, 33), source_of(plan).frames(30, 33))


def test_a_plan_from_before_there_was_matter_loads(song: Path, tmp_path: Path) -> None:
    plan = planned(song)
    plan.save(tmp_path)
    stored = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    del stored["arrays"]["births"], stored["arrays"]["params/matter.opacity"], stored["arrays"]["params/matter.size"]
    del stored["sha256"]
    stored["sha256"] = _digest(stored)
    (tmp_path / "plan.json").write_text(json.dumps(stored), encoding="utf-8")
    old = Plan.load(tmp_path)
    assert old.births.shape == (0, len(Birth._fields))
    assert source_of(old).frames(30, 32).shape == (2, 36, 64, 3)


def test_an_excerpt_has_what_is_alive_in_it(song: Path) -> None:
    whole, part = planned(song), planned(song, start=4.0, duration=2.0)
    assert np.array_equal(part.births, alive(whole.births, part.first, part.last))
    assert (part.births[:, FRAME] < part.i0).any(), "born before it"
    late = planned(song, start=4.0, duration=2.0, av_offset_ms=250.0)
    assert late.births[late.births[:, FRAME] > 50][0, FRAME] == part.births[part.births[:, FRAME] > 47][0, FRAME] + 3


def test_a_shot_shows_what_was_born_since_it_began_to_come_in_in_its_own_terms(song: Path) -> None:
    """Where a shot begins its streaming and its dive anew, what was born before must not leap."""
    plan = planned(song, *MELTS)
    k = 1
    shot, lead = plan.shots[k], plan.leads[k]
    assert shot.lead > 6
    rows = plan.born(k)
    early = rows[rows[:, FRAME] < shot.i0]
    assert len(early) >= 2 and early[:, FRAME].min() >= shot.i0 - shot.lead
    at = early[:, FRAME].astype(int) - (shot.i0 - shot.lead)
    assert np.array_equal(early[:, PHASE], lead["cppn.phase"][at].astype(np.float64))
    assert np.array_equal(early[:, DEPTH], lead["camera.depth"][at].astype(np.float64))
    after = rows[rows[:, FRAME] >= shot.i0]
    assert np.array_equal(after, plan.births[plan.births[:, FRAME] >= shot.i0])
    first = early[0]
    told = plan.births[plan.births[:, FRAME] == first[FRAME]][0]
    assert abs(told[PHASE] - first[PHASE]) > 0.05, "the shot before has streamed for a while"
    assert np.array_equal(plan.lead(k, shot.i0 - 3, shot.i0).births, alive(rows, shot.i0 - 3, shot.i0))


def test_matter_goes_on_where_a_shot_goes_on_in_other_colours(song: Path) -> None:
    plan = planned(song)
    shot, middle = plan.shots[0], plan.shots[0].i1 // 2
    parts = shot._replace(i1=middle), shot._replace(i0=middle, palette="moss")
    divided = replace(plan, shots=(*parts, *plan.shots[1:]), leads=({}, *plan.leads))
    assert np.array_equal(divided.born(1), plan.born(0)) and (divided.born(1)[:, FRAME] < middle).any()
    assert np.array_equal(divided.born(2), plan.born(1)), "another world begins anew"


def test_matter_does_not_leap_where_a_shot_has_come_in(song: Path) -> None:
    plan = planned(song, *MELTS)
    i0 = plan.shots[1].i0
    bare = planned(song, *MELTS, "matter.opacity=0")
    seen = source_of(plan).frames(i0 - 3, i0 + 3) - source_of(bare).frames(i0 - 3, i0 + 3)
    steps = np.abs(np.diff(seen, axis=0)).mean(axis=(1, 2, 3))
    assert steps[2] < 3 * max(steps[1], steps[3]), steps


@pytest.mark.parametrize("start", [0, 2.5, 4.5])
def test_the_end_of_a_loop_has_the_matter_of_its_beginning(start: float, song: Path) -> None:
    """What lives for bars, born before the loop began, is there when it ends."""
    long = "routes=['onset -> spawn.pollen 6 r12b', 'onset -> spawn.petal 4 r8b', 'onset ~> cppn.flow +1']"
    asked = {"loop": "1bar", "start": start}
    plan, bare = (planned(song, long, more, **asked) for more in ("matter.opacity=1", "matter.opacity=0"))
    seen = source_of(plan).frames(plan.i0, plan.i1) - source_of(bare).frames(bare.i0, bare.i1)
    steps = np.abs(np.diff(seen, axis=0)).mean(axis=(1, 2, 3))
    assert np.abs(seen).max() > 0.2
    assert np.abs(seen[-1] - seen[0]).mean() <= 1.3 * steps.max()
    if start:
        assert (plan.leads[-1]["births"][:, FRAME] < plan.i1 - plan.shots[-1].lead).any()


def labels(plan: Plan) -> list[str]:
    found = SegmentLabels(plan)
    return [found.label(each) for each in partition(plan.i0, plan.i1, 24)]


def test_a_change_of_what_a_hit_makes_is_in_the_labels_of_the_segments_that_show_it(song: Path) -> None:
    plan = planned(song, "effects=['bloom']", NO_WAKE)
    frame = plan.births[:, FRAME]
    hit = np.flatnonzero((frame >= 50) & (frame < 60))
    assert len(hit)
    changed = plan.births.copy()
    changed[hit, Birth._fields.index("count")] += 1
    last = int((frame + plan.births[:, 1])[hit].max())
    other = replace(plan, births=changed)
    touched = [a != b for a, b in zip(labels(plan), labels(other), strict=True)]
    segments = partition(plan.i0, plan.i1, 24)
    assert touched == [each.i0 < last and each.i1 > frame[hit].min() for each in segments]
    assert any(touched) and not all(touched)
    for each, differs in zip(segments, touched, strict=True):
        if not differs:
            a, b = (source_of(each_plan).frames(each.i0, each.i1) for each_plan in (plan, other))
            assert np.array_equal(a, b)


def test_a_pinned_opacity_is_told_in_its_own_segments(song: Path) -> None:
    pinned = song.with_name("pinned.csv")
    pinned.write_text(f"{SECTIONS}8.1,9,matter.opacity,0.2,\n", encoding="utf-8")
    plan, edited = planned(song, NO_WAKE), planned(song, NO_WAKE, cues=pinned)
    segments = partition(plan.i0, plan.i1, 24)
    told = [[SegmentLabels(each).aspects(segment)["matter"] for segment in segments] for each in (plan, edited)]
    assert [a != b for a, b in zip(*told, strict=True)] == [each.i0 < 108 and each.i1 > 97 for each in segments]
