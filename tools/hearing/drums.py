"""Plays drums: a drum machine of our own, and recorded hits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from tools.hearing.piece import HAT, KICK, SNARE, Note
from tools.hearing.sound import RATE, Sound, loudness_of, put, read_mono, silence

_LONG_CYMBALS = (49, 57, 55, 52)  # crash, splash, china
_CLOSED, _OPEN = (22, 42, 44), (26, 46)
_METAL = np.array([205, 304, 370, 523, 540, 800])  # Hz, of the six squares of the TR-808's cymbals
_BEFORE = 40  # samples of a recording before its hit

_Waves = NDArray[np.float64]


def drum_machine(notes: Sequence[Note], seconds: float, rng: np.random.Generator) -> Sound:
    """Sine-sweep kick, noise snare or clap, filtered-noise hats, tuned toms; ``rng`` draws how they sound."""
    t, out = np.arange(int(0.9 * RATE)) / RATE, silence(seconds)
    kick, snare, noise = _kick(t, rng), _snare(t, rng), _noise(t, rng)
    closed, levels = rng.uniform(0.012, 0.06), rng.uniform(0.3, 1.0, 3)
    for n in notes:
        if n.pitch in KICK:
            sound = kick * levels[0]
        elif n.pitch in SNARE:
            sound = snare * levels[1] * 0.6
        elif n.pitch in HAT:
            long = 0.5 if n.pitch in _LONG_CYMBALS else 0.2
            sound = noise * np.exp(-t / (closed if n.pitch in _CLOSED else long)) * levels[2] * 0.5
        else:
            sweep = 2 * np.pi * (60 + 4 * (n.pitch - 35)) * t * (1 + 0.3 * np.exp(-t / 0.03))
            sound = np.sin(sweep) * np.exp(-t / 0.15) * 0.6
        put(out, n.start, sound * loudness_of(n.velocity))
    return out * 0.5


def _kick(t: _Waves, rng: np.random.Generator) -> _Waves:
    """A sine that falls from ``high`` to ``low`` Hz, with a click; or a square, as early game consoles had it."""
    low, high = np.exp(rng.uniform(np.log(36), np.log(90))), rng.uniform(100, 450)
    sweep, fall = rng.uniform(0.008, 0.05), np.exp(rng.uniform(np.log(0.04), np.log(0.5)))
    kick = np.sin(2 * np.pi * (low * t + (high - low) * sweep * (1 - np.exp(-t / sweep)))) * np.exp(-t / fall)
    if rng.random() < 0.12:
        kick = np.sign(kick) * np.exp(-t / fall) * 0.5
    kick += rng.uniform(0, 0.5) * np.exp(-t / 0.002) * rng.normal(0, 1, len(t))
    return np.asarray(kick)


def _snare(t: _Waves, rng: np.random.Generator) -> _Waves:
    """Noise and a tone; or a clap: several hands."""
    band = butter(2, [rng.uniform(200, 1800), rng.uniform(3000, 12000)], "band", fs=RATE, output="sos")
    tail = np.exp(-t / np.exp(rng.uniform(np.log(0.03), np.log(0.25))))
    if rng.random() < 0.3:
        hands = (0, 0.012, 0.023, 0.034)
        tail = np.sum([np.where(t > d, np.exp(-(t - d) / (0.008 if d < 0.03 else 0.08)), 0) for d in hands], axis=0)
    snare = sosfilt(band, rng.normal(0, 1, len(t))) * tail * 2
    snare += rng.uniform(0, 1) * np.sin(2 * np.pi * rng.uniform(150, 260) * t) * np.exp(-t / 0.06)
    return np.asarray(snare)


def _noise(t: _Waves, rng: np.random.Generator) -> _Waves:
    """What hats and cymbals are made of: high noise, or metal."""
    noise = sosfilt(butter(4, rng.uniform(5000, 9000), "high", fs=RATE, output="sos"), rng.normal(0, 1, len(t)))
    if rng.random() < 0.4:
        metal = sum(np.sign(np.sin(2 * np.pi * f * t)) for f in _METAL * rng.uniform(8, 13))
        noise = sosfilt(butter(4, 6000, "high", fs=RATE, output="sos"), metal) * 0.5
    return np.asarray(noise)


def drum_samples(notes: Sequence[Note], seconds: float, rng: np.random.Generator, folder: Path) -> Sound:
    """Recorded and electronic single hits of Sonic Pi; ``rng`` draws which, how high and how loud.

    Args:
        notes: of the drums.
        seconds: length.
        rng: draws.
        folder: Sonic Pi's samples, ``.flac``.
    """
    names = sorted(p.stem for p in folder.glob("*.flac"))

    def one(*starts: str) -> Sound:
        fitting = [n for n in names if n.startswith(starts)]
        sound = _sample(folder / f"{fitting[int(rng.integers(len(fitting)))]}.flac")
        ratio = float(np.exp(rng.uniform(-0.2, 0.2)))
        at = np.arange(int(len(sound) / ratio)) * ratio
        return np.asarray(np.interp(at, np.arange(len(sound)), sound), np.float32)

    kick = one("bd_", "drum_heavy_kick", "drum_bass", "elec_soft_kick")
    snare = one("sn_", "drum_snare", "elec_snare", "elec_hi_snare", "elec_lo_snare", "perc_snap")
    closed = one("drum_cymbal_closed", "elec_tick", "elec_blip")
    opened = one("drum_cymbal_open", "drum_cymbal_pedal")
    crash = one("drum_splash", "drum_cymbal_hard", "elec_cymbal")
    tom = one("drum_tom", "tabla_", "elec_fuzz")
    levels, out = rng.uniform(0.3, 1.0, 4), silence(seconds)
    for n in notes:
        if n.pitch in KICK:
            sound = kick * levels[0]
        elif n.pitch in SNARE:
            sound = snare * levels[1]
        elif n.pitch in HAT:
            sound = (closed if n.pitch in _CLOSED else opened if n.pitch in _OPEN else crash) * levels[2] * 0.6
        else:
            sound = tom * levels[3]
        put(out, n.start, sound * np.float32(loudness_of(n.velocity)))
    return out * 0.5


@lru_cache(maxsize=256)
def _sample(path: Path) -> Sound:
    """A hit of a second at most, its peak 1; it begins with the hit."""
    mono = read_mono(path)
    loud = np.abs(mono) > 0.05 * np.abs(mono).max()
    first = max(0, int(np.argmax(loud)) - _BEFORE)  # samples begin with silence: the hit belongs at its time
    return np.asarray(mono[first : first + RATE] / max(1e-6, float(np.abs(mono).max())), np.float32)
