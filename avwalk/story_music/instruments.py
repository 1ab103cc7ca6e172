"""The instruments: mono sounds of notes, made of sines and noise; nothing is sampled.

Pad and strings are by PADsynth (Nasca Octavian Paul, 2005): the spectrum of an ensemble, each partial a narrow bell of
noise, turned into a loop of sound by one inverse FFT.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
_LOOP = 1 << 18  # samples: 5.9 s at 44.1 kHz


def hertz(pitch: float) -> float:
    """Frequency of a MIDI note, equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def ramps(n: int, attack: int, release: int) -> Sound:
    """Raised-cosine rise and fall, in samples, around a plateau: no clicks at either end."""
    out = np.ones(n, np.float32)
    for side, length in ((out, max(2, attack)), (out[::-1], max(2, release))):
        part = side[:length]
        part *= (0.5 - 0.5 * np.cos(np.pi * np.arange(len(part)) / length)).astype(np.float32)
    return out


def _noise(n: int, seed: int) -> Sound:
    return np.random.default_rng([seed, 0x5011D]).standard_normal(n, np.float32)


def _band(x: Sound, rate: int, low: float, high: float) -> Sound:
    """Second-order slopes at ``low`` and ``high`` Hz, zero-phase."""
    f = np.fft.rfftfreq(2 * len(x), 1 / rate)
    gain = 1 / np.sqrt(1 + (f / high) ** 4) * f**2 / np.sqrt(low**4 + f**4)
    return np.asarray(np.fft.irfft(np.fft.rfft(x, 2 * len(x)) * gain)[: len(x)], np.float32)


@lru_cache(96)
def ensemble(pitch: int, kind: str, rate: int) -> Sound:
    """A loop of an ensemble on a note, (n,), RMS 1."""
    slope, width, vowel = (1.4, 18.0, 0.0) if kind == "pad" else (1.15, 14.0, 1.0)  # width in cents
    freqs = np.fft.rfftfreq(_LOOP, 1 / rate)
    spectrum = np.zeros(len(freqs))
    f0 = hertz(pitch)
    for k in range(1, int(min(9000.0, 0.45 * rate) / f0) + 1):
        f = k * f0
        level = k**-slope * np.exp(-(max(0.0, f - 1500.0) / 4000.0)) * (1 + vowel * np.exp(-(((f - 1100) / 500) ** 2)))
        spread = f * (2 ** (width / 1200) - 1) * k**-0.25
        near = slice(*np.searchsorted(freqs, (f - 5 * spread, f + 5 * spread)))
        spectrum[near] += level * np.exp(-(((freqs[near] - f) / spread) ** 2)) / np.sqrt(spread)
    phases = np.random.default_rng([pitch, len(kind)]).uniform(0, 2 * np.pi, len(freqs))
    loop = np.fft.irfft(spectrum * np.exp(1j * phases))
    return np.asarray(loop / np.sqrt(np.mean(loop**2)), np.float32)


def sustained(kind: str) -> Callable[[int, float, float, int], Sound]:
    """An ensemble that is held: rises, and goes on for a moment after its note so that chords melt together."""

    def sound(pitch: int, seconds: float, velocity: float, rate: int) -> Sound:
        attack, release = (0.45, 0.9) if kind == "pad" else (0.12, 0.35)
        n = round((seconds + release) * rate)
        loop = ensemble(pitch, kind, rate)
        begin = int(np.random.default_rng([pitch, round(seconds * 1000)]).integers(len(loop)))
        out = np.resize(np.roll(loop, -begin), n)
        rise = min(attack, 0.4 * seconds)
        return np.asarray(0.11 * out * ramps(n, round(rise * rate), round(release * rate)), np.float32)

    return sound


@lru_cache(256)
def _struck(pitch: int, bright: int, length: int, rate: int) -> Sound:
    """A felt piano's string, ``bright`` 0 to 7: stretched partials of which the higher die sooner, and the hammer."""
    t = np.arange(length) / rate
    f0, out = hertz(pitch), np.zeros(length)
    for k in range(1, 17):
        f = f0 * k * np.sqrt(1 + 0.00035 * k * k)  # inharmonicity (Fletcher 1964)
        if f > min(11000.0, 0.45 * rate):
            break
        level = k**-1.15 * np.exp(-(k - 1) * (0.34 - 0.04 * bright))
        decay = (1.1 + 0.55 * k) * (f0 / 262) ** 0.5
        twin = 0.7 * np.exp(-decay * t) + 0.3 * np.exp(-0.35 * decay * t)  # two strings: a fast and a slow decay
        out += level * twin * np.sin(2 * np.pi * f * t)
    hammer = _band(_noise(length, pitch), rate, 180, 1400) * np.exp(-t / 0.012)
    return np.asarray((0.5 * out + 0.05 * hammer) * ramps(length, round(0.003 * rate), 2), np.float32)


