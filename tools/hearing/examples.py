"""Examples to learn from: crops of songs, varied.

What varies is the balance of the drums, tempo, pitch, equaliser, loudness and bandwidth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.features.beats.bands import N_BANDS
from avwalk.features.beats.levels import levels_of
from tools.hearing.heads import FAST, SLOW

CROP = 3000  # frames: 30 s
INAUDIBLE = 0.08  # share of the sound in its best band below which a hit is neither asked for nor forbidden

_NONE = np.zeros(0)

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Song:
    """What ``make_songs`` wrote.

    Attributes:
        mix: square roots of amplitudes, (n, 64), 100 rows a second; so are ``drums`` and ``rest``, which it is made of.
        drums: without the rest.
        rest: without the drums.
        times: beats, downbeats, sections (k,) in seconds; voice (k, 2) start and end; kick, snare, hat (k, 2) seconds
            and velocity in [0, 1]; what is missing is unknown: neither asked for nor forbidden.
        truth: style, tempo and so on; ``stems``: whether ``drums`` and ``rest`` are told apart.
    """

    mix: NDArray[np.float16]
    drums: NDArray[np.float16]
    rest: NDArray[np.float16]
    times: dict[str, NDArray[np.float64]]
    truth: dict[str, object]


def read_song(path: Path) -> Song:
    """A song of ``make_songs``."""
    with np.load(path) as file:
        times = {key: file[key] for key in ("beats", "downbeats", "sections", "voice", *FAST) if key in file}
        return Song(file["mix"], file["drums"], file["rest"], times, json.loads(str(file["truth"])))


@dataclass(frozen=True)
class Example:
    """What the network is given and what it is to say; all float32.

    Attributes:
        levels: (frames, 64).
        slow: targets of `SLOW` in [0, 1], (5, frames / 2); -1 where nobody knows.
        fast: of `FAST`, 0 or 1, (3, frames).
        weight: of ``fast``, likewise: 0 where a hit can hardly be heard.
        loud: velocities in [0, 1] where ``fast`` is 1, likewise.
    """

    levels: Array
    slow: Array
    fast: Array
    weight: Array
    loud: Array


def audible(times: NDArray[np.float64], drums: Array, rest: Array) -> Array:
    """Share of the drums in the band where they stand out most, over 40 ms.

    Args:
        times: of hits, (k,) seconds.
        drums: amplitudes, (n, 64).
        rest: likewise.

    Returns:
        (k,) in [0, 1]; 0 beyond the end.
    """
    out = np.zeros(len(times), np.float32)
    for i, t in enumerate(times):
        k = round(t * 100)
        if k + 1 < min(len(drums), len(rest)):
            d, r = (np.square(part[k : k + 4].mean(axis=0)) for part in (drums, rest))
            out[i] = float((d / (d + r + 1e-12) * (d > 1e-9)).max())
    return out


@dataclass(frozen=True)
class _Crop:
    """From which frame of the song, how fast, how many frames."""

    start: float
    speed: float
    frames: int

    def place(self, times: NDArray[np.float64], rate: float) -> NDArray[np.int64]:
        """Frames of the example, ``rate`` a second, at the song's ``times``; some of them outside."""
        return np.rint((times * 100 - self.start) / self.speed * rate / 100).astype(np.int64)


