"""Applies the artist's cues to the detected score.

Each kind of row is looked up in the score as corrected so far, in this order: tempo, beats and downbeats,
sections, drops, build-ups. So ``bar:17`` in a section row counts the corrected bars.

tempo     From ``at`` to ``until`` (else the next tempo row, else the end) beats come evenly. The first beat or
          downbeat row inside fixes where; without one a beat falls on ``at``, and for a row at the very start
          on the detected beats.
beat      A beat falls exactly there. The nearest beat moves there, those around it follow, less and less, over
          four beats on either side; between two such rows all beats do.
downbeat  The same, and bars count from there on: as many beats as its value says, to the next downbeat row; without a
          value as many as before, to where the metre was found to change. Where a tempo row has laid the beats, its
          first downbeat counts backwards too.
section   The label holds from ``at`` to ``until`` (else the next section row of the file, else the next detected
          boundary); boundaries in between go, and what is left of a section that is shorter than a bar joins
          its neighbour.
drop      A drop, replacing one detected less than a bar away. ``no`` removes that one. A detected drop that is
          replaced, or gone while one of the artist's is near, has moved: its build-up moves along, as long as it was
          unless a section would be in its way, and the section that began with it begins there. A build-up whose
          drop is gone goes too.
build     A build-up, replacing those that it overlaps. ``no`` removes them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Analysis, Score, Section
from avwalk.errors import OptionError
from avwalk.score.cue_cells import SCORE
from avwalk.score.cues import Cue, Cues
from avwalk.score.drop_rows import with_drops
from avwalk.score.findings import findings
from avwalk.score.musical_time import Moment, bar_seconds, clock, label_meant, resolve
from avwalk.score.stretches import is_same_metre, retimed, stretch_at, with_meter, with_stretch

Times = NDArray[np.float64]
REACH = 4  # beats on either side that follow a beat which is moved


@dataclass(frozen=True)
class _Mark:
    """A beat placed by the artist; ``bar``: beats of the bar that begins there, 0 for as before."""

    at: float
    downbeat: bool
    bar: int


def correct(analysis: Analysis, cues: Cues) -> tuple[Score, list[str]]:
    """The corrected score, and the problems of the cues' times, one line each.

    Args:
        analysis: as detected. Its signals are used only for ``loudest`` and ``quietest``.
        cues: the artist's.
    """
    times = _CueTimes(analysis)
    found = _without_removed(analysis.score, cues.removed)
    times.use(found)
    score = _with_tempo(found, cues, times)
    times.use(score)
    kept: dict[str, list[float]] = {"section": [], "downbeat": []}
    for finding in findings(analysis.score):
        changes = finding.what == "section" or finding.index > 0  # the first downbeat changes no metre
        if finding.what in kept and finding.mark in cues.unchanged and changes:
            kept[finding.what].append(finding.seconds)
    score = _with_beats(score, cues, times, kept["downbeat"])
    times.use(score)
    placed = {edge for at, until, _ in times.spans(cues.of("section")) for edge in (at, until)}
    score = replace(score, sections=_sections(score, cues, times, kept["section"]))
    times.use(score)
    gone = [float(drop) for drop in np.setdiff1d(analysis.score.drops, found.drops)]
    told = times.spans(cues.of("drop"))
    _warn_of_nothing(analysis.score, told, bar_seconds(score))
    rows = [(at, cue.value == "no") for at, _, cue in told]
    score = with_drops(score, rows, gone, placed, bar_seconds(score))
    times.use(score)
    score = replace(score, builds=_builds(score, cues, times))
    times.use(score)
    for cue in cues.rows:  # automations are resolved when they are used; their problems are reported now
        if cue.what not in SCORE:
            times.span(cue)
    return score, list(dict.fromkeys(times.problems))


def _warn_of_nothing(found: Score, rows: Sequence[tuple[float, float | None, Cue]], near: float) -> None:
    """Says which rows take away a drop where none was found."""
    for at, _, cue in rows:
        if cue.value == "no" and not (np.abs(found.drops - at) < near).any():
            there = f"those found are at {', '.join(map(clock, found.drops))}" if len(found.drops) else "none was found"
            place = cue.locations.get("at", "cues")
            logging.getLogger(__name__).warning("%s: no drop is near %s to be taken away; %s", place, clock(at), there)


class _CueTimes:
    """Resolves the times of cues to seconds, and collects their problems."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.problems: list[str] = []

    def use(self, score: Score) -> None:
        """Resolves against this score from now on."""
        self.analysis = replace(self.analysis, score=score)

    def at(self, cue: Cue, column: str = "at") -> float | None:
        """Seconds; None when there is no such time."""
        moment: Moment | None = cue.at if column == "at" else cue.until
        if moment is None:
            return None
        try:
            at = resolve(moment, self.analysis, beyond=column == "until")
        except OptionError as error:
            self.problems.append(f"{cue.locations.get(column, 'cues')}: {error}")
            return None
        return min(at, self.analysis.duration)

    def span(self, cue: Cue) -> tuple[float, float | None] | None:
        """Where a cue begins and ends, (at, None) without an end; None after a problem."""
        at = self.at(cue)
        if at is None or cue.until is None:
            return None if at is None else (at, None)
        until = self.at(cue, "until")
        if until is None:
            return None
        if until <= at:
            place = cue.locations.get("until", "cues")
            self.problems.append(f"{place}: until '{cue.until.text}' is not after at '{cue.at.text}' in this song")
            return None
        return at, until

    def spans(self, rows: Sequence[Cue]) -> list[tuple[float, float | None, Cue]]:
        """The valid rows, by start."""
        found = [(*span, cue) for cue in rows if (span := self.span(cue))]
        return sorted(found, key=lambda span: span[0])