def piano(pitch: int, seconds: float, velocity: float, rate: int) -> Sound:
    """A felt piano: brighter where struck harder; damped at the end of its note."""
    release = 0.25
    n = round((min(seconds, 6.0) + release) * rate)
    sound = _struck(pitch, min(7, int(8 * velocity)), -(-n // rate) * rate, rate)[:n]
    return sound * ramps(n, 2, round(release * rate))


@lru_cache(256)
def _plucked(pitch: int, bright: int, rate: int) -> Sound:
    t = np.arange(round(0.8 * rate)) / rate
    f0, out = hertz(pitch), np.zeros(len(t))
    for k in range(1, 13):
        f = f0 * k
        if f > min(10000.0, 0.45 * rate):
            break
        comb = abs(np.sin(np.pi * k * 0.18))  # where the string is plucked
        out += (
            comb * k**-1.0 * np.exp(-(k - 1) * (0.3 - 0.03 * bright) - t * (5.0 + 1.6 * k)) * np.sin(2 * np.pi * f * t)
        )
    return np.asarray(0.75 * out * ramps(len(t), round(0.002 * rate), round(0.2 * rate)), np.float32)


def pluck(pitch: int, seconds: float, velocity: float, rate: int) -> Sound:
    """Strings plucked: short."""
    return _plucked(pitch, min(7, int(8 * velocity)), rate)


@lru_cache(128)
def _bell(pitch: int, rate: int) -> Sound:
    t = np.arange(round(2.6 * rate)) / rate
    out = np.zeros(len(t))
    for ratio, level, decay in ((1, 1.0, 1.6), (2, 0.32, 2.6), (3, 0.12, 4.5), (4, 0.2, 7.0), (6.2, 0.05, 14.0)):
        if ratio * hertz(pitch) < 0.45 * rate:
            out += level * np.exp(-decay * t) * np.sin(2 * np.pi * ratio * hertz(pitch) * t)
    return np.asarray(0.42 * out * ramps(len(t), round(0.002 * rate), round(0.5 * rate)), np.float32)


def bells(pitch: int, seconds: float, velocity: float, rate: int) -> Sound:
    """A celesta: nearly harmonic partials that ring out."""
    return _bell(pitch, rate)


def bass(pitch: int, seconds: float, velocity: float, rate: int) -> Sound:
    """Round and low: a sine with two harmonics that fade."""
    n = round((seconds + 0.08) * rate)
    t = np.arange(n) / rate
    w = 2 * np.pi * hertz(pitch) * t
    tone = np.sin(w) + (0.35 + 0.3 * velocity * np.exp(-t / 0.25)) * np.sin(2 * w)
    tone += (0.12 + 0.15 * velocity * np.exp(-t / 0.15)) * np.sin(3 * w)
    fade = 0.55 + 0.45 * np.exp(-t / 1.5)
    return np.asarray(0.42 * tone * fade * ramps(n, round(0.012 * rate), round(0.09 * rate)), np.float32)


@lru_cache(8)
def drum(rate: int) -> Sound:
    """A large soft drum: a sine that falls from 110 to 52 Hz."""
    t = np.arange(round(0.5 * rate)) / rate
    body = np.sin(2 * np.pi * np.cumsum(52 + 58 * np.exp(-t / 0.03)) / rate) * np.exp(-t / 0.14)
    felt = _band(_noise(len(t), 1), rate, 200, 1500) * np.exp(-t / 0.015) * 0.12
    return np.asarray(0.8 * (body + felt) * ramps(len(t), round(0.002 * rate), round(0.15 * rate)), np.float32)


@lru_cache(8)
def tom(rate: int) -> Sound:
    """Higher and drier than the drum."""
    t = np.arange(round(0.4 * rate)) / rate
    body = np.sin(2 * np.pi * np.cumsum(95 + 50 * np.exp(-t / 0.04)) / rate) * np.exp(-t / 0.11)
    return np.asarray(0.6 * body * ramps(len(t), round(0.002 * rate), round(0.12 * rate)), np.float32)


@lru_cache(8)
def shaker(rate: int) -> Sound:
    """Grains in a box."""
    n = round(0.09 * rate)
    t = np.arange(n) / rate
    grains = _band(_noise(n, 2), rate, 4500, 11000)
    return np.asarray(
        0.35 * grains * np.exp(-t / 0.028) * ramps(n, round(0.012 * rate), round(0.03 * rate)), np.float32
    )


@lru_cache(16)
def cymbal(seconds: float, rate: int) -> Sound:
    """A cymbal that swells for its note, and dies in half a second."""
    rise, fall = round(seconds * rate), round(0.6 * rate)
    shape = np.r_[np.linspace(0, 1, rise) ** 2.5, np.exp(-np.arange(fall) / rate / 0.16)]
    wash = _band(_noise(rise + fall, 3), rate, 2500, 9000)
    return np.asarray(0.3 * wash * shape * ramps(rise + fall, 2, round(0.1 * rate)), np.float32)


_PITCHED: dict[str, Callable[[int, float, float, int], Sound]] = {
    "pad": sustained("pad"),
    "strings": sustained("strings"),
    "piano": piano,
    "pluck": pluck,
    "bells": bells,
    "bass": bass,
}
_HITS: dict[str, Callable[[int], Sound]] = {"drum": drum, "tom": tom, "shaker": shaker}
VOICES = (*_PITCHED, *_HITS, "cymbal")
"""Names of the instruments."""


def sound_of(voice: str, pitch: int, seconds: float, velocity: float, rate: int) -> Sound:
    """A note, mono, (n,); its level at full velocity, which the mix scales."""
    if voice in _PITCHED:
        return _PITCHED[voice](pitch, round(seconds, 4), velocity, rate)
    return cymbal(round(seconds, 3), rate) if voice == "cymbal" else _HITS[voice](rate)
