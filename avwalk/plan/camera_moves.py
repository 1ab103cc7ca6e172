"""Camera programmes: how the camera moves over a shot, chosen by its label, so that what returns is seen as before.

They are added to what routes do. A shot of `whip` leaves and enters with a swing of the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Shot

Array = NDArray[np.float64]

PUSH = 0.20  # of the zoom, over the shot
DRIFT = (0.14, 0.09)  # half-heights
DRIFT_SECONDS = (23.0, 17.0)
ORBIT = 2.2  # degrees per second
WHIP_SECONDS = 0.2
WHIP_WIDTH = 1.6  # half-heights


def moves(shot: Shot, programmes: Sequence[str], fps: Fraction, *, whips_out: bool) -> dict[str, Array]:
    """What a shot's programme does to the camera.

    Args:
        shot: whose frames [i0 − lead, i1) are meant.
        programmes: names to choose from: ``still``, ``drift``, ``orbit``, ``push``, ``pull``.
        fps: frames per second.
        whips_out: whether the shot after it comes in by a whip.

    Returns:
        ``camera.x``, ``camera.y``, ``camera.angle`` to be added, ``camera.zoom`` to be multiplied by, each
        (lead + i1 − i0,).
    """
    rng = np.random.default_rng([shot.lineage.path_seed, shot.label, 0xCA3E])
    name = programmes[int(rng.integers(len(programmes)))]
    way = 1.0 if rng.random() < 0.5 else -1.0
    n = shot.lead + shot.i1 - shot.i0
    t = (np.arange(n) - shot.lead) / float(fps)
    length = (shot.i1 - shot.i0) / float(fps)
    x, y, angle, zoom = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n)
    if name == "drift":
        x = way * DRIFT[0] * np.sin(2 * np.pi * t / DRIFT_SECONDS[0])
        y = DRIFT[1] * np.sin(2 * np.pi * t / DRIFT_SECONDS[1])
    elif name == "orbit":
        angle = way * ORBIT * t
        zoom = np.full(n, 1.06)
    elif name in ("push", "pull"):
        done = np.clip(t / length, 0.0, 1.0)
        zoom = 1 + PUSH * (done if name == "push" else 1 - done)
    if shot.transition == "whip" and shot.i0 > 0:
        x = x - way * WHIP_WIDTH * np.clip(1 - t / WHIP_SECONDS, 0.0, 1.0) ** 3
    if whips_out:
        x = x + way * WHIP_WIDTH * np.clip(1 - (length - t) / WHIP_SECONDS, 0.0, 1.0) ** 3
    return {"camera.x": x, "camera.y": y, "camera.angle": angle, "camera.zoom": zoom}
