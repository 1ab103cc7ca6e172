"""Timing of a film of scenes: the position on the path in every frame.

One rule of precedence says when a picture of the path is reached:

1. ``at`` and ``until`` of a row fix it: the scene's first picture is there at ``at``, its last one at ``until``.
2. Else ``duration`` counts: every hop takes the same time as the others between two times that are fixed.
3. Else (no duration in the row) the scenes share the time evenly, each the same whatever its number of hops.

Fixed too are the start and the end of the song, and the starts of the song's sections where the sequence has as many.
Arrivals that nothing fixes are put on bars or beats, whichever lie near. Where a melt or a whip brings a scene in, it
is over at the arrival; a cut is there on its frame.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from avwalk.clock import round_half_up, seconds_to_fraction
from avwalk.config.film_options import Arrive, Pace
from avwalk.contracts import Analysis
from avwalk.errors import OptionError, ScenesError
from avwalk.scenes.graph.path_csv import Hop
from avwalk.scenes.nodes import Node
from avwalk.score.musical_time import position, resolve, time_of

if TYPE_CHECKING:
    from avwalk.scenes.project.sequence_csv import SceneRow

LEADS = {"cut": 0.0, "melt": 1.0, "whip": 0.5}
"""Beats that a way in takes, at most the time since the arrival before."""
UNEVEN = 0.2  # of a hop's mean length: bars that would move an arrival further are left for beats
BEAT = 0.5  # seconds, where a song has no steady beat

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Leg:
    """A piece of the film: a rendered way that is walked, or a picture that stays.

    Attributes:
        node: the picture that it begins with.
        row: of the sequence, from 0.
        section: of the film.
        hop: the way; None: the picture stays.
        enter: how it follows the leg before: ``melt``, ``cut``, ``whip``; empty: it goes on from there.
    """

    node: Node
    row: int
    section: int
    hop: Hop | None = None
    enter: str = ""


@dataclass(frozen=True)
class Timing:
    """Every frame's place, a function of these values alone.

    Attributes:
        legs: in the order of the film.
        arrivals: frame at which each leg begins, and that at which the last one ends; ascending.
        n_frames: of the film. Before the first arrival its picture stands, behind the last one that.
        leads: frames that each leg's way in takes, before its arrival.
        pace: ``flow``: speed changes gradually, and is never 0 on the way; ``even``: the same from arrival to arrival;
            ``rest``: still for a moment at each picture.
    """

    legs: tuple[Leg, ...]
    arrivals: tuple[int, ...]
    n_frames: int
    leads: tuple[int, ...]
    pace: Pace = "flow"

    def place(self, i: int) -> tuple[int, float]:
        """Which leg frame ``i`` is in, and its share of the way there, 0 to 1."""
        k = min(max(0, bisect_right(self.arrivals, i) - 1), len(self.legs) - 1)
        h = self.arrivals[k + 1] - self.arrivals[k]
        x = min(max((i - self.arrivals[k]) / h, 0.0), 1.0)
        first, last = self._speeds[k]
        share = (3 - 2 * x) * x * x + first * x * (1 - x) ** 2 - last * x * x * (1 - x)
        return k, min(max(share, 0.0), 1.0)

    def entering(self, i: int) -> tuple[int, float] | None:
        """The leg that is on its way in at frame ``i``, and how far, above 0 and below 1; None: none is."""
        k = bisect_right(self.arrivals, i)
        if not 0 < k < len(self.legs) or i < self.arrivals[k] - self.leads[k]:
            return None
        return k, (i - self.arrivals[k] + self.leads[k] + 1) / (self.leads[k] + 1)

    @property
    def sections(self) -> list[tuple[int, int, int]]:
        """(section, first frame, one past the last) of each run of legs of one section, without gaps."""
        starts = [next(group)[0] for _, group in groupby(enumerate(self.legs), lambda item: item[1].section)]
        borders = [0, *(self.arrivals[k] for k in starts[1:]), self.n_frames]
        numbers = [self.legs[k].section for k in starts]
        return [(number, i0, i1) for number, (i0, i1) in zip(numbers, pairwise(borders), strict=True)]

    @cached_property
    def _speeds(self) -> list[tuple[float, float]]:
        """Of each leg, the speed at its two ends, where 1 is its mean speed."""
        if self.pace == "even":
            return [(1.0, 1.0)] * len(self.legs)
        if self.pace == "rest":
            return [(0.0, 0.0)] * len(self.legs)
        lengths = np.diff(self.arrivals).astype(float)
        at = 1 / lengths[[0, *range(len(lengths))]]  # ways per frame at each arrival; at a break that of its own leg
        ends = 1 / lengths
        for k in range(1, len(self.legs)):
            if not self.legs[k].enter:
                # Fritsch and Butland 1984: a weighted harmonic mean, so that the way never turns back
                a, b = lengths[k - 1], lengths[k]
                at[k] = ends[k - 1] = 3 * (a + b) / ((2 * b + a) * a + (b + 2 * a) * b)
            else:
                at[k] = 1 / lengths[k]
        return [(float(at[k] * h), float(ends[k] * h)) for k, h in enumerate(lengths)]


def legs_of(hops: Sequence[Hop], rows: Sequence[SceneRow] = ()) -> list[Leg]:
    """The legs of a path: its rendered ways, and pictures that stay where there is none to walk.

    Args:
        hops: at least one. Where one does not begin at the end of the one before, its picture melts in.
        rows: of the sequence, for the section of a last scene that has no way of its own.
    """
    legs: list[Leg] = []
    enter, here = "", hops[0].edge.a
    for k, hop in enumerate(hops):
        if here != hop.edge.a and not enter:
            enter = "melt"
        if not hop.transition:
            legs.append(Leg(hop.edge.a, hop.row, hop.section, hop, enter))
            enter = ""
        else:
            if enter or not legs:
                legs.append(Leg(hop.edge.a, hop.row, hop.section, None, enter))
            enter = hop.transition
            if k == len(hops) - 1:
                row = hop.row + 1
                section = rows[row].section if row < len(rows) else hop.section
                legs.append(Leg(hop.edge.b, row, section, None, enter))
        here = hop.edge.b
    return legs


def timing(
    hops: Sequence[Hop],
    rows: Sequence[SceneRow],
    analysis: Analysis,
    *,
    arrive: Arrive = "auto",
    pace: Pace = "flow",
) -> Timing:
    """When the film is where.

    Args:
        hops: the path.
        rows: of the sequence that it follows; none: all hops count the same.
        analysis: of the song, on the film's clock.
        arrive: ``auto``: on bars where they lie near enough, else on beats; ``bars`` and ``beats`` where there are
            enough of them, else on what is finer; ``given``: only the times given count, the rest is shared evenly.
        pace: see `Timing`.

    Raises:
        ScenesError: times that the song does not have, or that contradict each other, a line each; more ways than
            frames.
    """
    legs = legs_of(hops, rows)
    fixed = _fixed(legs, rows, analysis)
    weights = _weights(legs, rows)
    times = np.zeros(len(legs) + 1)
    for (a, at), (b, until) in pairwise(sorted(fixed.items())):
        share = np.cumsum(weights[a:b])[:-1] / np.sum(weights[a:b])
        times[a], times[b] = at, until
        times[a + 1 : b] = snapped(at + share * (until - at), at, until, analysis, arrive)
    arrivals = [min(analysis.n_frames, round_half_up(seconds_to_fraction(t) * analysis.fps)) for t in times]
    if fixed[len(legs)] >= analysis.duration:
        arrivals[-1] = analysis.n_frames
    for k, (i0, i1) in enumerate(pairwise(arrivals)):
        if i1 <= i0:
            raise ScenesError(
                f"{len(legs)} ways are too many for {analysis.n_frames} frames: that from {legs[k].node.id} at "
                f"{times[k]:.2f} s takes less than one; give the scenes fewer hops or more time"
            )
    leads = tuple(_lead(leg, k, arrivals, analysis) for k, leg in enumerate(legs))
    return Timing(tuple(legs), tuple(arrivals), analysis.n_frames, leads, pace)


def snapped(ideal: Times, start: float, end: float, analysis: Analysis, arrive: Arrive) -> Times:
    """Times on the beat: of the marks between ``start`` and ``end`` those nearest to ``ideal``, each once.

    Args:
        ideal: ascending times between the two, s.
        start: an arrival before.
        end: an arrival after.
        analysis: of the song.
        arrive: as in `timing`.
    """
    score, n = analysis.score, len(ideal)
    if n == 0 or arrive == "given" or len(score.beats) < 2:
        return ideal
    finer = [(score.beats, 1), (score.beats, 2), (score.beats, 4)]
    if arrive != "beats" and len(score.bars) > 1:
        finer.insert(0, (score.bars, 1))
    margin = 1 / float(analysis.fps)
    for marks, parts in finer:
        first, last = math.ceil(position(marks, start) * parts), math.floor(position(marks, end) * parts)
        there = np.array([time_of(marks, k / parts) for k in range(first, last + 1)])
        there = there[(there >= start + margin) & (there <= end - margin)]
        if len(there) < n:
            continue
        chosen = there[_nearest(ideal, there)]
        if (
            arrive != "auto"
            or marks is not score.bars
            or np.abs(chosen - ideal).max() <= UNEVEN * (end - start) / (n + 1)
        ):
            return chosen
    return ideal


def _nearest(ideal: Times, marks: Times) -> list[int]:
    """Ascending indices of the marks that lie nearest to the times, by the sum of squares."""
    totals: list[Times] = []
    for time in ideal:
        cost = (marks - time) ** 2
        if totals:
            cost[1:] += np.minimum.accumulate(totals[-1])[:-1]
            cost[0] = np.inf
        totals.append(cost)
    chosen, end = list[int](), len(marks)
    for total in reversed(totals):
        end = int(np.argmin(total[:end]))
        chosen.insert(0, end)
    return chosen


def _fixed(legs: Sequence[Leg], rows: Sequence[SceneRow], analysis: Analysis) -> dict[int, float]:
    """Arrivals that are given, by the number of the leg that begins there: seconds. The two ends are among them."""
    chosen: dict[int, tuple[float, str]] = {}
    problems: list[str] = []

    def fix(k: int | None, row: SceneRow, what: Literal["at", "until"]) -> None:
        moment = getattr(row, what)
        if k is None or moment is None:
            return
        place = row.locations.get(what, row.location)
        try:
            chosen.setdefault(k, (resolve(moment, analysis), f"{place}: {what} '{moment.text}' of '{row.scene}'"))
        except OptionError as error:
            problems.append(f"{place}: {error}")

    for r, row in enumerate(rows):
        fix(_first(legs, r), row, "at")
    for r, row in enumerate(rows):
        fix(_left(legs, r, r + 1 < len(rows)), row, "until")
    chosen.setdefault(0, (0.0, "the start of the song"))
    chosen.setdefault(len(legs), (analysis.duration, "the end of the song"))
    given = sorted(chosen.items())
    for (a, (at, before)), (b, (until, after)) in pairwise(given):
        if (until - at) * float(analysis.fps) < b - a:
            told = f"{after} at {until:.2f} s leaves no time for {b - a} hop{'s' * (b - a > 1)}"
            problems.append(f"{told} since {before.rpartition(': ')[2]} at {at:.2f} s; move one of them")
    if problems:
        raise ScenesError("\n".join(problems))
    return _with_sections({k: at for k, (at, _) in given}, legs, analysis)


def _first(legs: Sequence[Leg], row: int) -> int | None:
    """Where a row's first picture is reached; None: the path does not come there."""
    if row == legs[-1].row + 1:
        return len(legs)
    return next((k for k, leg in enumerate(legs) if leg.row == row), None)


