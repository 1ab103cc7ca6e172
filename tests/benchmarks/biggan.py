"""BigGAN-deep at full size on the processor: the package in a plain loop, and avwalk's network, in the same run.

``python -m tests.benchmarks biggan``. Weights are random, of the published shapes, with norms and statistics as
trained networks have them, so that pictures are finite and varied; speed does not depend on them.

stock   the package's forward pass in batches of 30, spectral norms divided out in every pass, frames kept in a list,
        each stretched from its least to its largest value to 8 bits
ours    `avwalk.generators.biggan.network.Network` in calls of 30
share   of the peak that one large product of float32 matrices reaches: operations of the stock network, and those done

Each is the best of several runs by turns, since a machine is seldom quiet.

Then a film, as a user makes one: the network of 128 pixels saved as it is published (``pytorch_model.bin`` and
``config.json``), ``avwalk render`` of four seconds of the demo song with it, and ``avwalk verify``. ``python -m
tests.benchmarks.biggan film`` makes that alone.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pytorch_pretrained_biggan import BigGAN, BigGANConfig
from torch.utils.flop_counter import FlopCounterMode

from avwalk.generators.biggan.network import TOLERANCE, Network
from tests.small_biggan import save_biggan

SONG = Path(__file__).parents[2] / "media" / "demo-song.ogg"
SECONDS, SIZE = 6, "640x360"

LAYERS = {
    128: "16-16 16+16 16-16 16+8 8-8 8+4 4-4 4+2 2-2 2+1",
    256: "16-16 16+16 16-16 16+8 8-8 8+8 8-8 8+4 4-4 4+2 2-2 2+1",
}
"""Widths in and out, ``+`` where the picture doubles."""
FRAMES = {128: 30, 256: 10}  # of 256 one short batch: 30 at once take 5 GB and more than a minute
TRUNCATION = 0.5
RATIO, SHARE = 1.8, 0.6


def config(resolution: int) -> BigGANConfig:
    """Of biggan-deep-128 or biggan-deep-256."""
    layers = []
    for word in LAYERS[resolution].split():
        into, out = word.replace("+", "-").split("-")
        layers.append(("+" in word, int(into), int(out)))
    return BigGANConfig(output_dim=resolution, layers=layers)


@torch.no_grad()  # type: ignore[untyped-decorator]
def full_biggan(resolution: int) -> BigGAN:
    """In evaluation mode, every number set."""
    torch.manual_seed(0)
    gan = BigGAN(config(resolution)).eval()
    for module in gan.modules():
        if hasattr(module, "gamma"):
            module.gamma.fill_(0.7)
        if hasattr(module, "running_means") and not module.conditional:
            module.weight.uniform_(0.5, 1.5)
            module.bias.uniform_(-0.3, 0.3)
        if hasattr(module, "weight_orig"):
            matrix = module.weight_orig.flatten(1)
            for _ in range(5):
                module.weight_v.copy_(torch.nn.functional.normalize(matrix.T @ module.weight_u, dim=0))
                module.weight_u.copy_(torch.nn.functional.normalize(matrix @ module.weight_v, dim=0))

    def measure(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        mean, var = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3)) + 1e-3
        bend = torch.sin(torch.linspace(0, 3, 51)[:, None] + 6 * torch.rand(len(mean)))
        module.running_means.copy_(mean + 0.2 * var.sqrt() * bend)
        module.running_vars.copy_(var * torch.exp(0.3 * bend))

    hooks = [m.register_forward_pre_hook(measure) for m in gan.modules() if hasattr(m, "running_means")]
    gan(TRUNCATION * torch.randn(4, 128), torch.eye(1000)[:4], TRUNCATION)
    for hook in hooks:
        hook.remove()
    return gan


def peak(runs: int = 5) -> float:
    """Operations a second of the best of several products of matrices."""
    a, b, out = torch.rand(2048, 2048), torch.rand(2048, 2048), torch.empty(2048, 2048)
    best = np.inf
    for _ in range(runs):
        began = time.perf_counter()
        torch.mm(a, b, out=out)
        best = min(best, time.perf_counter() - began)
    return 2 * 2048**3 / best


@torch.no_grad()  # type: ignore[untyped-decorator]
def stock(gan: BigGAN, z: np.ndarray, classes: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The loop that everyone writes; the values before they are stretched, and the frames."""
    values: list[np.ndarray] = []
    for a in range(0, len(z), 30):
        out = gan(torch.from_numpy(z[a : a + 30]), torch.from_numpy(classes[a : a + 30]), TRUNCATION)
        values.extend(out.permute(0, 2, 3, 1).numpy())
    frames = [((value - value.min()) * (255 / (value.max() - value.min()))).astype(np.uint8) for value in values]
    return values, frames


