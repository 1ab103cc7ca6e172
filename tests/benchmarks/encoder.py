"""The encoder's size, likeness and time on drawn frames of several presets: each quality, and the former default.

``python -m tests.benchmarks encoder [PRESET...]``. Two seconds of film from two places of the demo song at 1280×720.
SSIM and the error in the dark are of luma against the frames as they were drawn, before dither; the latter is rms of
what is left of it behind a Gaussian of σ = 4 pixels, in levels: what a viewer sees as bands.
"""

from __future__ import annotations

import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from avwalk.spec.encoder import SMOOTH_GRADIENTS, Encoder
from avwalk.video.encode import SegmentEncoder
from avwalk.video.profiles import QUALITIES, with_quality
from tests.benchmarks.songs import ROOT
from tests.golden.regenerate import ssim

SONG = ROOT / "media" / "demo-song.ogg"
PRESETS = ("lsd", "idol", "sumi", "arcade", "papercut", "nocturne")
PLACES, RUN, EVERY = (0.35, 0.7), 60, 15
SIZE, FPS = (1280, 720), Fraction(30)
FORMER = Encoder(
    crf=20,
    gop_seconds=0.5,
    bframes=1,
    params=f"{SMOOTH_GRADIENTS}:b-adapt=0:weightp=0:subme=0:scenecut=0:partitions=none",
)
ENCODERS = {"before": FORMER, **{name: with_quality(Encoder(), name, None) for name in QUALITIES}}
DARK = (20, 80)

Planes = NDArray[np.float32]


def drawn(preset: str) -> list[tuple[int, Planes]]:
    """Runs of frames of a preset, (RUN, H, W, 3), and the index of their first."""
    request = resolve(SONG, {"preset": preset, "generator": "cppn", "size": f"{SIZE[0]}x{SIZE[1]}"})
    plan, worlds, _ = plan_of(request)
    source = source_of(plan, worlds)
    starts = [round(plan.n_frames * place) for place in PLACES]
    return [(i, np.concatenate([source.frames(k, k + 2) for k in range(i, i + RUN, 2)])) for i in starts]


def compared(file: Path, frames: Planes) -> tuple[float, float]:
    """SSIM of a run's luma, and the error in the dark."""
    alike, wrong = [], []
    with av.open(str(file)) as container:
        for k, frame in enumerate(container.decode(video=0)):
            if k % EVERY != EVERY // 2:
                continue
            shown = np.asarray(frame.to_ndarray()[: SIZE[1], : SIZE[0]], np.float32)
            meant = 16 + 219 * (np.clip(frames[k], 0, 1) @ LUMA)
            alike.append(ssim(meant, shown))
            error = cv2.GaussianBlur(shown - meant, (0, 0), 4.0)[(meant >= DARK[0]) & (meant <= DARK[1])]
            wrong.append(float(np.sqrt(np.mean(error**2))) if len(error) else 0.0)
    return float(np.mean(alike)), float(np.mean(wrong))


def main() -> None:
    """A row for each preset and quality."""
    print(f"{'preset':<10} {'quality':<8} {'Mbit/s':>7} {'of before':>9} {'SSIM':>7} {'dark rms':>8} {'CPU ms':>7}")
    totals = dict.fromkeys(ENCODERS, 0)
    for preset in sys.argv[1:] or PRESETS:
        runs, before = drawn(preset), 0
        for name, encoder in ENCODERS.items():
            size, spent, found = 0, 0.0, []
            with tempfile.TemporaryDirectory() as folder:
                for i, frames in runs:
                    file = Path(folder) / f"{i}.mp4"
                    began = time.process_time()
                    with SegmentEncoder(file, SIZE, FPS, encoder, 0, i) as segment:
                        segment.write(frames)
                    spent += time.process_time() - began
                    size += file.stat().st_size
                    found.append(compared(file, frames))
            before = before or size
            totals[name] += size
            n = RUN * len(runs)
            alike, wrong = np.mean(found, axis=0)
            print(
                f"{preset:<10} {name:<8} {size * 8 / n * 30 / 1e6:>7.2f} {size / before:>9.0%} {alike:>7.4f} "
                f"{wrong:>8.3f} {spent / n * 1000:>7.1f}",
                flush=True,
            )
    print("all        " + ", ".join(f"{name} {size / totals['before']:.0%}" for name, size in totals.items()))


if __name__ == "__main__":
    main()
