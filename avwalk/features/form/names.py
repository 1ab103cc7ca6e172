"""Names of sections that people use, where the evidence is clear.

They are intro, verse, chorus, bridge, build, drop, break and outro.
What repeats has the same name; labels without clear evidence keep their letters. A song with drops has builds and
breaks; another may have verses and choruses, of one label each. A further label with the same name has its letter
behind it: ``break``, ``break D``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.features.form.units import UnitFeatures, Units

Array = NDArray[np.float64]

_LOUDER_DB = 1.0  # by which a chorus is louder than the verse, and an intro softer than what follows
_FULL_DB = 10.0  # bass that lies so far below the song's is none
_JUMP_DB = 6.0  # of the bass where a drop begins
_BRIEF = 0.25  # share of the song that an intro or an outro has at most
_FADE_DB = 4.0  # by which the second half of a fading section is softer
_FEWEST = 4  # sections in a song whose parts have names


@dataclass(frozen=True)
class _Part:
    """A section, edges of units: how loud, whether the bass plays and by how much it jumps up, how far it fades."""

    start: int
    end: int
    label: str
    loud: float
    bass: bool
    jump: float
    fade: float


def name_sections(
    bounds: Sequence[int],
    labels: Sequence[str],
    song: UnitFeatures,
    units: Units,
    drops: Sequence[int],
    builds: Sequence[tuple[int, int]],
) -> list[str]:
    """The labels with names where it is clear what they are.

    Args:
        bounds: edges between sections, from 0 to the end.
        labels: of the sections, letters.
        song: the units.
        units: of the song.
        drops: edges, of those that are more than a return after a bar or two.
        builds: edges of each build-up.
    """
    if not units.rhythmic or len(labels) < _FEWEST:
        return list(labels)
    parts = _parts(bounds, labels, song, units)
    kinds = {label: [k for k, other in enumerate(labels) if other == label] for label in dict.fromkeys(labels)}
    names = _of_drops(parts, kinds, drops, builds, units.per_bar)
    if "drop" not in names.values():
        names |= _of_choruses(parts, kinds)
    names = _of_breaks(parts, kinds, names) | names
    names = _of_ends(parts, kinds, bool(names)) | names
    taken: dict[str, str] = {}
    for label in kinds:
        name = names.get(label, label)
        taken[label] = f"{name} {label}" if name in taken.values() else name
    return [taken[label] for label in labels]


def _parts(bounds: Sequence[int], labels: Sequence[str], song: UnitFeatures, units: Units) -> list[_Part]:
    bar = units.per_bar
    low = float(np.percentile(song.bass, 80)) - _FULL_DB
    parts = []
    for (a, b), label in zip(pairwise(bounds), labels, strict=True):
        middle = slice(a + min(bar, (b - a) // 4), b - min(bar, (b - a) // 4))  # without fills and cymbals
        half = (a + b) // 2
        parts.append(
            _Part(
                a,
                b,
                label,
                float(song.loudness[middle].mean()),
                float(np.percentile(song.bass[middle], 75)) > low,
                float(song.bass[a : a + 4 * bar].mean() - song.bass[max(0, a - 2 * bar) : a].mean()) if a else 0.0,
                float(song.loudness[a:half].mean() - song.loudness[half:b].mean()),
            )
        )
    return parts


def _of_drops(
    parts: list[_Part],
    kinds: dict[str, list[int]],
    drops: Sequence[int],
    builds: Sequence[tuple[int, int]],
    bar: int,
) -> dict[str, str]:
    """Labels whose sections all begin with the bass, half of them with a drop, and those that are build-ups."""
    names = {}
    for label, places in kinds.items():
        count = sum(parts[k].start in drops for k in places)
        if count and 2 * count >= len(places) and all(parts[k].jump > _JUMP_DB for k in places):
            names[label] = "drop"
        elif all(any(_spans(parts[k], build, bar) for build in builds) for k in places):
            names[label] = "build"
    return names


def _spans(part: _Part, build: tuple[int, int], bar: int) -> bool:
    return part.end == build[1] and abs(part.start - build[0]) <= bar


def _of_choruses(parts: list[_Part], kinds: dict[str, list[int]]) -> dict[str, str]:
    """The loudest label that returns, after softer ones: the chorus; the first that returns before it and comes between
    choruses too: the verse; what comes once, late, softer, and leads to a chorus: the bridge."""
    again = {label: places for label, places in kinds.items() if len(places) > 1}
    loud = {label: float(np.mean([parts[k].loud for k in places])) for label, places in again.items()}
    ranked = sorted(again, key=lambda label: -loud[label])
    if len(ranked) < 2 or loud[ranked[0]] - loud[ranked[1]] < _LOUDER_DB:
        return {}
    chorus = again[ranked[0]]
    verses = [x for x, at in again.items() if at[0] < chorus[0] and any(chorus[0] < k < chorus[-1] for k in at)]
    if not verses or not all(parts[k - 1].loud < parts[k].loud for k in chorus):
        return {}
    names = {ranked[0]: "chorus", min(verses, key=lambda label: again[label][0]): "verse"}
    for label, places in kinds.items():
        late = len(places) == 1 and chorus[1] < places[0] < chorus[-1] and places[0] + 1 in chorus
        if late and parts[places[0]].loud < loud[ranked[0]] - _LOUDER_DB:
            names[label] = "bridge"
    return names


def _of_breaks(parts: list[_Part], kinds: dict[str, list[int]], named: dict[str, str]) -> dict[str, str]:
    """Labels inside the song whose sections have neither bass nor drums, while those around do."""
    names = {}
    for label, places in kinds.items():
        inside = all(0 < k < len(parts) - 1 for k in places)
        bare = all(not parts[k].bass and parts[k].loud < parts[k - 1].loud - _LOUDER_DB for k in places)
        if label not in named and inside and bare and all(parts[k - 1].bass for k in places):
            names[label] = "break"
    return names


def _of_ends(parts: list[_Part], kinds: dict[str, list[int]], known: bool) -> dict[str, str]:
    """A short, soft beginning that does not return, and such an end; in a song of which nothing else is known, an end
    that fades."""
    names, length = {}, parts[-1].end
    first, last = parts[0], parts[-1]
    once = [len(kinds[part.label]) == 1 and part.end - part.start <= _BRIEF * length for part in (first, last)]
    if once[0] and known and first.loud < parts[1].loud - _LOUDER_DB:
        names[first.label] = "intro"
    if once[1] and last.loud < parts[-2].loud - _LOUDER_DB and (known or last.fade > _FADE_DB):
        names[last.label] = "outro"
    return names
