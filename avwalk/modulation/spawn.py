"""Routes that spawn: hits become births of matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.config.matter import MAX_COUNT, NUMBERS, SPAWN, SPECIES
from avwalk.contracts import Birth
from avwalk.modulation.matrix import apply_curve, quiet_gain, struck
from avwalk.modulation.routes import Route
from avwalk.modulation.sources import Inputs

_PURPOSE = 0x5BA3


def births(
    routes: Sequence[Route], inputs: Inputs, params: Mapping[str, NDArray[np.float32]], rest: float
) -> NDArray[np.float64]:
    """What all hits of the song give birth to.

    Args:
        routes: the matrix; only those to ``spawn.…`` count. A route's position in it is part of its random seed, and
            the frame of a hit: other hits change nothing of what it makes.
        inputs: signals of the song.
        params: every parameter over the song, (n_frames,) each.
        rest: by how much hits are reduced in quiet passages, as for all other routes.

    Returns:
        (k, 9) float64, rows of `Birth`, ascending by frame.
    """
    share = quiet_gain(inputs.analysis, rest)
    found = [np.zeros((0, len(Birth._fields)))]
    for index, route in enumerate(routes):
        if not route.target.startswith(SPAWN) or route.amount.value <= 0:
            continue
        heights = np.clip(apply_curve(struck(route, index, inputs) * share, route.curve), 0.0, 1.0)
        at = np.flatnonzero(heights > 0)
        name, beat = route.target.removeprefix(SPAWN), inputs.beat_seconds
        life = route.release.seconds(beat) if route.release else SPECIES[name].beats * beat
        h = heights[at]
        rows = Birth(
            frame=at,
            life=np.full(len(at), max(1.0, life * float(inputs.analysis.fps))),
            species=np.full(len(at), NUMBERS[name]),
            count=np.clip(np.rint(route.amount.value * (0.5 + 0.5 * h)), 1, MAX_COUNT),
            height=h,
            seed=[_seed(inputs.seed, index, i) for i in at.tolist()],
            beat=np.full(len(at), beat),
            phase=params["cppn.phase"][at],
            depth=params["camera.depth"][at],
        )
        found.append(np.stack([np.asarray(column, np.float64) for column in rows], axis=1))
    every = np.concatenate(found)
    return every[np.argsort(every[:, Birth._fields.index("frame")], kind="stable")]


def _seed(seed: int, index: int, frame: int) -> int:
    return int(np.random.SeedSequence([seed, _PURPOSE, index, frame]).generate_state(1, np.uint64)[0] >> 11)