def _without_removed(score: Score, removed: frozenset[str]) -> Score:
    """The score without the sections, build-ups and drops whose rows the artist has changed or taken out."""
    gone = {(finding.what, finding.index) for finding in findings(score) if finding.mark in removed}
    drops = [drop for k, drop in enumerate(score.drops) if ("drop", k) not in gone]
    builds = tuple(build for k, build in enumerate(score.builds) if ("build", k) not in gone)
    sections: list[Section] = []
    start = None
    for k, section in enumerate(score.sections):
        if ("section", k) not in gone:
            sections.append(section if start is None else replace(section, start=start))
            start = None
        elif sections:
            sections[-1] = replace(sections[-1], end=section.end)
        else:
            start = score.sections[0].start
    # all are taken out: something must be there, and the first was found
    kept = tuple(sections) or (replace(score.sections[0], end=score.sections[-1].end),)
    return replace(score, drops=np.array(drops, np.float64), builds=builds, sections=kept)


def _with_tempo(score: Score, cues: Cues, times: _CueTimes) -> Score:
    """Even beats where the artist gives a tempo; bars follow the downbeats that were found nearest."""
    regions = times.spans(cues.of("tempo"))
    if not regions:
        return score
    marks = _marks(cues, times)
    beats, bars, stretches = score.beats, score.bars, score.stretches
    for k, (at, until, cue) in enumerate(regions):
        following = regions[k + 1][0] if k + 1 < len(regions) else times.analysis.duration
        end = min(following, until if until is not None else following)
        bpm, found = float(cue.value), stretch_at(score.stretches, at)
        period, meter = 60 / bpm, _meter(score, at)
        inside = [mark for mark in marks if at <= mark.at < end]
        if inside:
            anchor = inside[0].at
        elif at > 0 or len(score.beats) == 0:
            anchor = at
        else:
            anchor = _phase(score.beats[score.beats < end], period)
        first = int(np.ceil((at - anchor) / period - 1e-9))
        last = int(np.ceil((end - anchor) / period - 1e-9))
        grid = np.asarray(anchor + np.arange(first, last) * period, np.float64)
        downbeats = [mark for mark in inside if mark.downbeat]
        if downbeats:
            start = int(np.argmin(np.abs(grid - downbeats[0].at))) if len(grid) else 0
            meter = downbeats[0].bar or meter
        else:
            start = _bar_start(grid, at, meter, bars[(bars >= at) & (bars < end)], period)
        beats, bars = _spliced(beats, grid, at, end), _spliced(bars, grid[start % meter :: meter], at, end)
        bars = bars[np.isin(bars, beats)]  # a beat that was too near to the new ones takes its bar along
        stretches = with_stretch(stretches, retimed(found, at, end, bpm, meter))
    whole = len(regions) == 1 and regions[0][0] == 0 and regions[0][1] is None
    tempo = float(regions[0][2].value) if whole else _tempo(beats)
    return replace(score, tempo_bpm=tempo, beats=beats, bars=bars, stretches=stretches, second_bpm=0.0)


