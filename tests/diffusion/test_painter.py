from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.spies import noting

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from avwalk.diffusion import embeddings, offload, recipes, sampling  # noqa: E402
from avwalk.diffusion import load as loading  # noqa: E402
from avwalk.diffusion import tiers as tiers_  # noqa: E402
from avwalk.diffusion.conditioning import Conditioning  # noqa: E402
from avwalk.diffusion.painter import Painter  # noqa: E402
from avwalk.diffusion.tiers import Placement, Tier  # noqa: E402
from avwalk.errors import FailedPicture, GeneratorError  # noqa: E402
from avwalk.models import store  # noqa: E402
from tests import small_diffusion as small  # noqa: E402

SIZE = (64, 64)
TEXTS = ("a red cat", "the sea at night", "a mushroom in the forest")


@pytest.fixture(scope="module")
def load(saved: Callable[..., Path]) -> Callable[..., Painter]:
    """A painter of a kind of model, with what it needs; batch 1."""
    loaded = {}

    def get(kind: str, scheduler: str = "ddim", vae: str = "kl", controlnet: bool = False, batch: int = 1) -> Painter:
        key = (kind, scheduler, vae, controlnet)
        if key not in loaded:
            model = store.find(str(saved(kind, vae=vae)), "sd")
            base = {"sdxl-turbo": "sdxl", "turbo": "sd1"}.get(kind, kind)
            net = store.find(str(saved("controlnet", of=base)), "sd") if controlnet else None
            recipe = recipes.Recipe("own", base, scheduler, 4, 5.0, 64)
            loaded[key] = loading.load(model, recipe, controlnet=net)
        return Painter(loaded[key], batch=batch)

    return get


@pytest.fixture(scope="module")
def source() -> np.ndarray:
    """Two pictures: a disc before a gradient, and the same turned."""
    y, x = np.mgrid[0:64, 0:64] / 64
    one = np.stack([x, y, 0.8 * ((x - 0.5) ** 2 + (y - 0.4) ** 2 < 0.1)], -1).astype(np.float32)
    return np.stack([one, one[::-1, :, ::-1]])


def asked(painter: Painter, n: int = 2, guidance: Sequence[float] = (5.0, 3.0, 2.0)) -> dict[str, Any]:
    """Embeddings, pooled, negative, noise, guidance of n pictures, by their names in `paint`, below."""
    text = embeddings.encode(painter.pipeline, TEXTS[:n])
    noise = painter.noise(range(1, n + 1), SIZE)
    return {
        "tokens": text.tokens,
        "pooled": text.pooled,
        "negative": None,
        "noise": noise,
        "guidance": np.array(guidance[:n], np.float32),
    }


def paint(painter: Painter, *, noise: Any, steps: int, failed_frames: list[int] | None = None, **towards: Any) -> Any:
    """`Painter.paint` of a conditioning."""
    return painter.paint(Conditioning(**towards), noise, steps, failed_frames=failed_frames)


def repaint(painter: Painter, frames: Any, *, noise: Any, strength: Any, steps: int, **towards: Any) -> Any:
    """`Painter.repaint` of a conditioning."""
    return painter.repaint(frames, Conditioning(**towards), noise, strength, steps)


def theirs(kind: str, scheduler: str, vae: str = "kl") -> Any:
    """A pipeline of diffusers with the same weights and a scheduler made by itself."""
    pipe = small.diffusion(kind, vae_kind=vae)
    name, options = recipes.SCHEDULERS[scheduler]
    pipe.scheduler = getattr(diffusers, name).from_config(pipe.scheduler.config, **options)
    return pipe


# ---- the same pictures as diffusers


@pytest.mark.parametrize("scheduler", ["ddim", "euler", "euler-trailing", "dpm", "dpm-karras", "unipc"])
@pytest.mark.parametrize("kind", ["sd1", "sd2", "sdxl"])
def test_pictures_from_noise_are_those_of_diffusers(kind: str, scheduler: str, load: Callable[..., Painter]) -> None:
    painter, pipe = load(kind, scheduler), theirs(kind, scheduler)
    ours = paint(painter, **asked(painter), steps=4)
    assert ours.shape == (2, 64, 64, 3) and ours.dtype == np.float32
    for k, guidance in enumerate((5.0, 3.0)):
        expected = pipe(
            TEXTS[k],
            num_inference_steps=4,
            guidance_scale=guidance,
            height=64,
            width=64,
            output_type="np",
            generator=torch.Generator().manual_seed(k + 1),
        ).images[0]
        assert np.abs(ours[k] - expected).max() < 1e-4


