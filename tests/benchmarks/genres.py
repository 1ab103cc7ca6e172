"""Six songs that differ as genres do, made here: waltz, ballad, techno, metal, orchestra, speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from tests.rhythms import RATE, Rhythm, perform

SECONDS = 40.0
GENRES = ("waltz", "ballad", "techno", "metal", "orchestra", "speech")

Sound = NDArray[np.float64]


def make_genres(folder: Path) -> list[Path]:
    """Writes the songs, NAME.wav each; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in GENRES:
        path = folder / f"{name}.wav"
        if not path.exists():
            sound = MAKERS[name]()
            soundfile.write(path, 0.9 * sound / np.abs(sound).max(), RATE)
        paths.append(path)
    return paths


def _played(pattern: str, bpm: float, **more: float) -> Sound:
    """Drums, bass and chords."""
    meter = 3 if pattern.startswith("waltz") else 4
    rhythm = Rhythm(pattern, bpm, pattern, meter=meter, seconds=SECONDS, seed=int(more.pop("seed")), **more)  # type: ignore[arg-type]
    return perform(rhythm).sound.astype(np.float64)


def _filtered(x: Sound, kind: str, hertz: float | tuple[float, float]) -> Sound:
    return np.asarray(sosfilt(butter(2, hertz, kind, fs=RATE, output="sos"), x))


def _at(points: list[tuple[float, float]]) -> Sound:
    """A curve through (share of the song, value)."""
    x, y = zip(*points, strict=True)
    return np.asarray(np.interp(np.linspace(0, 1, int(SECONDS * RATE)), x, y))


def waltz() -> Sound:
    """Light, quick threes, in D."""
    return _filtered(_played("waltz", 168, seed=5), "highpass", 120)


def ballad() -> Sound:
    """Slow, soft, dark, in F; louder towards the end."""
    return _filtered(_played("halftime", 68, seed=20, swing=0.62), "lowpass", 1800) * _at(
        [(0, 0.2), (0.6, 0.5), (1, 1)]
    )


def techno() -> Sound:
    """A kick on every beat; a break in the middle, and a drop."""
    full = _played("house", 132, seed=21)
    thin = _filtered(full, "highpass", 900)
    share = _at([(0, 0), (0.45, 0), (0.47, 1), (0.6, 1), (0.602, 0), (1, 0)])
    return full * (1 - share) + 0.6 * thin * share


def metal() -> Sound:
    """Fast sixteenths, everything distorted, never quiet, in E."""
    drums = _played("sixteenths", 190, seed=28)
    t = np.arange(len(drums)) / RATE
    root = 82.4 * 2 ** (np.array([0, 0, 1, 0, 3, 0, -2, 0])[(t * 190 / 240).astype(int) % 8] / 12)
    phase = np.cumsum(root) / RATE
    guitar = np.tanh(8 * (np.sin(2 * np.pi * phase) + np.sin(3 * np.pi * phase)))
    return np.tanh(1.5 * drums + 0.35 * _filtered(guitar, "lowpass", 4500))


def orchestra() -> Sound:
    """Strings that swell and fall, without a drum; a new chord every four seconds."""
    rng = np.random.default_rng(4)
    n = int(SECONDS * RATE)
    t, out = np.arange(n) / RATE, np.zeros(n)
    for bar, chord in enumerate([(0, 7, 16), (5, 12, 21), (-2, 10, 14), (3, 7, 15)] * 3):
        share = np.clip(1.6 - np.abs(t - 4 * bar - 2) / 2.2, 0, 1) ** 2
        for step in chord:
            for cents in rng.uniform(-8, 8, 3):
                f = 130.8 * 2 ** (step / 12 + cents / 1200)
                wave = sum(np.sin(2 * np.pi * f * h * t + rng.uniform(0, 6)) / h**1.2 for h in range(1, 9))
                out += share * wave * (1 + 0.1 * np.sin(2 * np.pi * 5.2 * t + rng.uniform(0, 6)))
    return out * _at([(0, 0.15), (0.3, 0.4), (0.5, 0.2), (0.75, 1), (1, 0.3)])


def speech() -> Sound:
    """Syllables of a voice, with pauses: pulses through two formants, and hisses."""
    rng = np.random.default_rng(9)
    n, at, out = int(SECONDS * RATE), 0.3, np.zeros(int(SECONDS * RATE))
    while at < SECONDS - 1:
        length, begin = rng.uniform(0.1, 0.28), int(at * RATE)
        m = int(length * RATE)
        tone = 110 * (1.15 - 0.3 * np.arange(m) / m) * rng.uniform(0.9, 1.2)
        pulses = (np.diff(np.floor(np.cumsum(tone) / RATE), prepend=0) > 0).astype(np.float64)
        formants = rng.uniform(300, 800), rng.uniform(900, 2400)
        voice = sum(_filtered(pulses, "bandpass", (0.9 * f, 1.1 * f)) for f in formants)
        hiss = _filtered(rng.standard_normal(m), "highpass", 4000) * 0.02 * (rng.random() < 0.4)
        out[begin : begin + m] += (np.asarray(voice) + hiss) * np.hanning(m) ** 0.5
        at += length + (rng.uniform(0.4, 1.1) if rng.random() < 0.15 else rng.uniform(0.0, 0.06))
    return out[:n]


MAKERS = {"waltz": waltz, "ballad": ballad, "techno": techno, "metal": metal, "orchestra": orchestra, "speech": speech}
