"""Section boundaries: dynamic programming over novelty, with a preference for usual lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve
from avwalk.features.beats.network import FAST_RATE
from avwalk.features.form.breaks import Break
from avwalk.features.form.novelty import change
from avwalk.features.form.units import UnitFeatures, Units

Array = NDArray[np.float64]

SHORTEST, _LONGEST = 4, 64  # bars of a section
_REACHES = (4, 8)  # bars on either side of a boundary that are compared
_CLEAR = 0.5  # a change of that size counts half
_EVIDENCE = 0.25  # share by which a change counts more where the network hears a new section, and less where none
_BOUNDARY_COST = 0.45  # novelty (0…1) that a boundary must exceed
_BREAK = 0.6  # what a break before it is worth
_STAY = 0.5  # a boundary leaves the bar line for another beat where novelty is that much lower on the line
_LEAST = 0.02  # probability of a new section that is more than nothing
_QUIET_DB = 36.0  # what lies further below the loud parts at the end of the song is its echo
_CYMBAL_DB = 6.0  # by which the first beat of a section is brighter than that of the bars around
_CYMBAL = 0.1  # what that is worth


def boundary_evidence(boundary: Curve, edges: Array) -> Array:
    """How far the network hears a new section at each edge, (n + 1,) in [0, 1).

    It is 0.5 where a probability is what only 2 % of the song exceed: how sure a network is of anything does not count.

    Args:
        boundary: probability of a new section, (m,) float32 in [0, 1], as ``beats.network.Activations`` has it.
        edges: of the units, (n + 1,) s; the most within half a unit of each counts.
    """
    high = max(float(np.percentile(boundary, 98)), _LEAST)
    middles = (edges[1:] + edges[:-1]) / 2
    starts = np.rint(np.concatenate([[0.0], middles]) * (FAST_RATE / 2)).astype(np.int64)
    there = np.maximum.reduceat(boundary, np.minimum(starts, len(boundary) - 1)).astype(np.float64)
    return np.asarray(there / (there + high))


def novelty_of(rows: Array, song: UnitFeatures, per_bar: int, evidence: Array | float = 0.5) -> Array:
    """Per edge u (0 … n), how abruptly the music of the bars before and after differs, 0 … 1.

    0 in the echo at the end.

    Args:
        rows: features of the units, on a scale where different sections are 1 apart.
        song: the same units.
        per_bar: units in a bar.
        evidence: what `boundary_evidence` gives, (n + 1,); 0.5 where nothing is known.
    """
    loud = np.flatnonzero(song.loudness > np.percentile(song.loudness, 90) - _QUIET_DB)
    n = int(loud[-1]) + 1
    weight = np.broadcast_to(1 - _EVIDENCE + 2 * _EVIDENCE * evidence, len(rows) + 1)[: n + 1]
    rest, rows = len(rows) - n, rows[:n]
    sharp = np.mean([change(rows, bars, per_bar) for bars in _REACHES], axis=0)
    end = np.minimum(np.arange(n + 1), n - np.arange(n + 1)) / (2.0 * per_bar)
    sharp *= weight * np.clip(2 * end - 1, 0.0, 1.0)  # a bar at either end is no section
    return np.pad(sharp / (sharp + _CLEAR), (0, rest))


def find_boundaries(
    novelty: Array, song: UnitFeatures, units: Units, forced: Sequence[int], breaks: Sequence[Break]
) -> list[int]:
    """Edges that begin sections, and the end: the sum of novelty, less a cost for each, plus a liking for even lengths.

    Args:
        novelty: of each edge, 0 … 1.
        song: features of the units.
        units: of the song.
        forced: edges that begin sections.
        breaks: after which sections begin, if anything speaks for it; inside of them none does.
    """
    lines = units.lines
    n = len(lines) - 1
    place, gain = _on_beats(novelty, units)
    gain = gain + _CYMBAL * np.array([cymbal(song.treble, int(edge), units.per_bar) for edge in place])
    peak = np.array([gain[k] >= gain[max(0, k - 2) : k + 3].max() for k in range(n + 1)])
    gain = np.where(peak, gain, 0.0) - _BOUNDARY_COST
    for rest in breaks:
        k = int(np.abs(lines[1:n] - rest.end).argmin()) + 1
        inside = (lines > rest.start - units.per_bar // 2) & (lines < rest.end)
        inside[k] = False
        gain[inside] = -1.0
        gain[k] = novelty[rest.end] - _BOUNDARY_COST + _BREAK
        place[k] = rest.end
    for edge in forced:
        k = int(np.abs(lines[1:n] - edge).argmin()) + 1
        place[k] = edge
        gain[k] = gain[k] + 1.0
    gain[0] = gain[n] = 0.0
    return [int(place[k]) for k in _best_path(gain)]


def _best_path(gain: Array) -> list[int]:
    """Bar lines from the first to the last."""
    n = len(gain) - 1
    best, came_from = np.full(n + 1, -np.inf), np.zeros(n + 1, np.int64)
    best[0] = 0.0
    liking = np.array([_length_liking(k) for k in range(n + 1)])
    for u in range(1, n + 1):
        options = best[:u] + liking[u:0:-1]
        if u == n:  # the last section may have any length, and so may the first
            options = best[:u] - 0.02
            options[-1] = -np.inf  # but a bar
        elif u >= SHORTEST:
            options[0] = -0.02
        k = int(options.argmax())
        best[u], came_from[u] = options[k] + gain[u], k
    bounds = [n]
    while bounds[-1] > 0:
        bounds.append(int(came_from[bounds[-1]]))
    return bounds[::-1]


def cymbal(treble: Array, edge: int, per_bar: int) -> float:
    """How much brighter the beat at an edge is than the same beat of the four bars on either side, 0 … 1."""
    others = edge + per_bar * np.array([-4, -3, -2, -1, 1, 2, 3, 4])
    others = others[(others >= 0) & (others < len(treble))]
    if edge >= len(treble) or len(others) < 4:
        return 0.0
    usual = max(float(np.percentile(treble[others], 75)), float(np.median(treble)))
    return float(np.clip((treble[edge] - usual) / _CYMBAL_DB, 0.0, 1.0))


def _on_beats(novelty: Array, units: Units) -> tuple[NDArray[np.int64], Array]:
    """For each bar line the edge that is meant, and its novelty: a clearly better beat of the bar around wins."""
    place = units.lines.copy()
    half = units.per_bar // 2
    for k in range(1, len(place) - 1):
        line = int(place[k])
        around = novelty[line - half : line + half + 1]
        if len(around) and novelty[line] < _STAY * around.max():
            place[k] = line - half + int(around.argmax())
    return place, novelty[place]


def _length_liking(bars: int) -> float:
    """How usual a section of that many bars is; music counts in fours and eights."""
    if bars < SHORTEST:
        return -0.5
    if bars > _LONGEST:
        return -0.1
    for unit, liking in ((8, 0.0), (4, -0.02), (2, -0.05)):
        if bars % unit == 0:
            return liking
    return -0.07