@pytest.mark.parametrize("kind", ["turbo", "sdxl-turbo"])
def test_one_step_of_turbo_is_that_of_diffusers(kind: str, load: Callable[..., Painter]) -> None:
    painter, pipe = load(kind, "euler-trailing"), theirs(kind, "euler-trailing")
    ours = paint(painter, **asked(painter, 1, (0.0,)), steps=1)
    expected = pipe(
        TEXTS[0],
        num_inference_steps=1,
        guidance_scale=0.0,
        height=64,
        width=64,
        output_type="np",
        generator=torch.Generator().manual_seed(1),
    ).images
    assert np.abs(ours - expected).max() < 1e-4


@pytest.mark.parametrize("negative", [False, True])
def test_negative_prompts_are_those_of_diffusers(negative: Any, load: Callable[..., Painter]) -> None:
    for kind in ("sd1", "sdxl"):
        painter, pipe = load(kind, "euler"), theirs(kind, "euler")
        call = asked(painter, 1)
        if negative:
            away = embeddings.encode(painter.pipeline, ["ugly blurry"])
            call |= {"negative": away.tokens[0], "negative_pooled": None if away.pooled is None else away.pooled[0]}
        ours = paint(painter, **call, steps=3)
        expected = pipe(
            TEXTS[0],
            negative_prompt="ugly blurry" if negative else None,
            num_inference_steps=3,
            height=64,
            guidance_scale=5.0,
            width=64,
            output_type="np",
            generator=torch.Generator().manual_seed(1),
        ).images
        assert np.abs(ours - expected).max() < 1e-4


@pytest.mark.parametrize("scheduler", ["ddim", "euler", "dpm"])
@pytest.mark.parametrize(("kind", "vae"), [("sd1", "tiny"), ("sd2", "tiny"), ("sdxl", "tiny"), ("sd1", "kl")])
def test_painting_over_is_that_of_diffusers(
    kind: str, vae: str, scheduler: str, load: Callable[..., Painter], source: np.ndarray
) -> None:
    painter = load(kind, scheduler, vae)
    pipe = theirs(kind, scheduler, vae)
    pipe = diffusers.AutoPipelineForImage2Image.from_pipe(pipe)
    pipe.set_progress_bar_config(disable=True)
    ours = repaint(painter, source, **asked(painter), strength=np.array([0.5, 0.8], np.float32), steps=5)
    for k, (strength, guidance) in enumerate([(0.5, 5.0), (0.8, 3.0)]):
        picture = torch.from_numpy(source[k].copy()).permute(2, 0, 1)[None]
        if vae == "kl":  # diffusers draws a sample of what the autoencoder says, we take its middle
            with torch.no_grad():
                picture = pipe.vae.encode(2 * picture - 1).latent_dist.mode() * pipe.vae.config.scaling_factor
        expected = pipe(
            TEXTS[k],
            image=picture,
            strength=strength,
            num_inference_steps=5,
            guidance_scale=guidance,
            output_type="np",
            generator=torch.Generator().manual_seed(k + 1),
        ).images[0]
        assert np.abs(ours[k] - expected).max() < 1e-4


@pytest.mark.parametrize("kind", ["sd1", "sdxl"])
def test_control_is_that_of_diffusers(
    kind: str, load: Callable[..., Painter], source: np.ndarray, saved: Callable[..., Path]
) -> None:
    painter = load(kind, "ddim", "tiny", controlnet=True)
    plain = theirs(kind, "ddim", "tiny")
    net = diffusers.ControlNetModel.from_pretrained(saved("controlnet", of=kind))
    name = (
        "StableDiffusionXLControlNetImg2ImgPipeline" if kind == "sdxl" else "StableDiffusionControlNetImg2ImgPipeline"
    )
    extra = {} if kind == "sdxl" else {"requires_safety_checker": False}
    pipe = getattr(diffusers, name)(**plain.components, controlnet=net, **extra)
    pipe.set_progress_bar_config(disable=True)
    call: dict[str, Any] = asked(painter) | {
        "strength": np.array([0.5, 0.5]),
        "steps": 4,
        "control": source[::-1].copy(),
    }
    ours = repaint(painter, source, **call, control_scale=np.array([1.0, 0.4]))
    for k, (guidance, scale) in enumerate([(5.0, 1.0), (3.0, 0.4)]):
        picture, control = (torch.from_numpy(p.copy()).permute(2, 0, 1)[None] for p in (source[k], source[1 - k]))
        expected = pipe(
            TEXTS[k],
            image=picture,
            control_image=control,
            strength=0.5,
            num_inference_steps=4,
            guidance_scale=guidance,
            controlnet_conditioning_scale=scale,
            output_type="np",
            generator=torch.Generator().manual_seed(k + 1),
        ).images[0]
        assert np.abs(ours[k] - expected).max() < 1e-4
    without = repaint(painter, source, **(call | {"control": None}))
    assert np.abs(ours[0] - without[0]).max() > 0.05
    assert np.abs(repaint(painter, source, **call, control_scale=np.zeros(2, np.float32)) - without).max() < 1e-4


