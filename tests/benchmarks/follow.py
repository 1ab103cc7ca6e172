"""How the film follows the song: lively where it is loud, alike where it repeats, calm between the hits.

Measured on frames of 64×36, which the generator gives for next to nothing; local contrast as in `avwalk.video.sync`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from avwalk import presets
from avwalk.arrays.colour import LUMA
from avwalk.contracts import Analysis, Drive, Frames, Previewable, Shot
from avwalk.frames.compose import draw_shots
from avwalk.frames.generators import GeneratorPool
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import resolve
from tests.benchmarks.songs import ROOT, real_songs


def film_of(song: Path, preset: str, *sets: str) -> tuple[Plan, GeneratorPool, Analysis, NDArray[np.float32]]:
    """A plan, its worlds, what was heard, and its pictures in the small, (n, h, w, 3)."""
    options = {"preset": preset, "generator": "cppn", "size": "1280x720", "set": sets}
    plan, worlds, analysis = plan_of(resolve(song, options))
    return plan, worlds, analysis, thumbnails(plan, worlds)


def small_of(worlds: GeneratorPool, shot: Shot, drive: Drive) -> Frames:
    """Frames of a world in the small."""
    generator = worlds.of_shot(shot)
    assert isinstance(generator, Previewable)
    return generator.thumbnails(drive)


def thumbnails(plan: Plan, worlds: GeneratorPool) -> NDArray[np.float32]:
    """All frames in the small."""
    blocks = range(0, plan.n_frames, 64)
    return np.concatenate(
        [draw_shots(plan, a, min(plan.n_frames, a + 64), lambda s, d: small_of(worlds, s, d)) for a in blocks]
    )


def change(pictures: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean change of local contrast from frame to frame, (n,)."""
    before, out = None, []
    for picture in pictures:
        g = picture @ LUMA
        detail = g - cv2.GaussianBlur(g, (0, 0), 3.2)
        n = detail / (np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 3.2)) + 0.03)
        out.append(0.0 if before is None else float(np.abs(n - before).mean()))
        before = n
    return np.array(out)


def lively(moved: NDArray[np.float64], analysis: Analysis) -> float:
    """Change in the loudest tenth of the song over that in its quietest tenth.

    Loudness is that of two seconds around a frame: the gap between two hits of a loud passage is not quiet.
    """
    level = uniform_filter1d(analysis.signals["rms"].astype(np.float64), round(2 * analysis.fps), mode="nearest")
    low, high = np.percentile(level, (10, 90))
    return float(moved[level >= high].mean() / moved[level <= low].mean())


def repetition(looks: list[tuple[int, NDArray[np.float32]]]) -> float | None:
    """Mean distance of looks of equal labels over that of different ones; None where nothing repeats, or all is one."""
    equal: list[float] = []
    different: list[float] = []
    for (a, mine), (b, other) in combinations(looks, 2):
        n = min(len(mine), len(other))
        (equal if a == b else different).append(float(np.abs(mine[:n] - other[:n]).mean()))
    return float(np.mean(equal) / np.mean(different)) if equal and different else None


def worlds_at_rest(plan: Plan, worlds: GeneratorPool) -> list[tuple[int, NDArray[np.float32]]]:
    """Each scene's label and its world where the walk is on the mean, nothing routed: (1, h, w, 3)."""
    looks = []
    for shot in plan.shots:
        drive = plan.drive(shot.i0, shot.i1)
        rest = replace(drive, latents=drive.latents.mean(axis=0, keepdims=True), params={})
        looks.append((shot.label, _small(small_of(worlds, shot, rest))))
    return looks


def starts(plan: Plan, pictures: NDArray[np.float32]) -> list[tuple[int, NDArray[np.float32]]]:
    """Each scene's label and ten pictures of the film, at equal times from its start: (≤ 10, h, w, 3)."""
    step = round(plan.fps)
    return [(shot.label, _small(pictures[shot.i0 : shot.i1 : step][:10])) for shot in plan.shots]


def _small(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.array([cv2.resize(picture, (16, 9), interpolation=cv2.INTER_AREA) for picture in pictures])


def jitter(moved: NDArray[np.float64], analysis: Analysis) -> float:
    """Share of all change that falls on a frame more than 150 ms from any onset, over an even share."""
    at = np.flatnonzero(analysis.signals["onset"])
    near = np.abs(np.arange(len(moved))[:, None] - at).min(axis=1) / float(analysis.fps) <= 0.150
    return float(moved[~near].mean() / moved.mean()) if (~near).any() else float("nan")


def main() -> None:
    """Prints the table."""
    print("worlds, pictures: distance of sections of one label over that of others; at rest, and in the film")
    print(f"{'song':<18} {'preset':<8} {'loud/quiet':>10} {'worlds':>7} {'pictures':>9} {'between hits':>13}  classic")
    for song in [ROOT / "media" / "demo-song.ogg", *real_songs()]:
        for preset in sys.argv[1:] or presets.names():
            if not presets.load(preset).values.reactive:
                continue
            plan, worlds, analysis, pictures = film_of(song, preset)
            moved = change(pictures)
            same = [repetition(looks) for looks in (worlds_at_rest(plan, worlds), starts(plan, pictures))]
            plain = film_of(song, preset, "walk.kind=bands", "walk.classic=true", "routes=[]", 'structure.worlds="one"')
            old = jitter(change(plain[3]), plain[2])
            seen = ["" if ratio is None else format(ratio, ".2f") for ratio in same]
            print(
                f"{song.stem:<18} {preset:<8} {lively(moved, analysis):>10.2f} {seen[0]:>7} {seen[1]:>9} "
                f"{jitter(moved, analysis):>13.2f}  {old:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
