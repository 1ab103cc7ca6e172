"""A planned film as a source: the same frames whatever is asked, and neighbours for effects that need them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk.config.preset import Preset, targets
from avwalk.contracts import Analysis, Drive, Effect, Frames
from avwalk.effects.camera import Camera
from avwalk.frames.compose import FinishedSource, GeneratorSource
from avwalk.frames.generators import GeneratorPool
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.registry import EFFECTS, make_effect
from avwalk.request.generators import effect_options
from avwalk.request.resolve import resolve

Planned = tuple[Plan, GeneratorPool, Analysis]


def finished(plan: Plan, worlds: GeneratorPool, *effects: Effect) -> FinishedSource:
    return FinishedSource(GeneratorSource(plan, worlds), effects, plan.drive, (plan.i0, plan.i1))


@pytest.fixture(scope="module", params=["lsd", "idol", "burin", "throat", "halcyon", "lagoon", "papercut"])
def planned(request: pytest.FixtureRequest, click_song: Path) -> Planned:
    asked = resolve(click_song, {"preset": request.param, "size": "48x28", "generator": "cppn"})
    plan, worlds, analysis = plan_of(asked)
    return plan, worlds, analysis


def test_any_range_gives_the_same_frames(planned: Planned) -> None:
    plan, worlds, _ = planned
    source = source_of(plan, worlds)
    whole = source.frames(10, 22)
    assert whole.shape == (12, 28, 48, 3) and whole.dtype == np.float32
    assert whole.min() >= 0 and whole.max() <= 1
    assert np.array_equal(np.concatenate([source.frames(10, 13), source.frames(13, 22)]), whole)


def test_colours_of_a_picture_draw(click_song: Path) -> None:
    own = "{base = {hues = [259.1, 243.9, 229.1], chroma = 0.107}, companion = {hues = [10, 20, 30], chroma = 0.1}, "
    own += "accent = [0.8, 0.12, 229]}"
    asked = resolve(click_song, {"preset": "lsd", "size": "48x28", "generator": "cppn", "set": (f"palette.own={own}",)})
    plan, worlds, _ = plan_of(asked)
    red, _, blue = source_of(plan, worlds).frames(60, 61)[0].reshape(-1, 3).mean(axis=0)
    ember = {"preset": "lsd", "size": "48x28", "generator": "cppn", "set": ("palette.name=ember",)}
    plain, worlds, _ = plan_of(resolve(click_song, ember))
    warm, _, cold = source_of(plain, worlds).frames(60, 61)[0].reshape(-1, 3).mean(axis=0)
    assert blue / red > 1.5 * cold / warm and plan.hash != plain.hash
    assert {shot.palette for shot in plan.shots} == {None}


def test_a_saved_plan_draws_the_same(planned: Planned, tmp_path: Path) -> None:
    plan, worlds, _ = planned
    plan.save(tmp_path)
    again = Plan.load(tmp_path)
    assert again.hash == plan.hash and again.film == plan.film
    assert np.array_equal(source_of(again).frames(40, 43), source_of(plan, worlds).frames(40, 43))


def test_positions_stay_where_the_generator_is_good_and_steps_are_bounded(planned: Planned) -> None:
    plan, _, _ = planned
    truncation = plan.film.look.preset.values["walk"]["truncation"]
    norm = truncation * np.sqrt(plan.latents.shape[1])
    assert np.linalg.norm(plan.latents, axis=1).max() <= 1.5 * norm + 1e-4
    assert np.linalg.norm(np.diff(plan.latents, axis=0), axis=1).max() <= 0.1 * norm + 1e-4


def test_the_picture_answers_the_clicks(planned: Planned) -> None:
    plan, _, analysis = planned
    assert len(plan.events) >= 4
    moved = [name for name, curve in plan.params.items() if np.ptp(curve) > 1e-4]
    assert len(moved) >= 2, "routes move at least two parameters"
    assert analysis.score.tempo_bpm == pytest.approx(120, rel=0.01)


def test_what_does_not_see_the_camera_itself_is_warped_by_it(click_song: Path) -> None:
    options = {
        "preset": "lsd",
        "size": "160x90",
        "generator": "testcard",
        "set": ("camera.x=0.5", "camera.depth=0.25", "matter.opacity=0"),
    }
    frames = {}
    for camera in ("true", "false"):
        asked = resolve(click_song, {**options, "set": (*options["set"], f"testcard.camera={camera}")})
        plan, worlds, _ = plan_of(asked)
        frames[camera] = source_of(plan, worlds).frames(60, 62)
        if camera == "false":
            drawn = worlds.of_shot(plan.shots[0]).draw(plan.drive(60, 62))
            assert np.array_equal(frames["false"], drawn)
            look = plan.film.look.preset.values["camera"]
            moved = Camera(symmetry=look["symmetry"], map=look["map"]).apply(drawn.copy(), plan.drive(60, 62))
    assert np.array_equal(frames["true"], moved)
    assert np.abs(frames["true"] - frames["false"]).mean() > 0.02


class Mean:
    """Mean of each frame and its neighbours: needs one on each side."""

    needs = (1, 1)

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        assert len(frames) == len(drive)
        padded = np.concatenate([frames[:1], frames, frames[-1:]])
        return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3)


def test_effects_get_the_neighbours_they_need(planned: Planned) -> None:
    plan, worlds, _ = planned
    source = finished(plan, worlds, Mean(), Mean())
    whole = source.frames(0, plan.n_frames)
    for a in (1, 30, plan.n_frames - 1):
        assert np.allclose(source.frames(a, a + 1)[0], whole[a], atol=1e-6) or a in (1, plan.n_frames - 1)
    assert np.allclose(source.frames(50, 52), whole[50:52], atol=1e-6)


@pytest.mark.parametrize("name", sorted(EFFECTS))
@pytest.mark.parametrize("size", [(64, 36), (36, 64), (17, 16)])
def test_effects_keep_shape_range_and_batch_independence(name: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    effect = make_effect(name, {})
    before = effect.needs[0]
    n = before + 4
    frames = rng.random((n, size[1], size[0], 3)).astype(np.float32)
    params = {target: np.full(n, t.default, np.float32) for target, t in targets().items()}
    drive = Drive(7, np.zeros((n, 8), np.float32), params, Fraction(30), 1)
    out = effect.apply(frames.copy(), drive)
    assert out.shape == frames.shape and out.dtype == np.float32
    assert np.isfinite(out).all() and out.min() >= 0 and out.max() <= 1
    late = Drive(9, drive.latents[2:], {target: c[2:] for target, c in params.items()}, drive.fps, 1)
    assert np.array_equal(effect.apply(frames[2:].copy(), late)[before:], out[2 + before :])
    if name != "light":  # its curve is a gain, not a strength
        params = {**params, f"{name}.amount": np.zeros(n, np.float32)}
        still = make_effect(name, effect_options(name, Preset(), Fraction(30)))
        assert np.array_equal(still.apply(frames.copy(), replace(drive, params=params)), frames)


@pytest.mark.parametrize("batch", [1, 5, 40])
def test_trails_are_the_same_in_any_batch_and_in_any_order(planned: Planned, batch: int) -> None:
    plan, worlds, _ = planned
    trails = make_effect("trails", {"seconds": 0.3, "fps": "30/1"})
    assert trails.needs == (9, 0)
    aberration = make_effect("aberration", {})
    whole = finished(plan, worlds, trails, aberration).frames(plan.i0, 80)
    source = finished(plan, worlds, trails, aberration)
    parts = [source.frames(a, min(80, a + batch)) for a in range(20, 80, batch)]
    assert np.array_equal(np.concatenate(parts), whole[20:])
    assert np.array_equal(source.frames(30, 33), whole[30:33]), "back, from nothing"
    assert np.array_equal(source.frames(5, 6), whole[5:6]), "the first frames have fewer before them"


def test_the_lanes_of_an_excerpt_show_what_comes_before_and_after(click_song: Path, tmp_path: Path) -> None:
    asked = {"preset": "lsd", "size": "48x28", "generator": "testcard", "explain": True}
    whole = plan_of(resolve(click_song, asked))[0]
    part = plan_of(resolve(click_song, {**asked, "start": 2, "duration": 1}))[0]
    part.save(tmp_path)
    for plan in (part, Plan.load(tmp_path)):
        assert (plan.i0, plan.i1, plan.lane_start) == (60, 90, 0)
        assert list(plan.lanes)[:2] == ["camera.zoom", "cppn.warp"]
        assert all(np.array_equal(curve, whole.params[name]) for name, curve in plan.lanes.items())
    assert np.array_equal(source_of(whole).frames(70, 72), source_of(part).frames(70, 72))
    assert not plan_of(resolve(click_song, {**asked, "explain": False}))[0].lanes
