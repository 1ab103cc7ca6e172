from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")
pytest.importorskip("peft")

from avwalk.diffusion import embeddings, load, recipes  # noqa: E402
from avwalk.diffusion.conditioning import Conditioning  # noqa: E402
from avwalk.diffusion.painter import Painter  # noqa: E402
from avwalk.diffusion.tiers import Tier  # noqa: E402
from avwalk.errors import ModelError, OptionError  # noqa: E402
from avwalk.models import store  # noqa: E402
from avwalk.settings import settings  # noqa: E402
from tests import small_diffusion as small  # noqa: E402


@pytest.fixture(autouse=True)
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()

    def refuse(*args: object, **kwargs: Any) -> None:
        raise AssertionError("a request")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def found(path: Path | str) -> store.Model:
    return store.find(str(path), "sd")


def loaded(path: Path | str, **options: Any) -> Any:
    model = found(path)
    recipe, lines = load.complete_recipe(model, load.guess_recipe(model))
    assert not [line for line in lines if "taesd" not in line]
    return load.load(model, recipe, **options)


def same(a: Any, b: Any) -> None:
    ours, theirs = a.state_dict(), b.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("kind", ["sd1", "sd2", "sdxl", "turbo"])
def test_a_folder_is_loaded_without_a_request(kind: str, saved: Callable[..., Path]) -> None:
    ours, theirs = loaded(saved(kind)), small.diffusion(kind)
    for name in ("unet", "vae", "text_encoder", *(["text_encoder_2"] if kind == "sdxl" else [])):
        same(getattr(ours.pipe, name), getattr(theirs, name))
    assert ours.recipe.base == {"turbo": "sd1"}.get(kind, kind) and ours.recipe.size == small.SIZE
    assert not ours.unet.training and not any(p.requires_grad for p in ours.unet.parameters())
    assert ours.scheduler.config.prediction_type == theirs.scheduler.config.prediction_type
    assert ours.scheduler.config.beta_end == theirs.scheduler.config.beta_end


def test_one_file_with_its_configs(saved: Callable[..., Path]) -> None:
    ours, theirs = loaded(saved("single")), small.diffusion("sd1")
    same(ours.unet, theirs.unet)
    same(ours.vae, theirs.vae)
    same(ours.pipe.text_encoder, theirs.text_encoder)


def test_one_file_without_configs_says_where_they_go(saved: Callable[..., Path], tmp_path: Path) -> None:
    alone = shutil.copy(saved("single"), tmp_path / "alone.safetensors")
    with pytest.raises(ModelError, match=r"no configs are beside it; put those of a sd1 model .* into .*alone"):
        loaded(alone)


