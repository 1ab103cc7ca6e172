"""Contrast, dark and burnt shares of every preset over songs, against what the scout holds worlds to."""

from __future__ import annotations

import numpy as np

from avwalk import presets
from avwalk.generators.cppn.material import TOPOLOGIES
from avwalk.generators.cppn.selection import BURNT, LIMITS, MAX_BURNT_SHARE, USUAL
from tests.benchmarks.look.pictures import linear, luma, pictures, songs

LEAST_CONTRAST = 0.35
"""Between the 5th and the 95th percentile of Y′: below it a picture is a haze."""


def main(names: list[str]) -> None:
    """Prints a row for each preset."""
    print(
        f"contrast: P95 − P5 of luma, wanted ≥ {LEAST_CONTRAST}; dark: Y < {USUAL.below}, of ink more; burnt: "
        f"Y > {BURNT}, wanted ≤ {MAX_BURNT_SHARE:.1%} of a frame. Over the frames of {len(songs())} songs: "
        "median (P10–P90), and the share of frames beyond what is wanted"
    )
    print(
        f"{'preset':<10} {'contrast':>16} {'below':>6}  {'dark':>15} {'wanted':>8} {'below':>6} {'above':>6}  "
        f"{'burnt P50, P90':>14} {'above':>6}   worst song: dark, burnt"
    )
    for name in names:
        topology = TOPOLOGIES[presets.load(name).values.cppn.topology]
        _, (low, high), below = LIMITS.get(topology, USUAL)
        contrast, black, burnt, worst = [], [], [], []
        for song in songs():
            frames = pictures(song, name)
            y = linear(frames).reshape(len(frames), -1)
            dark, light = np.percentile(luma(frames).reshape(len(frames), -1), (5, 95), axis=1)
            contrast.append(light - dark)
            black.append((y < below).mean(axis=1))
            burnt.append((y > BURNT).mean(axis=1))
            middle = float(np.median(black[-1]))
            worst.append((max(low - middle, middle - high), song.stem, middle, float(np.median(burnt[-1]))))
        c, d, b = (np.concatenate(rows) for rows in (contrast, black, burnt))
        _, title, song_black, song_burnt = max(worst)
        spans = [[f"{v:{how}}" for v in np.percentile(x, (50, 10, 90))] for x, how in ((c, ".2f"), (d, ".0%"))]
        contrasts, blacks = (f"{middle} ({least}–{most})" for middle, least, most in spans)
        beyond = [f"{out.mean():.0%}" for out in (c < LEAST_CONTRAST, d < low, d > high, b > MAX_BURNT_SHARE)]
        print(
            f"{name:<10} {contrasts:>16} {beyond[0]:>6}  {blacks:>15} {f'{low:.0%}–{high:.0%}':>8} {beyond[1]:>6} "
            f"{beyond[2]:>6}  {np.median(b):>7.2%} {np.percentile(b, 90):>6.1%} {beyond[3]:>6}   "
            f"{title} {song_black:.0%} {song_burnt:.1%}",
            flush=True,
        )
