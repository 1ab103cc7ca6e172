"""Figures of every preset, side by side: ``python -m tests.benchmarks look [PART...] [PRESET...]``.

film        the whole command over the demo song, SSIM, bit rate and banding, in one row
speed       CPU time of a frame at 720p and 1080p, effects included
tone        contrast, near black and burnt shares over songs, against the limits
grey        how far presets are apart without colour; the nearest pair, drawn if AVWALK_LOOK_PICTURES names a folder
worlds      worlds turned down, by topology, preset and reason
"""

from __future__ import annotations

import importlib
import sys

from avwalk import presets

PARTS = ("film", "speed", "tone", "grey", "worlds")


def main() -> None:
    """Runs the parts named, or all, on the presets named, or all."""
    asked = sys.argv[1:]
    if unknown := [word for word in asked if word not in (*PARTS, *presets.names())]:
        raise SystemExit(
            f"'{unknown[0]}' is neither a part ({', '.join(PARTS)}) nor a preset ({', '.join(presets.names())})"
        )
    names = [word for word in asked if word not in PARTS] or presets.names()
    for part in [word for word in asked if word in PARTS] or PARTS:
        print(f"-- {part} --", flush=True)
        importlib.import_module(f"tests.benchmarks.look.{part}").main(names)
