"""CPU milliseconds that matter adds to a frame of each preset at 1280×720, in one thread.

    python -m tests.benchmarks matter [PRESET]... [--size 1280x720] [--seconds 14] [--profile]

The song is made here: kicks, snares and hats on sixteenths at 128 BPM, as busy as dance music is. Of each preset:

matter      mean over all frames, wanted: ≤ 4
worst       of all frames
alive       births in a frame, mean
picture     what the frame costs without it

With ``--profile`` also the time of each species of the preset: its closed forms, placing them, drawing them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import soundfile

from avwalk import presets
from avwalk.config.matter import SPECIES
from avwalk.frames.compose import draw_shots
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.matter import MatterLayer
from avwalk.matter.species import BY_NUMBER
from avwalk.matter.view import SHAPES, View
from avwalk.plan.build import descent, make_plan
from avwalk.plan.plan import Plan
from avwalk.request.resolve import Request, resolve
from tests.rhythms import RATE, Rhythm, perform

LIMIT_MS = 4.0


def busy_song(path: Path, seconds: float) -> Path:
    """Writes a song with hits on every sixteenth."""
    sound = perform(Rhythm("busy", 128, "sixteenths", seconds=seconds)).sound
    soundfile.write(path, sound, RATE)
    return path


def planned(request: Request) -> tuple[Plan, GeneratorPool]:
    """The plan without its proxy pass, which matter does not need."""
    generators = GeneratorPool(request.film)
    generator = generators.of(descent(request.preset.values, request.film.seed))
    return make_plan(request.film, request.preset, request.analysis(), generator.latent_dim), generators


@contextmanager
def profiled(spent: dict[str, float]) -> Iterator[None]:
    """Counts CPU seconds of each part of drawing matter while it lasts."""

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> Any:
            began = time.thread_time()
            made = work(*given)
            spent[name] = spent.get(name, 0.0) + time.thread_time() - began
            return made

        return run

    forms = tuple(timed(f"form {n}", f) for n, f in zip(SPECIES, BY_NUMBER, strict=True))
    shapes = {n: s._replace(draw=timed(f"draw {n}", s.draw)) for n, s in SHAPES.items()}
    with (
        patch("avwalk.matter.layer.BY_NUMBER", forms),
        patch("avwalk.matter.layer.SHAPES", shapes),
        patch("avwalk.matter.view.View.place", timed("place", View.place)),
    ):
        yield


def measured(plan: Plan, generators: GeneratorPool) -> dict[str, float]:
    """The columns of the table."""
    spent: list[float] = []

    def draw(shot: Any, drive: Any) -> Any:
        generator = generators.of_shot(shot)
        if (key := (shot, drive.i0 // 100)) not in backdrops:
            began = time.thread_time()
            backdrops[key] = generator.draw(drive)
            costs.append(time.thread_time() - began)
        frames = backdrops[key].copy()
        began = time.thread_time()
        layer.apply(frames, shot, drive, generator)
        spent[-1] += time.thread_time() - began
        return frames

    layer = MatterLayer(plan)
    backdrops: dict[Any, Any] = {}
    costs: list[float] = []
    alive = 0
    for i in range(plan.n_frames):
        spent.append(0.0)
        alive += len(plan.drive(i, i + 1).births)
        draw_shots(plan, i, i + 1, draw)
    matter = 1e3 * np.array(spent)
    return {
        "matter": float(matter.mean()),
        "worst": float(matter.max()),
        "alive": alive / plan.n_frames,
        "picture": 1e3 * float(np.median(costs)),
    }


def main() -> int:
    """The table; 1 where a preset's matter costs more than is wanted."""
    parser = argparse.ArgumentParser(prog="matter")
    parser.add_argument("presets", nargs="*")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--seconds", type=float, default=14.0)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args(sys.argv[1:])
    dear = 0
    print(f"{'preset':<12} {'matter':>7} {'worst':>7} {'alive':>7} {'picture':>8}   CPU ms", flush=True)
    with TemporaryDirectory() as folder:
        song = busy_song(Path(folder) / "busy.wav", asked.seconds)
        for name in asked.presets or presets.names():
            plan, generators = planned(resolve(song, {"preset": name, "generator": "cppn", "size": asked.size}))
            spent: dict[str, float] = {}
            if asked.profile:
                with profiled(spent):
                    row = measured(plan, generators)
            else:
                row = measured(plan, generators)
            dear += row["matter"] > LIMIT_MS
            told = f"{name:<12} {row['matter']:7.2f} {row['worst']:7.1f} {row['alive']:7.1f} {row['picture']:8.1f}"
            parts = ", ".join(
                f"{part} {1e3 * s / plan.n_frames:.2f}" for part, s in sorted(spent.items(), key=lambda item: -item[1])
            )
            print(f"{told}   {parts}", flush=True)
    print(f"{dear} presets above {LIMIT_MS:g} ms")
    return int(dear > 0)


if __name__ == "__main__":
    raise SystemExit(main())
