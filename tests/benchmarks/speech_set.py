"""Speech whose words and times are known: lines with names and numbers, spoken by espeak-ng, with music under them."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.probe import probe
from avwalk.contracts import Song
from avwalk.settings import shipped
from avwalk.speech.espeak import EspeakVoice
from avwalk.speech.sound import RATE, speech_sound

NAMES = (
    "Anashel", "Siobhan", "Müller", "Okonkwo", "Captain Reyes", "Mrs. Whitlock", "Dr. Banerjee", "Kasimir", "Eleanor",
    "Tomasz", "Yuki", "O'Neill",
)  # fmt: skip
PLACES = (
    "Besançon",
    "Kilmarnock",
    "Valparaíso",
    "the harbour",
    "Ulaanbaatar",
    "Main Street",
    "the old mill",
    "Reykjavik",
)
NUMBERS = ("1984", "17", "3,450", "2026", "10:05", "$3.50", "42", "1st", "50%", "1908", "300", "7")
VERBS = ("carried", "remembered", "counted", "forgot", "painted", "sold", "followed", "repaired")
THINGS = (
    "lanterns",
    "a broken compass",
    "letters without a name",
    "the last train",
    "silver boats",
    "her father's coat",
)
TEMPLATES = (
    "In {number} {name} {verb} {thing} near {place}.",
    "{name} and {name2} waited {number} days for rain,",
    "and nobody in {place} {verb} {thing} again.",
    "Tell me, {name}, who {verb} the {number} windows of {place}?",
    "When the storm came over {place}, {name} {verb} {thing} and left.",
    "We were {number} strangers on the road to {place},",
    "but the children called {name} by another name.",
    "Slowly the river took {thing}, and the lights of {place} went out.",
    "Only water, said {name}, and a light that moved against the wind.",
    "It cost {number}, it was well-known, and {name2} {verb} it anyway.",
)


def text_lines(seed: int, words: int) -> list[str]:
    """Lines of a made-up text, until it has so many words."""
    draw, lines = random.Random(seed), list[str]()
    while sum(len(line.split()) for line in lines) < words:
        slots = {"name": draw.choice(NAMES), "name2": draw.choice(NAMES), "place": draw.choice(PLACES),
                 "number": draw.choice(NUMBERS), "verb": draw.choice(VERBS), "thing": draw.choice(THINGS)}  # fmt: skip
        lines.append(draw.choice(TEMPLATES).format(**slots))
    return lines


class Recording(NamedTuple):
    """A spoken text.

    Attributes:
        samples: (n,) float32, `RATE` a second.
        starts: of each word, seconds; NaN: the voice tells none.
    """

    samples: NDArray[np.float32]
    starts: NDArray[np.float64]


def spoken_lines(lines: list[str], language: str, voice: EspeakVoice) -> Recording:
    """Lines said by espeak-ng one after the other, half a second between them, one second before and behind."""
    from scipy.signal import resample_poly

    parts, starts, at = [np.zeros(RATE, np.float32)], list[float](), 1.0
    for line in lines:
        speech = voice.speak(line, language)
        ratio = Fraction(RATE, speech.sample_rate)
        samples = resample_poly(speech.samples, ratio.numerator, ratio.denominator).astype(np.float32)
        told = {word.begin: word.start for word in speech.words}
        begin = 0
        for token in line.split():
            begin = line.index(token, begin)
            starts.append(at + told[begin] if begin in told else float("nan"))
            begin += len(token)
        parts += [samples, np.zeros(RATE // 2, np.float32)]
        at += len(samples) / RATE + 0.5
    return Recording(np.concatenate([*parts, np.zeros(RATE // 2, np.float32)]), np.array(starts))


def sung(recording: Recording, seed: int) -> Recording:
    """A recording whose words are each moved to a note of a scale, by resampling: slow and high as singing, no more.

    Args:
        recording: spoken slowly.
        seed: of the tune.
    """
    from scipy.signal import resample

    draw, parts, at = random.Random(seed), list[NDArray[np.float32]](), 0
    known = np.flatnonzero(np.isfinite(recording.starts))
    edges = [0, *(round(float(recording.starts[k]) * RATE) for k in known), len(recording.samples)]
    moved = np.full(len(recording.starts), np.nan)
    for k, (begin, end) in enumerate(pairwise(edges)):
        if k:
            moved[known[k - 1]] = at / RATE
        piece = recording.samples[begin:end]
        stretched = len(piece) * 2 ** (-draw.choice((-3, -1, 0, 2, 4, 5)) / 12)
        parts.append(np.asarray(resample(piece, max(1, round(stretched))), np.float32))
        at += len(parts[-1])
    return Recording(np.concatenate(parts), moved)


@cache
def music() -> NDArray[np.float32]:
    """The demo song as the aligner would hear it."""
    song = probe(shipped("demo-song.ogg"))
    return speech_sound(song, 0.0, song.n_samples / song.sample_rate)


def with_music(samples: NDArray[np.float32], decibels: float | None) -> NDArray[np.float32]:
    """A recording with the demo song under it, repeated as need be.

    Args:
        samples: of speech.
        decibels: speech over music, by their powers where there is speech; None: no music.
    """
    if decibels is None:
        return samples
    under = np.resize(music(), len(samples))
    loud = np.abs(samples) > 0.01
    gain = np.sqrt(np.square(samples[loud]).mean() / np.square(under).mean() / 10 ** (decibels / 10))
    mixed = samples + gain * under
    return np.asarray(mixed * min(1.0, 0.98 / np.abs(mixed).max()), np.float32)


def written(samples: NDArray[np.float32], file: Path) -> Song:
    """A recording as a song."""
    import soundfile

    soundfile.write(file, samples, RATE, subtype="PCM_16")
    return probe(file)
