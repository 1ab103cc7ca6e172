"""Examples to learn from: crops of songs, varied: balance of the drums, tempo, pitch, equaliser, loudness, bandwidth."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.features.beats.bands import N_BANDS
from avwalk.features.beats.levels import levels_of
from tools.hearing.network import FAST, SLOW

CROP = 3000  # frames: 30 s
INAUDIBLE = 0.08  # share of the sound in its best band below which a hit is neither asked for nor forbidden

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Song:
    """What ``make_songs`` wrote: amplitudes' square roots (n, 64) and the truth in seconds."""

    mix: NDArray[np.float16]
    drums: NDArray[np.float16]
    rest: NDArray[np.float16]
    times: dict[str, NDArray[np.float64]]
    truth: dict[str, object]


def read_song(path: Path) -> Song:
    """A song of ``make_songs``."""
    with np.load(path) as file:
        times = {key: file[key] for key in ("beats", "downbeats", "sections", "voice", *FAST)}
        return Song(file["mix"], file["drums"], file["rest"], times, json.loads(str(file["truth"])))


@dataclass(frozen=True)
class Example:
    """Levels (frames, bands), and targets: ``slow`` (5, frames / 2), ``fast`` (3, frames) in {0, 1}, ``weight`` of
    ``fast`` (0 where nobody can hear it), ``loud`` (3, frames) velocities."""

    levels: Array
    slow: Array
    fast: Array
    weight: Array
    loud: Array


def audible(times: NDArray[np.float64], drums: Array, rest: Array) -> Array:
    """Share of the drums in the band where they stand out most, for hits at ``times``: (n,) float32."""
    out = np.zeros(len(times), np.float32)
    for i, t in enumerate(times):
        k = round(t * 100)
        if k + 1 < min(len(drums), len(rest)):
            d, r = (np.square(part[k : k + 4].mean(axis=0)) for part in (drums, rest))
            out[i] = float((d / (d + r + 1e-12) * (d > 1e-9)).max())
    return out


def example(song: Song, rng: np.random.Generator | None, frames: int = CROP) -> Example:
    """A crop, varied; without ``rng`` the whole song as it is."""
    vary = rng is not None
    rng = rng or np.random.default_rng(0)
    amplitude_drums, amplitude_rest = (a.astype(np.float32) ** 2 for a in (song.drums, song.rest))
    has_drums = bool(song.drums.any())
    gain = 1.0
    if vary and rng.random() < 0.5:
        gain = float(10 ** (rng.normal(0, 6) / 20)) if rng.random() < 0.85 else 0.0
        amplitude_drums = amplitude_drums * np.float32(gain)
        amplitude = np.sqrt(amplitude_drums**2 + amplitude_rest**2)
    else:
        amplitude = song.mix.astype(np.float32) ** 2
    speed, start = 1.0, 0.0
    n = len(amplitude)
    if vary:
        speed = float(np.exp(rng.uniform(np.log(0.85), np.log(1.18)))) if rng.random() < 0.7 else 1.0
        start = float(rng.integers(0, max(1, int(n - frames * speed))))
        at = np.minimum(start + np.arange(frames) * speed, n - 1.001)
        i = at.astype(np.int64)
        part = (at - i)[:, None].astype(np.float32)
        levels = levels_of(amplitude)
        levels = levels[i] * (1 - part) + levels[i + 1] * part
        levels = _varied(levels, rng)
    else:
        frames = n - n % 2
        levels = levels_of(amplitude)[:frames]

    def place(times: NDArray[np.float64], rate: float) -> NDArray[np.int64]:
        return np.rint((times * 100 - start) / speed * rate / 100).astype(np.int64)

    half = frames // 2
    slow = np.zeros((len(SLOW), half), np.float32)
    for row, key in enumerate(("beats", "downbeats")):
        k = place(song.times[key], 50)
        slow[row, k[(k >= 0) & (k < half)]] = 1
    for k in place(song.times["sections"][1:], 50):
        a, b = max(0, k - 12), min(half, k + 13)
        if a < b:
            slow[2, a:b] = np.maximum(slow[2, a:b], 1 - np.abs(np.arange(a, b) - k) / 13)
    for a, b in place(song.times["voice"], 50):
        slow[3, max(0, a) : max(0, b)] = 1
    fast, weight, loud = (np.zeros((3, frames), np.float32) for _ in range(3))
    weight[:] = 1
    for row, key in enumerate(FAST):
        found = song.times[key]
        if not has_drums or gain == 0 or len(found) == 0:
            continue
        heard = audible(found[:, 0], amplitude_drums, amplitude_rest)
        places = place(found[:, 0], 100)
        for k in places[heard < INAUDIBLE]:
            weight[row, max(0, k - 3) : max(0, k + 4)] = 0
        for k, v, w in zip(places, found[:, 1], heard, strict=True):
            if w >= INAUDIBLE and 0 <= k < frames:
                fast[row, k] = 1
                weight[row, max(0, k - 3) : k + 4] = 1
                weight[row, k] = float(np.clip(2 * w, 0.3, 1))
                loud[row, k] = max(loud[row, k], v)
                slow[4, max(0, k // 2 - 50) : k // 2 + 51] = 1
    return Example(levels, slow, fast, weight, loud)


def _varied(levels: Array, rng: np.random.Generator) -> Array:
    """Pitch, equaliser, loudness, contrast, noise, bandwidth, holes."""
    levels = np.roll(levels, int(rng.integers(-2, 3)), axis=1)
    if rng.random() < 0.7:
        curve = np.interp(np.arange(N_BANDS), np.linspace(0, N_BANDS, 6), rng.normal(0, 0.3, 6)).astype(np.float32)
        levels = np.maximum(levels + curve * np.minimum(1, levels * 4), 0)
    levels = levels * np.float32(rng.uniform(0.8, 1.15))
    if rng.random() < 0.25:
        levels = np.maximum(
            levels, np.float32(rng.uniform(0, 0.5)) * rng.uniform(0.7, 1.3, levels.shape).astype(np.float32)
        )
    if rng.random() < 0.15:
        levels[:, int(rng.integers(45, N_BANDS)) :] = 0
    if rng.random() < 0.2:
        a = int(rng.integers(0, N_BANDS - 8))
        levels[:, a : a + int(rng.integers(2, 9))] = 0
    return levels
