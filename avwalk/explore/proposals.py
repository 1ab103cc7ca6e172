"""Worlds that somebody may like: ranked by a taste, with one in four outside of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from avwalk.codex.ranking.logistic import Array
from avwalk.explore.taste import Taste

OUTSIDE = 4
"""One in so many proposals is outside the taste."""
CANDIDATES = 4
"""Worlds that are looked at for each that is proposed."""


@dataclass(frozen=True)
class WorldRow:
    """A world on a sheet.

    Attributes:
        preset: its name.
        seed: of the world.
        features: see `avwalk.explore.features.world_features`.
    """

    preset: str
    seed: int
    features: dict[str, float]

    @property
    def name(self) -> str:
        """``lsd-7``, as its preset would be called if it were kept."""
        return f"{self.preset}-{self.seed}"


@dataclass(frozen=True)
class Proposal:
    """A world that somebody may like.

    Attributes:
        world: the world.
        score: probability that it is liked, 0 to 1.
        outside: it was not chosen for its score, but because it is unlike what was marked.
    """

    world: WorldRow
    score: float
    outside: bool


def candidates(
    presets: Sequence[str],
    count: int,
    first: int,
    taste: Taste,
    measure: Callable[[str, int], dict[str, float]],
    on_world: Callable[[int, int], None] | None = None,
) -> list[WorldRow]:
    """Worlds to choose from that were not marked yet: seeds from the first on, of each preset in turn.

    Args:
        presets: names of one or several.
        count: worlds to propose; at least four times as many are looked at, and each preset once.
        first: seed.
        taste: that knows the marks.
        measure: gives the features of a preset's world.
        on_world: called with worlds done and worlds in all.
    """
    marked, found, seed = {mark.world for mark in taste.marks}, list[WorldRow](), first
    total = max(CANDIDATES * count, len(presets))
    while len(found) < total:
        for preset in presets:
            if len(found) < total and f"{preset}-{seed}" not in marked:
                found.append(WorldRow(preset, seed, measure(preset, seed)))
                if on_world:
                    on_world(len(found), total)
        seed += 1
    return found


def propose(worlds: Sequence[WorldRow], taste: Taste, count: int) -> list[Proposal]:
    """Chooses worlds: the most liked first, then those outside the taste, one in four.

    Of several presets none has more than a third of the places. Outside are worlds of the lower half, as unlike as can
    be to all that was marked, and to what is proposed already: what a taste never saw it cannot find.

    Args:
        worlds: candidates, at least ``count``.
        taste: ranks them.
        count: how many.
    """
    scores, n_outside = taste.scores([world.features for world in worlds]), count // OUTSIDE
    several = len({world.preset for world in worlds}) > 1
    chosen = _chosen(worlds, scores, count - n_outside, -(-count // 3) if several else count)
    outside = list[int]()
    rest = [int(k) for k in np.argsort(-scores, kind="stable") if int(k) not in chosen]
    lower = rest[min(len(rest) // 2, len(rest) - n_outside) :]
    for _ in range(n_outside):
        left = [k for k in lower if k not in outside]
        shown = [worlds[k].features for k in (*chosen, *outside)]
        distances = taste.distances([worlds[k].features for k in left], shown)
        outside.append(left[int(np.argmax(distances))])
    return [Proposal(worlds[k], float(scores[k]), k in outside) for k in (*chosen, *outside)]


def _chosen(worlds: Sequence[WorldRow], values: Array, count: int, most: int) -> list[int]:
    """Indices of the largest values, at most so many of a preset; of all, if that is too few."""
    order = [int(k) for k in np.argsort(-values, kind="stable")]
    of_preset: Counter[str] = Counter()
    found = list[int]()
    for k in order:
        if len(found) < count and of_preset[worlds[k].preset] < most:
            of_preset[worlds[k].preset] += 1
            found.append(k)
    return (found + [k for k in order if k not in found])[:count]
