"""What is played: notes, sections, and the clock of beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from avwalk.errors import OptionError
from avwalk.story_music.harmony import Chord, cadence, progression
from avwalk.story_music.moods import Mood

MOST_SECONDS = 3600.0
"""Of a piece: it is made in memory."""
SLOWEST, FASTEST = 62.0, 112.0
"""Beats a minute at arousal 0 and 1."""


@dataclass(frozen=True)
class Note:
    """A note.

    Attributes:
        start: seconds.
        seconds: how long it is held; what rings on is the instrument's.
        pitch: MIDI note; of percussion: 0.
        velocity: 0 to 1.
        voice: instrument.
        pan: −1 (left) to 1 (right).
    """

    start: float
    seconds: float
    pitch: int
    velocity: float
    voice: str
    pan: float = 0.0


@dataclass(frozen=True)
class Bar:
    """A bar.

    Attributes:
        start: seconds.
        beats: how many, mostly 4.
        beat_s: seconds of each.
        chord: that is heard in it.
    """

    start: float
    beats: int
    beat_s: float
    chord: Chord

    @property
    def end(self) -> float:
        """Seconds."""
        return self.start + self.beats * self.beat_s

    def at(self, beat: float) -> float:
        """The time of a beat of it, counted from 0."""
        return self.start + beat * self.beat_s


@dataclass(frozen=True)
class Section:
    """The music of a storylet: it begins and ends with it.

    Attributes:
        start: seconds.
        end: seconds.
        mood: what it is to feel like.
        minor: whether it is in the relative minor.
        bars: of the section, in order.
    """

    start: float
    end: float
    mood: Mood
    minor: bool
    bars: tuple[Bar, ...]

    @property
    def bpm(self) -> float:
        """Beats a minute."""
        return 60.0 / self.bars[0].beat_s


def sections_of(moods: Sequence[Mood], lengths_s: Sequence[float], rng: np.random.Generator) -> list[Section]:
    """The plan of a piece: each storylet gets whole beats, so that its music begins and ends with it.

    The tempo follows the mood, and gives way by half a beat a section at most. Bars have four beats; what is left
    over makes a last bar of 2, 3 or 5.

    Raises:
        OptionError: as `compose`.
    """
    _check(moods, lengths_s)
    edges = [0.0, *accumulate(float(length) for length in lengths_s)]
    found: list[Section] = []
    minor = moods[0].valence < 0
    for k, (mood, (start, end)) in enumerate(zip(moods, pairwise(edges), strict=True)):
        minor = mood.valence < 0 if abs(mood.valence) > 0.1 else minor
        n_beats = max(1, round((end - start) * _tempo(moods, k) / 60))
        sizes = _bar_sizes(n_beats)
        chords = progression(mood, minor, len(sizes), rng)
        if k == len(moods) - 1:
            chords = cadence(chords, minor)
        beat_s, firsts = (end - start) / n_beats, [0, *accumulate(sizes)]
        bars = tuple(
            Bar(start + first * beat_s, size, beat_s, chord)
            for first, size, chord in zip(firsts, sizes, chords, strict=False)
        )
        found.append(Section(start, end, mood, minor, bars))
    return found


def _tempo(moods: Sequence[Mood], k: int) -> float:
    """Beats a minute that a section is to have: its own mood's, drawn a little to those beside it."""
    near = moods[max(0, k - 1) : k + 2]
    arousal = 0.7 * moods[k].arousal + 0.3 * sum(mood.arousal for mood in near) / len(near)
    return SLOWEST + (FASTEST - SLOWEST) * arousal


def _bar_sizes(n_beats: int) -> list[int]:
    full, rest = divmod(n_beats, 4)
    if rest == 1 and full:
        return [4] * (full - 1) + [5]
    return [4] * full + ([rest] if rest else [])


def _check(moods: Sequence[Mood], lengths_s: Sequence[float]) -> None:
    if not moods or len(moods) != len(lengths_s):
        raise OptionError(
            f"{len(moods)} moods and {len(lengths_s)} lengths; give one length for each mood, and one mood"
        )
    for length in lengths_s:
        if not 0.1 <= length <= MOST_SECONDS:
            raise OptionError(f"a section of {length:g} s is out of range; give 0.1 to {MOST_SECONDS:g} s")
    if sum(lengths_s) > MOST_SECONDS:
        raise OptionError(
            f"music of {sum(lengths_s):.0f} s is too long; give at most {MOST_SECONDS:g} s, and join pieces"
        )
