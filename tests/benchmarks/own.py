"""Whether a song has a film of its own: films of different songs beside films of different seeds.

    python -m tests.benchmarks own [--songs FOLDER] [--presets a,b] [--seeds 2] [--strips FOLDER] [--json FILE]

For each preset: the mean distance between the films of two songs with one seed, over the mean distance between the
films of one song with two seeds. Below 1 the dice decide more than the music. All of it is measured on thumbnails of
whole films; without ``--songs`` on six made ones, see `genres`. Three distances, and the geometric mean of their
ratios:

palette   sliced Wasserstein distance of the colours of all pictures, in OKLab: by how much colour has to be moved
layout    energy distance of where light and edges are, 8×8 fields of mean luma and of gradient, picture against picture
motion    mean |difference| of the logarithms: of the change of detail in each ninth, and of its spectrum over time

By eye, on strips of halcyon, papercut, sumi and lsd with two songs, the distances mean: palette 0.01 the same colours,
0.04 another palette of a preset, 0.06 to 0.2 another preset; layout 0.1 the same pictures at other moments, 0.2 the
same world, 0.35 and more another; motion 0.25 alike, 0.5 and more livelier or in another rhythm.

``--strips`` draws, for each preset, ten pictures of every film, a row each, for the eye.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk import presets
from avwalk.arrays.colour import LUMA
from avwalk.arrays.oklab import linear_to_oklab
from avwalk.pipeline import plan_of
from avwalk.rendering.proxy_measures import measure_proxy
from avwalk.request.resolve import resolve
from tests.benchmarks.genres import make_genres
from tests.benchmarks.salience import songs_of

PARTS = ("palette", "layout", "motion")
DIRECTIONS, QUANTILES = 24, 64
FIELDS = 8
EDGES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # Hz, of the bands of the spectrum
FLOOR = 0.1  # levels

Array = NDArray[np.float64]


class Film(NamedTuple):
    """What is compared of a film: see `palette_of`, `layout_of`, `motion_of`; and its pictures."""

    palette: Array
    layout: Array
    motion: Array
    pictures: NDArray[np.uint8]


def palette_of(pictures: NDArray[np.uint8]) -> Array:
    """Quantiles of all colours along directions of OKLab, (24, 64)."""
    small = np.stack([cv2.resize(p, (16, 9), interpolation=cv2.INTER_AREA) for p in pictures]) / 255
    linear = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4)
    height = (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS  # a spiral on half a sphere: evenly spread
    turn, radius = np.pi * (3 - np.sqrt(5)) * np.arange(DIRECTIONS), np.sqrt(1 - height**2)
    way = np.stack([height, radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    along = linear_to_oklab(linear).reshape(-1, 3) @ way.T
    return np.asarray(np.quantile(along, (np.arange(QUANTILES) + 0.5) / QUANTILES, axis=0).T)


def layout_of(pictures: NDArray[np.uint8]) -> Array:
    """Of each picture mean luma and gradient in 8×8 fields, (n, 128), in [0, 1]."""
    rows = []
    for picture in pictures:
        luma = (picture.astype(np.float32) / 255) @ LUMA
        dy, dx = (np.asarray(part) for part in np.gradient(luma))
        fields = [cv2.resize(part, (FIELDS, FIELDS), interpolation=cv2.INTER_AREA) for part in (luma, np.hypot(dx, dy))]
        rows.append(np.concatenate([fields[0].ravel(), 4 * fields[1].ravel()]))
    return np.array(rows, np.float64)


def motion_of(detail: Array, fps: float) -> Array:
    """Logarithms of mean change in each ninth, and of its amplitude in octaves from 0.25 to 15 Hz, (15,)."""
    change = detail.mean(axis=1)
    power = np.abs(np.fft.rfft((change - change.mean()) * np.hanning(len(change)))) ** 2 / len(change) ** 2
    band = np.digitize(np.fft.rfftfreq(len(change), 1 / fps), EDGES)
    amplitude = np.sqrt(np.bincount(band, power, len(EDGES) + 1))[1:]
    return np.asarray(np.log(np.concatenate([detail.mean(axis=0) + FLOOR, amplitude + FLOOR / 10])))


def distance(part: str, a: Film, b: Film) -> float:
    """Between two films; 0 for the same."""
    x, y = (np.asarray(getattr(film, part)) for film in (a, b))
    if part != "layout":
        return float(np.abs(x - y).mean())
    between, within = _apart(x, y).mean(), (_apart(x, x).mean() + _apart(y, y).mean()) / 2
    return float(np.sqrt(max(0.0, 2 * (between - within))))


def _apart(x: Array, y: Array) -> Array:
    """Root mean square of the differences of all pairs, (n, m)."""
    return np.asarray(np.sqrt(((x[:, None] - y[None]) ** 2).mean(axis=2)))


def film_of(song: Path, preset: str, seed: int | None) -> Film:
    """A film in the small; None: the preset's own seed."""
    chosen = {} if seed is None else {"seed": seed}
    plan, worlds, _ = plan_of(
        resolve(song, {"preset": preset, "generator": "cppn", "size": "320x180", "no_cues": True, **chosen})
    )
    seen = measure_proxy(plan, worlds, plan.i0, plan.i1)
    pictures = plan.thumbnails
    return Film(palette_of(pictures), layout_of(pictures), motion_of(seen.detail, float(plan.fps)), pictures)


