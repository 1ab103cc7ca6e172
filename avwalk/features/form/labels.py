"""Labels of sections: what repeats has the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.features.form.units import UnitFeatures, Units

Array = NDArray[np.float64]

_SAME = 0.65  # similarity from which two sections share a label
_NEXT = 0.8  # and from which neighbours do; between these they count as half as alike: something began there
_ALIGNED = 16  # bars of two sections that are laid side by side


def label_sections(rows: Array, song: UnitFeatures, bounds: list[int], units: Units) -> list[str]:
    """Labels by average-linkage clustering of the sections, lettered in order of appearance."""
    links = _likeness(rows, song, bounds, units)
    np.fill_diagonal(links, 0.0)
    beside = np.arange(len(links) - 1)
    near = links[beside, beside + 1]
    links[beside, beside + 1] = links[beside + 1, beside] = np.where(near < _NEXT, 0.5 * near, near)
    groups = [[i] for i in range(len(links))]
    while len(groups) > 1:
        i, j = sorted(divmod(int(links.argmax()), len(groups)))
        if links[i, j] < _SAME:
            break
        a, b = len(groups[i]), len(groups[j])
        links[i] = links[:, i] = (a * links[i] + b * links[j]) / (a + b)
        links[i, i] = 0.0
        links = np.delete(np.delete(links, j, axis=0), j, axis=1)
        groups[i] += groups.pop(j)
    names = {i: _letters(rank) for rank, group in enumerate(sorted(groups, key=min)) for i in group}
    return [names[i] for i in range(len(bounds) - 1)]


def _likeness(rows: Array, song: UnitFeatures, bounds: list[int], units: Units) -> Array:
    """How alike each two sections are, 0 … 1: their mean sound, and their chords in the best alignment."""
    harmony = slice(song.colour.shape[1], song.colour.shape[1] + song.harmony.shape[1])
    sound = np.delete(rows, np.r_[harmony], axis=1)
    means = np.array([sound[a:b].mean(axis=0) for a, b in pairwise(bounds)])
    far = ((means[:, None] - means) ** 2).sum(axis=2)
    chords = [_bar_chords(rows[a:b, harmony], units.per_bar) for a, b in pairwise(bounds)]
    for i, j in zip(*np.nonzero(np.triu(far < 1.0, 1)), strict=True):
        far[i, j] += _misfit(chords[i], chords[j])
        far[j, i] = far[i, j]
    return np.asarray(np.exp(-far))


def _bar_chords(harmony: Array, per_bar: int) -> Array:
    """Mean harmony of the first bars of a section, (bars, 12)."""
    count = max(1, min(_ALIGNED, len(harmony) // per_bar))
    return np.array([harmony[k * per_bar : (k + 1) * per_bar].mean(axis=0) for k in range(count)])


def _misfit(a: Array, b: Array) -> float:
    """Mean squared distance of two sequences of chords, laid side by side as well as may be."""
    away = ((a[:, None] - b) ** 2).sum(axis=2)
    least = (min(len(a), len(b)) + 1) // 2
    shifts = range(least - len(a), len(b) - least + 1)
    return min(float(np.diagonal(away, k).mean()) for k in shifts)


def _letters(rank: int) -> str:
    """A … Z, then AA, AB …"""
    return (_letters(rank // 26 - 1) if rank >= 26 else "") + chr(ord("A") + rank % 26)