@pytest.mark.parametrize("scheduler", ["lcm", "euler-a", "euler-a-trailing"])
def test_schedulers_that_add_noise_get_the_turned_noise(
    scheduler: str, load: Callable[..., Painter], monkeypatch: pytest.MonkeyPatch
) -> None:
    painter, pipe = load("sd1", scheduler), theirs("sd1", scheduler)
    call = asked(painter, 1)
    ours = paint(painter, **call, steps=4)
    first, count = torch.from_numpy(call["noise"]), iter(range(100))
    module = type(pipe.scheduler).__module__
    monkeypatch.setattr(f"{module}.randn_tensor", lambda *a, **k: sampling.rotated_noise(first, next(count)))
    expected = pipe(
        TEXTS[0],
        num_inference_steps=4,
        guidance_scale=5.0,
        height=64,
        width=64,
        output_type="np",
        latents=first.clone(),
    ).images
    assert np.abs(ours - expected).max() < 1e-4


def test_a_network_that_was_distilled_with_guidance_is_told_it(tmp_path: Path) -> None:
    pipe = small.diffusion("lcm")
    distilled = diffusers.UNet2DConditionModel.from_config({**pipe.unet.config, "time_cond_proj_dim": 16})
    pipe.register_modules(unet=small._seeded(distilled, 2, 0.5))
    pipe.save_pretrained(tmp_path / "distilled")
    model = store.find(str(tmp_path / "distilled"), "sd")
    painter = Painter(loading.load(model, recipes.Recipe("own", "sd1", "ddim", 3, 5.0, 64)), batch=1)
    pipe.scheduler = painter.pipeline.scheduler
    ours = paint(painter, **asked(painter), steps=3)
    for k, guidance in enumerate((5.0, 3.0)):
        expected = pipe(
            TEXTS[k],
            num_inference_steps=3,
            guidance_scale=guidance,
            height=64,
            width=64,
            output_type="np",
            generator=torch.Generator().manual_seed(k + 1),
        ).images[0]
        assert np.abs(ours[k] - expected).max() < 1e-4


def test_random_numbers_of_the_process_are_left_alone(load: Callable[..., Painter]) -> None:
    painter = load("sd1", "lcm")
    call = asked(painter)
    state = torch.random.get_rng_state()
    paint(painter, **call, steps=3)
    assert torch.equal(state, torch.random.get_rng_state())


# ---- noise


def test_noise_is_that_of_a_seed_alone(load: Callable[..., Painter]) -> None:
    painter = load("sd1")
    noise = painter.noise([7, 8, 7], (128, 64))
    assert noise.shape == (3, 4, 8, 16) and np.array_equal(noise[0], noise[2])
    expected = torch.randn((1, 4, 8, 16), generator=torch.Generator().manual_seed(8))
    assert np.array_equal(noise[1], expected[0].numpy())
    assert painter.noise([], SIZE).shape == (0, 4, 8, 8)


def test_turned_noise_is_noise_that_moves_along() -> None:
    noise = torch.randn((2, 4, 32, 32), generator=torch.Generator().manual_seed(1))
    other = [sampling.rotated_noise(noise, k) for k in range(6)]
    for k, one in enumerate(other):
        assert torch.allclose(one.square().sum(), noise.square().sum())
        for another in (noise, *other[:k]):
            assert abs(float((one * another).mean())) < (1e-7 if k < 3 else 0.06)
    moved = sampling.rotated_noise(torch.roll(noise, 3, 3), 1)
    assert torch.equal(moved, torch.roll(other[1], 3, 3))
    half = 0.6 * noise[:1] + 0.8 * noise[1:]
    assert torch.allclose(sampling.rotated_noise(half, 2), 0.6 * other[2][:1] + 0.8 * other[2][1:])


