"""A minute of a real song: real time with quality, overhead over its parts, segments against one encode."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

from avwalk.arrays.colour import LUMA
from tests.benchmarks.songs import song_of
from tests.golden.regenerate import ssim

SECONDS = 60
SIZE = (1280, 720)


def timed(code: str, *arguments: str) -> tuple[float, float, str]:
    """Wall and CPU seconds of a fresh process that runs ``code``, and what it printed."""
    began, before = time.perf_counter(), os.times()
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu, done.stdout


PART = """
import sys, time
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
import numpy as np
song, what, out, n = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
request = resolve(song, {"preset": "lsd", "generator": "cppn", "size": "1280x720"})
plan, worlds, _ = plan_of(request)
source = source_of(plan, worlds)
if what == "picture":
    source.frames(0, 2)
    began = time.process_time()
    for i in range(0, n, 2):
        source.frames(i, i + 2)
else:
    from avwalk.video.encode import SegmentEncoder
    from pathlib import Path
    kept = [source.frames(i, i + 1)[0] for i in range(0, n, 1)] if n <= 300 else None
    encoder = SegmentEncoder(Path(out), plan.size, plan.fps, request.film.encoder, 0, 0)
    began = time.process_time()
    for frame in kept:
        encoder.write(frame[None])
    encoder.close()
print((time.process_time() - began) / n)
"""


def parts(song: Path, folder: Path) -> tuple[float, float]:
    """CPU seconds a frame of drawing alone and of encoding alone, each in its own process."""
    picture = float(timed(PART, str(song), "picture", "-", "240")[2].split()[-1])
    encoder = float(timed(PART, str(song), "encoder", str(folder / "alone.mp4"), "240")[2].split()[-1])
    return picture, encoder


def quality(film: Path, song: Path, every: int = 150) -> float:
    """Mean SSIM of the film's luma against the drawn frames."""
    from avwalk.pipeline import plan_of, source_of
    from avwalk.request.resolve import resolve

    plan, worlds, _ = plan_of(resolve(song, {"preset": "lsd", "generator": "cppn", "size": "1280x720"}))
    source = source_of(plan, worlds)
    found = []
    with av.open(str(film)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i % every == every // 2:
                drawn = source.frames(i, i + 1)[0] @ LUMA
                luma = (frame.to_ndarray()[: SIZE[1]].astype(np.float64) - 16) * 255 / 219
                found.append(ssim(np.clip(drawn * 255, 0, 255), np.clip(luma, 0, 255)))
    return float(np.mean(found))


def encode_whole(song: Path, out: Path, segments: bool) -> tuple[float, int]:
    """CPU seconds and bytes of a 40-second film, in segments and joined, or as one continuous encode."""
    code = """
import sys, time
from pathlib import Path
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from avwalk.runners.segments import partition
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import join
request = resolve(sys.argv[1], {"preset": "lsd", "generator": "cppn", "size": "640x360", "duration": 40})
plan, worlds, _ = plan_of(request)
source = source_of(plan, worlds)
n, out = plan.n_frames, Path(sys.argv[2])
frames = [source.frames(i, i + 1) for i in range(n)]
parts = partition(0, n, 300) if sys.argv[3] == "True" else partition(0, n, n)
began = time.process_time()
files = []
for k, part in enumerate(parts):
    files.append(out.with_name(f"{k}-{out.name}"))
    encoder = SegmentEncoder(files[-1], plan.size, plan.fps, request.film.encoder, 0, part.i0)
    for i in range(part.i0, part.i1):
        encoder.write(frames[i])
    encoder.close()
join(files, [p.i1 - p.i0 for p in parts], plan.fps, out, request.film.encoder)
print(time.process_time() - began)
"""
    printed = timed(code, str(song), str(out), str(segments))[2]
    return float(printed.split()[-1]), out.stat().st_size


def main() -> None:
    """Prints the table."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song = song_of(SECONDS, folder / "minute.wav")
        render = (
            "import avwalk, sys, time; began, seen = time.perf_counter(), {}\n"
            "def on(e): seen.setdefault(e['event'], time.perf_counter() - began)\n"
            "done = avwalk.render(sys.argv[1], out=sys.argv[2], preset='lsd', generator='cppn', on_event=on)\n"
            "print(seen['plan'], done['wall_s'])"
        )
        warm = song_of(1, folder / "second.wav")
        timed(render, str(warm), str(folder / "warm.mp4"))  # kernels compiled, modules on disk
        film = folder / "film.mp4"
        wall, cpu, printed = timed(render, str(song), str(film))
        planning, inside = (float(number) for number in printed.split()[-2:])
        picture, encoder = parts(song, folder)
        n = SECONDS * 30
        ideal = n * (picture + encoder) / cores
        rate = film.stat().st_size * 8 / SECONDS / 1e6
        print(
            f"real time      wall {wall:.1f} s / song {SECONDS} s = {wall / SECONDS:.2f} (limit 1.3)   "
            f"SSIM {quality(film, song):.4f}   {rate:.1f} Mbit/s   CPU {cpu:.1f} s on {cores} cores"
        )
        print(f"start-up       {wall - inside:.1f} s of imports, {planning:.1f} s of hearing and planning")
        print(
            f"parts          CPU a frame: picture {picture * 1000:.1f} ms (budget 22), "
            f"encoder {encoder * 1000:.1f} ms (budget 40)"
        )
        rest = inside - planning
        print(
            f"overhead       {rest:.1f} s / ideal {ideal:.1f} s = {rest / ideal:.2f} (limit 1.15); "
            f"with planning {inside / ideal:.2f}"
        )
        one = min(encode_whole(song, folder / "one.mp4", segments=False) for _ in range(2))
        many = min(encode_whole(song, folder / "many.mp4", segments=True) for _ in range(2))
        print(
            f"segments       of one encode: CPU {many[0] / one[0]:.3f} (limit 1.03), "
            f"size {many[1] / one[1]:.3f} (limit 1.02)"
        )


if __name__ == "__main__":
    main()
