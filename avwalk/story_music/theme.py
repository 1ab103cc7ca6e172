"""The theme of a story: four bars of melody, drawn once, that come back in every mood over other chords."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_RHYTHMS: tuple[tuple[tuple[float, float], ...], ...] = (  # (beat, beats)
    ((0, 1.5), (1.5, 0.5), (2, 2)),
    ((0, 1), (1, 1), (2, 2)),
    ((0, 2), (2, 1), (3, 1)),
    ((0, 1), (1, 0.5), (1.5, 0.5), (2, 2)),
    ((0, 3), (3, 1)),
)
_ENDINGS: tuple[tuple[tuple[float, float], ...], ...] = (((0, 4),), ((0, 1), (1, 3)))


@dataclass(frozen=True)
class Step:
    """A note of the theme.

    Attributes:
        beat: in its bar.
        beats: how long.
        contour: steps of the scale above where the theme begins.
    """

    beat: float
    beats: float
    contour: int


def theme(rng: np.random.Generator) -> tuple[tuple[Step, ...], ...]:
    """Four bars: a thought, its answer, the thought again a little higher, and its end (a sentence in small)."""
    first, second = (int(k) for k in rng.choice(len(_RHYTHMS), 2, replace=False))
    rises = int(rng.choice((-1, 1)))
    thought = _line(_RHYTHMS[first], 0, rises, rng)
    answer = _line(_RHYTHMS[second], thought[-1].contour, -rises, rng)
    again = tuple(Step(step.beat, step.beats, step.contour + 1) for step in thought)
    end = _line(_ENDINGS[int(rng.integers(len(_ENDINGS)))], 1, -1, rng)
    return thought, answer, again, end


def _line(
    rhythm: tuple[tuple[float, float], ...], start: int, direction: int, rng: np.random.Generator
) -> tuple[Step, ...]:
    """Notes that mostly go on by step, sometimes leap by a third and then turn back."""
    at, steps = start, []
    for k, (beat, beats) in enumerate(rhythm):
        if k:
            leap = rng.random() < 0.3
            at += direction * (2 if leap else 1)
            direction = -direction if leap or abs(at) > 4 else direction
        steps.append(Step(beat, beats, at))
    return tuple(steps)


def melody_pitch(contour: int, middle: int, scale: tuple[int, ...], chord: tuple[int, ...], strong: bool) -> int:
    """The MIDI note of a step.

    Args:
        contour: steps of the scale above ``middle``.
        middle: MIDI note where the theme begins.
        scale: pitch classes that may be used.
        chord: pitch classes of the chord, root first.
        strong: whether only its triad will do; else the scale, but for what lies a semitone beside a note of the chord
            (the avoid notes of harmony books).
    """
    around = range(middle - 14, middle + 15)
    notes = [note for note in around if note % 12 in scale]
    first = min(range(len(notes)), key=lambda k: abs(notes[k] - middle))
    aim = notes[min(max(first + contour, 0), len(notes) - 1)]
    beside = {(pitch + step) % 12 for pitch in chord[3:] for step in (-1, 1)}
    triad = set(chord[:3]) - beside  # a third does not go with the ninth below it
    rubs = {(pitch + step) % 12 for pitch in chord for step in (-1, 1)} - triad
    fits = [note for note in around if note % 12 in (triad if strong else (set(scale) | triad) - rubs)]
    return min(fits, key=lambda note: (abs(note - aim), note))
