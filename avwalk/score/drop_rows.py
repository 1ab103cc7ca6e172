"""The artist's drops in the score, and what follows a drop that moves: its build-up, and the section that it begins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from avwalk.contracts import Score, Section

MOVED = 16
"""Bars at most from a drop that is gone to the artist's that it has moved to."""
_EXACT = 0.01  # seconds


def with_drops(
    score: Score,
    rows: Sequence[tuple[float, bool]],
    gone: Sequence[float],
    placed: Collection[float | None],
    bar: float,
) -> Score:
    """The artist's drops, and what follows them.

    A drop of the artist's replaces one less than a bar away: that has moved. A drop that is gone has moved to the
    nearest new one, if that is near. The build-up to a drop that has moved moves along, see `_led_to`, and the section
    that began with it begins there; the build-up to a drop that is gone goes.

    Args:
        score: with corrected sections.
        rows: when, and whether there is none.
        gone: drops that were found and whose rows the artist has changed or taken out.
        placed: where the artist has put boundaries of sections; these stay.
        bar: seconds of a bar.
    """
    drops, missing = [float(drop) for drop in score.drops], list(gone)
    new, denied = list[float](), list[float]()
    moved: dict[float, float] = {}
    for at, no_drop in rows:
        replaced = [drop for drop in drops if abs(drop - at) < bar]
        drops = [drop for drop in drops if abs(drop - at) >= bar]
        if no_drop:
            missing += replaced
            denied.append(at)
        else:
            new.append(at)
            moved |= dict.fromkeys(replaced, at)
    for old in missing:
        free = [at for at in new if at not in moved.values() and abs(at - old) <= MOVED * bar]
        if free:
            moved[old] = min(free, key=lambda at: abs(at - old))
    builds = []
    for start, end in score.builds:
        to = [at for old, at in moved.items() if abs(end - old) < bar] or [at for at in new if abs(end - at) < bar]
        if to:
            builds += _led_to(score.sections, (start, end), to[0], 2 * bar)
        elif not to and not any(abs(end - old) < bar for old in (*missing, *denied)):
            builds.append((start, end))
    sections = score.sections
    for old, at in moved.items():
        if old not in placed:
            sections = _begun_at(sections, old, at, bar)
    every = np.unique(np.array([*drops, *new], np.float64))
    return replace(score, drops=every, builds=tuple(builds), sections=sections)


def _led_to(
    sections: Sequence[Section], build: tuple[float, float], at: float, shortest: float
) -> list[tuple[float, float]]:
    """A build-up that leads to another place: as long as it was, but it begins no earlier than the section in which it
    began, or where the drop is before that, the one that leads to the drop. Of less than ``shortest`` there
    is none."""
    start, end = build
    first = max((s.start for s in sections if s.start <= min(start, at - shortest)), default=0.0)
    begin = max(at - (end - start), first)
    return [(begin, at)] if at - begin >= min(shortest, end - start) - _EXACT else []


def _begun_at(sections: tuple[Section, ...], old: float, at: float, shortest: float) -> tuple[Section, ...]:
    """The section that began at ``old`` begins at ``at``, if it and the one before keep a bar."""
    out = list(sections)
    for k in range(1, len(out)):
        room = out[k - 1].start + shortest <= at <= out[k].end - shortest
        if abs(out[k].start - old) < _EXACT and room:
            out[k - 1], out[k] = replace(out[k - 1], end=at), replace(out[k], start=at)
    return tuple(out)
