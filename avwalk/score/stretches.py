"""Stretches of a song in one tempo and metre: their names, and what the artist's cues make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from avwalk.contracts import Stretch

SWINGS = 0.54  # place of the off-beat from which people hear a swing
SAME_TEMPO = 0.04  # relative: less is the same tempo played a little faster
_SHORT = 1e-6  # seconds: less is nothing


def metre_name(stretch: Stretch) -> str:
    """``"4/4"``, ``"6/8"`` for two beats of three eighths; empty where it cannot be told."""
    if stretch.meter <= 0:
        return ""
    return f"{3 * stretch.meter}/8" if stretch.division == 3 else f"{stretch.meter}/4"


def is_same_metre(a: Stretch, b: Stretch) -> bool:
    """Whether bars have as many beats in both, divided alike."""
    return (a.meter, a.division) == (b.meter, b.division)


def is_same_tempo(a: float, b: float) -> bool:
    """Whether two tempos differ by no more than players do."""
    return a > 0 and abs(b / a - 1) <= SAME_TEMPO


def stretch_at(stretches: Sequence[Stretch], time: float) -> Stretch | None:
    """The one that a time lies in, else the last one before it, else the first; None if there is none."""
    before = [stretch for stretch in stretches if stretch.start <= time + _SHORT]
    return before[-1] if before else stretches[0] if stretches else None


def with_stretch(stretches: Sequence[Stretch], new: Stretch) -> tuple[Stretch, ...]:
    """A stretch laid over the others, of which remains what lies outside it."""
    pieces = [new]
    for old in stretches:
        pieces.append(replace(old, end=min(old.end, new.start)))
        pieces.append(replace(old, start=max(old.start, new.end)))
    return tuple(sorted((p for p in pieces if p.end - p.start > _SHORT), key=lambda p: p.start))


def with_meter(stretches: Sequence[Stretch], start: float, end: float, meter: int) -> tuple[Stretch, ...]:
    """What lies between two times has this metre, as the artist says."""
    out = tuple(stretches)
    for old in stretches:
        beat = 60 / old.tempo_bpm if old.tempo_bpm > 0 else 0.0
        begin = old.start if old.start <= start < old.start + beat / 2 else start  # a row is rounded to milliseconds
        part = replace(old, start=max(old.start, begin), end=min(old.end, end), meter=meter, confidence=1.0)
        if part.end - part.start > _SHORT:
            out = with_stretch(out, part)
    return merged(out)


def merged(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Neighbours in all but time and confidence alike become one, as sure as the less sure of them."""
    out: list[Stretch] = []
    for each in stretches:
        alike = out and replace(each, start=out[-1].start, end=out[-1].end, confidence=out[-1].confidence) == out[-1]
        if alike and each.start - out[-1].end <= _SHORT:
            out[-1] = replace(out[-1], end=each.end, confidence=min(out[-1].confidence, each.confidence))
        else:
            out.append(each)
    return tuple(out)


def retimed(before: Stretch | None, start: float, end: float, tempo: float, meter: int) -> Stretch:
    """A stretch that the artist gives a tempo: a beat is divided as before if it is the same beat, else in two."""
    if before is not None and is_same_tempo(before.tempo_bpm, tempo):
        return Stretch(start, end, tempo, meter, before.division, before.swing, tempo_given=True)
    return Stretch(start, end, tempo, meter, tempo_given=True)
