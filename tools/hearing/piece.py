"""A song as notes, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.hearing.bands import Band
from tools.hearing.styles import Style

KICK, SNARE = frozenset({35, 36}), frozenset({37, 38, 39, 40})
HAT = frozenset({22, 26, 42, 44, 46, 49, 51, 52, 53, 55, 57, 59})
"""Pitches of General MIDI's drums, and 22 and 26 of the kit of the Groove MIDI Dataset: hi-hats and cymbals."""
ROLES = ("bass", "comp", "pad", "lead", "arp")
"""Who plays pitched notes; drums and voice besides."""


@dataclass(frozen=True)
class Note:
    """A note.

    Attributes:
        role: ``"drums"``, one of `ROLES`, or ``"voice"``; ``"part0"`` and so on of a score that others wrote.
        start: seconds.
        length: seconds.
        pitch: MIDI, 20 to 108.
        velocity: MIDI, 1 to 127.
    """

    role: str
    start: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Bar:
    """A bar.

    Attributes:
        start: units from the beginning of the song.
        units: its length.
        beats: where people tap, units from its start.
        style: how it is played.
        section: index of its section.
    """

    start: float
    units: float
    beats: tuple[float, ...]
    style: Style
    section: int


@dataclass(frozen=True)
class Section:
    """A part of the song.

    Attributes:
        label: one of ``ABCD``; the same letter is the same music.
        first: its first bar.
        bars: how many.
        roles: who plays.
    """

    label: str
    first: int
    bars: int
    roles: frozenset[str]


@dataclass
class Piece:
    """A song as notes, and the truth. Times are in seconds, ascending.

    Attributes:
        style: a key of `STYLES`, or the name of a score.
        band: of that style.
        notes: in no order.
        beats: where people tap, until the last note.
        downbeats: where bars begin.
        sections: where sections begin.
        bpm: units per minute at the start.
        meter: beats in the first bar.
        swing: where the second half of a unit begins, 0.5 is straight.
        drift: the tempo changes.
        drums: there are drums.
        programs: General MIDI program by role.
        synthesised: by role: our synthesisers play it, not a soundfont.
        irregular: ``"add"`` (bars longer or shorter than the others), ``"meter"`` (it changes), ``"pause"``,
            ``"silence"``, ``"tempo"`` (it changes), ``"rit"`` (slower at the end of sections), or ``""``.
        silences: (start, end) where nothing sounds.
        unknown: ``"downbeats"`` or ``"sections"``, where nobody knows them.
    """

    style: str
    band: Band
    notes: list[Note]
    beats: list[float]
    downbeats: list[float]
    sections: list[float]
    bpm: float
    meter: int
    swing: float
    drift: bool
    drums: bool
    programs: dict[str, int]
    synthesised: dict[str, bool]
    irregular: str = ""
    silences: list[tuple[float, float]] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
