"""Songs with known beats, made of drums, bass and chords: a seeded rhythm for every kind of trouble.

``catalogue()`` names them; ``perform(rhythm)`` plays one and tells where its beats and bars are.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE = 22050


@dataclass(frozen=True)
class Rhythm:
    """How a song goes. ``swing``: where the off-beat eighth lies in its beat (0.5 straight, 0.66 triplets)."""

    name: str
    bpm: float
    pattern: str = "rock"
    meter: int = 4
    swing: float = 0.5
    drift: float = 0.0  # relative change of tempo over a minute: 0.04 = 4 % (a sine of that size, period 2 min)
    missing: float = 0.0  # share of the drum hits that are left out
    jitter: float = 0.0  # seconds, standard deviation of every hit
    seconds: float = 30.0
    seed: int = 0
    pitched: bool = True  # bass and chords too


@dataclass(frozen=True)
class Performance:
    sound: NDArray[np.float32]
    beats: NDArray[np.float64]
    bars: NDArray[np.float64]
    kicks: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


# positions within a bar, in beats; ".5" is the off-beat eighth, which swings; sixteenths are straight
PATTERNS: dict[str, dict[str, list[float]]] = {
    "rock": {"kick": [0, 2], "snare": [1, 3], "hat": [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5], "bass": [0, 1, 2, 3]},
    "house": {
        "kick": [0, 1, 2, 3],
        "snare": [1, 3],
        "hat": [0.5, 1.5, 2.5, 3.5],
        "bass": [0.5, 1.5, 2.5, 3.5],
    },
    "syncopated": {
        "kick": [0, 0.75, 1.5, 2.5],
        "snare": [1, 3],
        "hat": [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5],
        "bass": [0, 0.75, 1.5, 2.5, 3.5],
    },
    "tresillo": {
        "kick": [0, 1, 2, 3],
        "snare": [0.75, 1.5, 2.75, 3.5],
        "hat": [0.5, 1.5, 2.5, 3.5],
        "bass": [0, 1.5, 3],
    },
    "halftime": {"kick": [0, 1.5], "snare": [2], "hat": [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5], "bass": [0, 1.5]},
    "break": {
        "kick": [0, 2.5],
        "snare": [1, 1.75, 2.25, 3],
        "hat": [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5],
        "bass": [0, 2.5],
    },
    "sparse": {"kick": [0, 2.5], "snare": [1, 3], "hat": [], "bass": [0, 2]},
    "sixteenths": {
        "kick": [0, 2],
        "snare": [1, 3],
        "hat": [k / 4 for k in range(16)],
        "bass": [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5],
    },
    "waltz": {"kick": [0], "snare": [1, 2], "hat": [0, 1, 2], "bass": [0]},
    "waltz8": {"kick": [0, 1.5], "snare": [1, 2], "hat": [0, 0.5, 1, 1.5, 2, 2.5], "bass": [0, 2]},
}


def catalogue() -> list[Rhythm]:
    """At least 60 rhythms, 60–200 BPM."""
    out: list[Rhythm] = []
    for k, bpm in enumerate([60, 72, 84, 95, 104, 112, 120, 128, 140, 155, 174, 200]):
        out.append(Rhythm(f"straight-{bpm}", bpm, ["rock", "house", "sixteenths"][k % 3], seed=k))
    for k, bpm in enumerate([66, 90, 110, 132, 150, 184]):
        out.append(Rhythm(f"swing62-{bpm}", bpm, "rock", swing=0.62, seed=20 + k))
        out.append(Rhythm(f"swing66-{bpm}", bpm, ["rock", "house"][k % 2], swing=0.66, seed=30 + k))
    for k, bpm in enumerate([70, 88, 100, 118, 125, 136, 160, 190]):
        out.append(Rhythm(f"syncopated-{bpm}", bpm, ["syncopated", "tresillo", "break"][k % 3], seed=40 + k))
    for k, bpm in enumerate([120, 140, 150, 170, 80, 100]):
        out.append(Rhythm(f"halftime-{bpm}", bpm, "halftime", seed=50 + k))
    for k, (bpm, drift) in enumerate(
        [
            (75, 0.04),
            (98, -0.04),
            (115, 0.04),
            (124, -0.04),
            (138, 0.03),
            (165, 0.04),
            (105, 0.02),
            (180, -0.04),
        ]
    ):
        pattern = ["rock", "house", "syncopated", "sparse"][k % 4]
        out.append(Rhythm(f"drift-{bpm}", bpm, pattern, drift=drift, seconds=50, seed=60 + k))
    for k, bpm in enumerate([68, 92, 108, 122, 134, 145, 168, 195]):
        pattern = ["rock", "house", "syncopated", "sixteenths"][k % 4]
        out.append(Rhythm(f"missing-{bpm}", bpm, pattern, missing=0.2, seed=70 + k))
    for k, bpm in enumerate([78, 102, 126, 158]):
        out.append(Rhythm(f"human-{bpm}", bpm, "rock", missing=0.2, jitter=0.01, drift=0.02, seed=80 + k))
    for k, bpm in enumerate([90, 120, 150, 180]):
        out.append(Rhythm(f"waltz-{bpm}", bpm, ["waltz", "waltz8"][k % 2], meter=3, seed=90 + k))
    for k, bpm in enumerate([85, 116, 142]):
        out.append(Rhythm(f"drums-{bpm}", bpm, ["break", "sparse", "syncopated"][k], pitched=False, seed=95 + k))
    return out


def perform(rhythm: Rhythm, rate: int = RATE) -> Performance:
    """Plays a rhythm: (n,) float32 at ``rate`` within ± 1, and its beats, bars and kicks in seconds."""
    rng = np.random.default_rng([rhythm.seed, 7])
    first = 0.3 + float(rng.uniform(0.0, 0.5))
    beats = _beat_times(rhythm, first)
    n = int((rhythm.seconds + 1.0) * rate)
    sound = 0.0005 * rng.standard_normal(n)
    pattern = PATTERNS[rhythm.pattern]
    instruments = _drum_kit(rate, rng)
    gains = {"kick": 0.55, "snare": 0.35, "hat": 0.12}
    kicks: list[float] = []
    for bar in range(0, len(beats) - rhythm.meter):
        if bar % rhythm.meter:
            continue
        for voice, gain in gains.items():
            for position in pattern[voice]:
                if rng.random() < rhythm.missing:
                    continue
                at = _when(beats, bar + position, rhythm.swing) + rhythm.jitter * float(rng.standard_normal())
                accent = float(rng.uniform(0.75, 1.0)) * (1.0 if position == int(position) else 0.8)
                _mix(sound, instruments[voice], at, gain * accent, rate)
                if voice == "kick":
                    kicks.append(at)
        if rhythm.pitched:
            _harmony(sound, rhythm, beats, bar, rate, rng)
    sound = sound[: int(rhythm.seconds * rate)]
    sound /= max(1.0, float(np.abs(sound).max()) / 0.95)
    beats = beats[beats < rhythm.seconds]
    return Performance(
        sound.astype(np.float32),
        beats,
        beats[:: rhythm.meter],
        np.asarray(sorted(k for k in kicks if k < rhythm.seconds)),
    )


def _beat_times(rhythm: Rhythm, first: float) -> NDArray[np.float64]:
    t = np.arange(0.0, rhythm.seconds + 5.0, 0.001)
    tempo = rhythm.bpm * (1.0 + rhythm.drift * np.sin(2 * np.pi * t / 120.0))
    count = np.concatenate([[0.0], np.cumsum(tempo[:-1] / 60.0 * 0.001)])
    return np.asarray(first + np.interp(np.arange(int(count[-1])), count, t))


def _when(beats: NDArray[np.float64], position: float, swing: float) -> float:
    whole = int(np.floor(position))
    part = position - whole
    if abs(part - 0.5) < 1e-9:
        part = swing
    after = min(whole + 1, len(beats) - 1)
    return float(beats[whole] + part * (beats[after] - beats[whole]))


def _drum_kit(rate: int, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    t = np.arange(int(0.3 * rate)) / rate
    sweep = 50.0 * t + 90.0 * 0.03 * (1 - np.exp(-t / 0.03))  # 140 Hz falling to 50
    kick = np.sin(2 * np.pi * sweep) * np.exp(-t / 0.09)
    noise = rng.standard_normal(len(t))
    snare = 0.7 * noise * np.exp(-t / 0.06) + 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.05)
    hat = np.diff(noise, prepend=0.0) * np.exp(-t / 0.025)  # differentiated: bright
    return {"kick": kick, "snare": snare, "hat": hat}


def _mix(sound: NDArray[np.float64], part: NDArray[np.float64], at: float, gain: float, rate: int) -> None:
    begin = round(at * rate)
    if begin < 0 or begin >= len(sound):
        return
    end = min(len(sound), begin + len(part))
    sound[begin:end] += gain * part[: end - begin]


_CHORDS = [(0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14)]  # I vi IV V


def _harmony(
    sound: NDArray[np.float64],
    rhythm: Rhythm,
    beats: NDArray[np.float64],
    bar: int,
    rate: int,
    rng: np.random.Generator,
) -> None:
    chord = _CHORDS[(bar // rhythm.meter) % 4]
    key = rhythm.seed % 12
    begin, end = float(beats[bar]), float(beats[bar + rhythm.meter])
    for step in chord:
        tone = _tone(220.0 * 2 ** ((key + step) / 12), round(end - begin, 1), 0.03, 2.0, rate)
        _mix(sound, tone, begin, 0.05, rate)
    for position in PATTERNS[rhythm.pattern]["bass"]:
        at = _when(beats, bar + position, rhythm.swing)
        tone = _tone(55.0 * 2 ** ((key + chord[0]) % 12 / 12), 0.4 * 60 / rhythm.bpm, 0.005, 0.5, rate)
        _mix(sound, tone, at + rhythm.jitter * float(rng.standard_normal()), 0.15, rate)


@functools.lru_cache(maxsize=256)
def _tone(pitch: float, seconds: float, attack: float, decay: float, rate: int) -> NDArray[np.float64]:
    t = np.arange(int(seconds * rate)) / rate
    body = sum(np.sin(2 * np.pi * pitch * h * t) / h**1.5 for h in range(1, 6))
    fade = np.clip(np.minimum(t / attack, (seconds - t) / 0.02), 0.0, 1.0)
    return np.asarray(body * fade * np.exp(-t / decay))
