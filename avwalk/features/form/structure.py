"""Song form: sections (repetitions share a label), build-ups and drops.

Section boundaries: dynamic programming over novelty (change of timbre, harmony and activity between the bars before and
after, evaluated on every beat) with a preference for lengths of 8 or 16 bars. Labels: clustering of the sections' mean
timbre and of their chord sequences.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve, Section
from avwalk.features.form.drops import find_builds, find_drops
from avwalk.features.form.novelty import change
from avwalk.features.form.units import UnitFeatures, Units, divide, measure
from avwalk.features.tonal import Tones

Array = NDArray[np.float64]

_REACHES = (4, 8)  # bars on either side of a boundary that are compared
_SHORTEST, _LONGEST = 4, 64  # bars of a section
_CLEAR = 0.5  # a change of that size counts half
_BOUNDARY_COST = 0.47  # novelty (0…1) that a boundary must exceed
_STAY = 0.5  # a boundary leaves the bar line for another beat where novelty is that much lower on the line
_SAME = 0.6  # similarity from which two sections share a label
_NEAR = 0.5  # how much a sudden change of levels adds
_QUIET_DB = 36.0  # what lies further below the loud parts at the end of the song is its echo
_ALIGNED = 16  # bars of two sections that are laid side by side


@dataclass(frozen=True)
class Structure:
    """The form of a song, times in seconds.

    Attributes:
        sections: without gaps from 0 to the end; boundaries lie on bars, or on the beat where the music changes.
        drops: (n,) float64 ascending, each the start of a section.
        builds: (start, end) of each build-up; the end is a drop.
    """

    sections: tuple[Section, ...]
    drops: Array
    builds: tuple[tuple[float, float], ...]


def find_structure(tones: Tones, activity: Curve, beats: Array, bars: Array, duration: float) -> Structure:
    """Sections, drops and build-ups.

    Args:
        tones: of the song.
        activity: onset strength of each cell of ``tones``, (n_cells,) float32 ≥ 0.
        beats: beat times, (n_beats,) float64 s.
        bars: downbeat times, (n_bars,) float64 s; with fewer than 8, two-second units replace bars.
        duration: of the song, s.
    """
    units = divide(beats, bars, duration)
    if len(units.lines) - 1 < 2 * _SHORTEST:
        return Structure((Section(0.0, duration, "A"),), np.zeros(0), ())
    song = measure(tones, activity, units.edges)
    rows = _features(song)
    novelty = _novelty(rows, _levels(song), units.per_bar, _sounding(song))
    drops = find_drops(song, units)
    builds = find_builds(song, units, novelty, drops)
    apart = sorted({*drops, *(a for a, _ in builds)})
    bounds = _boundaries(novelty, units, apart)
    labels = _labels(rows, song, bounds, units)
    sections: list[Section] = []
    for (a, b), label in zip(pairwise(bounds), labels, strict=True):
        begin = float(units.edges[a])
        if sections and sections[-1].label == label and a not in apart:  # nothing new begins here
            begin = sections.pop().start
        sections.append(Section(begin, float(units.edges[b]), label))
    times = [(float(units.edges[a]), float(units.edges[b])) for a, b in builds]
    return Structure(tuple(sections), units.edges[drops], tuple(times))


def _features(song: UnitFeatures) -> Array:
    """(n, d): distances between rows are 1 where units differ as much as neighbouring sections do."""
    colour = song.colour / (6.0 * np.sqrt(song.colour.shape[1]))  # 6 dB in every band
    return np.concatenate(
        [colour, 0.8 * song.harmony, song.loudness[:, None] / 8.0, 1.5 * song.activity[:, None]], axis=1
    )


def _levels(song: UnitFeatures) -> Array:
    """(n, 4): what changes at a boundary at once, on the scale of the features."""
    return np.stack([song.loudness / 8.0, song.bass / 12.0, song.treble / 8.0, 1.5 * song.activity], axis=1)


def _sounding(song: UnitFeatures) -> int:
    """Units up to the last that is not silence."""
    loud = np.flatnonzero(song.loudness > np.percentile(song.loudness, 90) - _QUIET_DB)
    return int(loud[-1]) + 1


def _novelty(rows: Array, levels: Array, per_bar: int, sounding: int) -> Array:
    """Per edge u (0 … n), how abruptly the music of the bars before and after differs, 0 … 1; 0 in the silence
    after the first ``sounding`` units."""
    rest, rows, levels = len(rows) - sounding, rows[:sounding], levels[:sounding]
    n = len(rows)
    sharp = np.mean([change(rows, bars * per_bar) for bars in _REACHES], axis=0)
    sharp += _NEAR * change(levels, 2 * per_bar)  # levels change less with the chords than colours: they tell the bar
    end = np.minimum(np.arange(n + 1), n - np.arange(n + 1)) / (2.0 * per_bar)
    sharp *= np.clip(2 * end - 1, 0.0, 1.0)  # a bar at either end is no section
    return np.pad(sharp / (sharp + _CLEAR), (0, rest))


def _boundaries(novelty: Array, units: Units, forced: list[int]) -> list[int]:
    """Edges that begin sections: the sum of novelty, less a cost for each, plus a liking for even lengths."""
    lines = units.lines
    n = len(lines) - 1
    place, gain = _on_beats(novelty, units)
    peak = np.array([gain[k] >= gain[max(0, k - 2) : k + 3].max() for k in range(n + 1)])
    gain = np.where(peak, gain, 0.0) - _BOUNDARY_COST
    for edge in forced:
        k = int(np.abs(lines[1:n] - edge).argmin()) + 1
        place[k], gain[k] = edge, gain[k] + 1.0
    gain[0] = gain[n] = 0.0
    best, came_from = np.full(n + 1, -np.inf), np.zeros(n + 1, np.int64)
    best[0] = 0.0
    liking = np.array([_length_liking(k) for k in range(n + 1)])
    for u in range(1, n + 1):
        options = best[:u] + liking[u:0:-1]
        if u == n:  # the last section may have any length, and so may the first
            options = best[:u] - 0.02
            options[-1] = -np.inf  # but a bar
        elif u >= _SHORTEST:
            options[0] = -0.02
        k = int(options.argmax())
        best[u], came_from[u] = options[k] + gain[u], k
    bounds = [n]
    while bounds[-1] > 0:
        bounds.append(int(came_from[bounds[-1]]))
    return [int(place[k]) for k in bounds[::-1]]


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
    if bars < _SHORTEST:
        return -0.5
    if bars > _LONGEST:
        return -0.1
    for unit, liking in ((8, 0.0), (4, -0.02), (2, -0.05)):
        if bars % unit == 0:
            return liking
    return -0.07


def _labels(rows: Array, song: UnitFeatures, bounds: list[int], units: Units) -> list[str]:
    """Labels by average-linkage clustering of the sections, lettered in order of appearance."""
    links = _likeness(rows, song, bounds, units)
    np.fill_diagonal(links, 0.0)
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
