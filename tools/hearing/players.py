"""Plays a song: drums, and bass, chords, pads, arpeggios and melody over chords that come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.hearing.drummer import Drummer
from tools.hearing.grooves import Groove
from tools.hearing.piece import Bar, Piece, Section
from tools.hearing.stage import Stage, grid
from tools.hearing.timeline import Timeline

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


@dataclass(frozen=True)
class Pattern:
    """How a section is played; sections with the same label share it.

    Attributes:
        chords: degrees of the scale, a chord a bar, coming round.
        split: two chords a bar.
        bass: kind of bass, 0 to 6.
        comp: kind of accompaniment, 0 to 6.
        arp: speed of the arpeggio, 0 to 2.
        arp_notes: notes until it comes round.
        seeds: eight, of rhythms and melodies.
        phrase: bars until a rhythm comes round.
        off: rhythms off the beat.
        long: long chords.
    """

    chords: tuple[int, ...]
    split: bool
    bass: int
    comp: int
    arp: int
    arp_notes: int
    seeds: tuple[int, ...]
    phrase: int
    off: bool
    long: bool


def draw_pattern(rng: np.random.Generator) -> Pattern:
    """A pattern; four in five begin on the tonic."""
    chords = [int(x) for x in rng.choice([0, 0, 3, 4, 5, 1, 2], size=int(rng.choice([1, 2, 4, 4, 8])))]
    if rng.random() < 0.8:
        chords[0] = 0
    return Pattern(
        chords=tuple(chords),
        split=rng.random() < 0.25,
        bass=int(rng.integers(0, 7)),
        comp=int(rng.integers(0, 7)),
        arp=int(rng.integers(0, 3)),
        arp_notes=int(rng.integers(3, 6)),
        seeds=tuple(int(x) for x in rng.integers(0, 1 << 30, size=8)),
        phrase=int(rng.choice([1, 2, 2, 4])),
        off=rng.random() < 0.25,
        long=rng.random() < 0.3,
    )


@dataclass(frozen=True)
class Chord:
    """A chord to be played.

    Attributes:
        bar: its bar.
        inside: bars since the section began.
        start: where it begins, units from the bar's start.
        end: where it ends.
        triad: three pitches, MIDI, in the lowest octave.
        pattern: of the section.
    """

    bar: Bar
    inside: int
    start: float
    end: float
    triad: tuple[int, int, int]
    pattern: Pattern

    def places(self, places: Sequence[float]) -> list[float]:
        """Those of ``places`` that lie in it."""
        return [x for x in places if self.start <= x < self.end]


def rhythm(bar: Bar, seed: int, density: float, off: bool) -> list[float]:
    """Places of a bar's notes, units from its start; the same for the same seed. ``off``: rather off the beat."""
    rng = np.random.default_rng(seed)
    out = []
    for x in grid(bar):
        beat, half = x % 1 < 0.01, abs(x % 1 - 0.5) < 0.01 or bar.style.sub == 3
        strong = 1.0 if beat else 0.6 if half else 0.25
        if off:
            strong = 0.35 if beat else 1.0 if half else 0.3
        if rng.random() < strong * density:
            out.append(x)
    return out