def _phase(found: Times, period: float) -> float:
    """Where beats of this period lie nearest to those found: their circular mean; else the first found."""
    if len(found) == 0:
        return 0.0
    turn = np.exp(2j * np.pi * (found - found[0]) / period).mean()
    return float(found[0]) + (float(np.angle(turn)) / (2 * np.pi) * period if abs(turn) > 0.5 else 0.0)


def _bar_start(grid: Times, at: float, meter: int, bars: Times, period: float) -> int:
    """Which beat of a grid begins a bar: the one that most bars found agree with, else the one at ``at``."""
    if len(grid) == 0 or len(bars) == 0:
        return 0
    nearest = np.rint((bars - grid[0]) / period).astype(int)
    return int(np.bincount(nearest % meter, minlength=meter).argmax())


def _spliced(marks: Times, grid: Times, at: float, end: float) -> Times:
    """The grid between ``at`` and ``end``, what was there before and after; no two nearer than a third."""
    if len(grid) == 0:
        return marks[(marks < at) | (marks >= end)]
    room = float(np.median(np.diff(grid))) / 3 if len(grid) > 1 else 0.1
    before, after = marks[marks < min(at, grid[0] - room)], marks[marks >= max(end, grid[-1] + room)]
    return np.concatenate([before, grid, after])


def _with_beats(score: Score, cues: Cues, times: _CueTimes, kept: list[float]) -> Score:
    """Beats pulled to where the artist has put them; bars counted from the artist's downbeats.

    ``kept``: where downbeats are in the file, with their metre, as they were found.
    """
    marks = _marks(cues, times)
    if not marks:
        return score
    meter, is_told, stretches = 0, False, score.stretches
    is_bar = np.isin(score.beats, score.bars)
    beats, is_bar = _pulled(score.beats, is_bar, np.array([mark.at for mark in marks]))
    downbeats = [mark for mark in marks if mark.downbeat]
    for mark in downbeats:
        is_told = is_told or mark.bar > 0
        meter = mark.bar or (meter if is_told else _meter(score, mark.at))
        ends = kept if is_told else _changes(score, mark.at)
        ends = [end for end in (*ends, *(other.at for other in downbeats)) if end > mark.at]
        end = min(ends, default=np.inf)
        start = int(np.argmin(np.abs(beats - mark.at)))
        stop = int(np.argmin(np.abs(beats - end))) if ends else len(beats)
        is_bar[start:stop] = False
        is_bar[start:stop:meter] = True
        if is_told:
            stretches = with_meter(stretches, mark.at, end, meter)
    tempo = _tempo(beats, score.tempo_bpm)
    return replace(score, tempo_bpm=tempo, beats=beats, bars=beats[is_bar], stretches=stretches)


def _changes(score: Score, at: float) -> list[float]:
    """Where the metre that was found at a time changes, behind it."""
    found = stretch_at(score.stretches, at)
    return [s.start for s in score.stretches if found and s.start > at and not is_same_metre(s, found)]


def _marks(cues: Cues, times: _CueTimes) -> list[_Mark]:
    found: dict[float, _Mark] = {}
    for cue in cues.of("beat", "downbeat"):
        at = times.at(cue)
        if at is not None and not (at in found and cue.what == "beat"):
            found[at] = _Mark(at, cue.what == "downbeat", int(cue.value or 0))
    return [found[at] for at in sorted(found)]


def _pulled(beats: Times, is_bar: NDArray[np.bool_], marks: Times) -> tuple[Times, NDArray[np.bool_]]:
    """Beats warped so that each mark is one: (beats, which of them begin bars)."""
    if len(beats) < 2:
        return marks, np.zeros(len(marks), bool)
    period = float(np.median(np.diff(beats)))
    index = np.arange(len(beats), dtype=np.float64)
    taken: dict[int, float] = {}
    for at in marks:  # each mark takes the beat nearest to it; of two that want the same, the nearer
        k = int(np.argmin(np.abs(beats - at)))
        if abs(beats[k] - at) <= period / 2 and (k not in taken or abs(beats[k] - at) < abs(beats[k] - taken[k])):
            taken[k] = float(at)
    if taken:
        ks = sorted(taken)
        moved = np.array([taken[k] - beats[k] for k in ks])
        knots = np.array([ks[0] - REACH, *ks, ks[-1] + REACH], np.float64)
        inner: list[tuple[float, float]] = [(float(k), float(m)) for k, m in zip(ks, moved, strict=True)]
        inner += [(knots[0], 0.0), (knots[-1], 0.0)]
        inner.sort()
        warped = beats + np.interp(index, [k for k, _ in inner], [m for _, m in inner])
        for k in ks:
            warped[k] = taken[k]
    else:
        warped = beats.copy()
    kept = np.ones(len(warped), bool)
    for at in marks:  # beats squeezed against a mark go
        near = np.abs(warped - at) < period / 3
        kept &= ~near | np.isin(warped, marks)
    new = np.setdiff1d(marks, warped)
    out = np.concatenate([warped[kept], new])
    flags = np.concatenate([is_bar[kept], np.zeros(len(new), bool)])
    order = np.argsort(out, kind="stable")
    return out[order], flags[order]


