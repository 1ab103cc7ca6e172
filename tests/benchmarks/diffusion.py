"""Our painter beside bare calls of diffusers' pipelines: ``python -m tests.benchmarks.diffusion [cuda]``.

On the processor: the tiny model of the tests, one picture at a time, one thread; what is not the network's work counts
most there. Same weights, embeddings, noise, steps and autoencoder, pictures as float32 arrays at the end; least of
many runs, taken in turns.

On a card (``cuda``): a network of SD-Turbo's size with random weights, the tiny autoencoder, one step of img2img at
512 × 512 in float16, from frames in memory to frames in memory: pictures a second of bare calls, one at a time, and of
the painter in batches; and the share of the card's peak that its arithmetic is (``--peak`` TFLOP/s, 989 by default: an
H100's dense float16).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

STEPS = 4
TIMES = 40


def in_turns(*works: Callable[[], object], runs: int = TIMES) -> list[float]:
    """Least milliseconds of each, of one thread."""
    best = [np.inf] * len(works)
    for work in works:
        work()
    for _ in range(runs):
        for k, work in enumerate(works):
            start = time.thread_time()
            work()
            best[k] = min(best[k], time.thread_time() - start)
    return [each * 1e3 for each in best]


def pipe_of(kind: str) -> tuple[Any, Any]:
    """A painter, and the pipeline of diffusers with the same networks."""
    import tempfile
    from pathlib import Path

    from diffusers.utils import logging as diffusers_logging

    from avwalk.diffusion import load
    from avwalk.diffusion.painter import Painter
    from avwalk.diffusion.recipes import Recipe
    from avwalk.models import store
    from tests.small_diffusion import save_diffusion

    with tempfile.TemporaryDirectory() as folder:
        model = store.find(str(save_diffusion(Path(folder) / kind, kind)), "sd")
        base = {"turbo": "sd1"}.get(kind, kind)
        diffusers_logging.set_verbosity_error()
        loaded = load.load(model, Recipe("own", base, "ddim", STEPS, 5.0, 64))
    return Painter(loaded, batch=1), loaded.pipe


def overhead() -> None:
    import torch
    from diffusers import AutoPipelineForImage2Image

    from avwalk.diffusion import embeddings
    from avwalk.diffusion.conditioning import Conditioning

    torch.set_num_threads(1)
    print(f"{'':34s} bare call   painter   ratio (aim ≤ 1.05)")
    for kind in ("sd1", "sdxl"):
        painter, pipe = pipe_of(kind)
        text, nothing = embeddings.encode(painter.pipeline, ["a red cat"]), painter.pipeline.unconditional
        there = {
            "prompt_embeds": torch.from_numpy(text.tokens),
            "negative_prompt_embeds": torch.from_numpy(nothing.tokens),
        }
        if text.pooled is not None:
            there |= {
                "pooled_prompt_embeds": torch.from_numpy(text.pooled),
                "negative_pooled_prompt_embeds": torch.from_numpy(nothing.pooled),
            }
        options = there | {"num_inference_steps": STEPS, "guidance_scale": 5.0, "output_type": "np"}
        noise = painter.noise([1], (64, 64))
        frames = np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
        leads = (Conditioning(text.tokens, np.array([5.0], np.float32), text.pooled), noise)
        over = AutoPipelineForImage2Image.from_pipe(pipe)
        over.set_progress_bar_config(disable=True)

        def bare(pipe: Any = pipe, options: Any = options) -> None:
            pipe(**options, height=64, width=64, generator=torch.Generator().manual_seed(1))

        def bare_over(over: Any = over, options: Any = options, frames: Any = frames) -> None:
            picture = torch.from_numpy(frames).permute(0, 3, 1, 2)
            over(**options, image=picture, strength=0.5, generator=torch.Generator().manual_seed(1))

        def paint(painter: Any = painter, leads: Any = leads) -> None:
            painter.noise([1], (64, 64))
            painter.paint(*leads, STEPS)

        def repaint(painter: Any = painter, leads: Any = leads, frames: Any = frames) -> None:
            painter.noise([1], (64, 64))
            painter.repaint(frames, *leads, np.array([0.5]), STEPS)

        for name, theirs, ours in (("from noise", bare, paint), ("over a picture", bare_over, repaint)):
            a, b = in_turns(theirs, ours)
            print(f"{kind:5s} {name:20s} {STEPS} steps  {a:8.2f} ms {b:8.2f} ms  {b / a:.3f}", flush=True)


def turbo(device: str, side: int = 512, small: bool = False) -> tuple[Any, Any]:
    """A pipeline of SD-Turbo's size with random weights, and ours around the same networks."""
    import torch
    from diffusers import AutoencoderTiny, EulerDiscreteScheduler, StableDiffusionImg2ImgPipeline, UNet2DConditionModel

    from avwalk.diffusion.loaded import Pipeline
    from avwalk.diffusion.recipes import of
    from avwalk.diffusion.tiers import Tier

    width = (8, 16, 32, 32) if small else (320, 640, 1280, 1280)
    heads = (2, 2, 4, 4) if small else (5, 10, 20, 20)
    dtype = torch.float16 if device == "cuda" else torch.float32
    with torch.device(device):
        unet = (
            UNet2DConditionModel(
                sample_size=side // 8,
                block_out_channels=width,
                attention_head_dim=heads,
                cross_attention_dim=1024,
                use_linear_projection=True,
                norm_num_groups=8 if small else 32,
            )
            .to(dtype)
            .eval()
        )
        vae = AutoencoderTiny().to(dtype).eval()
    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    scheduler = EulerDiscreteScheduler(timestep_spacing="trailing", steps_offset=1, **betas)
    none = dict.fromkeys(("text_encoder", "tokenizer", "safety_checker", "feature_extractor", "image_encoder"))
    pipe = StableDiffusionImg2ImgPipeline(
        vae=vae, unet=unet, scheduler=scheduler, requires_safety_checker=False, **none
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe, Pipeline(of("sd-turbo"), device, dtype, pipe, unet, vae, scheduler, tier=Tier(24, batch=64))


def per_second(work: Callable[[], object], pictures: int, seconds: float = 4.0) -> float:
    """Pictures a second: the best of several runs."""
    work()
    best, began = np.inf, time.perf_counter()
    while time.perf_counter() - began < seconds:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return pictures / best


def on_card(device: str, side: int, peak: float, batches: tuple[int, ...], small: bool) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from avwalk.diffusion.conditioning import Conditioning
    from avwalk.diffusion.loaded import Embeddings
    from avwalk.diffusion.painter import Painter

    pipe, ours = turbo(device, side, small)
    random = np.random.default_rng(0)
    most = max(batches)
    frames = random.random((most, side, side, 3), np.float32)
    tokens = random.standard_normal((most, 77, 1024)).astype(np.float32)
    ours.unconditional = Embeddings(tokens[:1], None)
    one = torch.from_numpy(tokens[:1]).to(device, ours.dtype)
    picture = torch.from_numpy(frames[:1]).permute(0, 3, 1, 2)

    def bare() -> None:
        pipe(
            prompt_embeds=one,
            image=picture,
            strength=1.0,
            num_inference_steps=1,
            guidance_scale=0.0,
            generator=torch.Generator().manual_seed(1),
            output_type="np",
        )

    painter = Painter(ours, batch=1)
    noise = painter.noise(range(most), (side, side))

    def paint(n: int) -> np.ndarray:
        painter.batch = n
        towards = Conditioning(tokens[:n], np.zeros(n, np.float32))
        return painter.repaint(frames[:n], towards, noise[:n], np.ones(n, np.float32), 1)

    with FlopCounterMode(display=False) as counted:
        paint(1)
    flops = counted.get_total_flops()
    plain = per_second(bare, 1)
    print(f"{side} × {side}, one step, {flops / 1e12:.2f} TFLOP a picture; bare calls one by one: {plain:.1f} /s")
    if device == "cuda":
        ours.unet.to(memory_format=torch.channels_last)
        ours.vae.to(memory_format=torch.channels_last)
    for n in batches:
        found = per_second(partial(paint, n), n)
        share = found * flops / (peak * 1e12)
        print(
            f"painter, batch {n:3d}: {found:7.1f} /s, {found / plain:.2f} × bare, {share:.1%} of the peak", flush=True
        )


def main() -> None:
    if "cuda" in sys.argv:
        peak = float(sys.argv[sys.argv.index("--peak") + 1]) if "--peak" in sys.argv else 989.0
        on_card("cuda", 512, peak, (1, 2, 4, 8, 16, 32), small=False)
    elif "rehearse" in sys.argv:  # the same on the processor, with a small network: only to see that it runs
        on_card("cpu", 64, 0.05, (1, 2), small=True)
    else:
        overhead()


if __name__ == "__main__":
    main()
