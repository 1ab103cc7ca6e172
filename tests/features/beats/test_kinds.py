"""Kinds of rhythm that trackers mishear: compound time, off-beats, fast and slow beats, odd metres, added bars."""

from __future__ import annotations

from dataclasses import dataclass

import mir_eval
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.features.beats.test_tracking import sound_of

RATE = 44100


@dataclass(frozen=True)
class Kind:
    """A bar of drums, bass and chords: positions in beats; ``bars``: beats of each bar, where they are not alike."""

    bpm: float
    kick: tuple[float, ...]
    snare: tuple[float, ...]
    hat: tuple[float, ...]
    chord: tuple[float, ...]
    meter: int = 4
    bars: tuple[int, ...] = ()


def _every(step: float, until: float, start: float = 0.0) -> tuple[float, ...]:
    return tuple(np.arange(start, until - 1e-6, step))


KINDS = {
    "6/8 at 58": Kind(58, (0,), (1,), _every(1 / 3, 2), (0, 2 / 3, 1, 5 / 3), 2),
    "6/8 at 84": Kind(84, (0, 2 / 3), (1,), _every(1 / 3, 2), (0, 1), 2),
    "12/8 at 66": Kind(66, (0, 2), (1, 3), _every(1 / 3, 4), (0, 2)),
    "shuffle at 112": Kind(112, (0, 2), (1, 3), (0, 2 / 3, 1, 5 / 3, 2, 8 / 3, 3, 11 / 3), (0, 2)),
    "ska at 160": Kind(160, (0, 2), (1, 3), _every(0.5, 4), _every(1, 4, 0.5)),
    "drum and bass at 174": Kind(174, (0, 2.5), (1, 3), _every(0.5, 4), (0,)),
    "punk at 190": Kind(190, (0, 2), (1, 3), _every(1, 4), (0, 2)),
    "waltz at 168": Kind(168, (0,), (1, 2), _every(1, 3), (0, 1, 2), 3),
    "waltz at 96": Kind(96, (0,), (1, 2), _every(0.5, 3), (0,), 3),
    "five at 150": Kind(150, (0, 3), (2, 4), _every(0.5, 5), (0, 3), 5),
    "seven at 200": Kind(200, (0, 4), (2, 6), _every(1, 7), (0, 4), 7),
    "a bar of two among fours": Kind(120, (0, 2), (1, 3), _every(0.5, 4), (0,), 4, (4,) * 6 + (2,) + (4,) * 7),
    "four, then three": Kind(120, (0, 2), (1, 3), _every(0.5, 4), (0,), 4, (4,) * 8 + (3,) * 10),
}


def play(kind: Kind, seconds: float = 28.0) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sound, beats, bars."""
    rng, t = np.random.default_rng(1), np.arange(RATE // 2) / RATE
    kick = np.sin(2 * np.pi * (50 * t + 6 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.1)
    snare = rng.normal(0, 0.4, len(t)) * np.exp(-t / 0.06) + 0.4 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.05)
    hat = np.diff(rng.normal(0, 0.12, len(t) + 1)) * np.exp(-t / 0.02)
    beat, now = 60 / kind.bpm, 0.5
    out, beats, bars, k = np.zeros(int((seconds + 3) * RATE)), [], [], 0
    while now < seconds and (not kind.bars or k < len(kind.bars)):
        size = kind.bars[k] if kind.bars else kind.meter
        bars.append(now)
        beats += [now + j * beat for j in range(size)]
        root = 110 * 2 ** ((0, 5, 7, 3)[k % 4] / 12)
        pitches = root * np.array([2, 2.5, 3, 4])[:, None]
        chord = (np.sin(2 * np.pi * pitches * t) * np.exp(-3 * t)).sum(axis=0) * 0.08
        bass = np.sin(2 * np.pi * root / 2 * t) * np.exp(-2 * t) * 0.25
        parts = ((kick, kind.kick), (snare, kind.snare), (hat, kind.hat), (chord, kind.chord), (bass, (0.0,)))
        for sound, places in parts:
            for x in places:
                if x < size:
                    i = int((now + x * beat) * RATE)
                    out[i : i + len(t)] += sound[: len(out) - i]
        now += size * beat
        k += 1
    return out * 0.3, np.array(beats), np.array(bars)


UNEVEN = pytest.mark.xfail(strict=True, reason="seven even beats as fast as this are heard in twos and threes")
UNBARRED = pytest.mark.xfail(strict=True, reason="beats are right, bars are not yet")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=UNEVEN) if name.startswith("seven") else name for name in sorted(KINDS)]
)
def test_beats(name: str) -> None:
    sound, beats, _ = play(KINDS[name])
    found = sound_of(sound, RATE).rhythm()
    trim = mir_eval.beat.trim_beats
    _, cmlt, _, _ = mir_eval.beat.continuity(trim(beats), trim(found.beats))
    assert cmlt > 0.9, f"{found.tempo_bpm:.1f} BPM for {KINDS[name].bpm}"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=UNBARRED) if name.startswith(("a bar of two", "seven")) else name
        for name in sorted(KINDS)
    ],
)
def test_bars(name: str) -> None:
    sound, _, bars = play(KINDS[name])
    found = sound_of(sound, RATE).rhythm()
    if KINDS[name].meter == 2:  # two bars of 6/8 may be one of 12/8
        assert np.abs(found.bars[:, None] - bars).min(axis=1).max() < 0.05 and len(found.bars) >= len(bars) // 2 - 1
        assert found.stretches[0].division == 3
    else:
        trim = mir_eval.beat.trim_beats
        assert mir_eval.beat.f_measure(trim(bars), trim(found.bars)) > 0.9, [s.meter for s in found.stretches]