# ---- rows and batches


@pytest.mark.parametrize("kind", ["sd1", "sdxl"])
def test_a_row_is_the_same_in_any_company(kind: str, load: Callable[..., Painter], source: np.ndarray) -> None:
    painter = load(kind, "ddim", "tiny")
    painter.batch = 3
    call = asked(painter, 3)
    frames, strength = np.concatenate([source, source[:1]]), np.array([0.5, 0.5, 0.5], np.float32)
    whole = repaint(painter, frames, **call, strength=strength, steps=4)
    for rows in ([1], [2, 0], [0, 1, 2, 1, 0]):
        some: dict[str, Any] = {name: None if value is None else value[rows] for name, value in call.items()}
        again = repaint(painter, frames[rows], **some, strength=strength[rows], steps=4)
        assert np.abs(again - whole[rows]).max() < 1e-4  # several threads share out the rows of a batch
    painter.batch = 1
    assert np.abs(repaint(painter, frames, **call, strength=strength, steps=4) - whole).max() < 1e-4


def test_rows_may_differ_in_strength_and_guidance(load: Callable[..., Painter], source: np.ndarray) -> None:
    painter = load("sd1", "ddim", "tiny")
    call: dict[str, Any] = asked(painter) | {"guidance": np.array([5.0, 0.0])}
    strength = np.array([0.3, 0.9], np.float32)
    whole = repaint(painter, source, **call, strength=strength, steps=10)
    for k in range(2):
        alone: dict[str, Any] = {name: None if value is None else value[k : k + 1] for name, value in call.items()}
        again = repaint(painter, source[k : k + 1], **alone, strength=strength[k : k + 1], steps=10)
        assert np.array_equal(again[0], whole[k])
    near, far = (np.abs(whole[k] - source[k]).mean() for k in range(2))
    assert near < far


def test_guidance_of_one_costs_one_pass(load: Callable[..., Painter], monkeypatch: pytest.MonkeyPatch) -> None:
    painter = load("sd1")
    sizes = []
    forward = painter.pipeline.unet.forward
    monkeypatch.setattr(painter.pipeline.unet, "forward", noting(lambda x, *a, **k: sizes.append(len(x)), forward))
    for guidance, expected in ((0.0, 1), (1.0, 1), (1.1, 2)):
        sizes.clear()
        paint(painter, **asked(painter, 1, (guidance,)), steps=3)
        assert sizes == [expected] * 3