def compared(songs: Sequence[Path], preset: str, seeds: int) -> tuple[dict[str, list[float]], list[list[Film]]]:
    """Of each part: the mean distance between songs, and between seeds; and the films, song by song."""
    first = presets.load(preset).values.seed or 0
    films = [[film_of(song, preset, first + k) for k in range(seeds)] for song in songs]
    found = {}
    for part in PARTS:
        apart = [distance(part, a[k], b[k]) for a, b in combinations(films, 2) for k in range(seeds)]
        dice = [distance(part, a, b) for each in films for a, b in combinations(each, 2)]
        found[part] = [float(np.mean(apart)), float(np.mean(dice))]
    return found, films


def draw(path: Path, films: list[list[Film]]) -> None:
    """Ten pictures of every film, a row each: of every song its seeds, one below the other."""
    rows = [np.concatenate(list(film.pictures[2::5][:10]), axis=1) for each in films for film in each]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", np.concatenate(rows)[..., ::-1])[1].tobytes())


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser("own", None, __doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--songs", type=Path)
    parser.add_argument("--presets", default=",".join(presets.names()))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--strips", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    if asked.seeds < 2:
        raise SystemExit(f"{asked.seeds} seeds have no distance; give --seeds 2 or more")
    every = {}
    with tempfile.TemporaryDirectory() as folder:
        songs = songs_of(asked.songs) if asked.songs else make_genres(Path(folder))
        if len(songs) < 2:
            raise SystemExit(f"'{asked.songs}' holds one song; give two or more")
        print(f"{len(songs)} songs: {', '.join(song.stem for song in songs)}; {asked.seeds} seeds")
        print(
            f"{'preset':<10} {'own':>5}   "
            + "   ".join(f"{f'{part}: songs':>14} {'seeds':>6} {'ratio':>6}" for part in PARTS)
        )
        for preset in asked.presets.split(","):
            found, films = compared(songs, preset, asked.seeds)
            ratios = {part: apart / max(dice, 1e-9) for part, (apart, dice) in found.items()}
            own = float(np.exp(np.mean(np.log(np.maximum(list(ratios.values()), 1e-9)))))
            every[preset] = {"own": own, "ratios": ratios, "distances": found}
            cells = [f"{found[part][0]:>14.3f} {found[part][1]:>6.3f} {ratios[part]:>6.2f}" for part in PARTS]
            print(f"{preset:<10} {own:>5.2f}   " + "   ".join(cells), flush=True)
            if asked.strips:
                draw(asked.strips / f"{preset}.png", films)
            if asked.json:
                asked.json.write_text(json.dumps(every, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
