"""Sounds: mono, float32, at 44100 samples a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 44100
Sound = NDArray[np.float32]


def silence(seconds: float) -> Sound:
    """(n,) zeros."""
    return np.zeros(int(seconds * RATE), np.float32)


def put(out: Sound, at: float, sound: NDArray[np.floating]) -> None:
    """Adds ``sound`` to ``out``, from ``at`` seconds on; what goes beyond the end is cut."""
    i = int(at * RATE)
    if i < len(out):
        part = sound[: len(out) - i]
        out[i : i + len(part)] += part.astype(np.float32)


def loudness_of(velocity: int) -> float:
    """Amplitude of a note's velocity, in [0, 1]."""
    return float((velocity / 127) ** 1.4)


def read_mono(path: Path) -> Sound:
    """The mean of a file's channels at `RATE`, interpolated linearly."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = np.asarray(sound.mean(axis=1), np.float32)
    if rate == RATE:
        return mono
    at = np.arange(int(len(mono) * RATE / rate)) * rate / RATE
    return np.asarray(np.interp(at, np.arange(len(mono)), mono), np.float32)


def write_ogg(path: Path, sound: Sound) -> None:
    """As Ogg Vorbis; in blocks, since libsndfile fails on long ones."""
    with soundfile.SoundFile(path, "w", RATE, 1, "VORBIS", format="OGG") as file:
        for a in range(0, len(sound), 1 << 16):
            file.write(sound[a : a + (1 << 16)])
