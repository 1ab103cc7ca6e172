"""The iris of a shot: decided by the shot, followed where something is pinned, and there alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.arrays.level import mean_luma
from avwalk.contracts import EXPOSURE, LEVEL, Previewable
from avwalk.frames.compose import GeneratorSource
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Plan
from avwalk.rendering.exposure import level, opened
from avwalk.request.resolve import resolve

SMALL: dict[str, Any] = {"fps": 12, "size": "48x28", "generator": "cppn", "preset": "lsd"}


def planned(song: Path, folder: Path, *rows: str) -> Plan:
    cues = folder / "cues.csv"
    cues.write_text("\n".join(["at,until,what,value,ease,note", *rows, ""]))
    return plan_of(resolve(song, {**SMALL, "cues": str(cues)}))[0]


def exposure(plan: Plan) -> np.ndarray:
    return np.stack([plan.params[name] for name in EXPOSURE], axis=1)


def test_it_follows_what_is_pinned_while_it_is_pinned(click_song: Path, tmp_path: Path) -> None:
    plain, pinned = (exposure(planned(click_song, tmp_path, *rows)) for rows in ([], ["1,3,camera.zoom,3,cut,"]))
    differ = np.flatnonzero((plain != pinned).any(axis=1))
    assert differ[0] >= 12 and differ[-1] < 36 and len(differ) > 20
    step = np.abs(np.diff(pinned, axis=0)).max()
    assert step < 3 * np.abs(pinned[12:36] - plain[12:36]).max() / 6  # it turns, within half a second or more


def test_what_is_pinned_to_the_end_is_followed_to_the_end(click_song: Path, tmp_path: Path) -> None:
    plain, pinned = (exposure(planned(click_song, tmp_path, *rows)) for rows in ([], ["2,,camera.zoom,3,cut,"]))
    assert np.array_equal(plain[:24], pinned[:24]) and not np.isclose(plain[-1], pinned[-1], atol=1e-4).all()


@pytest.mark.parametrize("row", ["1,2,palette,abyss,,", "1,2,seed,9,,"])
def test_a_part_in_another_world_has_its_own_and_the_rest_stays(row: str, click_song: Path, tmp_path: Path) -> None:
    plain, wished = planned(click_song, tmp_path), planned(click_song, tmp_path, row)
    rest = [*range(12), *range(24, plain.n_frames)]
    for name in plain.params:
        assert np.array_equal(plain.params[name][rest], wished.params[name][rest]), name
    assert np.array_equal(plain.latents[rest], wished.latents[rest])
    assert not np.array_equal(exposure(plain)[12:24], exposure(wished)[12:24])


def test_two_pinned_parts_do_not_know_of_each_other(click_song: Path, tmp_path: Path) -> None:
    one = exposure(planned(click_song, tmp_path, "0.5,1.5,camera.zoom,3,,"))
    both = exposure(planned(click_song, tmp_path, "0.5,1.5,camera.zoom,3,,", "2.5,3.5,camera.zoom,0.6,,"))
    assert np.array_equal(one[:30], both[:30]) and not np.array_equal(one[30:42], both[30:42])


def test_it_opens_in_a_run_of_frames_and_goes_over_beside_it(click_song: Path, tmp_path: Path) -> None:
    """Over a border of two shots: what comes in is lit as it goes on; a second beside the run all is as it was."""
    cues = tmp_path / "cues.csv"
    cues.write_text("at,until,what,value,ease,note\n2,,seed,9,melt:1beat,\n")
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "preset": "papercut", "cues": str(cues)}))
    second = plan.shots[1]
    assert second.i0 == 24 and second.lead >= 4
    lit = opened(plan, [(21, 32)], worlds)
    before, after = exposure(plan), exposure(lit)
    changed = np.flatnonzero((before != after).any(axis=1))
    assert 21 - 12 <= changed[0] < 21 and 32 < changed[-1] + 1 <= 32 + 12
    generator = worlds.of_shot(second)
    assert isinstance(generator, Previewable)
    wanted = generator.meter(plan.drive(24, 32))
    assert np.abs(after[24:32] - wanted).mean() < 0.5 * np.abs(before[24:32] - wanted).mean()
    coming = np.stack([lit.leads[1][name] for name in EXPOSURE], axis=1)
    assert np.abs(np.diff(np.concatenate([coming, after[24:]]), axis=0)).max() < 0.6, "no step where it has come in"
    np.testing.assert_array_equal(exposure(opened(plan, [], worlds)), before)


def test_hits_are_taken_off_the_level_and_what_routes_ask_of_light_stays(click_song: Path, tmp_path: Path) -> None:
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "preset": "lsd"}))
    luma = np.full(plan.n_frames, 0.25)
    even = level(plan, plan, luma, luma, worlds).params[LEVEL]
    luma[20] *= 1.2
    struck = level(plan, plan, luma, luma, worlds).params[LEVEL]
    assert abs(struck / even - 1).max() < 0.04, "a hit that lasts a frame"
    gain = plan.params["light.gain"].copy()
    gain[20] *= 1.2
    lit = replace(plan, params={**plan.params, "light.gain": gain})
    asked = level(lit, lit, luma, luma, worlds).params[LEVEL]
    assert asked[20] / even[20] == pytest.approx(1.2, rel=0.01)
    np.testing.assert_allclose(asked[:8], struck[:8], rtol=5e-3)


def test_a_part_that_is_pinned_has_its_own_level_and_the_rest_stays(click_song: Path, tmp_path: Path) -> None:
    plain, pinned = (planned(click_song, tmp_path, *rows).params[LEVEL] for rows in ([], ["1,2,light.gain,1.5,cut,"]))
    np.testing.assert_array_equal(pinned[:12], plain[:12])
    np.testing.assert_array_equal(pinned[24:], plain[24:])
    assert (pinned[12:24] > plain[12:24]).all()


@pytest.mark.parametrize("preset", ["lsd", "papercut", "idol"])
def test_frames_are_drawn_to_their_level(preset: str, click_song: Path) -> None:
    """Without effects, in the film's own size: nothing pumps but where a picture would have to change by a quarter."""
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "size": "128x72", "preset": preset}))
    frames = GeneratorSource(plan, worlds).frames(plan.i0, plan.i1)
    drawn = np.array([mean_luma(picture) for picture in frames])[12:]  # papercut begins in the dark
    wanted = plan.params[LEVEL][12:]
    assert np.median(np.abs(drawn / wanted - 1)) < 1e-3
    assert (np.abs(drawn / wanted - 1) < 0.01).mean() > 0.9
    unlevelled = replace(plan, params={name: curve for name, curve in plan.params.items() if name != LEVEL})
    bare = [mean_luma(picture) for picture in GeneratorSource(unlevelled, worlds).frames(plan.i0 + 12, plan.i1)]
    assert np.mean(bare) == pytest.approx(np.mean(drawn), rel=0.06), "it is no brighter and no darker as a whole"
