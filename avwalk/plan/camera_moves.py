"""Camera programmes: how the camera moves over a shot and its phrases, chosen by its label, so that what returns is
seen as before.

They are added to what routes do. A shot of `whip` leaves and enters with a swing of the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.contracts import Shot

Array = NDArray[np.float64]

PUSH = 0.20  # of the zoom, over the shot
DRIFT = (0.14, 0.09)  # half-heights
DRIFT_SECONDS = (23.0, 17.0)
ORBIT = 2.2  # degrees per second
STEP_SECONDS = 0.8
WHIP_SECONDS = 0.2
WHIP_WIDTH = 1.6  # half-heights


def moves(
    shot: Shot, programmes: Sequence[str], fps: Fraction, *, whips_out: bool, edges: Sequence[int] = ()
) -> dict[str, Array]:
    """What a shot's programmes do to the camera: one for each phrase.

    A programme begins where the phrase does. In `STEP_SECONDS` before that the camera goes over to it from where the
    programme before would have taken it; what an orbit has turned stays.

    Args:
        shot: whose frames [i0 − lead, i1) are meant.
        programmes: names to choose from: ``still``, ``drift``, ``orbit``, ``push``, ``pull``.
        fps: frames per second.
        whips_out: whether the shot after it comes in by a whip.
        edges: first frames of the phrases after the first.

    Returns:
        ``camera.x``, ``camera.y``, ``camera.angle`` to be added, ``camera.zoom`` to be multiplied by, each
        (lead + i1 − i0,).
    """
    rng = np.random.default_rng([shot.lineage.path_seed, shot.label, 0xCA3E])
    first = int(rng.integers(len(programmes)))
    way = 1.0 if rng.random() < 0.5 else -1.0
    n = shot.lead + shot.i1 - shot.i0
    t = (np.arange(n) - shot.lead) / float(fps)
    length = (shot.i1 - shot.i0) / float(fps)
    starts = [0.0, *((edge - shot.i0) / float(fps) for edge in edges), length]
    x, y, zoom = _programme(programmes[first], way, t, starts[1])
    angle = _turned(programmes[first], way, np.minimum(t, starts[1]))
    for k, (begin, end) in enumerate(pairwise(starts[1:]), start=1):
        name, side = programmes[(first + k) % len(programmes)], way * (-1) ** k
        share = smoothstep(np.clip((t - begin) / STEP_SECONDS + 1, 0, 1))
        others = _programme(name, side, t - begin, end - begin)
        x, y, zoom = (now + share * (new - now) for now, new in zip((x, y, zoom), others, strict=True))
        angle = angle + _turned(name, side, np.clip(t - begin, 0, end - begin))
    if shot.transition == "whip" and shot.i0 > 0:
        x = x - way * WHIP_WIDTH * np.clip(1 - t / WHIP_SECONDS, 0.0, 1.0) ** 3
    if whips_out:
        x = x + way * WHIP_WIDTH * np.clip(1 - (length - t) / WHIP_SECONDS, 0.0, 1.0) ** 3
    return {"camera.x": x, "camera.y": y, "camera.angle": angle, "camera.zoom": zoom}


def _programme(name: str, way: float, t: Array, length: float) -> tuple[Array, Array, Array]:
    """What a programme adds to x and y, and multiplies the zoom by.

    Args:
        name: of the programme.
        way: 1 or −1: to which side.
        t: seconds since it began, (n,).
        length: of it, seconds.
    """
    x, y, zoom = np.zeros(len(t)), np.zeros(len(t)), np.ones(len(t))
    if name == "drift":
        x = way * DRIFT[0] * np.sin(2 * np.pi * t / DRIFT_SECONDS[0])
        y = DRIFT[1] * np.sin(2 * np.pi * t / DRIFT_SECONDS[1])
    elif name == "orbit":
        zoom = np.full(len(t), 1.06)
    elif name in ("push", "pull"):
        done = np.clip(t / length, 0.0, 1.0)
        zoom = 1 + PUSH * (done if name == "push" else 1 - done)
    return x, y, zoom


def _turned(name: str, way: float, t: Array) -> Array:
    """How far a programme has turned the camera after so many seconds, degrees."""
    return way * ORBIT * t if name == "orbit" else np.zeros(len(t))
