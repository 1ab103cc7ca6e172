"""The form of the song: sections (what repeats has the same label), build-ups and drops.

Everything is judged bar by bar. Sections: self-similarity of the bars' colour, harmony and activity, novelty
by a checkerboard kernel (Foote 2000), boundaries by dynamic programming that likes novelty and lengths of 8
or 16 bars, labels by clustering. Drops: a sudden, lasting rise of bass and loudness after
a break or a build-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve, Section
from avwalk.features.tonal import Tones

Array = NDArray[np.float64]

_UNIT_SECONDS = 2.0  # stands in for a bar where no bars were found
_REACH = 8  # bars on either side of a boundary that the novelty compares
_SHORTEST, _LONGEST = 4, 64  # bars of a section
_BOUNDARY_COST = 0.12  # novelty (a difference of mean similarities, 0…1) that a boundary must exceed
_SAME = 0.55  # mean similarity from which two sections share a label
_FLOOR_DB = 45.0  # what lies further below the song's loudest is silence
_BASS = 5  # the lowest colour bands: 30 to 145 Hz
_TREBLE = 11  # the colour bands from here up: 940 Hz and above


@dataclass(frozen=True)
class Structure:
    """The form of a song, times in seconds.

    Attributes:
        sections: without gaps from 0 to the end; boundaries lie on bars.
        drops: (n,) float64 ascending, on bars.
        builds: (start, end) of each build-up; the end is a drop.
    """

    sections: tuple[Section, ...]
    drops: Array
    builds: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Bars:
    """What is known of each of n bars.

    ``edges`` (n + 1,) s, ``colour`` (n, 20) dB, ``harmony`` (n, 12) of length 1, ``loudness`` and
    ``bass`` (n,) dB, ``activity`` (n,) 0…1.
    """

    edges: Array
    colour: Array
    harmony: Array
    loudness: Array
    bass: Array
    activity: Array


def find_structure(tones: Tones, activity: Curve, bars: Array, duration: float) -> Structure:
    """Sections, drops and build-ups.

    Args:
        tones: of the song.
        activity: onset strength of each cell of ``tones``, (n_cells,) float32 ≥ 0.
        bars: downbeat times, (n_bars,) float64 s; with fewer than 8, two-second units stand in for bars.
        duration: of the song, s.
    """
    edges = _edges(bars, duration)
    if len(edges) - 1 < 2 * _SHORTEST:
        return Structure((Section(0.0, duration, "A"),), np.zeros(0), ())
    song = _per_bar(tones, activity, edges)
    drops = _drops(song)
    builds = [(start, u) for u in drops if (start := _build_start(song, u, drops)) is not None]
    drops = [u for u in drops if any(u == end for _, end in builds) or _after_break(song, u)]
    bounds = _boundaries(_novelty(_features(song)), drops)
    labels = _labels(song, bounds)
    sections: list[Section] = []
    for (a, b), label in zip(pairwise(bounds), labels, strict=True):
        begin = float(edges[a])
        if sections and sections[-1].label == label and a not in drops:  # nothing new begins here
            begin = sections.pop().start
        sections.append(Section(begin, float(edges[b]), label))
    times = [(float(edges[a]), float(edges[b])) for a, b in builds]
    return Structure(tuple(sections), edges[drops], tuple(times))


def _edges(bars: Array, duration: float) -> Array:
    """Borders of the bars from 0 to the end; the rests before the first and after the last bar join them."""
    if len(bars) < 8:
        n = max(1, round(duration / _UNIT_SECONDS))
        return np.linspace(0.0, duration, n + 1)
    period = float(np.median(np.diff(bars)))
    lead = np.arange(bars[0] - period, 0.5 * period, -period)[::-1]
    tail = np.arange(bars[-1] + period, duration - 0.5 * period, period)
    inner = np.concatenate([lead, bars, tail])
    inner = inner[(inner > 0.5 * period) & (inner < duration - 0.5 * period)]
    return np.concatenate([[0.0], inner, [duration]])


def _per_bar(tones: Tones, activity: Curve, edges: Array) -> _Bars:
    """Means over bars of what was measured in cells."""
    n_cells = len(tones.colour)
    start = np.clip(np.rint(edges[:-1] * tones.rate).astype(np.int64), 0, n_cells - 1)
    stop = np.clip(np.rint(edges[1:] * tones.rate).astype(np.int64), start + 1, n_cells)

    def mean(rows: NDArray[np.float32]) -> Array:
        sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
        means: Array = (sums[stop] - sums[start]) / (stop - start)[:, None]
        return means

    power = mean(10.0 ** (tones.colour / 10.0))
    floor = 10 * np.log10(max(float(power.sum(axis=1).max()), 1e-10)) - _FLOOR_DB
    colour = np.maximum(10 * np.log10(np.maximum(power, 1e-12)), floor - 10)
    chroma = mean(tones.chroma)
    active = mean(activity[:, None])[:, 0]
    return _Bars(
        edges,
        colour,
        chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9),
        np.maximum(10 * np.log10(np.maximum(power.sum(axis=1), 1e-12)), floor),
        np.maximum(10 * np.log10(np.maximum(power[:, :_BASS].sum(axis=1), 1e-12)), floor),
        active / max(float(active.max()), 1e-9),
    )


def _features(song: _Bars) -> Array:
    """(n, d): distances between rows are 1 where bars differ as much as neighbouring sections do."""
    colour = song.colour / (6.0 * np.sqrt(song.colour.shape[1]))  # 6 dB in every band
    return np.concatenate(
        [colour, 0.8 * song.harmony, song.loudness[:, None] / 8.0, 1.5 * song.activity[:, None]], axis=1
    )


def _novelty(rows: Array) -> Array:
    """Per edge u (0 … n), how much more alike bars are within than across it, −1 … 1; 0 off local maxima.

    Bars are alike by exp(−d²). Only the blocks of the similarity matrix along its diagonal are needed.
    """
    n = len(rows)
    novelty = np.zeros(n + 1)
    for u in range(1, n):
        r = min(_REACH, u, n - u)
        part = rows[u - r : u + r]
        block = np.exp(-((part[:, None] - part) ** 2).sum(axis=2))
        within = (block[:r, :r].sum() + block[r:, r:].sum() - 2 * r) / max(1, 2 * r * (r - 1))
        if r == 1:
            within = 1.0
        novelty[u] = (within - block[:r, r:].mean()) * min(1.0, r / _SHORTEST)
    peaks = np.zeros(n + 1)
    for u in range(1, n):  # beside a boundary the kernel still sees it: only local maxima may be boundaries
        if novelty[u] >= novelty[max(0, u - 2) : u + 3].max():
            peaks[u] = novelty[u]
    return peaks


def _boundaries(novelty: Array, forced: list[int]) -> list[int]:
    """Edges that begin sections: the sum of novelty, less a cost for each, plus a liking for even lengths."""
    n = len(novelty) - 1
    gain = novelty - _BOUNDARY_COST
    gain[forced] += 1.0
    gain[0] = gain[n] = 0.0
    best, came_from = np.full(n + 1, -np.inf), np.zeros(n + 1, np.int64)
    best[0] = 0.0
    liking = np.array([_length_liking(k) for k in range(n + 1)])
    for u in range(1, n + 1):
        options = best[:u] + liking[u:0:-1]
        if u == n:  # the last section may have any length, and so may the first
            options = best[:u] - 0.02
        elif u >= _SHORTEST:
            options[0] = -0.02
        k = int(options.argmax())
        best[u], came_from[u] = options[k] + gain[u], k
    bounds = [n]
    while bounds[-1] > 0:
        bounds.append(int(came_from[bounds[-1]]))
    return bounds[::-1]


def _length_liking(bars: int) -> float:
    """How usual a section of that many bars is; music counts in fours and eights."""
    if bars < _SHORTEST:
        return -0.5
    if bars > _LONGEST:
        return -0.1
    for unit, liking in ((8, 0.0), (4, -0.04), (2, -0.08)):
        if bars % unit == 0:
            return liking
    return -0.12


def _labels(song: _Bars, bounds: list[int]) -> list[str]:
    """Labels by average-linkage clustering of the sections' means, lettered in order of appearance."""
    rows = _features(song)
    means = np.array([rows[a:b].mean(axis=0) for a, b in pairwise(bounds)])
    links = np.exp(-((means[:, None] - means) ** 2).sum(axis=2))
    np.fill_diagonal(links, 0.0)
    groups = [[i] for i in range(len(means))]
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
    return [names[i] for i in range(len(means))]


