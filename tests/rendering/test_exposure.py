"""The iris of a shot: decided by the shot, followed where something is pinned, and there alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.contracts import EXPOSURE, Previewable
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Plan
from avwalk.rendering.exposure import LEAST_RESPONSE, MOST_LEVELLED, level_gain, lit_by, opened, responses
from avwalk.rendering.proxy_measures import measure_proxy
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


def test_what_a_hit_does_to_the_luma_is_taken_off_as_far_as_luma_follows_light(
    click_song: Path, tmp_path: Path
) -> None:
    """A tenth more luma in a frame wants a tenth less light where luma follows it wholly, a fifth where by half."""
    plan = planned(click_song, tmp_path)
    luma = np.full(plan.n_frames, 60.0)
    follows = np.ones(plan.n_frames)
    even = level_gain(plan, luma, follows)
    luma[20] *= 1.1
    gain = level_gain(plan, luma, follows)[20] / even[20]
    assert gain == pytest.approx(1 / 1.1, rel=0.02)
    assert level_gain(plan, luma, follows / 2)[20] / even[20] == pytest.approx(gain**2, rel=0.01)
    luma[20] *= 3
    assert level_gain(plan, luma, follows)[20] / even[20] == pytest.approx(1 / MOST_LEVELLED, rel=0.15)
    lit = lit_by(plan, level_gain(plan, luma, follows))
    assert lit.params["light.gain"][20] < plan.params["light.gain"][20]


def test_luma_follows_light_as_it_is_measured(click_song: Path, tmp_path: Path) -> None:
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "preset": "lsd"}))
    follows = responses(plan, worlds)
    assert follows.shape == (plan.n_frames,) and (follows >= LEAST_RESPONSE).all() and (follows <= 1).all()
    for shot in plan.shots:
        assert len(set(follows[shot.i0 - plan.i0 : shot.i1 - plan.i0])) == 1, "one for a shot"
    some = lit_by(plan, np.full(plan.n_frames, 1.2))
    before, after = (measure_proxy(each, worlds, plan.i0, plan.i1).tones[:, 0].mean() for each in (plan, some))
    assert after == pytest.approx(before * 1.2 ** follows.mean(), rel=0.05)
