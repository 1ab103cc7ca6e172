"""CPU time of a frame as films have it, effects included: one thread, frames spread over a song."""

from __future__ import annotations

import time

import numpy as np

from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from tests.benchmarks.picture import least_ms
from tests.benchmarks.songs import ROOT

SIZES = ("1280x720", "1920x1080")
FRAMES = 24


def frame_ms(preset: str, size: str) -> float:
    """Median of the thread's CPU milliseconds over the frames, the better of two of each."""
    plan, worlds, _ = plan_of(
        resolve(ROOT / "media" / "demo-song.ogg", {"preset": preset, "generator": "cppn", "size": size})
    )
    source = source_of(plan, worlds)
    found = []
    for i in np.linspace(plan.i0, plan.i1 - 1, FRAMES).astype(int).tolist():
        source.frames(i, i + 1)  # scratch memory, and the frames before it where light stays
        best = np.inf
        for _ in range(2):
            began = time.thread_time()
            source.frames(i, i + 1)
            best = min(best, time.thread_time() - began)
        found.append(best)
    return float(np.median(found)) * 1000


def main(names: list[str]) -> None:
    """Prints a row for each preset; a copy of 16 MB tells machines apart."""
    block = np.zeros(1 << 22, np.float32)
    copy = least_ms(lambda: np.copyto(block, block + 0))
    print(f"a copy of 16 MB: {copy:.1f} ms")
    print(f"{'preset':<10} {'720p ms':>8} {'1080p ms':>9} {'ratio':>6}   of the budget (22 ms at 720p)")
    for name in names:
        small, large = (frame_ms(name, size) for size in SIZES)
        print(f"{name:<10} {small:>8.1f} {large:>9.1f} {large / small:>6.2f}   {small / 22:.2f}", flush=True)
