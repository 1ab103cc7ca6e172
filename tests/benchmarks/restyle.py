"""Restyled motion: how far from the truth, and how restless, carried against every frame painted, fades and holds.

The painter's tones follow the source; its brushwork is its noise, new for each key (``fresh``), one for all (``fixed``)
or moved with the picture (``carried``), as a diffusion model's is. ``flicker`` is that of `avwalk.video.sync`, mean
|ΔY| away from the beats, ``along`` the same of changes along the true motion: what moves as it should is none.
``error``: to a painter whose brushwork lies in the world.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from avwalk.contracts import Frames
from avwalk.restyle.optical_flow import FlowField
from avwalk.restyle.restyled import Repaint
from avwalk.restyle.schedule import Schedule
from avwalk.video.sync import flicker, luma_change
from tests.restyle.moving import MOVES, Grainy, Moving, Painter, change_along, luma, repainted

N, SIZE, FPS = 33, (320, 180), 30.0
BEATS = np.rint(np.arange(0.25, 2, 0.5) * FPS).astype(np.int64)
"""Frames."""
KINDS: dict[str, tuple[int, dict[str, Any]]] = {
    "every frame, fresh": (1, {"noise": "fresh"}),
    "every frame, fixed": (1, {"noise": "fixed"}),
    "every frame, carried": (1, {"noise": "carried"}),
    "hold, fresh": (4, {"noise": "fresh", "between": "hold"}),
    "fade, fresh": (4, {"noise": "fresh", "between": "fade"}),
    "fade, fixed (DIGCREA)": (4, {"noise": "fixed", "between": "fade"}),
    "carry, fresh": (4, {"noise": "fresh"}),
    "carry, fixed": (4, {"noise": "fixed", "exact": True}),
    "carry, optical": (4, {}),
    "carry, exact": (4, {"exact": True}),
    "carry, exact, window 2": (4, {"exact": True, "window": 2}),
}


def film(shot: Moving, painter: Repaint, every: int, **options: Any) -> tuple[Frames, float]:
    """Frames, and milliseconds for each."""
    flows = shot.flows if options.pop("exact", False) else None
    source = repainted(shot, painter, Schedule(0, N, every), flows=flows, **options)
    began = time.perf_counter()
    made = np.concatenate([source.frames(i, min(N, i + 8)) for i in range(0, N, 8)])
    return made, 1000 * (time.perf_counter() - began) / N


def table(moves: Iterable[str]) -> None:
    """One line for each way, the mean over the moves."""
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in KINDS}
    for move in moves:
        shot = Moving(SIZE, **MOVES[move])
        truth = np.stack([Painter(shot).painted(frame, i) for i, frame in enumerate(shot.frames(0, N))])
        ways = [FlowField(flow, np.ones(flow.shape[:2], np.float32)) for flow in [shot.flow()] * N]
        for name, (every, options) in KINDS.items():
            got, ms = film(shot, Grainy(SIZE, 0.8), every, **options)
            tones, _ = film(shot, Painter(shot), every, **options)
            error = float(np.abs(tones - truth).mean())
            restless = (
                flicker(change, BEATS, FPS) for change in (luma_change(luma(got)), change_along(luma(got), ways))
            )
            rows[name].append((error, *restless, ms))
    print(f"{'':24}{'error':>9}{'flicker':>9}{'along':>9}{'ms/frame':>10}")
    for name, found in rows.items():
        error, plain, along, ms = np.mean(found, axis=0)
        print(f"{name:24}{error:9.4f}{plain:9.4f}{along:9.4f}{ms:10.1f}")


def main() -> None:
    """The table, over all moves or those named."""
    table(sys.argv[1:] or MOVES)


if __name__ == "__main__":
    main()