def _letters(rank: int) -> str:
    """A … Z, then AA, AB …"""
    return (_letters(rank // 26 - 1) if rank >= 26 else "") + chr(ord("A") + rank % 26)


def _drops(song: _Bars) -> list[int]:
    """Edges where bass and loudness jump up and stay up for 4 bars, at most one in 8 bars."""
    n = len(song.loudness)
    loud = float(np.percentile(song.loudness, 75)) - 2.0
    found: list[tuple[float, int]] = []
    for u in range(2, n - 3):
        before, after = slice(max(0, u - 2), u), slice(u, u + 4)
        bass = min(song.bass[u], song.bass[after].mean()) - song.bass[before].mean()
        rise = min(song.loudness[u], song.loudness[after].mean()) - song.loudness[before].mean()
        lasting = song.loudness[after].min() > song.loudness[before].mean() + 1.0
        if bass > 6.0 and rise > 2.5 and lasting and song.loudness[after].mean() > loud:
            found.append((bass / 6.0 + rise / 3.0, u))
    chosen: list[int] = []
    for _, u in sorted(found, reverse=True):
        if all(abs(u - other) >= 8 for other in chosen):
            chosen.append(u)
    return sorted(chosen)


def _after_break(song: _Bars, u: int) -> bool:
    """Whether the quiet before edge u is a break: something as loud was there earlier."""
    earlier = song.bass[max(0, u - 40) : max(0, u - 2)]
    return bool(len(earlier) and earlier.max() > song.bass[u : u + 4].mean() - 4.0)


def _build_start(song: _Bars, u: int, drops: list[int]) -> int | None:
    """Where the build-up to edge u begins: the longest of 16, 8, 4, 2 bars over which tension rises."""
    treble = 10 * np.log10((10.0 ** (song.colour[:, _TREBLE:] / 10.0)).sum(axis=1))
    tension = treble / 6.0 + song.activity * 3.0 + song.loudness / 6.0
    limit = max([0, *(d for d in drops if d < u)])
    for span in (16, 8, 4):
        if u - span < limit:
            continue
        part = tension[u - span : u]
        ramp = np.arange(span) - (span - 1) / 2
        slope = float(ramp @ part / (ramp @ ramp))
        spread = float(np.linalg.norm(part - part.mean()) * np.linalg.norm(ramp))
        if slope * span > 1.0 and spread > 0 and float(ramp @ part) / spread > 0.75:
            return u - span
    return None
