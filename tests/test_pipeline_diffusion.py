"""Films by small diffusion models: prompt walks, and the restyle over generators and files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import avwalk
from avwalk.errors import GeneratorError, OptionError
from avwalk.generators import stable_diffusion
from avwalk.pipeline import options_of, plan_of, source_of
from avwalk.request.resolve import resolve
from avwalk.video.join import read_metadata
from tests.conftest import clicks
from tests.spies import noting
from tests.test_pipeline import pictures

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from tests.small_biggan import save_biggan
from tests.small_diffusion import save_controlnet, save_diffusion, save_lora

PROMPTS = ("a sea at night", "a city of glass")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_diffusion(tmp_path_factory.mktemp("weights") / "sd1", "sd1"))


def walk(model: str, **more: object) -> dict[str, Any]:
    return {"generator": "sd", "model": model, "prompt": PROMPTS, "size": "64x64", "set": ("sd.steps=2",), **more}


def restyled(painter: str, **more: object) -> dict[str, Any]:
    sets = ("restyle.num_steps=4", "restyle.guidance_scale=2")
    usual = {"generator": "cppn", "preset": "idol", "restyle": True, "size": "128x72", "set": sets}
    return {**usual, "restyle_model": painter, **more}


def test_a_walk_between_prompts_is_verified_and_made_again(click_song: Path, tmp_path: Path, model: str) -> None:
    out = tmp_path / "a.mp4"
    done = avwalk.render(click_song, out=out, **walk(model, fps=10))
    assert done["n_frames"] == 40 and abs(done["lag_frames"]) <= 1
    stored = json.loads(read_metadata(out)["avwalk"])
    assert stored["prompt"] == list(PROMPTS) and len(stored["model"]) == 64 and model not in str(stored)
    again = tmp_path / "again.mp4"
    avwalk.render(click_song, out=again, **options_of(out))
    assert all(np.array_equal(a, b) for a, b in zip(pictures(out), pictures(again), strict=True))


def test_pictures_say_how_they_were_made(click_song: Path, tmp_path: Path, model: str) -> None:
    from avwalk.files.png_text import read_text

    avwalk.render(click_song, out=str(tmp_path / "frames") + "/", **walk(model, fps=5, duration=1))
    told = read_text(tmp_path / "frames" / "000003.png")
    assert told["parameters"].startswith("a sea at night") and "Seed: " in told["parameters"]
    assert json.loads(told["avwalk"])["frame"] == 3
    avwalk.render(click_song, out=str(tmp_path / "bare") + "/", metadata=False, **walk(model, fps=5, duration=1))
    assert "avwalk" not in read_text(tmp_path / "bare" / "000003.png")


def test_prompts_arrive_on_their_frames(click_song: Path, tmp_path: Path, model: str) -> None:
    cues = tmp_path / "c.csv"
    cues.write_text("at,until,what,value,ease,note\n2.0,,prompt,a red square,,\n")
    plan, _, _ = plan_of(resolve(click_song, walk(model, cues=str(cues))))
    told = plan.film.look.generator.options
    k = told["prompts"].index("a red square")
    assert told["frames"][k] == 60 and plan.latents[60, 0] == k
    assert np.all(np.diff(plan.latents[:, 0]) >= 0) and plan.latents.shape == (120, 4)


def test_change_is_made_even_where_it_is_asked_for(click_song: Path, model: str) -> None:
    plain, _, _ = plan_of(resolve(click_song, walk(model)))
    spaced, _, _ = plan_of(resolve(click_song, walk(model, set=("sd.steps=2", "sd.spacing=5"))))
    assert np.all(np.diff(spaced.latents[:, 0]) >= 0) and spaced.latents[-1, 0] == plain.latents[-1, 0]
    assert np.abs(spaced.latents[:, 0] - plain.latents[:, 0]).max() > 1e-3


def test_an_interrupted_walk_goes_on_to_the_same_frames(tmp_path: Path, model: str) -> None:
    song = tmp_path / "s.wav"
    soundfile.write(song, clicks(24.0, rate=8000), 8000)
    options = walk(model, fps=4, workers=1)

    def stop(event: Mapping[str, Any]) -> None:
        if event["event"] == "segment":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        avwalk.render(song, out=tmp_path / "b.mp4", on_event=stop, **options)
    assert avwalk.render(song, out=tmp_path / "b.mp4", **options)["resumed_frames"] >= 40
    avwalk.render(song, out=tmp_path / "whole.mp4", **options)
    b, whole = pictures(tmp_path / "b.mp4"), pictures(tmp_path / "whole.mp4")
    assert len(b) == 96 and all(np.array_equal(x, y) for x, y in zip(b, whole, strict=True))


def test_an_interrupted_restyle_goes_on_to_the_same_frames(tmp_path: Path, model: str) -> None:
    song = tmp_path / "s.wav"
    soundfile.write(song, clicks(24.0, rate=8000), 8000)
    options = restyled(model, fps=4, size="64x36", workers=1)

    def stop(event: Mapping[str, Any]) -> None:
        if event["event"] == "segment":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        avwalk.render(song, out=tmp_path / "b.mp4", on_event=stop, **options)
    assert avwalk.render(song, out=tmp_path / "b.mp4", **options)["resumed_frames"] >= 40
    avwalk.render(song, out=tmp_path / "whole.mp4", **options)
    b, whole = pictures(tmp_path / "b.mp4"), pictures(tmp_path / "whole.mp4")
    assert len(b) == 96 and all(np.array_equal(x, y) for x, y in zip(b, whole, strict=True))


def test_a_film_goes_on_with_less_memory_and_says_so_once(
    click_song: Path, tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import torch
    from diffusers import AutoencoderKL

    options = walk(model, fps=5, duration=2)
    avwalk.render(click_song, out=tmp_path / "a.mp4", **options)
    opened_once: Any = stable_diffusion.open_painter
    opened_once.cache_clear()  # what another film has lowered stays so
    decode = AutoencoderKL.decode
    drawn: list[int] = []

    def little(vae: Any, latents: Any, *args: Any, **kwargs: Any) -> Any:
        if not vae.use_tiling and len(drawn) >= 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        drawn.append(1)
        return decode(vae, latents, *args, **kwargs)

    monkeypatch.setattr(AutoencoderKL, "decode", little)
    said: list[Any] = []
    avwalk.render(click_song, out=tmp_path / "b.mp4", on_event=said.append, **options)
    opened_once.cache_clear()
    warnings = [event["message"] for event in said if event["event"] == "warning"]
    assert [line for line in warnings if "too little for one picture" in line] == warnings[-1:]
    assert "memory" not in capfd.readouterr().err  # an event alone: the bar is not broken
    a, b = pictures(tmp_path / "a.mp4"), pictures(tmp_path / "b.mp4")
    assert len(a) == len(b) == 10
    assert max(float(np.abs(x.astype(int) - y).max()) for x, y in zip(a, b, strict=True)) <= 2


@pytest.mark.parametrize("preset", ["lsd", "dream"])
def test_presets_restyle_when_asked(click_song: Path, tmp_path: Path, model: str, preset: str) -> None:
    out = tmp_path / "a.mp4"
    done = avwalk.render(click_song, out=out, **restyled(model, preset=preset, fps=10, duration=2))
    assert done["n_frames"] == 20
    plain = tmp_path / "plain.mp4"
    avwalk.render(click_song, out=plain, **restyled(model, preset=preset, fps=10, duration=2, restyle=False))
    assert np.abs(pictures(out)[10].astype(int) - pictures(plain)[10]).mean() > 2
    assert json.loads(read_metadata(out)["avwalk"])["restyle"] is True


def test_biggan_and_a_video_are_restyled(click_song: Path, tmp_path: Path, model: str) -> None:
    gan = str(save_biggan(tmp_path / "gan"))
    first = tmp_path / "gan.mp4"
    more = {"fps": 10, "duration": 2}
    done = avwalk.render(click_song, out=first, **restyled(model, preset="lsd", generator="biggan", model=gan, **more))
    assert done["n_frames"] == 20
    second = tmp_path / "video.mp4"
    done = avwalk.render(click_song, out=second, **restyled(model, source=str(first), **more))
    assert done["n_frames"] == 20
    source = json.loads(read_metadata(second)["avwalk"])["source"]
    assert source and str(tmp_path) not in str(read_metadata(second))


def test_keys_are_painted_once_whatever_comes_after_them(
    click_song: Path, tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from avwalk.frames import restyled as frames_restyled

    painted: list[int] = []
    original = frames_restyled.DiffusionRepaint.__call__
    monkeypatch.setattr(
        frames_restyled.DiffusionRepaint,
        "__call__",
        noting(lambda self, frames, wish: painted.append(len(frames)), original),
    )
    options = restyled(model, fps=10, duration=2, seed=4)
    avwalk.render(click_song, out=tmp_path / "a.mp4", **options)
    keys = sum(painted)
    assert keys in (5, 6)
    avwalk.render(click_song, out=tmp_path / "b.mp4", **{**options, "set": (*options["set"], "grain.amount=0")})
    assert sum(painted) == keys
    avwalk.render(click_song, out=tmp_path / "c.mp4", **{**options, "set": (*options["set"], "restyle.strength=0.75")})
    assert sum(painted) > keys


def test_any_range_gives_the_same_restyled_frames(click_song: Path, model: str) -> None:
    plan, worlds, _ = plan_of(resolve(click_song, restyled(model, fps=10)))
    whole = source_of(plan, worlds).frames(0, 24)
    assert np.array_equal(source_of(plan, worlds).frames(7, 12), whole[7:12])


def test_a_lora_changes_the_picture_by_its_weight(click_song: Path, tmp_path: Path, model: str) -> None:
    lora = save_lora(tmp_path / "style.safetensors")
    frames = []
    for sets in ((), (f'sd.loras=["{lora}@0.1"]',), (f'sd.loras=["{lora}"]',)):
        plan, worlds, _ = plan_of(resolve(click_song, walk(model, fps=5, set=("sd.steps=2", *sets))))
        frames.append(source_of(plan, worlds).frames(3, 4))
    assert 0 < np.abs(frames[1] - frames[0]).mean() < np.abs(frames[2] - frames[0]).mean()
    with pytest.raises(OptionError, match="write FILE@0.8"):
        resolve(click_song, walk(model, set=(f'sd.loras=["{lora}@much"]',)))


@pytest.mark.parametrize("kind", ["depth", "mask", "canny", "scribble"])
def test_a_controlnet_holds_to_what_it_sees(click_song: Path, tmp_path: Path, model: str, kind: str) -> None:
    net = str(save_controlnet(tmp_path / "net"))
    sets = (*restyled(model)["set"], f"restyle.control={kind}", f"restyle.control_model={net}")
    frames = {}
    for scale in (0.0, 1.0):
        asked = restyled(model, fps=10, set=(*sets, f"restyle.control_scale={scale}"))
        plan, worlds, _ = plan_of(resolve(click_song, asked))
        frames[scale] = source_of(plan, worlds).frames(8, 9)
    assert np.isfinite(frames[1.0]).all() and np.abs(frames[1.0] - frames[0.0]).max() > 1e-4
    assert net not in str(plan.film.look.restyle)


def test_a_controlnet_needs_what_its_generator_does_not_know(click_song: Path, tmp_path: Path, model: str) -> None:
    sets = (*restyled(model)["set"], "restyle.control=depth")
    with pytest.raises(OptionError, match="control_model"):
        resolve(click_song, restyled(model, set=sets))
    net = str(save_controlnet(tmp_path / "net"))
    with pytest.raises(OptionError, match="knows no depth"):
        resolve(click_song, restyled(model, generator="testcard", set=(*sets, f"restyle.control_model={net}")))


def test_the_source_is_kept_or_shown_beside(click_song: Path, tmp_path: Path, model: str) -> None:
    out = tmp_path / "a.mp4"
    options = restyled(model, fps=10, duration=1, side_by_side=True, keep_source=True)
    said: list[Any] = []
    avwalk.render(click_song, out=out, on_event=said.append, **options)
    assert (tmp_path / "a_source.mp4").exists()
    assert [event["event"] for event in said].count("done") == 1
    assert any(str(tmp_path / "a_source.mp4") in event.get("message", "") for event in said)
    both = pictures(out)[5].astype(int)
    assert np.abs(both[:, :60] - both[:, 68:]).mean() > 2


def test_contradictions_are_refused_before_anything_is_loaded(click_song: Path, model: str) -> None:
    with pytest.raises(OptionError, match=r"steps 1 × strength 0.5"):
        resolve(click_song, restyled(model, set=("restyle.num_steps=1", "restyle.strength=0.5")))
    with pytest.raises(OptionError, match="scheduler 'eular'"):
        resolve(click_song, walk(model, set=("sd.scheduler=eular",)))
    with pytest.raises(OptionError, match="75 are read"):
        resolve(click_song, walk(model, prompt=("sea " * 90,)))
    with pytest.raises(OptionError, match="prompt"):
        resolve(click_song, walk(model, prompt=()))
    with pytest.raises(GeneratorError, match="avwalk models pull sd15"):
        resolve(click_song, {**restyled(model), "restyle_model": "sd15"})
    with pytest.raises(OptionError, match="size 30 is out of range"):
        resolve(click_song, walk(model, set=("sd.size=30",)))


def test_turbo_with_guidance_is_refused_wherever_it_is_said(click_song: Path, tmp_path: Path) -> None:
    turbo = str(save_diffusion(tmp_path / "my-turbo", "turbo"))
    file = tmp_path / "p.csv"
    file.write_text("at,prompt,seed,guidance_scale,negative_prompt\n0,a sea,1,,\n1.0,a city,2,6,\n")
    of_file = walk(turbo, prompt=(), set=(f"sd.file={file}",))
    with pytest.raises(OptionError, match="guidance 6 contradicts sd-turbo"):
        resolve(click_song, of_file)
    with pytest.raises(OptionError, match="guidance 3 contradicts sd-turbo"):
        resolve(click_song, walk(turbo, set=("sd.guidance=3",)))
    file.write_text(file.read_text().replace(",6,", ",0,"))
    assert not any(resolve(click_song, of_file).film.look.generator.options["guidance"])


def test_what_is_asked_for_and_not_used_is_said(click_song: Path, tmp_path: Path, model: str) -> None:
    plain = {"preset": "idol", "size": "64x36"}
    assert not resolve(click_song, plain).notes
    said = resolve(click_song, {**plain, "prompt": PROMPTS, "restyle_model": model}).notes
    assert len(said) == 2 and "--generator sd or --restyle" in said[0] and "--restyle-model is not used" in said[1]
    said = resolve(click_song, {**plain, "generator": "cppn", "model": model}).notes
    assert len(said) == 1 and "--model is not used: cppn draws without weights" in said[0]
    with pytest.raises(GeneratorError, match=r"preset 'idol' does not draw .* add generator sd$"):
        resolve(click_song, {**plain, "model": model})
    with pytest.raises(GeneratorError, match=r"for the restyle use restyle_model$"):
        resolve(click_song, {**plain, "model": model, "restyle": True})
    with pytest.raises(GeneratorError, match=r"nothing at \./tinny"):
        resolve(click_song, {**plain, "model": "./tinny"})
    near = model.replace("sd1", "sd2")
    with pytest.raises(GeneratorError, match=r"nothing at .*sd2 \(did you mean 'sd1'\?\)"):
        resolve(click_song, walk(near))
    old = restyled(model, set=("restyle.temperature=1.0",))
    assert any("temperature 1 has no effect" in line for line in resolve(click_song, old).notes)


def test_an_estimate_draws_little_and_writes_nothing(click_song: Path, tmp_path: Path, model: str) -> None:
    found = avwalk.render(click_song, out=tmp_path / "a.mp4", estimate=True, price=2.0, size="64x36", generator="cppn")
    assert found["n_frames"] == 120 and found["seconds"] > 0 and "at 2 an hour" in found["line"]
    assert not list(tmp_path.iterdir())
