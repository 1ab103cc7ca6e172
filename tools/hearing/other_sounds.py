"""Sounds that are no songs: speech, noise, drones, rain; and metronomes. What has no beat must be heard to have none.

    python -m tools.hearing.other_sounds OUT --seed 31 --count 70 --speech FOLDER

Files are those of ``make_songs``, without drums.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from tools.hearing.make_songs import SECONDS, bands_of
from tools.hearing.mixing import level, master, reverb
from tools.hearing.sound import RATE, Sound, put, silence
from tools.hearing.voices import speaker

KINDS = ("speech", "noise", "drone", "rain", "swells", "metronome", "metronome")
"""Taken in turn."""

_N = int(SECONDS * RATE)
_T = np.arange(_N) / RATE
_Waves = NDArray[np.float64]


@dataclass(frozen=True)
class OtherSound:
    """A sound and the truth about it.

    Attributes:
        sound: of `SECONDS`.
        voice: (start, end) in seconds where somebody speaks.
        beats: seconds; clicks of a metronome.
        downbeats: those with an accent.
        bpm: clicks per minute, 0 without.
        meter: clicks from accent to accent, 0 without.
    """

    sound: Sound
    voice: Sequence[tuple[float, float]] = ()
    beats: Sequence[float] = ()
    downbeats: Sequence[float] = ()
    bpm: float = 0.0
    meter: int = 0


def draw_sound(kind: str, rng: np.random.Generator, speech: Path) -> OtherSound:
    """A sound.

    Args:
        kind: one of `KINDS`.
        rng: draws it.
        speech: folder of phrases.
    """
    if kind == "metronome":
        return _metronome(rng)
    if kind == "speech":
        talk, spans = speaker(SECONDS, rng, speech)
        return OtherSound(reverb(talk, rng) if rng.random() < 0.4 else talk, spans)
    return OtherSound(_TEXTURES[kind](rng).astype(np.float32))


def _wander(rng: np.random.Generator, every: float) -> _Waves:
    """A curve in [0, 1] that wanders, a new value about ``every`` seconds at uneven times."""
    times = np.cumsum(rng.exponential(every, int(3 * SECONDS / every) + 4))
    return np.interp(_T, times, rng.uniform(0, 1, len(times)))


def _band(rng: np.random.Generator) -> _Waves:
    """Noise in a band."""
    low = float(np.exp(rng.uniform(np.log(40), np.log(3000))))
    band = butter(1, [low, min(20000.0, low * float(rng.uniform(2, 12)))], "band", fs=RATE, output="sos")
    return np.asarray(sosfilt(band, rng.normal(0, 1, _N)))


def _noise(rng: np.random.Generator) -> _Waves:
    return _band(rng) * (0.2 + _wander(rng, rng.uniform(0.5, 6)))


def _drone(rng: np.random.Generator) -> _Waves:
    out = np.zeros(_N)
    for _ in range(int(rng.integers(2, 8))):
        f = float(np.exp(rng.uniform(np.log(50), np.log(1500))))
        out += np.sin(2 * np.pi * f * _T + rng.uniform(0, 6)) * _wander(rng, rng.uniform(1, 8)) / np.sqrt(f / 50)
    return out


def _rain(rng: np.random.Generator) -> _Waves:
    out = np.zeros(_N)
    for at in rng.integers(0, _N - RATE, int(rng.uniform(1, 20) * SECONDS)):
        drop = np.arange(int(rng.uniform(0.005, 0.15) * RATE))
        noisy = rng.random() < 0.5
        burst = rng.normal(0, 1, len(drop)) if noisy else np.sin(2 * np.pi * rng.uniform(80, 4000) * drop / RATE)
        out[at : at + len(drop)] += burst * np.exp(-drop / (len(drop) / 5)) * rng.uniform(0.1, 1)
    return out


def _swells(rng: np.random.Generator) -> _Waves:
    out = np.zeros(_N)
    for _ in range(int(rng.integers(1, 4))):
        tone = np.sin(2 * np.pi * rng.uniform(60, 900) * _T) if rng.random() < 0.6 else _band(rng)
        out += tone * np.sin(np.pi * _T / rng.uniform(4, 60) + rng.uniform(0, 3)) ** 2
    return out


_TEXTURES: dict[str, Callable[[np.random.Generator], _Waves]] = {
    "noise": _noise,
    "drone": _drone,
    "rain": _rain,
    "swells": _swells,
}


def _metronome(rng: np.random.Generator) -> OtherSound:
    """Clicks, seven times in ten with accents."""
    bpm, meter = float(np.exp(rng.uniform(np.log(50), np.log(200)))), int(rng.choice([2, 3, 4, 4, 4]))
    accent = rng.random() < 0.7
    out, now = silence(SECONDS), float(rng.uniform(0, 1))
    beats: list[float] = []
    t = np.arange(int(rng.uniform(0.002, 0.08) * RATE)) / RATE
    pitches = rng.uniform(400, 4000, 2)
    while now < SECONDS - 0.2:
        high = accent and len(beats) % meter == 0
        tone = np.sin(2 * np.pi * pitches[0 if high else 1] * t)
        click = (tone if pitches[0] < 3000 else rng.normal(0, 1, len(t))) * np.exp(-t / (t[-1] / 4 + 1e-4))
        put(out, now, click * (1.0 if high else 0.7))
        beats.append(now)
        now += 60 / bpm
    return OtherSound(out, (), beats, beats[::meter] if accent else [], bpm, meter)


def make_other_sounds(out: Path, speech: Path, seed: int, numbers: range) -> None:
    """Makes the sounds that are not there.

    Args:
        out: folder, made where it is missing.
        speech: folder of phrases, ``.wav``.
        seed: of the set.
        numbers: of the sounds; a sound depends on seed and number.
    """
    out.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        path = out / f"{seed}_{number:05d}.npz"
        if not path.exists():
            rng, kind = np.random.default_rng([seed, number]), KINDS[number % len(KINDS)]
            each = draw_sound(kind, rng, speech)
            sound = level(each.sound)
            _write(path, kind, each, bands_of(master(sound, rng)), bands_of(sound))


def _write(path: Path, kind: str, each: OtherSound, mix: NDArray[np.float16], rest: NDArray[np.float16]) -> None:
    truth = {
        "style": kind, "bpm": each.bpm, "meter": each.meter, "swing": 0.5, "drift": False, "irregular": "",
        "duration": SECONDS,
    }  # fmt: skip
    part, empty = path.with_suffix(".part.npz"), np.zeros((0, 2))
    np.savez(
        part, mix=mix, drums=np.zeros_like(mix), rest=rest, voice=np.array(each.voice).reshape(-1, 2),
        kick=empty, snare=empty, hat=empty, beats=np.array(each.beats), downbeats=np.array(each.downbeats),
        sections=np.array([0.0]), truth=np.array(json.dumps(truth)),
    )  # fmt: skip
    part.rename(path)


def main() -> None:
    """Makes the sounds that are not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--speech", type=Path, required=True)
    options = parser.parse_args()
    make_other_sounds(options.out, options.speech, options.seed, range(options.count))


if __name__ == "__main__":
    main()