def _left(legs: Sequence[Leg], row: int, goes_on: bool) -> int | None:
    """Where a row's last picture is reached: before the way that leaves it, if one is walked."""
    own = [k for k, leg in enumerate(legs) if leg.row == row]
    if not own:
        return len(legs) if row == legs[-1].row + 1 else None
    last = own[-1]
    entered = legs[last + 1].enter if last + 1 < len(legs) else ""
    leaves = goes_on and legs[last].hop is not None and not entered
    return last if leaves else last + 1


def _with_sections(given: Mapping[int, float], legs: Sequence[Leg], analysis: Analysis) -> dict[int, float]:
    """With the starts of the song's sections, if the path has as many and nothing else speaks against them."""
    starts = [next(group)[0] for _, group in groupby(enumerate(legs), lambda item: item[1].section)]
    chosen = dict(given)
    if len(starts) < 2 or len(starts) != len(analysis.score.sections):
        return chosen
    for k, section in zip(starts[1:], analysis.score.sections[1:], strict=True):
        before, after = max(j for j in chosen if j <= k), min(j for j in chosen if j >= k)
        frames = float(analysis.fps)
        fits = (section.start - chosen[before]) * frames >= k - before
        if k not in chosen and fits and (chosen[after] - section.start) * frames >= after - k:
            chosen[k] = section.start
    return chosen


def _weights(legs: Sequence[Leg], rows: Sequence[SceneRow]) -> Times:
    """How long each leg takes beside the others."""
    counts = {row: sum(1 for leg in legs if leg.row == row) for row in {leg.row for leg in legs}}
    mean = len(legs) / len(counts)
    counted = [leg.row >= len(rows) or rows[leg.row].counted for leg in legs]
    return np.array([1.0 if yes else mean / counts[leg.row] for leg, yes in zip(legs, counted, strict=True)])


def _lead(leg: Leg, k: int, arrivals: Sequence[int], analysis: Analysis) -> int:
    """Frames that a leg's way in takes."""
    if not leg.enter:
        return 0
    beat = 60 / analysis.score.tempo_bpm if analysis.score.tempo_bpm else BEAT
    frames = round_half_up(Fraction(LEADS[leg.enter] * beat) * analysis.fps)
    return max(0, min(frames, arrivals[k] - arrivals[k - 1] - 1))
