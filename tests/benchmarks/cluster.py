"""How long a film takes on N cards: a model of the runner, checked against two workers that are measured here.

    wall = plan + start + rounds × segment + fetch + join

``rounds`` come of simulating the runner: the next segment goes to the worker that is free first. A film cannot use more
workers than it has segments. The model knows no failures, and no queue for machines.
"""

from __future__ import annotations

import heapq
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import avwalk
from tests.benchmarks.songs import song_of

CARDS = (1, 2, 4, 8, 16, 32, 64, 100, 250, 1000)
AGREE = 0.25  # of the measured time, on a noisy machine


@dataclass(frozen=True)
class Film:
    """What the model is told.

    Attributes:
        n_frames: of all segments.
        segment: frames of one.
        frame_s: seconds that a worker takes for a frame, drawing and encoding.
        start_s: seconds until a worker draws: process, weights, kernels.
        plan_s: seconds before workers start.
        finish_s: seconds behind the last segment: joining, checking.
        segment_bytes: of a segment's file.
        network: bytes a second into the machine that joins.
    """

    n_frames: int
    segment: int
    frame_s: float
    start_s: float
    plan_s: float
    finish_s: float
    segment_bytes: float = 0.0
    network: float = 125e6


def wall(film: Film, workers: int) -> float:
    """Seconds of the whole render."""
    lengths = [min(film.segment, film.n_frames - i) for i in range(0, film.n_frames, film.segment)]
    free = [film.plan_s + film.start_s] * min(workers, len(lengths))
    heapq.heapify(free)
    arrived = 0.0  # when the machine that joins has all so far: its network takes one after the other
    ends = []
    for n in lengths:
        end = heapq.heappop(free) + n * film.frame_s
        heapq.heappush(free, end)
        ends.append(end)
    for end in sorted(ends):
        arrived = max(arrived, end) + film.segment_bytes / film.network
    return arrived + film.finish_s


def table(film: Film) -> str:
    """Cards → hours, card hours, and how much of them was drawing."""
    rows = []
    for cards in CARDS:
        seconds, busy = wall(film, cards), film.n_frames * film.frame_s
        rows.append(
            f"{cards:6} {seconds / 60:10.1f} min {wall(film, 1) / seconds:8.1f} × {busy / (cards * seconds):6.0%}"
        )
    return "\n".join(rows)


def measured(folder: Path) -> tuple[Film, dict[int, float]]:
    """What the model needs to know, from one worker; and the time of one and of two."""
    song, times = song_of(60, folder / "song.wav"), dict[int, float]()
    options: dict[str, Any] = {"preset": "lsd", "size": "640x360", "runner": "processes", "fresh": True, "force": True}
    first = {}
    avwalk.render(song, out=folder / "film.mp4", workers=1, **options)  # analysis and kernels are in their caches then
    for workers in (2, 1):
        done = avwalk.render(song, out=folder / "film.mp4", workers=workers, segment=5, **options)
        first, times[workers] = done["stats"], done["wall_s"]
    start = first["idle_s"]
    frame = (first["steps"]["draw"] - start) / first["n_frames"]
    steps = first["steps"]
    return Film(first["n_frames"], 150, frame, start, steps["read"] + steps["plan"], steps["finish"]), times


def main() -> int:
    """Prints the tables; 1 where the model is wrong about two workers by more than `AGREE`."""
    with tempfile.TemporaryDirectory() as folder:
        film, times = measured(Path(folder))
    model = wall(film, 2)
    print(
        f"here: one worker {times[1]:.1f} s, two {times[2]:.1f} s; the model says {wall(film, 1):.1f} and {model:.1f} s"
    )
    long = Film(7200, 300, 2.5, 40.0, 60.0, 20.0, 12e6)
    print("\n4 min at 30 fps, 2.5 s a frame, 40 s to load, segments of 10 s\n" + table(long))
    print("\nthe same, --segment 1\n" + table(replace(long, segment=30, segment_bytes=1.2e6)))
    hour = replace(long, n_frames=108_000)
    print("\n60 min, segments of 10 s\n" + table(hour))
    return int(abs(model / times[2] - 1) > AGREE)


if __name__ == "__main__":
    sys.exit(main())