def operations(gan: BigGAN, network: Network, z: np.ndarray, weights: np.ndarray, classes: np.ndarray) -> list[float]:
    """Multiplications and additions of a frame: by the package, by us. Convolutions and products of matrices."""
    n = network.batch
    counts = []
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        gan(torch.from_numpy(z[:1]), torch.from_numpy(classes[:1]), TRUNCATION)
    counts.append(counter.get_total_flops())
    with FlopCounterMode(display=False) as counter:
        network._pictures(z[:n], weights[:n], np.full(n, TRUNCATION))
    counts.append(counter.get_total_flops() / n)
    return counts


def measured(resolution: int) -> None:
    """Prints a line of figures."""
    n, gan = FRAMES[resolution], full_biggan(resolution)
    rng = np.random.default_rng(0)
    z = (TRUNCATION * np.clip(rng.standard_normal((n, 128)), -2, 2)).astype(np.float32)
    weights = rng.dirichlet(np.ones(4), n).astype(np.float32)
    classes = np.zeros((n, 1000), np.float32)
    classes[:, [1, 250, 500, 999]] = weights
    network = Network(gan, [1, 250, 500, 999])
    began = time.perf_counter()
    batch = network.batch
    trial = time.perf_counter() - began
    by_stock, by_us = operations(gan, network, z, weights, classes)
    speeds: dict[str, list[float]] = {"stock": [], "ours": []}
    peaks = [peak()]
    pictures: np.ndarray = np.empty(0)
    for name in ("ours", "stock", "ours", "stock", "ours"):
        gc.collect()
        began = time.perf_counter()
        if name == "stock":
            values, _ = stock(gan, z, classes)
        else:
            pictures = network.images(z, weights, np.full(n, TRUNCATION))
        speeds[name].append(n / (time.perf_counter() - began))
        peaks.append(peak())
    plain, ours, top = max(speeds["stock"]), max(speeds["ours"]), max(peaks)
    difference = max(float(np.abs(a - (b + 1) / 2).max()) for a, b in zip(pictures, values, strict=True))
    share = ours * by_stock / top
    print(
        f"{resolution}: stock {plain:.2f} frames/s (worst {min(speeds['stock']):.2f}), ours {ours:.2f} (worst "
        f"{min(speeds['ours']):.2f}): {ours / plain:.2f} times (at least {RATIO})\n"
        f"     {n} frames, batch {batch} found in {trial:.1f} s, {torch.get_num_threads()} threads on {os.cpu_count()} "
        f"cores; largest difference {difference:.1e} (at most {TOLERANCE:.0e})\n"
        f"     peak {top / 1e9:.0f} GFLOP/s (least {min(peaks) / 1e9:.0f}); {by_stock / 1e9:.1f} GFLOP a frame by the "
        f"package: {share:.2f} of the peak (at least {SHARE}); {by_us / 1e9:.1f} done: {ours * by_us / top:.2f}",
        flush=True,
    )
    assert ours / plain >= RATIO and share >= SHARE and difference <= TOLERANCE


def rendered(model: Path, folder: Path, seconds: float = SECONDS, size: str = SIZE) -> dict[str, Any]:
    """What ``avwalk render`` with a model in a folder says at its end, and what ``avwalk verify`` finds, called as a
    user does; ``command_s`` is the wall-clock time of the first, with its start and the reading of the weights."""
    out = folder / "film.mp4"
    environment = {**os.environ, "AVWALK_MODEL_CACHE_DIR": str(folder / "models")}

    def avwalk(*words: str) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "avwalk", *words, "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    began = time.perf_counter()
    events = avwalk(
        "render", str(SONG), "--preset", "lsd", "--generator", "biggan", "--model", str(model), "--out", str(out),
        "--size", size, "--start", "drop:1", "--duration", f"{seconds}", "--no-cues",
    )  # fmt: skip
    took = time.perf_counter() - began
    checked = avwalk("verify", str(out))[-1]
    return {**events[-1], "command_s": took, "verified": checked}


def film() -> None:
    """A film by a full-size network of random weights, from the command line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = save_biggan(folder / "biggan-deep-128", gan=full_biggan(128))
        size = sum(file.stat().st_size for file in model.iterdir()) / 1e6
        done = rendered(model, folder)
    print(
        f"film at {SIZE} of a BigGAN-deep-128 of random weights ({size:.0f} MB): {done['n_frames']} frames, "
        f"{done['command_s']:.1f} s for the command ({done['wall_s']:.1f} s by itself), lag {done['lag_frames']} "
        f"frames, correlation {done['correlation']:.2f} (random weights draw noise that hides the kicks); verified: "
        f"{'whole' if done['verified']['ok'] else done['verified']['problems']}",
        flush=True,
    )
    assert done["n_frames"] == SECONDS * 30 and done["verified"]["ok"]


def main() -> None:
    """Both sizes, and a film; with the word ``film`` that alone."""
    for resolution in [] if "film" in sys.argv else LAYERS:
        measured(resolution)
    film()


if __name__ == "__main__":
    main()
