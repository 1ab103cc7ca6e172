"""Draws the picture of the guide to matter: sixteen frames around a kick of the demo song, read from left to right.

python examples/matter_strip.py [OUT] [--preset NAME]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from avwalk.contracts import Birth
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import resolve

ROOT = Path(__file__).resolve().parent.parent
SONG = ROOT / "media" / "demo-song.ogg"
OUT = ROOT / "media" / "matter.jpg"
COLUMNS, ROWS, BEFORE = 4, 4, 3  # frames before the hit
CELL, DRAWN = (320, 180), "640x360"
EDGE = 2


def main(out: Path = OUT, preset: str = "lotus") -> None:
    """Writes the picture."""
    asked = {"preset": preset, "generator": "cppn", "size": DRAWN, "fps": "30", "no_cues": True}
    plan, worlds, _ = plan_of(resolve(SONG, {**asked, "start": "drop:1-1bars", "duration": "3bars"}))
    first = strongest(plan) - BEFORE
    frames = source_of(plan, worlds).frames(first, first + COLUMNS * ROWS)
    cells = []
    for k, frame in enumerate(frames):
        cell = cv2.resize(frame[..., ::-1], CELL, interpolation=cv2.INTER_AREA)
        if k == BEFORE:
            cv2.rectangle(cell, (0, 0), (CELL[0] - 1, CELL[1] - 1), (1, 1, 1), 2 * EDGE)
        cells.append(cv2.copyMakeBorder(cell, EDGE, EDGE, EDGE, EDGE, cv2.BORDER_CONSTANT))
    rows = [np.hstack(cells[k : k + COLUMNS]) for k in range(0, len(cells), COLUMNS)]
    picture = np.round(np.clip(np.vstack(rows), 0, 1) * 255).astype(np.uint8)
    cv2.imwrite(str(out), picture, [cv2.IMWRITE_JPEG_QUALITY, 82])
    print(f"{out}: frames {first} to {first + len(cells) - 1}, the hit on {first + BEFORE}")


def strongest(plan: Plan) -> int:
    """The frame, early enough in the plan, on which most is born."""
    frame = plan.births[:, Birth._fields.index("frame")].astype(int)
    worth = plan.births[:, Birth._fields.index("count")] * plan.births[:, Birth._fields.index("height")]
    late = plan.i1 - COLUMNS * ROWS
    return max(range(plan.i0 + BEFORE, late), key=lambda i: float(worth[frame == i].sum()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?", type=Path, default=OUT)
    parser.add_argument("--preset", default="lotus")
    given = parser.parse_args()
    main(given.out, given.preset)
