"""Where the picture changes inside a section: at drops of the artist's, and before a shot becomes too long.

A change lies on a bar line; the best is a phrase's edge where the music changes most. Neighbours of one label count as
one section, and are parted where they meet from half of the longest shot on.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve, Score, Section
from avwalk.features.form.units import extend_marks

Array = NDArray[np.float64]

_SHORTEST = 8  # bars of a shot, where a section is divided into several
_CELL = 2.0  # seconds of a bar where there are none
_PHRASE = ((8, 0.5), (4, 0.25), (2, 0.1))  # bars from the section's start, and what their edge is worth in novelty
_SECTION = 1.0  # what the start of a section of the same label is worth that is too near to others to part them
_UNEVEN = 0.5  # cost of a shot that is shorter than its share by all of it


def cuts_within(sections: Sequence[Section], score: Score, longest: int, novelty: Curve | None, fps: Fraction) -> Array:
    """Times inside a run of sections of one label at which another world comes in, ascending, seconds.

    Args:
        sections: neighbours of one label.
        score: of the song.
        longest: bars of a shot.
        novelty: how much the music changes on each frame, 0 … 1; None is not known.
        fps: frames per second.
    """
    start, end = sections[0].start, sections[-1].end
    lines = _lines(score, end)
    bar = float(np.median(np.diff(lines))) if len(lines) > 1 else _CELL
    begins = np.array([section.start for section in sections])
    drops = [drop for drop in score.drops if start + bar <= drop <= end - bar]
    drops = [drop for drop in drops if np.abs(begins - drop).min() >= bar]
    # of a bar in which a section begins off its line only that place
    lines = np.unique([_nearest(begins, line) if np.abs(begins - line).min() < 0.9 * bar else line for line in lines])
    found = list(drops)
    if 2 * (end - start) > longest * bar:
        for begin in begins[1:]:
            if np.abs(np.array([start, *found, end]) - begin).min() >= (_SHORTEST - 0.5) * bar:
                found.append(float(begin))
    edges = sorted([start, *found, end])
    for a, b in pairwise(edges):
        inside = lines[(lines > a + 0.5 * bar) & (lines < b - 0.5 * bar)]
        count = len(inside) + 1
        if count > longest:
            worth = np.array([_worth(line, begins, bar, novelty, fps) for line in inside])
            found += [float(inside[k - 1]) for k in _divided(worth, count, longest)]
    return np.array(sorted(found))


def _nearest(times: Array, at: float) -> float:
    return float(times[np.abs(times - at).argmin()])


def _lines(score: Score, end: float) -> Array:
    """Bar lines of the song, extended to both ends; every two seconds where there are none."""
    if len(score.bars) < 2:
        return np.arange(0.0, end, _CELL)
    return extend_marks(score.bars, max(end, float(score.bars[-1])))


def _worth(line: float, begins: Array, bar: float, novelty: Curve | None, fps: Fraction) -> float:
    """What speaks for a change on a bar line."""
    value = 0.0
    if novelty is not None and len(novelty):
        at = round(line * float(fps))
        reach = max(1, round(0.25 * bar * float(fps)))
        value += float(novelty[max(0, at - reach) : at + reach + 1].max(initial=0.0))
    if line in begins:
        return value + _SECTION
    since = round((line - float(begins[begins <= line].max())) / bar)
    return value + next((worth for bars, worth in _PHRASE if since % bars == 0), 0.0)


def _divided(worth: Array, count: int, longest: int) -> list[int]:
    """The lines (1 … count − 1) that divide so many bars into as few shots as may be, none too long, at the best
    places."""
    pieces = -(-count // longest)
    shortest = min(_SHORTEST, count // pieces)
    share = count / pieces
    best = np.full((pieces + 1, count + 1), -np.inf)
    came_from = np.zeros((pieces + 1, count + 1), np.int64)
    best[0, 0] = 0.0
    for piece in range(1, pieces + 1):
        for k in range(1, count + 1):
            lengths = np.arange(shortest, min(longest, k) + 1)
            if len(lengths) == 0 or (k == count) != (piece == pieces):
                continue
            options = best[piece - 1, k - lengths] - _UNEVEN * np.maximum(0.0, 1 - lengths / share)
            own = int(options.argmax())
            best[piece, k] = options[own] + (worth[k - 1] if k < count else 0.0)
            came_from[piece, k] = k - lengths[own]
    found = [count]
    for piece in range(pieces, 0, -1):
        found.append(int(came_from[piece, found[-1]]))
    return found[-2:0:-1]
