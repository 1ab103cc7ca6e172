"""Chords of one key and its relative minor, their progressions by mood, and how voices lead from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise, product

import numpy as np

from avwalk.story_music.moods import Mood

MAJOR = (0, 2, 4, 5, 7, 9, 11)
"""Semitones of the major scale; the relative minor has the same notes from the sixth on."""
LOWEST, HIGHEST = 52, 77
"""MIDI notes between which chords are voiced."""
_NAMES = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]


@dataclass(frozen=True)
class Chord:
    """A chord of a key.

    Attributes:
        degree: of its root in the major scale, 0 to 6; 5 is the tonic of the relative minor.
        colour: ``""`` (triad), ``"7"``, ``"9"`` (added ninth), or ``"V"``: a dominant of the minor, its third raised.
    """

    degree: int
    colour: str = ""

    def pitches(self, tonic: int) -> tuple[int, ...]:
        """Pitch classes in a key, root first; ``tonic``: pitch class of the major key."""
        steps = (0, 2, 4, *((6,) if self.colour in ("7", "V") else (8,) if self.colour == "9" else ()))
        notes = [MAJOR[(self.degree + step) % 7] for step in steps]
        if self.colour == "V":
            notes[1] += 1
        return tuple((tonic + note) % 12 for note in notes)

    def scale(self, tonic: int) -> tuple[int, ...]:
        """Pitch classes that melodies may use over it, sorted."""
        raised = MAJOR[(self.degree + 2) % 7]
        return tuple(sorted((tonic + note + (self.colour == "V" and note == raised)) % 12 for note in MAJOR))


_MAJOR_SETS: tuple[tuple[int, ...], ...] = ((0, 5, 3, 4), (0, 2, 3, 4), (0, 3, 5, 4), (0, 4, 5, 3), (3, 0, 3, 4))
_BRIGHT: tuple[tuple[int, ...], ...] = ((0, 3, 0, 4), (0, 4, 3, 4), (3, 4, 0, 5), (0, 3, 1, 4))
_FLOATING: tuple[tuple[int, ...], ...] = ((3, 0, 3, 5), (0, 3, 2, 3), (3, 4, 2, 5))
_MINOR: tuple[tuple[int, ...], ...] = ((5, 3, 0, 4), (5, 1, 3, 4), (5, 0, 3, 1), (5, 3, 1, 4))
_PULLING: tuple[tuple[int, ...], ...] = ((5, 3, 1, 2), (5, 4, 3, 2), (5, 1, 5, 2))


def progression(mood: Mood, minor: bool, n_bars: int, rng: np.random.Generator) -> list[Chord]:
    """Chords of a section, one for each bar."""
    if minor:
        table = _PULLING if mood.tension >= 0.5 else _MINOR
        colour = "" if mood.tension >= 0.5 else "9" if mood.arousal < 0.3 else ""
    elif mood.name == "wonder":
        table, colour = _FLOATING, "9"
    elif mood.arousal >= 0.6:
        table, colour = _BRIGHT, ""
    else:
        table, colour = _MAJOR_SETS, "9" if mood.arousal < 0.3 else "7" if mood.valence < 0.5 else ""
    degrees = table[int(rng.integers(len(table)))]
    chords = []
    for bar in range(n_bars):
        degree = degrees[bar % 4]
        # A seventh on the dominant only: elsewhere a major seventh would rub against the melody.
        own = "V" if minor and degree == 2 else ("7" if degree in (4, 1, 5) else "") if colour == "7" else colour
        # The ninths of iii and vii are no notes of the chord's own sound: they lie a semitone above its root.
        chords.append(Chord(degree, "" if own == "9" and degree in (2, 6) else own))
    return chords


def cadence(chords: Sequence[Chord], minor: bool) -> list[Chord]:
    """The same bars with an ending: subdominant, dominant, tonic (authentic cadence); as much of it as fits."""
    tonic = 5 if minor else 0
    ending = [Chord(1 if minor else 3), Chord(2, "V") if minor else Chord(4, "7"), Chord(tonic)]
    n = min(len(chords), 3)
    return [*chords[: len(chords) - n], *ending[3 - n :]]


@cache
def _voicings(pitches: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """All ways of setting a chord in four voices (three for a triad whose root is not doubled), low to high."""
    places = [[note for note in range(LOWEST, HIGHEST) if note % 12 == pitch] for pitch in pitches]
    if len(pitches) == 3:
        places.append(places[0])  # the root twice
    found = set()
    for notes in product(*places):
        voices = tuple(sorted(notes))
        gaps = [b - a for a, b in pairwise(voices)]
        low_clear = all(gap >= 3 for note, gap in zip(voices, gaps, strict=False) if note < 57)
        rubs = any(b - a in (1, 13) for a, b in combinations(voices, 2))  # a minor second or ninth; a seventh does not
        if len(set(voices)) == 4 and not rubs and min(gaps) >= 2 and max(gaps) <= 9 and low_clear:
            found.add(voices)
    return tuple(sorted(found))


def voiced(pitches: tuple[int, ...], before: Sequence[int] | None) -> tuple[int, ...]:
    """A chord in four voices, each moving as little as may be from the chord before.

    Args:
        pitches: pitch classes, root first.
        before: four MIDI notes, low to high; None: the first chord.

    Returns:
        Four MIDI notes, low to high.
    """
    aim = before or (55, 60, 64, 67)

    def movement(voices: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        steps = [b - a for a, b in zip(aim, voices, strict=True)]
        parallel = len({step > 0 for step in steps}) == 1 and 0 not in steps  # all in one direction
        drift = abs(sum(voices) / 4 - 63)
        return sum(abs(step) for step in steps) + 2.0 * parallel + 0.35 * drift, voices

    return min(_voicings(pitches), key=movement)


def key_name(tonic: int, minor: bool) -> str:
    """``"A minor"``; ``tonic``: pitch class of the major key."""
    return f"{_NAMES[(tonic + 9) % 12]} minor" if minor else f"{_NAMES[tonic % 12]} major"
