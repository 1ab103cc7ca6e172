"""How far presets are apart without colour: looks that cannot be told apart in grey count as one.

Each frame is a vector of grey statistics (`FEATURES`), standardised over all frames.

distance    between the means of two presets: how different they are to the eye, on the scale of all presets at hand
            (1: as a feature of one frame usually is from the mean of all).
d′          the same in units of the spread within the two along that line. Below 1 they overlap; a look that hardly
            varies is told from its twin all the same, so it does not stand for the distance.
mistaken    share of a preset's frames whose nearest neighbour, of all frames of other songs, is another preset's.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn.selection import gini
from tests.benchmarks.look.pictures import Pictures, luma, pictures, songs

QUANTILES = (5, 25, 50, 75, 95)
ORIENTATIONS = 6
FEATURES = (
    *(f"tone {q}" for q in QUANTILES),
    *(f"direction {180 * k // ORIENTATIONS}°" for k in range(ORIENTATIONS)),
    "coherence",
    "slope of the spectrum",
    "Gini of the gradients",
    "edges",
    "sparseness",
    "lines",
    "light above",
    "light in the middle",
)

Matrix = NDArray[np.float64]


def statistics(grey: Pictures) -> list[float]:
    """The vector of one frame, (h, w) luma.

    Tone quantiles; share of gradient energy by direction; how far neighbours have one direction (structure tensor);
    slope of log amplitude over log frequency; Gini coefficient of gradient energy on 8×8; mean gradient; share of the
    energy in the steepest 2 % of pixels; ridges against edges; light in the upper half and in the middle.
    """
    h, w = grey.shape
    dy, dx = (np.asarray(part) for part in np.gradient(grey.astype(np.float64)))
    energy = dx * dx + dy * dy
    total = max(float(energy.sum()), 1e-12)
    way = np.floor((np.arctan2(dy, dx) % np.pi) / np.pi * ORIENTATIONS).astype(int).clip(0, ORIENTATIONS - 1)
    directions = np.bincount(way.ravel(), energy.ravel(), ORIENTATIONS) / total
    xx, yy, xy = (cv2.GaussianBlur(a, (0, 0), 6) for a in (dx * dx, dy * dy, dx * dy))
    coherence = float(np.sqrt((xx - yy) ** 2 + 4 * xy * xy).sum() / total)
    window = np.outer(np.hanning(h), np.hanning(w))
    spectrum = np.abs(np.fft.rfft2((grey - grey.mean()) * window))
    radius = np.hypot(np.fft.fftfreq(h)[:, None], np.fft.rfftfreq(w)[None])
    rings = np.linspace(np.log(0.02), np.log(0.4), 12)
    place = np.digitize(np.log(np.maximum(radius, 1e-9)), rings)
    mean = [np.log(spectrum[place == k].mean() + 1e-9) for k in range(1, len(rings))]
    slope = float(np.polyfit((rings[:-1] + rings[1:]) / 2, mean, 1)[0])
    cells = energy[: h // 8 * 8, : w // 8 * 8].reshape(8, h // 8, 8, w // 8).sum(axis=(1, 3))
    steep = np.sort(energy.ravel())[-len(energy.ravel()) // 50 :].sum() / total
    curvature = np.abs(cv2.Laplacian(grey.astype(np.float64), cv2.CV_64F)).mean() / max(np.sqrt(energy).mean(), 1e-6)
    mean_light = max(float(grey.mean()), 1e-6)
    middle = grey[h // 4 : -h // 4, w // 4 : -w // 4].mean() / mean_light
    return [
        *np.percentile(grey, QUANTILES).tolist(),
        *directions.tolist(),
        coherence,
        slope,
        gini(cells),
        float(np.sqrt(energy).mean()),
        float(steep),
        float(curvature),
        float(grey[: h // 2].mean() / mean_light),
        float(middle),
    ]


def distances(vectors: list[Matrix]) -> tuple[Matrix, Matrix]:
    """Distance (root mean square over features) and d′ of every pair, (k, k); vectors: (n, features), standardised."""
    far, d = np.zeros((2, len(vectors), len(vectors)))
    for a, b in combinations(range(len(vectors)), 2):
        way = vectors[a].mean(axis=0) - vectors[b].mean(axis=0)
        length = max(float(np.linalg.norm(way)), 1e-12)
        spread = np.sqrt(((vectors[a] @ way).var() + (vectors[b] @ way).var()) / 2) / length
        far[a, b] = far[b, a] = length / np.sqrt(way.size)
        d[a, b] = d[b, a] = length / max(float(spread), 1e-12)
    return far, d


def mistaken(vectors: list[Matrix], song_of: NDArray[np.int64]) -> Matrix:
    """(k, k): which share of the frames of a preset (row) is nearest to a frame of which (column), of other songs."""
    every, who, song = (
        np.concatenate(vectors),
        np.repeat(np.arange(len(vectors)), len(song_of)),
        np.tile(song_of, len(vectors)),
    )
    out = np.zeros((len(vectors), len(vectors)))
    for k in range(len(every)):
        far = ((every - every[k]) ** 2).sum(axis=1)
        far[song == song[k]] = np.inf
        out[who[k], who[int(np.argmin(far))]] += 1 / len(song_of)
    return out


def main(names: list[str]) -> None:
    """Prints what each preset is nearest to, and the nearest pair."""
    if len(names) < 2:
        raise SystemExit(f"grey compares presets; name two or more, not {', '.join(names)}")
    raw, song_of = [], np.concatenate([np.full(len(pictures(s, names[0])), k) for k, s in enumerate(songs())])
    for name in names:
        raw.append(np.array([statistics(grey) for song in songs() for grey in luma(pictures(song, name))]))
    every = np.concatenate(raw)
    vectors = [(rows - every.mean(axis=0)) / np.maximum(every.std(axis=0), 1e-9) for rows in raw]
    (apart, clear), taken = distances(vectors), mistaken(vectors, song_of)
    print(f"{len(FEATURES)} statistics of {len(every)} frames, {len(songs())} songs")
    print(f"{'preset':<10} {'nearest':<10} {'distance':>8} {'d′':>5}   {'mistaken':>8}  for")
    for k, name in enumerate(names):
        near = int(np.argmin(np.where(np.arange(len(names)) == k, np.inf, apart[k])))
        others = Counter({other: taken[k, j] for j, other in enumerate(names) if j != k})
        said = ", ".join(f"{other} {share:.0%}" for other, share in others.most_common(3) if share >= 0.01)
        print(
            f"{name:<10} {names[near]:<10} {apart[k, near]:>8.2f} {clear[k, near]:>5.1f}   {1 - taken[k, k]:>8.0%}  "
            f"{said}"
        )
    pairs = sorted(combinations(range(len(names)), 2), key=lambda pair: apart[pair])
    nearest = [f"{names[a]} and {names[b]} {apart[a, b]:.2f} (d′ {clear[a, b]:.1f})" for a, b in pairs[:5]]
    print(f"nearest pairs: {', '.join(nearest)}; median of all {np.median([apart[pair] for pair in pairs]):.2f}")
    if folder := os.environ.get("AVWALK_LOOK_PICTURES"):
        draw(Path(folder) / "grey.png", names)


def draw(path: Path, names: list[str]) -> None:
    """Six frames of every preset in grey, a row each: of every song one."""
    rows = []
    for name in names:
        cells = [luma(pictures(song, name))[(5 + 7 * k) % 24] for k, song in enumerate(songs()[:6])]
        row = np.round(255 * np.concatenate(cells, axis=1)).astype(np.uint8)
        cv2.putText(row, name, (6, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1, cv2.LINE_AA)
        rows.append(row)
    path.write_bytes(cv2.imencode(".png", np.concatenate(rows))[1].tobytes())
    print(path)
