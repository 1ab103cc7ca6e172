"""Tunes with chords that others wrote: the Nottingham Music Database, as MIDI files of melody and chords."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import mido

from tools.hearing.scores import DoubtfulScore, Event

_CHORDS = {
    (0, 4, 7): "", (0, 3, 7): "m", (0, 4, 7, 10): "7", (0, 3, 7, 10): "m7", (0, 3, 6): "dim", (0, 4, 8): "aug",
    (0, 3, 6, 9): "dim7", (0, 4, 7, 9): "6", (0, 4, 7, 11): "M7", (0, 3, 6, 10): "m7b5", (0, 3, 7, 9): "m6",
}  # fmt: skip
"""Semitones above the root → what follows its name."""
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_ON_BARS = 0.9  # share of the bars that a chord begins with, or where bars begin is in doubt
_FEWEST = 8  # bars


@dataclass(frozen=True)
class Tune:
    """A melody with chords.

    Attributes:
        name: of the tune.
        meter: time signature.
        bars: how many.
        melody: notes by start, quarters.
        chords: (quarters, name) by start; the first at 0.
    """

    name: str
    meter: tuple[int, int]
    bars: int
    melody: tuple[Event, ...]
    chords: tuple[tuple[float, str], ...]

    @property
    def length(self) -> float:
        """Quarters of a bar."""
        return self.meter[0] * 4 / self.meter[1]


def read_tune(path: Path) -> Tune:
    """A tune of the database, whose repeats are written out; what comes before its first chord is left out.

    Raises:
        DoubtfulScore: it has no chords, chords without a name, more than one metre, or bars that do not begin where
            chords do.
    """
    try:
        file = mido.MidiFile(path, clip=True)
    except (OSError, EOFError, ValueError) as error:
        raise DoubtfulScore(f"{path.stem}: {error}") from error
    meters = {(m.numerator, m.denominator) for m in file.tracks[0] if m.type == "time_signature"}
    melody, chorded = (_track(file, k) for k in range(2))
    if len(meters) != 1 or not melody or not chorded:
        raise DoubtfulScore(f"{path.stem}: no melody with chords in one metre")
    meter = meters.pop()
    length = meter[0] * 4 / meter[1]
    first = chorded[0].start
    strokes = sorted({e.start - first for e in chorded})
    bars = math.ceil((max(e.start + e.length for e in melody) - first) / length - 0.01)
    on_bars = sum(abs(x / length - round(x / length)) < 0.01 for x in strokes)
    if bars < _FEWEST or on_bars < _ON_BARS * bars:
        raise DoubtfulScore(f"{path.stem}: {on_bars} of {bars} bars begin with a chord")
    chords = [(x, _named(path.stem, [e.pitch for e in chorded if e.start - first == x])) for x in strokes]
    notes = [Event(0, e.start - first, e.length, e.pitch, e.velocity) for e in melody if e.start >= first]
    return Tune(path.stem, meter, bars, tuple(notes), tuple(chords))


def _track(file: mido.MidiFile, k: int) -> list[Event]:
    """Notes of a track by start."""
    begun: dict[int, tuple[int, int]] = {}
    out, at = [], 0
    for message in file.tracks[k] if k < len(file.tracks) else []:
        at += message.time
        if message.type in ("note_on", "note_off"):
            if message.note in begun:
                start, velocity = begun.pop(message.note)
                length = (at - start) / file.ticks_per_beat
                out.append(Event(0, start / file.ticks_per_beat, length, message.note, velocity))
            if message.type == "note_on" and message.velocity:
                begun[message.note] = at, message.velocity
    return sorted(out, key=lambda e: (e.start, e.pitch))


def _named(tune: str, pitches: list[int]) -> str:
    """The chord's name; the lowest pitch is the root where that gives one."""
    for root in pitches:
        tones = tuple(sorted({(pitch - root) % 12 for pitch in pitches}))
        if tones in _CHORDS:
            return _NAMES[root % 12] + _CHORDS[tones]
    raise DoubtfulScore(f"{tune}: a chord without a name")
