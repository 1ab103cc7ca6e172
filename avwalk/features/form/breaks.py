"""Breaks: a bar or two in which bass, drums or everything rest, and after which the song goes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.features.form.units import UnitFeatures, Units

Array = NDArray[np.float64]

_SHORTEST, _LONGEST = 0.7, 3.5  # bars; longer ones are sections
_AROUND = 8  # bars on either side that say what is usual
_SPAN = 4  # bars before and after in which it plays
_PLAYS = 0.6  # share of the usual number of its units
_GAP = 1.75  # times the usual longest gap in its rhythm
_LOUD_DB, _BASS_DB, _ACTIVE_DB = 7.0, 10.0, 10.0  # what lies so far below the usual rests
_CONTRAST = 0.75  # of that, between the rest and both its sides
_SPILL_DB = 4.0  # spectra reach ahead: the beat before the return has some of it
_SOFTER_DB = 1.5  # by which all is softer where bass or drums rest
_PRESENT_DB = 10.0  # bass that lies so far below the song's is none
_SPARSE = 10  # bars of the song for each break, at least: what comes more often is the rhythm itself


@dataclass(frozen=True)
class Break:
    """A rest, edges of units: it begins at ``start``, and at ``end`` the music comes back."""

    start: int
    end: int


def find_breaks(song: UnitFeatures, units: Units) -> list[Break]:
    """The breaks of a song, ascending; none without beats, or where they come all the time."""
    if not units.rhythmic:
        return []
    activity = 20 * np.log10(np.maximum(song.activity, 1e-3))
    found: list[Break] = []
    for level, deep in ((song.loudness, _LOUD_DB), (song.bass, _BASS_DB), (activity, _ACTIVE_DB)):
        usual = _usual(level, units)
        present = usual > np.percentile(level, 90) - _PRESENT_DB
        rests = [
            rest for rest in _rests(level - usual, deep, units.per_bar) if present[rest.start] and _softer(song, rest)
        ]
        if len(rests) * _SPARSE <= len(units.lines) - 1:
            found += [rest for rest in rests if all(abs(rest.end - other.end) > units.per_bar for other in found)]
    return sorted(found, key=lambda rest: rest.end)


def _softer(song: UnitFeatures, rest: Break) -> bool:
    """Whether the song is softer there than on both sides."""
    size = rest.end - rest.start
    before, after = song.loudness[max(0, rest.start - size) : rest.start], song.loudness[rest.end : rest.end + size]
    quiet = float(np.median(song.loudness[rest.start : rest.end]))
    return min(float(np.median(before)), float(np.median(after))) - quiet > _SOFTER_DB


def _usual(curve: Array, units: Units) -> Array:
    """What is usual around each unit where the voice plays: the upper quartile, the lower one of both sides'."""
    reach = _AROUND * units.per_bar
    n = len(curve)
    sides = np.full((2, n), np.inf)
    padded = np.pad(curve, reach, mode="reflect" if n > reach else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach)
    for a in range(0, n, 4096):
        b = min(n, a + 4096)
        sides[0, a:b] = np.percentile(windows[a:b], 75, axis=1)
        sides[1, a:b] = np.percentile(windows[a + reach : b + reach], 75, axis=1)
    return np.asarray(sides.min(axis=0))


def _rests(excess: Array, deep: float, bar: int) -> list[Break]:
    """Gaps between units that play which are longer than the rhythm's, with the voice on both sides.

    Args:
        excess: dB above what is usual.
        deep: dB below it, from which on the voice rests.
        bar: units in a bar.
    """
    plays = excess > -deep
    at = np.flatnonzero(plays)
    if len(at) < 2:
        return []
    gaps = np.diff(at) - 1
    in_bar = np.zeros(len(plays) // bar + 1, np.int64)
    np.maximum.at(in_bar, at[:-1] // bar, gaps)
    least = max(_SHORTEST * bar, _GAP * float(np.median(in_bar)))
    sums = np.concatenate([[0], np.cumsum(plays)])
    enough = _PLAYS * float(np.median(sums[bar:] - sums[:-bar])) / bar
    found = []
    for start, gap in zip(at[:-1] + 1, gaps, strict=True):
        end = start + gap
        if least <= gap <= _LONGEST * bar and start >= _SPAN * bar // 2 and end + _SPAN * bar // 2 <= len(plays):
            a, b = max(0, start - _SPAN * bar), min(len(plays), end + _SPAN * bar)
            share = min((sums[start] - sums[a]) / (start - a), (sums[b] - sums[end]) / (b - end))
            sides = [np.percentile(side, 75) for side in (excess[start - bar : start], excess[end : end + bar])]
            rest = float(np.median(excess[start:end]))
            if share >= enough and min(sides) > max(-deep / 2, rest + _CONTRAST * deep):
                late = excess[end + 1] - excess[end] > _SPILL_DB
                found.append(Break(int(start), int(end + late)))
    return found
