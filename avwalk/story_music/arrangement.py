"""Who plays what: pad, piano, bass, bells and percussion, as many of them and as busy as the mood is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from avwalk.story_music.harmony import voiced
from avwalk.story_music.moods import Mood
from avwalk.story_music.score import Bar, Note, Section
from avwalk.story_music.theme import Step, melody_pitch, theme

_MIDDLE = {"piano": 72, "bells": 79, "strings": 67}
"""MIDI note around which each plays the theme."""


def arranged(sections: Sequence[Section], tonic: int, rng: np.random.Generator) -> list[Note]:
    """The notes of a piece, by start.

    Args:
        sections: its plan.
        tonic: pitch class of the major key.
        rng: draws the theme and small differences of velocity.
    """
    melody, notes = theme(rng), list[Note]()
    voices: tuple[int, ...] | None = None
    count = 0  # bars so far
    for section in sections:
        for k, bar in enumerate(section.bars):
            last = section is sections[-1] and k == len(section.bars) - 1
            voices = voiced(bar.chord.pitches(tonic), voices)
            strength = _strength(section, k)
            notes += _pad(bar, voices, strength, last)
            notes += _bass(bar, section.mood, tonic, strength, last)
            if last:
                notes += _final(bar, voices, strength)
            else:
                notes += _figure(bar, section.mood, voices, strength, k)
                notes += _percussion(bar, section.mood, strength, k)
                notes += _melody(bar, section, melody[count % 4], tonic, count, len(section.bars) - k)
            count += 1
        notes += _swell(section, sections)
    varied = rng.uniform(0.93, 1.07, len(notes))
    notes = [
        Note(n.start, n.seconds, n.pitch, min(1.0, n.velocity * float(v)), n.voice, n.pan)
        for n, v in zip(notes, varied, strict=True)
    ]
    return sorted(notes, key=lambda note: (note.start, note.voice, note.pitch))


def _strength(section: Section, k: int) -> float:
    """How strongly a bar is played, 0.25 to 1; each section swells towards its middle."""
    n = len(section.bars)
    arch = np.sin(np.pi * (k + 0.5) / n) if n > 2 else 0.5
    return float(0.25 + 0.65 * section.mood.arousal + 0.1 * arch)


def _pad(bar: Bar, voices: Sequence[int], strength: float, last: bool) -> list[Note]:
    seconds = bar.end - bar.start
    return [
        Note(bar.start, seconds, pitch, 0.75 * strength + (0.1 if last else 0.0), "pad", pan)
        for pitch, pan in zip(voices, (-0.5, 0.35, -0.2, 0.5), strict=True)
    ]


def _root(bar: Bar, tonic: int) -> int:
    """The chord's root between the low E and E flat above it."""
    return 28 + (bar.chord.pitches(tonic)[0] - 28) % 12


def _bass(bar: Bar, mood: Mood, tonic: int, strength: float, last: bool) -> list[Note]:
    root = _root(bar, tonic)
    if last or mood.arousal < 0.3:
        rhythm = [(0.0, float(bar.beats), root)]
    elif mood.arousal < 0.6:
        rhythm = [(0.0, 2.0, root), (2.0, bar.beats - 2.0, root)] if bar.beats > 2 else [(0.0, float(bar.beats), root)]
    elif mood.tension >= 0.5:  # a pedal in eighths
        rhythm = [(beat / 2, 0.5, root) for beat in range(2 * bar.beats)]
    else:  # root, fifth or octave
        rhythm = [(float(b), 1.0, root + (0, 12, 7, 12)[b % 4]) for b in range(bar.beats)]
        rhythm = [(b, n, p if p - root != 7 or _has_fifth(bar) else root) for b, n, p in rhythm]
    return [
        Note(bar.at(beat), beats * bar.beat_s, pitch, strength * (1.0 if beat == 0 else 0.8), "bass")
        for beat, beats, pitch in rhythm
    ]


def _has_fifth(bar: Bar) -> bool:
    """Whether the fifth above the root is perfect: on all degrees but the seventh."""
    return bar.chord.degree != 6


