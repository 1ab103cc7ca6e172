"""CPU milliseconds per picture of the built-in generator and the effects: ``python tests/benchmarks/picture.py``.

Each figure is the least of several runs of one thread, beside a copy of 16 MB as calibration. Then, where there is a
graphics card, pictures a second on it, in batches as a render draws them, until they are in the computer's memory;
``python tests/benchmarks/picture.py torch-cpu`` shows that part alone, on any device.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from avwalk.contracts import Drive
from avwalk.device import resolve
from avwalk.effects.aberration import Aberration
from avwalk.effects.bloom import Bloom
from avwalk.effects.grain import Grain
from avwalk.effects.light import Light
from avwalk.effects.vignette import Vignette
from avwalk.generators.cppn import raster
from avwalk.generators.cppn.generator import Cppn, rows_of
from avwalk.generators.cppn.material import TOPOLOGIES
from avwalk.runners.segment_work import BATCH_BYTES

FORMATS = {"720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}


def least_ms(work: Callable[[], object], runs: int = 10) -> float:
    best = np.inf
    for _ in range(runs):
        start = time.thread_time()
        work()
        best = min(best, time.thread_time() - start)
    return best * 1e3


def on_device(device: str, runs: int = 10) -> None:
    """Pictures a second by wall clock: the best of several batches after a first one."""
    for topology in TOPOLOGIES:
        found = []
        for name, size in FORMATS.items():
            generator = Cppn(size, 3, topology=topology, device=device)
            n = max(1, min(8, BATCH_BYTES // (size[0] * size[1] * 12)))
            drive = Drive(0, np.full((n, Cppn.latent_dim), 0.4, np.float32), {}, Fraction(30), 1)
            generator.draw(drive)
            best = np.inf
            for _ in range(runs):
                start = time.perf_counter()
                generator.draw(drive)
                best = min(best, (time.perf_counter() - start) / n)
            found.append(f"{name} {1 / best:7.1f} fps")
        print(f"cppn {topology:8s} on {device}: " + ", ".join(found), flush=True)


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] != "picture":
        on_device(sys.argv[1], 3)
        return
    source = np.zeros(1 << 22, np.float32)
    target = source.copy()
    copy = least_ms(lambda: np.copyto(target, source))
    print(f"copy of 16 MB: {copy:.2f} ms")
    latents = np.full((1, Cppn.latent_dim), 0.4, np.float32)
    drive = Drive(0, latents, {"light.gain": np.full(1, 1.3, np.float32)}, Fraction(30), 1)
    for size in ((1280, 720), (1920, 1080)):
        print(f"\n{size[0]}x{size[1]}")
        for topology in TOPOLOGIES:
            generator = Cppn(size, 3, topology=topology)
            canvas, world, look = generator._canvas, generator._world, generator._material
            params = rows_of({}, 1)[0]
            vector = look.frame_vector(params, world, canvas.px)
            whole = least_ms(partial(generator.draw, drive))
            grid = least_ms(partial(raster.draw_grid, canvas, world, look, latents[0], params))
            bloom = least_ms(partial(raster._spread, canvas, look, vector))
            rest = whole - grid - bloom
            print(
                f"cppn {topology:8s} {whole:6.1f} ms = network {grid:.1f} + bloom {bloom:.1f} + shading {rest:.1f}"
                f"   ({whole / copy:.0f} copies)"
            )
        dive = {**drive.params, "camera.depth": np.full(1, 2.1, np.float32)}
        for topology in ("relief", "void", "weave"):
            plain, polar = Cppn(size, 3, topology=topology), Cppn(size, 3, topology=topology, map="polar")
            diving = replace(drive, params=dive)
            times = [least_ms(partial(g.draw, d)) for g, d in ((plain, drive), (plain, diving), (polar, diving))]
            print(f"cppn {topology:8s} at rest {times[0]:.1f} ms, in a dive {times[1]:.1f}, polar {times[2]:.1f}")
        frames = np.random.default_rng(0).random((1, size[1], size[0], 3), dtype=np.float32)
        for effect in (Light(), Bloom(), Vignette(), Grain(), Aberration()):
            print(f"{type(effect).__name__:13s} {least_ms(partial(effect.apply, frames, drive), 4):6.1f} ms")
    if (device := resolve("auto")) == "cpu":
        print("\nno graphics card here that torch can use")
    else:
        print()
        on_device(device)


if __name__ == "__main__":
    main()
