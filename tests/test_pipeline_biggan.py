"""Films of a small BigGAN: planned, drawn, resumed, made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import avwalk
from avwalk.errors import GeneratorError, PlanError
from avwalk.pipeline import options_of, plan_of, source_of
from avwalk.request.resolve import resolve
from avwalk.video.join import read_metadata
from tests.conftest import clicks
from tests.test_pipeline import pictures

pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")

from tests.small_biggan import Z_DIM, save_biggan

LABELS = "classes.labels=teapot | bubble | mushroom"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_biggan(tmp_path_factory.mktemp("weights") / "small"))


def small(weights: str, **more: object) -> dict[str, Any]:
    return {"preset": "lsd", "generator": "biggan", "model": weights, "size": "64x36", "set": (LABELS,), **more}


def test_a_film_is_verified_and_says_which_weights_drew_it(click_song: Path, tmp_path: Path, weights: str) -> None:
    out = tmp_path / "a.mp4"
    done = avwalk.render(click_song, out=out, **small(weights))
    assert done["n_frames"] == 120 and abs(done["lag_frames"]) <= 1
    stored = json.loads(read_metadata(out)["avwalk"])
    assert stored["generator"] == "biggan" and len(stored["model"]) == 64
    assert str(weights) not in str(read_metadata(out))
    again = tmp_path / "again.mp4"
    avwalk.render(click_song, out=again, **options_of(out))
    assert all(np.array_equal(a, b) for a, b in zip(pictures(out), pictures(again), strict=True))
    assert len({picture.tobytes() for picture in pictures(out)}) > 100


def test_an_interrupted_film_goes_on_to_the_same_frames(tmp_path: Path, weights: str) -> None:
    song = tmp_path / "s.wav"
    soundfile.write(song, clicks(24.0, rate=8000), 8000)
    options = small(weights, fps=10, workers=1)

    def stop(event: Mapping[str, Any]) -> None:
        if event["event"] == "segment":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        avwalk.render(song, out=tmp_path / "b.mp4", on_event=stop, **options)
    done = avwalk.render(song, out=tmp_path / "b.mp4", **options)
    assert done["resumed_frames"] >= 100
    avwalk.render(song, out=tmp_path / "whole.mp4", **{**options, "workers": 2})
    b, whole = pictures(tmp_path / "b.mp4"), pictures(tmp_path / "whole.mp4")
    assert len(b) == 240 and all(np.array_equal(x, y) for x, y in zip(b, whole, strict=True))


def test_labels_follow_the_song_and_cues_pin_them(click_song: Path, tmp_path: Path, weights: str) -> None:
    cues = tmp_path / "c.csv"
    cues.write_text("at,until,what,value,ease,note\n1.0,2.0,class,daisy,,\n")
    sets = (LABELS, "classes.follow=song")
    plan, _, _ = plan_of(resolve(click_song, small(weights, cues=str(cues), set=sets)))
    assert plan.film.look.generator.options["classes"] == [849, 971, 947, 985]
    shares = plan.latents[:, Z_DIM:]
    assert shares.shape == (120, 4) and shares.min() >= 0
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(shares[30:60], [0, 0, 0, 1])
    assert np.allclose(shares[0], [1, 0, 0, 0]) and np.allclose(shares[-1], [0, 0, 1, 0])


@pytest.mark.parametrize("kind", ["bands", "chroma", "tour", "recurrence"])
@pytest.mark.parametrize("classic", [False, True])
def test_every_walk_walks_through_classes(click_song: Path, weights: str, kind: str, classic: bool) -> None:
    sets = (LABELS, f"walk.kind={kind}", f"walk.classic={str(classic).lower()}")
    plan, worlds, _ = plan_of(resolve(click_song, small(weights, set=sets)))
    shares = plan.latents[:, Z_DIM:]
    assert shares.shape == (120, 3) and shares.min() >= 0
    if not (classic and kind == "chroma"):  # Deep Music Visualizer's add up to more
        assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    frames = source_of(plan, worlds).frames(0, 60)
    assert frames.shape == (60, 36, 64, 3) and np.isfinite(frames).all()
    assert frames.std() > 0.02


def test_sections_melt_on_the_way_and_not_on_the_screen(click_song: Path, tmp_path: Path, weights: str) -> None:
    cues = tmp_path / "c.csv"
    cues.write_text("at,until,what,value,ease,note\n0,2.0,section,verse,,\n2.0,,section,chorus,,\n")
    sets = (LABELS, "walk.kind=tour", "structure.transition=melt", "structure.transition_bars=0.5")
    plan, _, _ = plan_of(resolve(click_song, small(weights, set=sets, cues=str(cues))))
    assert len(plan.shots) == 2 and all(shot.lead == 0 for shot in plan.shots)
    step = np.linalg.norm(np.diff(plan.latents[:, :Z_DIM], axis=0), axis=1)
    assert step.max() < 0.15 * np.linalg.norm(plan.latents[:, :Z_DIM], axis=1).mean()
    cut = (LABELS, "walk.kind=tour", "structure.transition=cut")
    jumps, _, _ = plan_of(resolve(click_song, small(weights, set=cut, cues=str(cues))))
    assert np.linalg.norm(np.diff(jumps.latents[:, :Z_DIM], axis=0), axis=1).argmax() == 59


def test_truncation_can_be_moved_and_takes_the_latents_with_it(click_song: Path, weights: str) -> None:
    still, _, _ = plan_of(resolve(click_song, small(weights)))
    sets = (LABELS, 'routes=["lfo.1bar.sine -> walk.truncation -50%"]')
    moved, worlds, _ = plan_of(resolve(click_song, small(weights, set=sets)))
    curve = moved.params["walk.truncation"]
    assert np.ptp(curve) > 0.25
    plain, _, _ = plan_of(resolve(click_song, small(weights, set=(LABELS, "routes=[]"))))
    ratio = np.linalg.norm(moved.latents[:, :Z_DIM], axis=1) / np.linalg.norm(plain.latents[:, :Z_DIM], axis=1)
    assert np.allclose(ratio, curve / 0.7, atol=1e-4)
    assert still.hash != moved.hash
    change = np.abs(np.diff(worlds.of_shot(moved.shots[0]).draw(moved.drive(0, 120)), axis=0)).mean(axis=(1, 2, 3))
    assert change.max() < 0.05  # no jump where a row of statistics ends


def test_auto_takes_biggan_when_its_weights_are_here(tmp_path: Path, weights: str) -> None:
    song = tmp_path / "s.wav"
    soundfile.write(song, clicks(2.0, every=0.45), 44100)
    asked = {"preset": "lsd", "size": "64x36"}
    assert resolve(song, asked).film.look.generator.name == "cppn"
    with pytest.raises(GeneratorError, match="generator"):  # the same name gives the same film, or a question
        resolve(song, {**asked, "model": weights})
    assert resolve(song, {**asked, "preset": "dream", "model": weights}).film.look.generator.name == "biggan"


def test_what_is_missing_is_named(click_song: Path, monkeypatch: pytest.MonkeyPatch, weights: str) -> None:
    with pytest.raises(GeneratorError, match="avwalk models pull biggan-deep-256"):
        resolve(click_song, {"preset": "lsd", "generator": "biggan"})
    monkeypatch.setitem(__import__("sys").modules, "pytorch_pretrained_biggan", None)
    with pytest.raises(GeneratorError, match=r"avwalk\[models\]"):
        resolve(click_song, small(weights))


def test_a_picture_that_is_none_is_named_by_its_frame(click_song: Path, weights: str) -> None:
    plan, worlds, _ = plan_of(resolve(click_song, small(weights)))
    generator: Any = worlds.of_shot(plan.shots[0])
    drive = plan.drive(40, 44)
    original = generator._network._pictures
    generator._network._pictures = lambda *rows: original(*rows) * float("nan")
    try:
        with pytest.raises(GeneratorError, match=r"frame 40 "):
            generator.draw(drive)
    finally:
        generator._network._pictures = original


def test_a_compiled_film_is_another_film(
    click_song: Path, tmp_path: Path, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last bits are others: what was begun without is not gone on with unawares."""
    from avwalk.models import torch_compile

    seen = []

    def keep(graph: Any, inputs: Any) -> Any:
        seen.append(graph)
        return graph.forward

    monkeypatch.setattr(torch_compile, "BACKEND", keep)

    def stop(event: Mapping[str, Any]) -> None:
        if event["event"] == "segment":
            raise KeyboardInterrupt

    options, out = small(weights, fps=10, duration=2), tmp_path / "a.mp4"
    with pytest.raises(KeyboardInterrupt):
        avwalk.render(click_song, out=out, on_event=stop, **options)
    with pytest.raises(PlanError, match="other settings .*compile: false → true"):
        avwalk.render(click_song, out=out, compile=True, **options)
    assert not seen
    done = avwalk.render(click_song, out=out, compile=True, fresh=True, **options)
    assert done["n_frames"] == 20 and seen
    assert options_of(out)["compile"] is True
    avwalk.render(click_song, out=tmp_path / "plain.mp4", **options)
    assert options_of(tmp_path / "plain.mp4")["compile"] is False
    for a, b in zip(pictures(out), pictures(tmp_path / "plain.mp4"), strict=True):
        assert np.abs(a.astype(int) - b).mean() < 1


def test_compile_without_a_network_is_said_and_changes_nothing(click_song: Path) -> None:
    asked, plain = ({"generator": "cppn", "size": "64x36", **more} for more in ({"compile": True}, {}))
    request = resolve(click_song, asked)
    assert "--compile is not used: cppn has no network that torch could compile" in request.notes
    assert request.film == resolve(click_song, plain).film
