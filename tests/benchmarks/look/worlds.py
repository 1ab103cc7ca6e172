"""Worlds that the scout turns down: how many, why, and for how many seeds none was good."""

from __future__ import annotations

import re
from collections import Counter

from avwalk import presets
from avwalk.generators.cppn.generator import Cppn
from avwalk.generators.cppn.selection import MAX_TRIES
from avwalk.pipeline import plan_of
from avwalk.registry import make_generator
from avwalk.request.generators import generator_options
from avwalk.request.resolve import resolve
from tests.benchmarks.look.pictures import songs

SEEDS = 30
SIZE = (1280, 720)


def reason(line: str) -> str:
    """What a world was turned down for."""
    if "no subject" in line:
        return "no subject"
    if "burnt" in line:
        return "burnt"
    share, low = (int(number) for number in re.findall(r"(\d+)%", line)[:2])
    return "too light" if share < low else "too dark"


def main(names: list[str]) -> None:
    """Prints a row for each preset, over all its palettes."""
    print(
        f"{SEEDS} seeds of each palette, at most {MAX_TRIES} worlds each; replaced: worlds of {len(songs())} songs "
        "that are badly composed on the way through them"
    )
    print(f"{'preset':<10} {'topology':<9} {'turned down':>11} {'none good':>10} {'replaced':>9}   why")
    for name in names:
        preset = presets.load(name).values
        replaced, shots, found = 0, 0, []
        for song in songs():
            plan, _, _ = plan_of(resolve(song, {"preset": name, "generator": "cppn", "size": "320x180"}))
            replaced += plan.facts["worlds_replaced"]
            shots += len({shot.lineage for shot in plan.shots})
        for palette in preset.structure.palettes or (preset.palette.name,):
            options = {**generator_options("cppn", preset), "palette": palette}
            for seed in range(SEEDS):
                generator = make_generator("cppn", SIZE, seed, options)
                assert isinstance(generator, Cppn)
                found.append(generator.rejected)
        none = sum(len(lines) == MAX_TRIES for lines in found)
        down = sum(map(len, found))
        why = Counter(reason(line) for lines in found for line in lines)
        said = ", ".join(f"{what} {count / down:.0%}" for what, count in why.most_common())
        share = down / (down + len(found) - none)
        print(
            f"{name:<10} {preset.cppn.topology:<9} {share:>11.0%} {none / len(found):>10.0%} "
            f"{f'{replaced}/{shots}':>9}   {said}",
            flush=True,
        )
