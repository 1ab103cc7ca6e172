"""Presets that cues pin over a stretch of the song."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import avwalk
from avwalk.contracts import PresetSpan
from avwalk.errors import CuesError
from avwalk.pipeline import options_of, plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.plan.preset_spans import preset_spans
from avwalk.request.resolve import resolve
from avwalk.score.cues import Cues
from tests.score.songs import analysis
from tests.score.test_automation import cues_of

SMALL: dict[str, Any] = {"preset": "lsd", "generator": "cppn", "size": "48x28"}


@pytest.fixture
def song(click_song: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "song.wav"
    shutil.copy(click_song, copy)
    return copy


def cue(song: Path, *rows: str) -> None:
    song.with_suffix(".cues.csv").write_text("at,until,what,value,ease\n" + "\n".join(rows) + "\n", encoding="utf-8")


def drawn(song: Path, i0: int, i1: int, **options: object) -> np.ndarray:
    plan, worlds, _ = plan_of(resolve(song, {**SMALL, **options}))
    return source_of(plan, worlds).frames(i0, i1)


def test_without_pins_there_are_no_turns() -> None:
    assert preset_spans(Cues(), analysis()) == ()


def test_turns_have_no_gaps_and_come_and_go_by_their_ease() -> None:
    song = analysis()
    found = preset_spans(cues_of("10,20,preset,lsd,melt:1", "20,25,preset,dream,cut"), song)
    assert found == (
        PresetSpan(0, 300, 0, ""),
        PresetSpan(300, 600, 30, "lsd"),
        PresetSpan(600, 750, 0, "dream"),
        PresetSpan(750, song.n_frames, 0, ""),
    )


def test_a_pinned_preset_draws_its_own_film(song: Path) -> None:
    plain, other = drawn(song, 20, 60), drawn(song, 20, 60, preset="papercut")
    cue(song, "1,1.5,preset,papercut,cut")
    mixed = drawn(song, 20, 60)
    assert np.array_equal(mixed[:10], plain[:10]) and np.array_equal(mixed[25:], plain[25:])
    assert np.array_equal(mixed[10:25], other[10:25]) and not np.array_equal(plain[10:25], other[10:25])


def test_it_melts_in_before_its_first_frame(song: Path) -> None:
    plain, other = drawn(song, 10, 32), drawn(song, 10, 32, preset="papercut")
    cue(song, "1,3,preset,papercut,melt:0.5")
    mixed = drawn(song, 10, 32)
    assert np.array_equal(mixed[:5], plain[:5]) and np.array_equal(mixed[20:], other[20:])
    way = [np.abs(mixed[k] - plain[k]).mean() / np.abs(other[k] - plain[k]).mean() for k in range(5, 20)]
    assert 0 < way[0] < 0.1 and 0.8 < way[-1] < 1 and np.all(np.diff(way) > -0.02)


def test_a_saved_plan_and_a_film_keep_their_presets(song: Path, tmp_path: Path) -> None:
    cue(song, "1,2,preset,idol,")
    plan, worlds, _ = plan_of(resolve(song, SMALL))
    plan.save(tmp_path / "plan")
    again = Plan.load(tmp_path / "plan")
    assert again.hash == plan.hash and again.preset_spans == plan.preset_spans
    assert np.array_equal(source_of(again).frames(25, 35), source_of(plan, worlds).frames(25, 35))
    avwalk.render(song, out=tmp_path / "a.mp4", duration=2, **SMALL)
    cue(song)
    asked = resolve(song, options_of(tmp_path / "a.mp4"))
    assert list(asked.pinned) == ["idol"] and [span.preset for span in plan_of(asked)[0].preset_spans] == ["", "idol"]


def test_a_loop_ends_in_the_preset_that_it_begins_with(song: Path) -> None:
    cue(song, "0,1.5,preset,papercut,cut")
    plan, worlds, _ = plan_of(resolve(song, {**SMALL, "loop": "1bar", "start": 0.5}))
    frames = source_of(plan, worlds).frames(plan.i0, plan.i1)
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert np.abs(frames[-1] - frames[0]).mean() <= steps.max()


def test_presets_that_are_not_there_are_told_with_their_place(song: Path) -> None:
    cue(song, "1,2,preset,idle,")
    with pytest.raises(CuesError, match=r"song.cues.csv:2:\d+: .*'idle'.*idol"):
        resolve(song, SMALL)