def test_the_environment_is_left_as_it_was(saved: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers.utils import logging
    from huggingface_hub import constants

    before = (constants.HF_HUB_OFFLINE, logging.is_progress_bar_enabled(), logging.get_verbosity())
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    state = torch.random.get_rng_state()
    loaded(saved("sd1"))
    assert "HF_HUB_OFFLINE" not in os.environ
    assert before == (constants.HF_HUB_OFFLINE, logging.is_progress_bar_enabled(), logging.get_verbosity())
    assert torch.equal(state, torch.random.get_rng_state())
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    loaded(saved("sd1"))
    assert os.environ["HF_HUB_OFFLINE"] == "0"


def test_loading_is_silent(saved: Callable[..., Path], capfd: pytest.CaptureFixture[str]) -> None:
    loaded(saved("sd1"))
    out, err = capfd.readouterr()
    assert out == "" and err == ""


def test_pickles_are_refused(saved: Callable[..., Path], tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(saved("sd1"), folder)
    unet = folder / "unet" / "diffusion_pytorch_model.safetensors"
    unet.rename(unet.with_suffix(".bin"))
    with pytest.raises(ModelError, match="is a pickle, which could run code: refused") as error:
        loaded(folder)
    assert "\n" not in str(error.value)
    for name in ("v1-5-pruned.ckpt", "model.bin"):
        (tmp_path / name).write_bytes(b"PK\x03\x04")
        with pytest.raises(ModelError, match="is a pickle"):
            found(tmp_path / name)


def test_broken_and_missing_parts_are_one_line(saved: Callable[..., Path], tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(saved("sd1"), folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        loaded(folder)
    assert "\n" not in str(error.value)
    shutil.rmtree(folder / "vae")
    with pytest.raises(ModelError, match="vae is missing"):
        loaded(folder)
    (folder / "model_index.json").unlink()
    with pytest.raises(ModelError, match=r"has no model_index\.json"):
        loaded(folder)


def test_half_precision_alone_is_found(saved: Callable[..., Path], tmp_path: Path) -> None:
    pipe = small.diffusion("sd1")
    pipe.save_pretrained(tmp_path / "half", variant="fp16", safe_serialization=True)
    same(loaded(tmp_path / "half").unet, pipe.unet)
    mixed = tmp_path / "half" / "vae" / "diffusion_pytorch_model.fp16.safetensors"
    mixed.rename(mixed.with_name("diffusion_pytorch_model.safetensors"))
    ours = loaded(tmp_path / "half")
    same(ours.unet, pipe.unet)
    same(ours.vae, pipe.vae)


def test_a_lora_is_part_of_the_weights(saved: Callable[..., Path]) -> None:
    model = found(saved("sd1"))
    plain = loaded(saved("sd1"))
    lora = str(saved("lora", of="sd1"))

    def with_weight(weight: float) -> Any:
        recipe = recipes.Recipe("own", "sd1", "ddim", 4, 5.0, 64, loras=((lora, weight),))
        return load.load(model, load.complete_recipe(model, recipe)[0])

    half, whole = with_weight(0.5), with_weight(1.0)
    name = "mid_block.attentions.0.transformer_blocks.0.attn2.to_q.weight"
    a, b, c = (net.unet.state_dict()[name] for net in (plain, half, whole))
    assert (c - a).abs().max() > 0.01
    assert torch.allclose(b - a, (c - a) / 2, atol=1e-6)  # linear in the weight
    same(with_weight(0.0).unet, plain.unet)


def test_the_lora_draws_what_diffusers_draws(saved: Callable[..., Path]) -> None:
    model, lora = found(saved("sd1")), saved("lora", of="sd1")
    recipe = recipes.Recipe("own", "sd1", "ddim", 3, 4.0, 64, loras=((str(lora), 0.8),))
    ours = load.load(model, recipe)
    theirs = small.diffusion("sd1")
    theirs.load_lora_weights(str(lora.parent), weight_name=lora.name, adapter_name="style")
    theirs.set_adapters(["style"], [0.8])
    painter = Painter(ours, batch=1)
    text = embeddings.encode(ours, ["a red cat"])
    a = painter.paint(Conditioning(text.tokens, np.array([4.0], np.float32)), painter.noise([5], (64, 64)), 3)[0]
    b = theirs(
        "a red cat",
        num_inference_steps=3,
        guidance_scale=4.0,
        height=64,
        width=64,
        output_type="np",
        generator=torch.Generator().manual_seed(5),
    ).images[0]
    assert np.abs(a - b).max() < 1e-4


def test_a_lora_of_another_model_is_refused(saved: Callable[..., Path]) -> None:
    model = found(saved("sd1"))
    recipe = recipes.Recipe("own", "sd1", "ddim", 4, 5.0, 64, loras=((str(saved("lora", of="sdxl")), 1.0),))
    with pytest.raises(ModelError, match="does not fit this model"):
        load.load(model, recipe)


def test_a_tiny_autoencoder_takes_the_place_of_the_own(saved: Callable[..., Path]) -> None:
    model, tiny = found(saved("sd1")), found(saved("taesd"))
    recipe = recipes.Recipe("own", "sd1", "ddim", 4, 5.0, 64, vae=str(saved("taesd")))
    settled, lines = load.complete_recipe(model, recipe)
    assert settled.vae == tiny.sha256 and not lines
    ours = load.load(model, settled)
    assert type(ours.vae).__name__ == "AutoencoderTiny"
    same(ours.vae, small.tiny_vae())
    with pytest.raises(ModelError, match="is no autoencoder"):
        load.load(model, recipes.Recipe("own", "sd1", "ddim", 4, 5.0, 64, vae=str(saved("controlnet"))))


def test_the_tiny_autoencoder_is_a_wish_that_is_told_when_it_is_not_here(saved: Callable[..., Path]) -> None:
    model = found(saved("turbo"))
    settled, lines = load.complete_recipe(model, recipes.of("sd-turbo"))
    assert settled.vae == "" and settled.base == "sd1" and len(lines) == 1 and "avwalk models pull taesd" in lines[0]


def test_the_recipe_is_guessed_by_name_and_base(saved: Callable[..., Path], tmp_path: Path) -> None:
    assert load.guess_recipe(found(saved("sd1"))).name == "sd15"
    assert load.guess_recipe(found(saved("sd2"))).name == "sd2"
    assert load.guess_recipe(found(saved("sdxl"))).name == "sdxl"
    assert load.guess_recipe(found(shutil.copytree(saved("turbo"), tmp_path / "my-turbo"))).name == "sd-turbo"
    assert load.guess_recipe(found(shutil.copytree(saved("sdxl-turbo"), tmp_path / "xl-turbo"))).name == "sdxl-turbo"


def test_a_bundle_is_its_model_drawn_with_its_recipe(saved: Callable[..., Path], tmp_path: Path) -> None:
    model = store.named(found(shutil.copytree(saved("sd1"), tmp_path / "any")), "sd15", "")
    lora = store.named(found(shutil.copy(saved("lora"), tmp_path / "l.safetensors")), "lcm-lora-sd15", "")
    got, recipe, lines = load.find_model("sd15-lcm")
    assert got == model and recipe.name == "sd15-lcm" and recipe.loras == ((lora.sha256, 1.0),)
    assert recipe.size == small.SIZE and len(lines) == 1
    assert load.find_model("sd15")[1].name == "sd15"
    assert load.find_model(str(tmp_path / "any"), "sd2")[1].name == "sd2"
    drawn = load.load(got, recipe)
    assert type(drawn.scheduler).__name__ == "LCMScheduler"


def test_hyper_sd_is_its_lora_with_trailing_steps_and_no_guidance(saved: Callable[..., Path], tmp_path: Path) -> None:
    model = store.named(found(shutil.copytree(saved("sd1"), tmp_path / "any")), "sd15", "")
    lora = store.named(found(shutil.copy(saved("lora"), tmp_path / "h.safetensors")), "hyper-lora-sd15", "")
    got, recipe, _ = load.find_model("sd15-hyper")
    assert got == model and recipe.loras == ((lora.sha256, 1.0),)
    assert (recipe.steps, recipe.guidance, recipe.most_guidance) == (4, 0.0, 1.0)
    drawn = load.load(got, recipe)
    assert type(drawn.scheduler).__name__ == "DDIMScheduler"
    assert drawn.scheduler.config.timestep_spacing == "trailing"


def test_a_recipe_of_another_base_is_refused(saved: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match="recipe 'sdxl-turbo' is for sdxl, .* is sd1; use recipe sd15"):
        load.complete_recipe(found(saved("sd1")), recipes.of("sdxl-turbo"))
    with pytest.raises(OptionError, match="scheduler 'plms' is unknown"):
        load.load(found(saved("sd1")), recipes.Recipe("own", "sd1", "plms", 4, 5.0, 64))


def test_memory_is_given_back_when_prompts_are_encoded(saved: Callable[..., Path]) -> None:
    ours = loaded(saved("sdxl"))
    assert len(ours.text_encoders) == 2
    ours.free_text_encoders()
    assert ours.text_encoders == []


def test_networks_go_to_the_device_and_off_it(saved: Callable[..., Path]) -> None:
    ours = loaded(saved("sd1"))
    moved = []

    def moves(name: str, network: Any) -> None:
        network.to = lambda where: moved.append((name, where))

    for name in ("unet", "vae"):
        moves(name, getattr(ours, name))
    moves("text", ours.pipe.text_encoder)
    ours.onto("unet")
    assert moved == []  # on the processor, or without offload, nothing moves
    ours.device, ours.tier = "cuda", Tier(4, "network")
    ours.onto("unet")
    assert sorted(moved[:2]) == [("text", "cpu"), ("vae", "cpu")] and moved[2:] == [("unet", "cuda")]
    moved.clear()
    ours.tier = Tier(6, "text")
    ours.onto("vae")
    assert moved[0] == ("text", "cpu") and sorted(moved[1:]) == [("unet", "cuda"), ("vae", "cuda")]
    moved.clear()
    ours.onto("text")
    assert sorted(moved[:2]) == [("unet", "cpu"), ("vae", "cpu")] and moved[2:] == [("text", "cuda")]


def test_every_scheduler_can_be_had(saved: Callable[..., Path]) -> None:
    model = found(saved("sd1"))
    painter = None
    for name in recipes.SCHEDULERS:
        ours = load.load(model, recipes.Recipe("own", "sd1", name, 4, 0.0, 64))
        painter = Painter(ours, batch=1)
        text = embeddings.encode(ours, ["a red cat"])
        drawn = painter.paint(Conditioning(text.tokens, np.zeros(1, np.float32)), painter.noise([1], (64, 64)), 4)
        assert 0.01 < drawn.std() < 0.6, name
