"""Detection of drops and of the build-ups that lead to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.features.form.units import UnitFeatures, Units

Array = NDArray[np.float64]

_APART = 4  # bars between drops
_BASS_RISE, _RISE = 9.0, 1.0  # dB by which bass and loudness go up at a drop, at least
_SPILL_DB = 4.0  # spectra reach ahead: the beat before a drop has some of it
_SHORTEST, _LONGEST = 5.5, 16  # seconds, and bars, of a build-up
_CLIMB, _STEADY = 1.6, 0.5  # tension that a build-up gains, and its correlation with time, at least


def find_drops(song: UnitFeatures, units: Units) -> list[int]:
    """Unit edges at which bass and loudness jump up after a break or build-up, and stay up."""
    if not units.rhythmic:
        return []
    n, bar = len(song.loudness), units.per_bar
    loud = float(np.percentile(song.loudness, 75)) - 3.0
    low = float(np.percentile(song.bass, 80)) - 6.0
    strength = 10 ** ((song.bass - song.bass.max()) / 20)  # decibels rise a beat too early: spectra reach ahead
    found: list[tuple[float, int]] = []
    sums = np.concatenate([[0.0], np.cumsum(song.bass)])
    for u in range(2 * bar, n - 2 * bar):
        end = min(n, u + 4 * bar)
        if (sums[end] - sums[u]) / (end - u) - (sums[u] - sums[u - 2 * bar]) / (2 * bar) < _BASS_RISE - 3.0:
            continue  # most edges are done with at little cost
        rest = song.bass[u - 2 * bar : u]
        after = slice(u, u + 4 * bar)
        bass = float(song.bass[after].mean() - np.percentile(rest, 75))
        rise = float(song.loudness[after].mean() - song.loudness[u - 2 * bar : u].mean())
        if bass < _BASS_RISE or rise < _RISE or song.loudness[after].mean() < loud or song.bass[after].mean() < low:
            continue
        half = 0.5 * float(np.median(strength[after]))
        if strength[u] >= half > strength[u - 1] and _awaited(song, u, bar):  # it comes on this very beat
            late = song.bass[u + 1] - song.bass[u] > _SPILL_DB
            found.append((bass / 6.0 + rise / 3.0, u + int(late)))
    chosen: list[int] = []
    for _, u in sorted(found, reverse=True):
        if all(abs(u - other) >= _APART * bar for other in chosen):
            chosen.append(u)
    return sorted(chosen)


def _awaited(song: UnitFeatures, u: int, bar: int) -> bool:
    """Whether a drop at ``u`` is prepared: tension rises up to it, or the bass dropped out before."""
    after = float(song.bass[u : u + 4 * bar].mean())
    earlier = song.bass[max(0, u - 48 * bar) : max(0, u - 2 * bar)]
    if len(earlier) >= 4 * bar and np.percentile(earlier, 75) > after - 7.0:
        return True
    rises = [_rise(song, u - span * bar, u, bar) for span in (8, 16) if u >= span * bar]
    return any(climb > 2.0 and steady > _STEADY for climb, steady in rises)


def find_builds(song: UnitFeatures, units: Units, novelty: Array, drops: Sequence[int]) -> list[tuple[int, int]]:
    """(start, end) of the build-up to each drop that has one, edges of units.

    It begins on a bar line from which tension rises steadily; preferred are novelty peaks, distances of 4, 8, 12 or
    16 bars to the drop, and late starts.

    Args:
        song: features of the units.
        units: of the song.
        novelty: of each edge, 0 … 1.
        drops: edges, ascending.
    """
    bar = units.per_bar
    least = int(np.ceil(_SHORTEST / float(np.median(np.diff(units.edges)))))
    builds = []
    for drop in drops:
        limit = max([2 * bar, *(d for d in drops if d < drop)])
        best = (0.0, 0)
        for b in (int(line) for line in units.lines if max(limit, drop - _LONGEST * bar) <= line <= drop - least):
            climb, steady = _rise(song, b, drop, bar)
            if climb > _CLIMB and steady > _STEADY:
                new = float(novelty[b]) if novelty[b] >= 0.95 * novelty[b - 2 * bar : b + 2 * bar + 1].max() else 0.0
                usual = 0.25 * ((drop - b) % (4 * bar) == 0) - 0.03 * float(units.edges[drop] - units.edges[b])
                best = max(best, (steady + new + usual, b))
        if best[0] > 0:
            builds.append((best[1], drop))
    return builds


def _rise(song: UnitFeatures, a: int, b: int, bar: int) -> tuple[float, float]:
    """How far tension (brightness, density, loudness) climbs from a to b, and how steadily (correlation)."""
    tension = song.treble[a:b] / 6.0 + song.activity[a:b] * 3.0 + song.loudness[a:b] / 6.0
    n = max(2, (b - a) // bar)
    part = np.array([np.median(x) for x in np.array_split(tension, n)])
    ramp = np.arange(n) - (n - 1) / 2
    slope = float(ramp @ part / (ramp @ ramp))
    spread = float(np.linalg.norm(part - part.mean()) * np.linalg.norm(ramp))
    return slope * n, float(ramp @ part) / max(spread, 1e-9)
