"""Sounds that are no songs: speech, noise, drones, rain; and metronomes. What has no beat must be heard to have none.

    python -m tools.hearing.other_sounds OUT --seed 31 --count 64 --speech FOLDER

Files are those of ``make_songs``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from tools.hearing.instruments import RATE, speaker
from tools.hearing.make_songs import SECONDS, bands_of
from tools.hearing.mixing import level, master, reverb

KINDS = ("speech", "noise", "drone", "rain", "swells", "metronome", "metronome")

Sound = NDArray[np.float32]


def _slow(rng: np.random.Generator, n: int, every: float) -> NDArray[np.float64]:
    """A curve in [0, 1] that wanders, a new value about ``every`` seconds at uneven times."""
    times = np.cumsum(rng.exponential(every, int(3 * SECONDS / every) + 4))
    return np.interp(np.arange(n) / RATE, times, rng.uniform(0, 1, len(times)))


def _noise(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    low = float(np.exp(rng.uniform(np.log(40), np.log(3000))))
    band = butter(1, [low, min(20000.0, low * float(rng.uniform(2, 12)))], "band", fs=RATE, output="sos")
    return np.asarray(sosfilt(band, rng.normal(0, 1, n)))


def no_song(kind: str, rng: np.random.Generator, speech: Path) -> tuple[Sound, list[tuple[float, float]]]:
    """A sound without beats, and when somebody speaks in it."""
    n = int(SECONDS * RATE)
    t = np.arange(n) / RATE
    spans: list[tuple[float, float]] = []
    if kind == "speech":
        sound, spans = speaker(SECONDS, rng, speech)
        return (reverb(sound, rng) if rng.random() < 0.4 else sound), spans
    if kind == "noise":
        out = _noise(rng, n) * (0.2 + _slow(rng, n, rng.uniform(0.5, 6)))
    elif kind == "drone":
        out = np.zeros(n)
        for _ in range(int(rng.integers(2, 8))):
            f = float(np.exp(rng.uniform(np.log(50), np.log(1500))))
            out += np.sin(2 * np.pi * f * t + rng.uniform(0, 6)) * _slow(rng, n, rng.uniform(1, 8)) / np.sqrt(f / 50)
    elif kind == "rain":
        out = np.zeros(n)
        for at in rng.integers(0, n - RATE, int(rng.uniform(1, 20) * SECONDS)):
            drop = np.arange(int(rng.uniform(0.005, 0.15) * RATE))
            burst = rng.normal(0, 1, len(drop)) if rng.random() < 0.5 else np.sin(2 * np.pi * rng.uniform(80, 4000) * drop / RATE)
            out[at : at + len(drop)] += burst * np.exp(-drop / (len(drop) / 5)) * rng.uniform(0.1, 1)
    else:
        out = np.zeros(n)
        for _ in range(int(rng.integers(1, 4))):
            tone = np.sin(2 * np.pi * rng.uniform(60, 900) * t) if rng.random() < 0.6 else _noise(rng, n)
            out += tone * np.sin(np.pi * t / rng.uniform(4, 60) + rng.uniform(0, 3)) ** 2
    return out.astype(np.float32), spans


def metronome(rng: np.random.Generator) -> tuple[Sound, list[float], list[float], float, int]:
    """Clicks: sound, beats, downbeats, BPM, metre."""
    bpm, meter = float(np.exp(rng.uniform(np.log(50), np.log(200)))), int(rng.choice([2, 3, 4, 4, 4]))
    accent = rng.random() < 0.7
    out, beats, now = np.zeros(int(SECONDS * RATE), np.float32), [], float(rng.uniform(0, 1))
    length = np.arange(int(rng.uniform(0.002, 0.08) * RATE)) / RATE
    pitches = rng.uniform(400, 4000, 2)
    k = 0
    while now < SECONDS - 0.2:
        high = accent and k % meter == 0
        tone = np.sin(2 * np.pi * pitches[0 if high else 1] * length)
        sound = (tone if pitches[0] < 3000 else rng.normal(0, 1, len(length))) * np.exp(-length / (length[-1] / 4 + 1e-4))
        i = int(now * RATE)
        out[i : i + len(sound)] += (sound * (1.0 if high else 0.7)).astype(np.float32)[: len(out) - i]
        beats.append(now)
        now += 60 / bpm
        k += 1
    return out, beats, beats[::meter] if accent else [], bpm, meter


def main() -> None:
    """Makes the sounds that are not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--speech", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(options.count):
        path = options.out / f"{options.seed}_{number:05d}.npz"
        if path.exists():
            continue
        rng = np.random.default_rng([options.seed, number])
        kind = KINDS[number % len(KINDS)]
        beats: list[float] = []
        bars: list[float] = []
        spans: list[tuple[float, float]] = []
        bpm, meter = 0.0, 0
        if kind == "metronome":
            sound, beats, bars, bpm, meter = metronome(rng)
        else:
            sound, spans = no_song(kind, rng, options.speech)
        sound = level(sound)
        bands = bands_of(master(sound, rng))
        truth = {"style": kind, "bpm": bpm, "meter": meter, "swing": 0.5, "drift": False, "irregular": "", "duration": SECONDS}
        part = path.with_suffix(".part.npz")
        empty = np.zeros((0, 2))
        np.savez(
            part, mix=bands, drums=np.zeros_like(bands), rest=bands_of(sound), voice=np.array(spans).reshape(-1, 2),
            kick=empty, snare=empty, hat=empty, beats=beats, downbeats=bars, sections=[0.0], truth=json.dumps(truth),
        )  # fmt: skip
        part.rename(path)


if __name__ == "__main__":
    main()
