"""What a viewer waits for and gets: the whole command over the length of the demo song, SSIM, bit rate, banding."""

from __future__ import annotations

import tempfile
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from avwalk.video.dither import to_yuv420
from tests.benchmarks.film import timed
from tests.benchmarks.picture import least_ms
from tests.benchmarks.songs import ROOT
from tests.golden.regenerate import ssim

SONG = ROOT / "media" / "demo-song.ogg"
OPTIONS = {"generator": "cppn", "size": "1280x720"}
EVERY = 45  # frames between two that are compared
RUN = 12  # pixels: shorter flat runs are no bands
DARK = (20, 80)  # luma codes of limited range, 16 to 235: from just above black up to a third of the way

RENDER = """
import sys
from avwalk.cli.main import main
sys.argv = ["avwalk", "render", sys.argv[1], "--out", sys.argv[2], "--preset", sys.argv[3], "--generator", "cppn",
            "--size", "1280x720", "--fps", "30", "--no-cues", "--fresh", "--force", "--json"]
main()
"""

Codes = NDArray[np.uint8]


def terraces(luma: Codes, run: int = RUN) -> float:
    """Banding: the share of dark pixels in terraces.

    A terrace is a flat run of at least ``run`` pixels along a row or a column, next to another one, a single code
    higher or lower. Dithered gradients have next to none, rounded ones are made of them.

    Args:
        luma: (H, W), 8-bit codes.
        run: pixels.
    """
    found = np.zeros(luma.shape, bool)
    for codes, out in ((luma, found), (luma.T, found.T)):
        lines = np.pad(codes.astype(np.int16), ((0, 0), (0, 1)), constant_values=-99)  # ends each line
        flat = lines.ravel()
        starts = np.append(0, np.flatnonzero(np.diff(flat)) + 1)
        lengths = np.diff(np.append(starts, len(flat)))
        long = lengths >= run
        pair = long[:-1] & long[1:] & (np.abs(np.diff(flat[starts])) == 1)
        kept = np.zeros(len(starts), bool)
        kept[:-1] |= pair
        kept[1:] |= pair
        out |= np.repeat(kept, lengths).reshape(lines.shape)[:, :-1]
    dark = (luma >= DARK[0]) & (luma <= DARK[1])
    return float(found[dark].mean()) if dark.any() else 0.0


def planes(rgb: NDArray[np.float32], seed: int, i: int) -> tuple[Codes, Codes]:
    """Luma of a drawn frame as the encoder gets it; and without grain and dither: bands as bad as can be."""
    h, w = rgb.shape[:2]
    luma, chroma = np.empty((h, w), np.uint8), np.empty((2, h // 2, w // 2), np.uint8)
    to_yuv420(rgb, luma, chroma[0], chroma[1], seed, i)
    plain = 16 + 219 * np.clip(cv2.GaussianBlur(rgb, (0, 0), 3.0), 0, 1) @ LUMA
    return luma, np.round(plain).astype(np.uint8)


def quality(film: Path, song: Path, preset: str) -> tuple[float, NDArray[np.float64]]:
    """Mean SSIM of luma against the drawn frames, and terraces: drawn, encoded, bare."""
    plan, worlds, _ = plan_of(resolve(song, {**OPTIONS, "preset": preset}))
    source = source_of(plan, worlds)
    alike, bands = [], []
    with av.open(str(film)) as container:
        for k, frame in enumerate(container.decode(video=0)):
            if k % EVERY != EVERY // 2:
                continue
            i = plan.i0 + k
            drawn, bare = planes(source.frames(i, i + 1)[0], int(plan.film.seed), i)
            shown = np.asarray(frame.to_ndarray()[: frame.height, : frame.width], np.uint8)
            alike.append(ssim(drawn, shown))
            bands.append([terraces(codes) for codes in (drawn, shown, bare)])
    return float(np.mean(alike)), np.mean(bands, axis=0)


def machine() -> tuple[int, int]:
    """Ticks of all cores, and those of them that a host took away (Linux; else zeros)."""
    try:
        ticks = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return 0, 0
    return sum(ticks), ticks[7]


def main(names: list[str]) -> None:
    """Prints a row for each preset; the time to sort two million numbers tells the machine's moods apart."""
    block = np.random.default_rng(0).random(2_000_000)
    with av.open(str(SONG)) as container:
        seconds = (container.duration or 0) / av.time_base
    print(f"{SONG.stem}, {seconds:.1f} s, 1280x720 at 30 fps: whole command over length, CPU ms a frame.")
    print(
        f"terraces: share of dark pixels in flat runs of {RUN} or more, one code apart: as drawn, as encoded, and "
        "without grain and dither"
    )
    print(
        f"{'preset':<10} {'wall/length':>11} {'CPU ms':>7} {'stolen':>7} {'sort ms':>8} {'SSIM':>7} {'Mbit/s':>7} "
        f"{'drawn':>7} {'encoded':>8} {'bare':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        for name in names:
            sort, before = least_ms(lambda: np.sort(block)), machine()
            wall, cpu, _ = timed(RENDER, str(SONG), str(film), name)
            total, stolen = (b - a for a, b in zip(before, machine(), strict=True))
            alike, bands = quality(film, SONG, name)
            rate = film.stat().st_size * 8 / seconds / 1e6
            each = cpu / (30 * seconds) * 1000
            print(
                f"{name:<10} {wall / seconds:>11.2f} {each:>7.1f} {stolen / max(total, 1):>7.1%} "
                f"{sort:>8.0f} {alike:>7.4f} {rate:>7.1f} {bands[0]:>7.1%} {bands[1]:>8.1%} {bands[2]:>6.1%}",
                flush=True,
            )