def _figure(bar: Bar, mood: Mood, voices: Sequence[int], strength: float, k: int) -> list[Note]:
    """The piano's broken chord: in halves, quarters, eighths or sixteenths."""
    order: tuple[int, ...]
    if mood.arousal < 0.2:
        every, order = 2.0, (0, 2)
    elif mood.arousal < 0.35:
        every, order = 1.0, (0, 2, 3, 1)
    elif mood.arousal < 0.8:
        every, order = 0.5, ((0, 2, 3, 1, 2, 3, 1, 2), (0, 1, 2, 3, 2, 1, 3, 2))[k % 2]
    else:
        every, order = 0.25, (0, 2, 1, 3) * 4
    voice = "pluck" if mood.tension >= 0.5 or mood.name == "playful" else "piano"
    notes = []
    for step in range(round(bar.beats / every)):
        beat = step * every
        accent = 1.0 if beat % 4 == 0 else 0.8 if beat % 1 == 0 else 0.6
        pitch = voices[order[step % len(order)]]
        seconds = min(every * bar.beat_s * (0.9 if voice == "pluck" else 2.0), bar.end - bar.at(beat))
        notes.append(Note(bar.at(beat), seconds, pitch, strength * accent, voice, 0.3 * np.sin(1.7 * step + k)))
    return notes


def _percussion(bar: Bar, mood: Mood, strength: float, k: int) -> list[Note]:
    """A soft drum and a shaker where much is going on; a heart that beats where it is tense and slow."""
    hits: list[tuple[str, float, float]] = []
    if mood.arousal >= 0.6:
        hits += [("drum", float(b), 1.0 if b % 2 == 0 else 0.55) for b in range(bar.beats)]
        hits += [("shaker", b / 2, (0.5, 0.9)[b % 2]) for b in range(2 * bar.beats)]
        if mood.arousal >= 0.85 and k % 4 == 3 and bar.beats >= 4:
            hits += [("tom", bar.beats - 1 + step / 4, 0.6 + 0.12 * step) for step in range(4)]
    elif mood.arousal >= 0.45 and mood.valence > 0:
        hits += [("drum", 0.0, 0.7), *([("drum", 2.0, 0.5)] if bar.beats > 2 else [])]
        hits += [("shaker", float(b), (0.35, 0.6)[b % 2]) for b in range(bar.beats)]
    elif mood.tension >= 0.5:
        hits += [("drum", 0.0, 0.8), ("drum", 0.5, 0.5)]
    pans = {"drum": 0.0, "shaker": 0.35, "tom": -0.25}
    return [Note(bar.at(beat), 0.3, 0, strength * level, name, pans[name]) for name, beat, level in hits]


def _melody(bar: Bar, section: Section, line: Sequence[Step], tonic: int, count: int, bars_left: int) -> list[Note]:
    """The theme, in every other phrase of four bars: a voice is to be understood over it."""
    mood = section.mood
    sings = (count // 4) % 2 == 0 or mood.arousal >= 0.6
    if not sings or bar.beats != 4 or (mood.tension >= 0.8 and bars_left % 2 == 0):
        return []
    voice = "bells" if mood.name in ("wonder", "playful", "tender") else "strings" if mood.arousal >= 0.8 else "piano"
    chord, scale = bar.chord.pitches(tonic), bar.chord.scale(tonic)
    strength = min(1.0, 0.45 + 0.5 * mood.arousal)
    notes = []
    for step in line:
        pitch = melody_pitch(step.contour, _MIDDLE[voice], scale, chord, step.beat % 2 == 0)
        notes.append(Note(bar.at(step.beat), step.beats * bar.beat_s, pitch, strength, voice, 0.1))
    return notes


def _final(bar: Bar, voices: Sequence[int], strength: float) -> list[Note]:
    """The last chord, rolled upwards, and a bell on top."""
    gap = min(0.09, bar.beat_s / 6)
    rolled = [
        Note(bar.start + j * gap, bar.end - bar.start - j * gap, pitch, 0.8 * strength + 0.1, "piano", 0.2 * (j - 1.5))
        for j, pitch in enumerate(voices)
    ]
    top = Note(bar.start + 4 * gap, bar.end - bar.start - 4 * gap, voices[-1] + 12, 0.4, "bells", 0.2)
    return [*rolled, *([top] if top.seconds > 0.3 else [])]


def _swell(section: Section, sections: Sequence[Section]) -> list[Note]:
    """A cymbal that swells into a section where more is going on than in this one."""
    at = sections.index(section) + 1
    if at == len(sections) or sections[at].mood.arousal < section.mood.arousal + 0.2:
        return []
    seconds = min(2.0, 0.5 * (section.end - section.start))
    return [Note(section.end - seconds, seconds, 0, 0.3 + 0.5 * sections[at].mood.arousal, "cymbal", -0.1)]