class Players:
    """All but the drums.

    Args:
        stage: takes the notes.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._tonic = int(stage.rng.integers(12))
        self._scale = _MINOR if stage.rng.random() < 0.5 else _MAJOR
        self._patterns = {label: draw_pattern(stage.rng) for label in "ABCD"}
        self.sings = False

    def play(self, bar: Bar, k: int, section: Section) -> None:
        """The notes of bar ``k`` of the song."""
        pattern, inside = self._patterns[section.label], k - section.first
        turns = 2 if pattern.split and bar.units in (2, 4) else 1
        for half in range(turns):
            d = pattern.chords[(inside * turns + half) % len(pattern.chords)]
            triad = (self._degree(d), self._degree(d + 2), self._degree(d + 4))
            a, b = half * bar.units / turns, (half + 1) * bar.units / turns
            chord = Chord(bar, inside, a, b, triad, pattern)
            if "bass" in section.roles:
                self._bass(chord)
            if "pad" in section.roles:
                self._pad(chord)
            if "comp" in section.roles:
                self._comp(chord)
            if "arp" in section.roles:
                self._arp(chord)
        if "lead" in section.roles:
            self._lead(bar, inside, pattern)

    def _degree(self, d: int) -> int:
        return self._tonic + self._scale[d % 7] + 12 * (d // 7)

    def _add(self, role: str, bar: Bar, x: float, units: float, pitch: float, velocity: float) -> None:
        self._stage.add(role, bar, x, units, pitch, velocity * self._stage.gain[role])

    def _bass(self, chord: Chord) -> None:
        rng, band = self._stage.rng, chord.bar.style.band
        places = sorted(set(chord.places(_bass_places(chord))) or {chord.start})
        for i, x in enumerate(places):
            after = places[i + 1] if i + 1 < len(places) else chord.end
            p = chord.triad[0] if rng.random() < 0.75 or band != "jazz" else int(rng.choice(chord.triad))
            octave = 12 if rng.random() < 0.12 else 0
            length = (after - x) * float(rng.choice([0.5, 0.92]))
            self._add("bass", chord.bar, x, length, 28 + (p - 28) % 12 + octave, 96)

    def _pad(self, chord: Chord) -> None:
        for p in chord.triad:
            pitch = 48 + p % 12 + (12 if p % 12 < 5 else 0)
            self._add("pad", chord.bar, chord.start, (chord.end - chord.start) * 0.97, pitch, 70)

    def _comp(self, chord: Chord) -> None:
        for x in chord.places(_comp_places(chord)):
            for p in chord.triad:
                self._add("comp", chord.bar, x, 0.9 if chord.pattern.long else 0.4, 52 + (p - 52) % 12, 76)

    def _arp(self, chord: Chord) -> None:
        rate, low = (1, 2, chord.bar.style.sub)[chord.pattern.arp], chord.triad[0]
        tones = [*chord.triad, low + 12, chord.triad[1] + 12]
        for i, x in enumerate(chord.places([k / rate for k in range(int(chord.bar.units * rate))])):
            p = tones[i % chord.pattern.arp_notes]
            self._add("arp", chord.bar, x, 0.8 / rate, 60 + p - low + low % 12, 72)

    def _lead(self, bar: Bar, inside: int, pattern: Pattern) -> None:
        seed = pattern.seeds[4 + inside % pattern.phrase]
        places = rhythm(bar, seed, 0.55, pattern.off)
        tones = np.random.default_rng(seed + 1).integers(-3, 8, size=64)
        octave = 0 if self.sings else 12 * (pattern.seeds[7] % 2)
        for i, x in enumerate(places):
            after = places[i + 1] if i + 1 < len(places) else bar.units
            pitch = self._degree(int(tones[i]) + 7) + 48 + octave
            velocity = 90 * self._stage.gain["lead"]
            self._stage.add("voice" if self.sings else "lead", bar, x, (after - x) * 0.92, pitch, velocity)


def _bass_places(chord: Chord) -> Sequence[float]:
    bar, style, pattern, kind = chord.bar, chord.bar.style, chord.pattern, chord.pattern.bass
    if style.band == "jazz" and kind < 4:
        return range(int(bar.units))
    if style.band == "reggae" and kind < 3:
        return (0.5, 1, 1.5, 2.5, 3, 3.5)
    if style.band == "folk" and kind < 3:
        return (0, bar.units / 2) if style.units in (2, 4) else (0,)
    if kind == 0:
        return (chord.start,)
    if kind == 1:
        return range(int(bar.units))
    if kind == 2:
        return grid(bar)[:: max(1, style.sub // 2)] if style.sub == 4 else grid(bar)
    if kind == 3 and style.kick:
        return style.kick
    if kind == 4 and style.sub == 4:
        return [x + 0.5 for x in range(int(bar.units))]
    return rhythm(bar, pattern.seeds[chord.inside % min(2, pattern.phrase)], 0.7, pattern.off) or (0,)


def _comp_places(chord: Chord) -> Sequence[float]:
    bar, style, pattern, kind = chord.bar, chord.bar.style, chord.pattern, chord.pattern.comp
    units = range(int(bar.units))
    if style.band == "reggae" and kind < 5:
        if style.low > 100:  # ska
            return [x + 0.5 for x in units]
        return (1, 3) if kind < 2 else (0.5, 1.5, 2.5, 3.5)
    if style.band == "latin" and kind < 3:
        return (0, 0.5, 1.5, 2.5, 3.5)
    if style.band in ("folk", "brass") and kind < 4:
        if len(units) == 2:
            return [x + 0.5 for x in units]
        return units[1:] if len(units) == 3 else (1, 3)
    kinds: dict[int, Sequence[float]] = {
        0: (chord.start,),
        1: units,
        2: [x + (0.5 if style.sub == 4 else 2 / 3) for x in units],
        3: grid(bar)[:: max(1, style.sub // 2)],
        4: grid(bar) if style.sub == 3 else units,
    }
    of_seed = pattern.seeds[2 + chord.inside % min(2, pattern.phrase)]
    return kinds.get(kind) or rhythm(bar, of_seed, 0.5, pattern.off)


def play(
    rng: np.random.Generator,
    piece: Piece,
    bars: Sequence[Bar],
    sections: Sequence[Section],
    timeline: Timeline,
    groove: Groove | None,
) -> None:
    """Fills the piece with the notes of all bars but the last."""
    stage = Stage(rng, piece, timeline)
    players = Players(stage)
    drummer = Drummer(stage, groove)
    players.sings = rng.random() < piece.band.vocal
    for k, bar in enumerate(bars[:-1]):
        section = sections[bar.section]
        if "drums" in section.roles and piece.drums:
            drummer.play(bar, k, section)
        players.play(bar, k, section)
