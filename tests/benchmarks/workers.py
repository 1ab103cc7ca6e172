"""Two workers against one, as threads and as processes; and what it costs to keep frames for the case of an interrupt.

A worker is one core: one worker is held to core 0, with its encoder and all. What two cores can give at most is seen
from two films at a time, each held to a core of its own: cores that share an arithmetic unit give less than twice.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import avwalk
from avwalk.rendering.partial_segment import PartialSegment
from tests.benchmarks.songs import song_of

SECONDS, SIZE, RUNS = 100, "640x360", 2
LIMIT = 1.8  # of two workers, against one
KEEPING = 0.03  # of a render
RENDER = """
import json, os, sys, avwalk
if __name__ == "__main__":
    options, cores = json.loads(sys.argv[1])
    if cores: os.sched_setaffinity(0, cores)
    print(json.dumps(avwalk.render(**options)["stats"]))
"""
KINDS: dict[str, list[tuple[dict[str, Any], list[int]]]] = {
    "one worker": [({"workers": 1}, [0])],
    "two threads": [({"workers": 2, "runner": "threads"}, [])],
    "two processes": [({"workers": 2, "runner": "processes"}, [])],
    "two films": [({"workers": 1}, [0]), ({"workers": 1}, [1])],
}


def main() -> int:
    """Prints the table; 1 where two workers of the better kind are slower than `LIMIT` times one."""
    with tempfile.TemporaryDirectory() as folder:
        song = song_of(SECONDS, Path(folder) / "song.wav")
        script = Path(folder) / "film.py"
        script.write_text(RENDER)
        speeds: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(RUNS):
            for kind, films in KINDS.items():
                speeds[kind].append(together(script, song, films))
        one = speeds["one worker"]
        for kind, found in speeds.items():
            ratios = [each / first for each, first in zip(found, one, strict=True)]
            told = f"× {median(ratios):.2f}  ({min(ratios):.2f}–{max(ratios):.2f})"
            print(f"{kind:14} {median(found):7.1f} frames/s  {told}")
        keeping = kept_share(song, Path(folder))
    print(f"keeping frames takes {keeping:.2%} of the processor's time, limit {KEEPING:.0%}")
    best = max(median(speeds[kind]) for kind in ("two threads", "two processes")) / median(one)
    most = median(speeds["two films"]) / median(one)
    print(f"two workers draw {best:.2f} × as fast as one, aim {LIMIT}; two films at a time {most:.2f}")
    return int(best < LIMIT or keeping > KEEPING)


def together(script: Path, song: Path, films: list[tuple[dict[str, Any], list[int]]]) -> float:
    """Frames a second while drawing, of films that are made at a time; added."""
    running = []
    for k, (options, cores) in enumerate(films):
        out = script.with_name(f"film{k}.mp4")
        asked = {"song": str(song), "out": str(out), "size": SIZE, "preset": "lsd", "force": True, "fresh": True}
        command = [sys.executable, str(script), json.dumps([{**asked, **options}, cores])]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}))
    found = [json.loads(process.communicate()[0]) for process in running]
    return float(sum(each["n_frames"] / each["steps"]["draw"] for each in found))


def kept_share(song: Path, folder: Path) -> float:
    """The share of `PartialSegment.append` in the processor time of a render."""
    spent, append, before = 0.0, PartialSegment.append, time.process_time()

    def timed(kept: PartialSegment, *arguments: Any) -> None:
        nonlocal spent
        began = time.thread_time()
        append(kept, *arguments)
        spent += time.thread_time() - began

    PartialSegment.append = timed  # type: ignore[method-assign,assignment]
    try:
        avwalk.render(song, out=folder / "kept.mp4", preset="lsd", workers=1, duration=20, force=True)
    finally:
        PartialSegment.append = append  # type: ignore[method-assign]
    return spent / (time.process_time() - before)


if __name__ == "__main__":
    raise SystemExit(main())
