"""Song form: sections (repetitions share a label), build-ups and drops.

Section boundaries: dynamic programming over novelty (change of timbre, harmony and activity between the bars before and
after, evaluated on every beat, weighed by what the network hears there) with a preference for lengths of 8 or 16 bars.
Labels: clustering of the sections' mean timbre and of their chord sequences.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve, Section
from avwalk.features.form.boundaries import SHORTEST, boundary_evidence, find_boundaries, novelty_of
from avwalk.features.form.breaks import find_breaks
from avwalk.features.form.drops import find_builds, find_drops
from avwalk.features.form.labels import label_sections
from avwalk.features.form.names import name_sections
from avwalk.features.form.units import UnitFeatures, divide, extend_marks, measure
from avwalk.features.tonal import Tones

Array = NDArray[np.float64]


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


def find_structure(
    tones: Tones, activity: Curve, beats: Array, bars: Array, duration: float, boundary: Curve | None = None
) -> Structure:
    """Sections, drops and build-ups.

    Args:
        tones: of the song.
        activity: onset strength of each cell of ``tones``, (n_cells,) float32 ≥ 0.
        beats: beat times, (n_beats,) float64 s.
        bars: downbeat times, (n_bars,) float64 s; with fewer than 8, two-second units replace bars.
        duration: of the song, s.
        boundary: probability of a new section as the network hears it, (m,) float32, 50 a second; None if unknown.
    """
    units = divide(beats, bars, duration)
    if len(units.lines) - 1 < 2 * SHORTEST:
        return Structure((Section(0.0, duration, "A"),), np.zeros(0), ())
    song = measure(tones, activity, units.edges)
    rows = _features(song)
    evidence = 0.5 if boundary is None else boundary_evidence(boundary, units.edges)
    novelty = novelty_of(rows, song, units.per_bar, evidence)
    drops = find_drops(song, units)
    builds = find_builds(song, units, novelty, drops)
    apart = sorted({*drops, *(a for a, _ in builds)})
    breaks = find_breaks(song, units)
    bounds = find_boundaries(novelty, song, units, apart, breaks)
    labels = label_sections(rows, song, bounds, units)
    apart += [rest.end for rest in breaks]
    starts = [0]
    for k in range(1, len(labels)):
        if labels[k] != labels[k - 1] or bounds[k] in apart:  # else nothing new begins here
            starts.append(k)
    bounds, labels = [*(bounds[k] for k in starts), bounds[-1]], [labels[k] for k in starts]
    built = [end for _, end in builds]
    awaited = [drop for drop in drops if drop in built or all(abs(drop - rest.end) > 1 for rest in breaks)]
    names = name_sections(bounds, labels, song, units, awaited, builds)
    edges = units.edges.tolist()
    sections = [Section(edges[a], edges[b], name) for (a, b), name in zip(pairwise(bounds), names, strict=True)]
    times = [(float(units.edges[a]), float(units.edges[b])) for a, b in builds]
    return Structure(tuple(sections), units.edges[drops], tuple(times))


def on_bars(form: Structure, bars: Array, duration: float) -> Structure:
    """The same sections, drops and build-ups on other bar lines: each time moves to the nearest, half a bar at most.

    Args:
        form: as it was heard.
        bars: downbeats, (n_bars,) float64 s; they go on evenly beyond the first and the last.
        duration: of the song, s.
    """
    if len(bars) < 2:
        return form
    lines = extend_marks(bars, duration)
    times = np.array([*(s.start for s in form.sections[1:]), *form.drops, *np.ravel(form.builds)])
    nearest = lines[np.abs(times[:, None] - lines).argmin(axis=1)] if len(times) else times
    reach = float(np.median(np.diff(bars))) / 2 + 1e-6
    moved = {float(a): float(b if abs(b - a) <= reach else a) for a, b in zip(times, nearest, strict=True)}
    starts = [0.0, *(moved[s.start] for s in form.sections[1:])]
    if any(b <= a for a, b in pairwise([*starts, duration])):  # bars so long that two begin on one
        return form
    sections = [
        replace(s, start=a, end=b) for s, (a, b) in zip(form.sections, pairwise([*starts, duration]), strict=True)
    ]
    builds = [(moved[a], moved[b]) for a, b in form.builds]
    drops = np.array([moved[float(drop)] for drop in form.drops])
    return Structure(tuple(sections), drops, tuple((a, b) for a, b in builds if b > a))


def _features(song: UnitFeatures) -> Array:
    """(n, d): distances between rows are 1 where units differ as much as neighbouring sections do."""
    colour = song.colour / (6.0 * np.sqrt(song.colour.shape[1]))  # 6 dB in every band
    return np.concatenate(
        [colour, 0.8 * song.harmony, song.loudness[:, None] / 8.0, 1.5 * song.activity[:, None]], axis=1
    )