def test_less_than_one_step_is_the_picture_through_the_autoencoder(
    load: Callable[..., Painter], source: np.ndarray
) -> None:
    painter = load("sd1", "ddim", "tiny")
    kept = repaint(painter, source, **asked(painter), strength=np.array([0.1, 0.1]), steps=4)
    tiny = painter.pipeline.vae
    with torch.no_grad():
        expected = tiny.decode(tiny.encode(torch.from_numpy(source).permute(0, 3, 1, 2) * 2 - 1).latents).sample
    assert np.abs(kept - (expected / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()).max() < 1e-4


def test_longer_embeddings_of_chunks_are_drawn(load: Callable[..., Painter]) -> None:
    painter = load("sd1")
    long = embeddings.encode(painter.pipeline, [" ".join(["red cat"] * 45)], chunks=True)
    call: dict[str, Any] = asked(painter, 1) | {"tokens": long.tokens}
    cut = asked(painter, 1) | {"tokens": long.tokens[:, :77]}
    assert np.abs(paint(painter, **call, steps=3) - paint(painter, **cut, steps=3)).max() > 1e-3


def test_nothing_is_drawn_of_nothing(load: Callable[..., Painter]) -> None:
    painter = load("sd1")
    call: dict[str, Any] = {name: None if value is None else value[:0] for name, value in asked(painter).items()}
    assert paint(painter, **call, steps=3).shape == (0, 64, 64, 3)


def test_other_sizes_are_drawn(load: Callable[..., Painter]) -> None:
    painter = load("sd1")
    call: dict[str, Any] = asked(painter, 1) | {"noise": painter.noise([1], (104, 56))}
    assert paint(painter, **call, steps=2).shape == (1, 56, 104, 3)


def test_text_encoders_may_be_gone(saved: Callable[..., Path]) -> None:
    model = store.find(str(saved("sd1")), "sd")
    ours = loading.load(model, loading.guess_recipe(model))
    painter = Painter(ours, batch=1)
    call = asked(painter, 1)
    before = paint(painter, **call, steps=2)
    ours.free_text_encoders()
    assert np.array_equal(paint(painter, **call, steps=2), before)
    assert np.array_equal(paint(Painter(ours, batch=1), **call, steps=2), before)


def test_the_batch_is_tried_once(load: Callable[..., Painter], monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.diffusion import painter as module

    painter = load("sd1", batch=None)
    assert painter.batch is None and painter.choose_batch(SIZE, 2) == 1  # a processor takes one at a time
    again = load("sdxl", batch=None)
    monkeypatch.setitem(module.MOST, "cpu", 4)
    monkeypatch.setattr(again.pipeline, "tier", Tier(0, batch=2))
    tried = []
    monkeypatch.setattr(
        module, "fastest", noting(lambda draw, most: tried.append(most), lambda draw, most: (draw(most), most)[1])
    )
    assert again.choose_batch(SIZE, 1, over=True) == 2 and again.choose_batch(SIZE, 1) == 2 and tried == [2]
    again.batch = None
    paint(again, **asked(again, 1), steps=1)
    assert again.batch == 2


# ---- what can go wrong


def test_out_of_memory_halves_and_goes_on(load: Callable[..., Painter], monkeypatch: pytest.MonkeyPatch) -> None:
    painter = load("sd1")
    call = asked(painter, 3, (5.0, 5.0, 5.0))
    painter.batch = 1
    expected = paint(painter, **call, steps=2)
    painter.batch = 4
    forward, sizes = painter.pipeline.unet.forward, []

    def small_card(x: Any, *args: Any, **kwargs: Any) -> Any:
        sizes.append(len(x) // 2)
        if len(x) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(x, *args, **kwargs)

    monkeypatch.setattr(painter.pipeline.unet, "forward", small_card)
    assert np.array_equal(paint(painter, **call, steps=2), expected)
    assert painter.batch == 1 and sizes[:2] == [4, 2]

    def no_card(x: Any, *args: Any, **kwargs: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(painter.pipeline.unet, "forward", no_card)
    with pytest.raises(GeneratorError, match="too little for one picture"):
        paint(painter, **call, steps=2)


@pytest.mark.parametrize("kind", ["sd1", "sdxl"])
def test_out_of_memory_with_one_picture_takes_the_next_tier_and_goes_on(
    kind: str,
    saved: Callable[..., Path],
    source: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """On the processor nothing is moved, but all is decided as for a card."""
    small = tiers_.SDXL_TIERS if kind == "sdxl" else tiers_.SD_TIERS
    monkeypatch.setattr(offload, "tiers", lambda device, base: small)
    monkeypatch.setitem(sys.modules["avwalk.diffusion.painter"].MOST, "cpu", 2)
    model = store.find(str(saved(kind)), "sd")
    ours = loading.load(model, recipes.Recipe("own", kind, "ddim", 4, 5.0, 64), Placement(tier=small[-1]))
    painter = Painter(ours, batch=1)
    call: dict[str, Any] = asked(painter) | {"strength": np.array([0.5, 0.8]), "steps": 4}
    expected = repaint(painter, source, **call)
    decode, drawn = ours.vae.decode, list[int]()
    wanted: list[str] = []

    def small_card(latents: Any, **options: Any) -> Any:
        if ours.tier.offload not in wanted:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        drawn.append(len(latents))
        return decode(latents, **options)

    monkeypatch.setattr(ours.vae, "decode", small_card)
    steps = [("text", 8), ("layers", 6)] if kind == "sdxl" else [("text", 6), ("network", 4)]
    for batch, (kept, gigabytes) in zip((1, None), steps, strict=True):
        wanted[:], painter.batch = [kept], batch  # known, and to be found by a trial
        caplog.clear()
        found = repaint(painter, source, **call)
        assert np.abs(found - expected).max() < 1e-4
        assert ours.tier.gigabytes == gigabytes and ours.vae.use_tiling and ours.vae.use_slicing
        assert [record.levelname for record in caplog.records] == ["WARNING"] and painter.batch in (1, 2)
        assert tiers_.OFFLOAD[kept] in caplog.text and "goes on" in caplog.text
    drawn.clear()
    assert np.abs(repaint(painter, source, **call) - expected).max() < 1e-4 and drawn  # no tier is tried twice
    wanted[:], painter.batch = [], 1
    caplog.clear()
    with pytest.raises(GeneratorError, match="too little for one picture") as error:
        repaint(painter, source, **call)
    assert "\n" not in str(error.value) and not caplog.records and "size" in str(error.value)


def test_on_the_processor_the_autoencoder_in_tiles_is_the_last_resort(
    saved: Callable[..., Path],
    load: Callable[..., Painter],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ours = loading.load(store.find(str(saved("sd1")), "sd"), recipes.Recipe("own", "sd1", "ddim", 4, 5.0, 64))
    painter = Painter(ours, batch=1)
    call = asked(painter, 1)
    expected = paint(painter, **call, steps=2)
    decode = ours.vae.decode

    def little(latents: Any, **options: Any) -> Any:
        if not ours.vae.use_tiling:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return decode(latents, **options)

    monkeypatch.setattr(ours.vae, "decode", little)
    assert np.abs(paint(painter, **call, steps=2) - expected).max() < 1e-4
    assert len(caplog.records) == 1 and "in slices and tiles" in caplog.text and ours.tier == tiers_.SPARING
    tiny = load("sd1", vae="tiny")

    def never(*args: Any, **kwargs: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(tiny.pipeline.unet, "forward", never)
    with pytest.raises(GeneratorError, match="the processor is too little for one picture"):
        paint(tiny, **asked(tiny, 1), steps=2)
    assert tiny.pipeline.tier == tiers_.PROCESSOR and len(caplog.records) == 1


def test_memory_that_runs_out_while_a_model_is_loaded_is_taken_as_well(
    saved: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(offload, "tiers", lambda device, base: tiers_.SD_TIERS)
    model = store.find(str(saved("sd1")), "sd")
    whole: Any = loading.load(model, loading.guess_recipe(model))
    expected = whole.unconditional.tokens
    to, encode = torch.nn.Module.to, embeddings._encoded
    tiers = []

    def full(network: Any, *args: Any, **kwargs: Any) -> Any:
        if args == ("cpu",) and type(network).__name__ == "UNet2DConditionModel":
            tiers.append("onto")
            raise torch.OutOfMemoryError("CUDA out of memory")
        return to(network, *args, **kwargs)

    def fuller(ours: Any, *args: Any) -> Any:
        tiers.append(ours.tier.gigabytes)
        if ours.tier.gigabytes > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return encode(ours, *args)

    monkeypatch.setattr(torch.nn.Module, "to", full)
    monkeypatch.setattr(embeddings, "_encoded", fuller)
    ours = loading.load(model, loading.guess_recipe(model), Placement(tier=tiers_.SD_TIERS[-1]))
    assert tiers == ["onto", 6, 4] and len(caplog.records) == 2
    assert ours.unconditional is not None and np.array_equal(ours.unconditional.tokens, expected)


def test_other_errors_are_not_hidden(load: Callable[..., Painter], monkeypatch: pytest.MonkeyPatch) -> None:
    painter = load("sd1")

    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("something else")

    call = asked(painter, 1)
    monkeypatch.setattr(painter.pipeline.unet, "forward", breaks)
    with pytest.raises(RuntimeError, match="something else"):
        paint(painter, **call, steps=1)


@pytest.mark.parametrize(
    ("value", "fault"), [(float("nan"), "not finite"), (-1.0, "is black"), (0.3, "has one colour alone")]
)
def test_a_picture_that_is_none_is_reported_with_its_row(
    value: float, fault: str, load: Callable[..., Painter], monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = load("sd1")
    call = asked(painter, 3)
    decode = painter.pipeline.vae.decode
    count = []

    def fails(latents: Any, **kwargs: Any) -> Any:
        count.append(1)
        drawn = decode(latents, **kwargs)
        return (torch.full_like(drawn[0], value),) if len(count) == 2 else drawn

    monkeypatch.setattr(painter.pipeline.vae, "decode", fails)
    with pytest.raises(FailedPicture, match=fault) as error:
        paint(painter, **call, steps=2)
    assert error.value.row == 1 and "\n" not in str(error.value)
    count.clear()
    failed_frames: list[int] = []
    drawn = paint(painter, **call, steps=2, failed_frames=failed_frames)
    assert failed_frames == [1] and not drawn[1].any() and drawn[0].std() > 0.05 and drawn[2].std() > 0.05


def test_a_flat_picture_over_a_flat_one_is_none_that_failed(
    load: Callable[..., Painter], monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = load("sd1", "ddim", "tiny")
    decode = painter.pipeline.vae.decode
    monkeypatch.setattr(painter.pipeline.vae, "decode", lambda z, **k: (torch.full_like(decode(z, **k)[0], -1.0),))
    black = repaint(
        painter, np.zeros((1, 64, 64, 3), np.float32), **asked(painter, 1), strength=np.ones(1, np.float32), steps=2
    )
    assert not black.any()


def test_what_does_not_fit_is_said(load: Callable[..., Painter], source: np.ndarray) -> None:
    painter = load("sd1", "ddim", "tiny")
    call = asked(painter)
    with pytest.raises(GeneratorError, match="do not fit the noise"):
        repaint(painter, source[:, :56], **call, strength=np.ones(2, np.float32), steps=2)
    with pytest.raises(GeneratorError, match="tokens, negative do not have 2 rows"):
        paint(painter, **(call | {"tokens": call["tokens"][:1], "guidance": np.ones(2, np.float32)}), steps=2)
    with pytest.raises(GeneratorError, match="no ControlNet was loaded"):
        paint(painter, **call, steps=2, control=source)
    with pytest.raises(GeneratorError, match="steps 0"):
        paint(painter, **call, steps=0)
    with pytest.raises(GeneratorError, match="batch 0"):
        Painter(painter.pipeline, batch=0)
    xl = load("sdxl")
    with pytest.raises(GeneratorError, match="SDXL needs pooled"):
        paint(xl, **(asked(xl) | {"pooled": None}), steps=2)


def test_without_the_first_half_of_the_autoencoder(saved: Callable[..., Path], source: np.ndarray) -> None:
    model = store.find(str(saved("sd1")), "sd")
    painter = Painter(loading.load(model, loading.guess_recipe(model), img2img=False), batch=1)
    assert paint(painter, **asked(painter, 1), steps=2).std() > 0.05
    with pytest.raises(GeneratorError, match="img2img=True"):
        repaint(painter, source, **asked(painter), strength=np.ones(2, np.float32), steps=2)


# ---- on a card


@pytest.mark.gpu
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-3), ("float16", 0.1)])
@pytest.mark.parametrize("scheduler", list(recipes.SCHEDULERS))
def test_a_card_draws_the_same_pictures(
    scheduler: str, dtype: Any, tolerance: float, saved: Callable[..., Path], source: np.ndarray
) -> None:
    model = store.find(str(saved("sd1", vae="tiny")), "sd")
    recipe = recipes.Recipe("own", "sd1", scheduler, 4, 5.0, 64)
    drawn = {}
    for device in ("cpu", "cuda"):
        kept = getattr(torch, dtype) if device == "cuda" else torch.float32
        painter = Painter(loading.load(model, recipe, Placement(device, kept)), batch=2)
        call = asked(painter)
        drawn[device] = [
            paint(painter, **call, steps=4),
            repaint(painter, source, **call, strength=np.array([0.5, 0.8]), steps=5),
        ]
    for ours, expected in zip(drawn["cuda"], drawn["cpu"], strict=True):
        assert np.abs(ours - expected).mean() < tolerance


@pytest.mark.gpu
@pytest.mark.parametrize("offload", ["text", "network", "layers"])
def test_what_is_moved_off_a_card_draws_the_same(offload: str, saved: Callable[..., Path], source: np.ndarray) -> None:
    from avwalk.diffusion.tiers import Placement, Tier

    model = store.find(str(saved("sd1")), "sd")
    recipe = recipes.Recipe("own", "sd1", "ddim", 4, 5.0, 64)
    drawn = []
    for tier in (Tier(24, batch=2), Tier(4, offload, slicing=True, batch=2)):
        painter = Painter(loading.load(model, recipe, Placement("cuda", torch.float32, tier)), batch=2)
        drawn.append(repaint(painter, source, **asked(painter), strength=np.array([0.5, 0.8]), steps=5))
    assert np.abs(drawn[0] - drawn[1]).max() < 1e-3