def example(song: Song, rng: np.random.Generator | None, frames: int = CROP) -> Example:
    """An example.

    Args:
        song: where it is taken from.
        rng: draws a crop and how it is varied; None gives the whole song as it is, to an even number of frames.
        frames: length of a crop, even.
    """
    drums, rest = (a.astype(np.float32) ** 2 for a in (song.drums, song.rest))
    gain = 1.0
    if rng is not None and rng.random() < 0.5:
        gain = float(10 ** (rng.normal(0, 6) / 20)) if rng.random() < 0.8 else 0.0
        drums = _other_kit(drums, rng) * np.float32(gain)
        amplitude = np.sqrt(drums**2 + rest**2)
    else:
        amplitude = song.mix.astype(np.float32) ** 2
    n = len(amplitude)
    if rng is None:
        crop = _Crop(0.0, 1.0, n - n % 2)
        levels = levels_of(amplitude)[: crop.frames]
    else:
        speed = float(np.exp(rng.uniform(np.log(0.85), np.log(1.18)))) if rng.random() < 0.7 else 1.0
        crop = _Crop(float(rng.integers(0, max(1, int(n - frames * speed)))), speed, frames)
        levels = _varied(_resampled(levels_of(amplitude), crop), rng)
    slow = _slow_targets(song, crop)
    fast, weight, loud = (np.zeros((len(FAST), crop.frames), np.float32) for _ in range(3))
    weight[:] = 1
    stems = bool(song.truth.get("stems", True))
    for row, key in enumerate(FAST):
        if key not in song.times:
            weight[row] = 0
        elif not stems or (song.drums.any() and gain != 0):
            hits = song.times[key]
            share = audible(hits[:, 0], drums, rest) if stems else np.ones(len(hits), np.float32)
            _mark_hits(crop, hits, share, (fast[row], weight[row], loud[row], slow[SLOW.index("drums")]))
    return Example(levels, slow, fast, weight, loud)


def _other_kit(drums: Array, rng: np.random.Generator) -> Array:
    """Amplitudes (n, 64) of drums that are tuned and equalised in another way, half of the time."""
    if rng.random() < 0.5:
        return drums
    bands = np.arange(N_BANDS) + int(rng.integers(-3, 4))
    moved = drums[:, bands.clip(0, N_BANDS - 1)] * ((bands >= 0) & (bands < N_BANDS)).astype(np.float32)
    curve = np.interp(np.arange(N_BANDS), np.linspace(0, N_BANDS, 5), rng.normal(0, 5, 5))  # dB
    return np.asarray(moved * (10 ** (curve / 20)).astype(np.float32))


def _resampled(levels: Array, crop: _Crop) -> Array:
    at = np.minimum(crop.start + np.arange(crop.frames) * crop.speed, len(levels) - 1.001)
    i = at.astype(np.int64)
    part = (at - i)[:, None].astype(np.float32)
    return np.asarray(levels[i] * (1 - part) + levels[i + 1] * part)


def _slow_targets(song: Song, crop: _Crop) -> Array:
    """Beats, downbeats, boundaries (a triangle of half a second) and voice; drums follow with their hits."""
    half = crop.frames // 2
    slow = np.zeros((len(SLOW), half), np.float32)
    for row, key in enumerate(("beats", "downbeats", "sections")):
        if key not in song.times:
            slow[row] = -1
        elif key != "sections":
            k = crop.place(song.times[key], 50)
            slow[row, k[(k >= 0) & (k < half)]] = 1
    for k in crop.place(song.times.get("sections", _NONE)[1:], 50):
        a, b = max(0, k - 12), min(half, k + 13)
        if a < b:
            slow[2, a:b] = np.maximum(slow[2, a:b], 1 - np.abs(np.arange(a, b) - k) / 13)
    for a, b in crop.place(song.times["voice"], 50):
        slow[3, max(0, a) : max(0, b)] = 1
    return slow


def _mark_hits(crop: _Crop, hits: NDArray[np.float64], share: Array, rows: tuple[Array, Array, Array, Array]) -> None:
    """Writes a drum's hits (k, 2), audible as ``share`` says, into its rows of fast, weight and loud, and of drums."""
    fast, weight, loud, playing = rows
    places = crop.place(hits[:, 0], 100)
    for k in places[share < INAUDIBLE]:
        weight[max(0, k - 3) : max(0, k + 4)] = 0
    for k, velocity, w in zip(places, hits[:, 1], share, strict=True):
        if w >= INAUDIBLE and 0 <= k < crop.frames:
            fast[k] = 1
            weight[max(0, k - 3) : k + 4] = 1
            weight[k] = float(np.clip(2 * w, 0.3, 1))
            loud[k] = max(loud[k], velocity)
            playing[max(0, k // 2 - 50) : k // 2 + 51] = 1


def _varied(levels: Array, rng: np.random.Generator) -> Array:
    """Levels (n, 64) with another pitch, equaliser, loudness, noise, bandwidth, and with holes."""
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
