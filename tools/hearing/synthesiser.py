"""Plays pitched notes with wavetables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.hearing.piece import Note, Piece
from tools.hearing.sound import RATE, Sound, loudness_of, put, silence

_SIZE = 2048  # of a table
_BRIGHTEST = 1500  # Hz: above, the bright table's harmonics would fold
_LONGEST = 8  # seconds of a note

_Table = NDArray[np.float64]


@dataclass(frozen=True)
class _Envelope:
    """Seconds of attack, of the filter's closing, of release; level held, and seconds to it."""

    attack: float
    close: float
    release: float
    sustain: float
    fall: float


def synthesiser(notes: Sequence[Note], seconds: float, rng: np.random.Generator) -> Sound:
    """A voice with a bright and a dull table between which an envelope moves, as a filter would.

    Args:
        notes: of one role.
        seconds: length.
        rng: draws the sound.
    """
    bright, dull = _draw_tables(rng)
    env = _Envelope(
        attack=float(rng.choice([0.002, 0.004, 0.01, 0.04])),
        close=rng.uniform(0.03, 0.5),
        release=rng.uniform(0.01, 0.15),
        sustain=rng.uniform(0.2, 1.0),
        fall=rng.uniform(0.05, 0.6),
    )
    voices, detune = int(rng.choice([1, 1, 2, 3])), rng.uniform(0.001, 0.01)
    out = silence(seconds)
    for n in notes:
        if n.start >= seconds:
            continue
        length = min(n.length, _LONGEST)
        t = np.arange(int((length + env.release) * RATE)) / RATE
        frequency = 440 * 2 ** ((n.pitch - 69) / 12)
        opened = np.exp(-t / env.close)
        sound = np.zeros(len(t))
        for v in range(voices):
            at = (frequency * (1 + detune * (v - (voices - 1) / 2)) * t + 0.37 * v) % 1 * _SIZE
            i = at.astype(np.int64) % _SIZE
            high = bright[i] if frequency < _BRIGHTEST else dull[i]
            sound += dull[i] + (high - dull[i]) * opened
        level = (
            np.minimum(1, t / env.attack)
            * (env.sustain + (1 - env.sustain) * np.exp(-t / env.fall))
            * np.clip((length + env.release - t) / env.release, 0, 1)
        )
        put(out, n.start, sound / voices * level * loudness_of(n.velocity) * 0.25)
    return out


def _draw_tables(rng: np.random.Generator) -> tuple[_Table, _Table]:
    """A period of the bright and of the dull sound, (2048,) each, peak 1."""
    phase = np.arange(_SIZE) / _SIZE
    shape = str(rng.choice(["saw", "square", "pulse", "triangle", "fm"]))
    harmonics = np.arange(1, 40)
    weights = {
        "saw": 1 / harmonics, "square": (harmonics % 2) / harmonics, "triangle": (harmonics % 2) / harmonics**2,
        "pulse": np.sin(np.pi * harmonics * rng.uniform(0.1, 0.3)) / harmonics, "fm": rng.uniform(0, 1, 39) / harmonics,
    }[shape]  # fmt: skip
    waves = np.sin(2 * np.pi * harmonics[:, None] * phase)
    bright = (weights[:, None] * waves).sum(axis=0)
    dull = (weights[:, None] * np.exp(-harmonics[:, None] / rng.uniform(1, 6)) * waves).sum(axis=0)
    return bright / np.abs(bright).max(), dull / np.abs(dull).max()


def play_synthesised(piece: Piece, seconds: float, rng: np.random.Generator) -> Sound:
    """The roles of a piece that synthesisers play, a sound for each."""
    out = silence(seconds)
    for role in piece.programs:
        if piece.synthesised[role]:
            out += synthesiser([n for n in piece.notes if n.role == role], seconds, rng)
    return out