def _meter(score: Score, at: float) -> int:
    """Beats of a bar at a time, 4 when it cannot be told."""
    found = stretch_at(score.stretches, at)
    if found is not None and found.meter > 0:
        return found.meter
    if len(score.bars) < 2:
        return 4
    return max(1, int(np.median(np.diff(np.searchsorted(score.beats, score.bars - 1e-9)))))


def _tempo(beats: Times, before: float = 0.0) -> float:
    """Median tempo; the one before where it has not changed."""
    if len(beats) < 2:
        return 0.0
    bpm = 60 / float(np.median(np.diff(beats)))
    return before if abs(bpm - before) < 1e-3 * bpm else bpm


def _sections(score: Score, cues: Cues, times: _CueTimes, kept: list[float]) -> tuple[Section, ...]:
    """The artist's sections over those found; what is left of a section, if less than a bar, goes to a neighbour.

    ``kept``: where sections begin that are in the file as they were found.
    """
    rows = times.spans(cues.of("section"))
    if not rows:
        return score.sections
    end, shortest = times.analysis.duration, bar_seconds(score)
    pieces = [(section, False) for section in score.sections]
    for k, (at, until, cue) in enumerate(rows):
        if until is None:
            later = [start for start, _, _ in rows[k + 1 :] if start > at]
            later += [start for start in kept if start > at + shortest]
            later = later or [section.start for section in score.sections if section.start > at + shortest]
            until = min(later, default=end)
        if until > at:
            mine = Section(at, until, label_meant(cue.value, score.sections))
            pieces = [piece for old in pieces for piece in _outside(old, at, until)] + [(mine, True)]
            pieces.sort(key=lambda piece: piece[0].start)
    out: list[tuple[Section, bool]] = []
    hanging: float | None = None  # start of a scrap that waits for the section behind it
    for k, (section, artists) in enumerate(pieces):
        start = section.start if hanging is None else hanging
        hanging = None
        if artists or section.end - start >= shortest or len(pieces) == 1:
            out.append((replace(section, start=start), artists))
        elif k + 1 < len(pieces) and (not out or (out[-1][1] and not pieces[k + 1][1])):
            hanging = start
        elif out:
            out[-1] = (replace(out[-1][0], end=section.end), out[-1][1])
        else:
            out.append((replace(section, start=start), artists))
    return tuple(section for section, _ in out)


def _outside(piece: tuple[Section, bool], at: float, until: float) -> list[tuple[Section, bool]]:
    """What is left of a section outside [at, until)."""
    section, artists = piece
    left, right = replace(section, end=min(section.end, at)), replace(section, start=max(section.start, until))
    return [(part, artists) for part in (left, right) if part.end > part.start]


def _builds(score: Score, cues: Cues, times: _CueTimes) -> tuple[tuple[float, float], ...]:
    """The artist's build-ups instead of those found that they overlap; without an end, to the next drop."""
    builds = list(score.builds)
    for at, until, cue in times.spans(cues.of("build")):
        later = score.drops[score.drops > at]
        if until is None and len(later) == 0 and cue.value != "no":
            times.problems.append(
                f"{cue.locations.get('until', cue.locations.get('at', 'cues'))}: a build at '{cue.at.text}' has no "
                "drop behind it; give its end in the column 'until'"
            )
            continue
        end = until if until is not None else float(later[0]) if len(later) else times.analysis.duration
        reach = end if until is not None or cue.value != "no" else at + bar_seconds(score)
        builds = [build for build in builds if build[1] <= at or build[0] >= reach]
        if cue.value != "no":
            builds.append((at, end))
    return tuple(sorted(builds))
