"""Voices: somebody sings notes, somebody speaks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from tools.hearing.piece import Note
from tools.hearing.sound import RATE, Sound, put, read_mono, silence

_VOWELS = {
    "a": (800, 1150, 2900),
    "e": (400, 1700, 2600),
    "i": (300, 2100, 2900),
    "o": (450, 800, 2830),
    "u": (325, 700, 2530),
}
"""Three formants, Hz."""
_LOUDNESS = (1, 0.6, 0.3)  # of the formants
_LONGEST = 4  # seconds of a note


def singer(notes: Sequence[Note], seconds: float, rng: np.random.Generator) -> Sound:
    """A voice: pulses through three formants, with vibrato, breath and consonants.

    Args:
        notes: what is sung.
        seconds: length.
        rng: draws the singer, vowels and consonants.
    """
    out = silence(seconds)
    size, octave = float(rng.uniform(0.85, 1.25)), int(rng.choice([-12, 0, 0]))
    depth, speed, breath = rng.uniform(0.002, 0.02), rng.uniform(4.5, 6.5), rng.uniform(0.01, 0.15)
    for n in notes:
        if n.start >= seconds:
            continue
        t = np.arange(int(min(n.length, _LONGEST) * RATE) + 1) / RATE
        frequency = 440 * 2 ** ((n.pitch + octave - 69) / 12)
        vibrato = depth * np.sin(2 * np.pi * speed * t + rng.uniform(0, 6)) * np.minimum(1, t / 0.3)
        phase = np.cumsum(frequency * 2 ** (vibrato - 0.06 * np.exp(-t / 0.03))) / RATE
        source = 1 - 2 * (phase % 1) + breath * rng.normal(0, 1, len(t))
        sound = _formants(source, _VOWELS[str(rng.choice(list(_VOWELS)))], size)
        env = np.minimum(1, t / rng.uniform(0.015, 0.06)) * np.clip((t[-1] - t) / 0.04, 0, 1)
        put(out, n.start, sound * env * (n.velocity / 127) * 0.4)
        if rng.random() < 0.5:  # s, t, k
            length = int(rng.uniform(0.02, 0.09) * RATE)
            high = butter(2, rng.uniform(2500, 6000), "high", fs=RATE, output="sos")
            hiss = sosfilt(high, rng.normal(0, 1, length))
            put(out, max(0.0, n.start - (length - 1) / RATE), hiss * np.hanning(length) * rng.uniform(0.02, 0.12))
    return out


def _formants(source: NDArray[np.float64], vowel: tuple[int, ...], size: float) -> NDArray[np.float64]:
    """The source through resonators at the vowel's formants times ``size``; its peak is 1."""
    sound = np.zeros(len(source))
    for k, formant in enumerate(vowel):
        f, width = formant * size, 60 + 40 * k
        r = np.exp(-np.pi * width / RATE)
        sound += lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * f / RATE), r * r], source) * _LOUDNESS[k]
    return sound / max(1e-6, float(np.abs(sound).max()))


@lru_cache(maxsize=4)
def _phrases(folder: Path) -> tuple[Sound, ...]:
    return tuple(read_mono(p) for p in sorted(folder.glob("*.wav")))


def speaker(seconds: float, rng: np.random.Generator, folder: Path) -> tuple[Sound, list[tuple[float, float]]]:
    """Somebody talks now and then.

    Args:
        seconds: length.
        rng: draws what and when.
        folder: phrases, ``.wav`` (see ``speech``).

    Returns:
        The sound, and (start, end) of each phrase in seconds.
    """
    phrases, out, spans = _phrases(folder), silence(seconds), []
    at = float(rng.uniform(0, seconds / 2))
    while at < seconds and phrases:
        phrase = phrases[int(rng.integers(len(phrases)))]
        put(out, at, phrase * 0.4)
        spans.append((at, min(seconds, at + len(phrase) / RATE)))
        at = spans[-1][1] + float(rng.exponential(2.0)) + 0.1
    return out, spans
