"""Beat tracking: tempo, beats and bars of a song."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Stretch
from avwalk.features.meter import find_bars
from avwalk.features.onsets import ONSET_RATE, Events, OnsetCurves, onsets
from avwalk.features.tempo import accents, find_tempo

_RATE = float(ONSET_RATE)
_PHASES = 48  # places within a beat that are told apart
_CLEAR = 0.1  # periodicity below which there is no beat


@dataclass(frozen=True)
class Rhythm:
    """Tempo, beats and bars of a song.

    Attributes:
        tempo_bpm: beats per minute, the middle one where it changes; 0 without a beat.
        beats: (n,) float64 seconds, ascending.
        bars: first beats of the bars, (m,) float64, a subset of ``beats``.
        confidence: 0 (nothing rhythmic) … 1 (a machine).
        stretches: runs in one tempo and metre.
        second_bpm: the tempo that it may be instead; 0 where none comes near.
    """

    tempo_bpm: float
    beats: NDArray[np.float64]
    bars: NDArray[np.float64]
    confidence: float
    stretches: tuple[Stretch, ...] = ()
    second_bpm: float = 0.0


def track_beats(
    curves: OnsetCurves, duration: float, bpm: float | None = None, first_beat: float | None = None
) -> Rhythm:
    """Tempo, beats and bars.

    Args:
        curves: of the whole song.
        duration: of the song, seconds; no beat lies beyond it.
        bpm: fixes the tempo; only the phase is estimated.
        first_beat: seconds; the first beat, and first of a bar, is exactly here, none before it.

    Returns:
        The rhythm; without ``bpm`` and without periodicity: tempo 0, no beats.
    """
    accent = _beat_accents(curves)
    found = find_tempo(curves)
    confidence = float(np.clip((found.clarity - _CLEAR) / (0.8 - _CLEAR), 0.0, 1.0)) if found else 0.0
    if bpm is not None:
        beats = _steady(accent, duration, 60.0 / bpm, first_beat)
    elif found is None or found.clarity < _CLEAR:
        none = np.zeros(0)
        return Rhythm(0.0, none, none, 0.0)
    else:
        beats = _follow(accent, found.periods, onsets(curves), duration, first_beat)
    first, last = _sounding(curves)
    if first_beat is None:
        kept = (beats >= first - 0.05) & (beats <= last + 0.15)  # no beat goes on into the silence
        beats = beats[kept]
    if len(beats) < 2 and bpm is None:
        none = np.zeros(0)
        return Rhythm(0.0, none, none, 0.0)
    tempo = bpm if bpm is not None else _tempo(beats)
    bars = find_bars(curves, beats, first_beat is not None)
    return Rhythm(tempo, beats, bars, confidence, _stretches(tempo, beats, bars, confidence, duration))


def _stretches(
    tempo: float, beats: NDArray[np.float64], bars: NDArray[np.float64], confidence: float, duration: float
) -> tuple[Stretch, ...]:
    """The whole run of beats: this tracker knows one tempo and one metre."""
    if len(beats) < 2:
        return ()
    counts = np.diff(np.searchsorted(beats, bars))
    meter = int(np.median(counts)) if len(counts) else 0
    return (
        Stretch(float(beats[0]), min(duration, float(beats[-1]) + 60 / tempo), tempo, meter, confidence=confidence),
    )


def _beat_accents(curves: OnsetCurves) -> NDArray[np.float32]:
    """What speaks for a beat at each frame, (n,) float32."""
    total = np.zeros(len(curves.strength), np.float32)
    voices = ((curves.strength, 0.2, 0.5), (curves.low, 0.4, 1.0), (curves.mid, 0.4, 1.0))
    for curve, weight, power in voices:
        if curve.max() > 0.02:
            total += np.float32(weight) * accents(curve, 1.5, power)
    return total


def _sounding(curves: OnsetCurves) -> tuple[float, float]:
    """From the first to the last onset worth the name, seconds."""
    strong = np.flatnonzero(curves.strength > 0.2 * np.percentile(curves.strength, 99))
    if len(strong) == 0:
        return 0.0, np.inf
    return strong[0] / _RATE, strong[-1] / _RATE


def _steady(
    accent: NDArray[np.float32], duration: float, period: float, first_beat: float | None
) -> NDArray[np.float64]:
    """An exact grid: from ``first_beat`` on, or where the accents are."""
    if first_beat is None:
        starts = np.arange(0.0, period, 0.002)
        frames = np.arange(len(accent)) / _RATE
        count = max(1, int(duration / period))
        sums = [np.interp(s + np.arange(count) * period, frames, accent).sum() for s in starts]
        first_beat = float(starts[int(np.argmax(sums))])
    count = int(np.floor((duration - first_beat) / period + 1e-9)) + 1
    return np.asarray(first_beat + np.arange(max(0, count)) * period, np.float64)


def _follow(
    accent: NDArray[np.float32],
    periods: NDArray[np.float64],
    hits: Events,
    duration: float,
    first_beat: float | None,
) -> NDArray[np.float64]:
    """Beats along a tempo curve: phase by Viterbi in musical time, then drawn to the hits around."""
    frames = np.arange(len(accent)) / _RATE
    count = np.concatenate([[0.0], np.cumsum(1.0 / periods[:-1]) / _RATE])  # beats since the start
    n = int(np.ceil(count[-1]))
    grid = np.interp(np.arange(n * _PHASES) / _PHASES, count, frames)
    scores = np.interp(grid, frames, accent).reshape(n, _PHASES)
    phase = _phase_path(scores)
    when = np.arange(n) + phase
    if first_beat is not None:
        now = np.interp(first_beat, frames, count)
        offset = np.interp(now, when, phase) if n > 1 else 0.0
        turn = (now - offset + 0.5) % 1.0 - 0.5
        when = when + turn
    when = np.concatenate([[when[0] - 1], when, [when[-1] + 1]])
    beats = np.interp(when, count, frames, left=-1.0, right=duration + 1)
    beats = beats[(beats >= 0) & (beats < duration)]
    if first_beat is None:
        return _draw(beats, hits)
    beats = beats[beats > first_beat - 1e-6 - 0.5 * float(np.median(periods))]
    if len(beats):
        beats[0] = first_beat
    return beats


def _phase_path(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Phase of each beat that follows the accents and moves slowly: (beats,) float64, not wrapped."""
    n, m = scores.shape
    reach = 2
    moves = np.arange(-reach, reach + 1)
    cost = 1.5 * (moves / reach) ** 2
    best = scores[0].copy()
    back = np.zeros((n, m), np.int8)
    for t in range(1, n):
        options = np.stack([np.roll(best, -k) - c for k, c in zip(moves, cost, strict=True)])
        choice = options.argmax(axis=0)
        back[t] = moves[choice]
        best = options[choice, np.arange(m)] + scores[t]
    path = np.zeros(n)
    state = int(best.argmax())
    path[-1] = state
    for t in range(n - 1, 0, -1):
        move = int(back[t, state])
        path[t - 1] = path[t] + move
        state = (state + move) % m
    return np.asarray(path / m)


def _draw(beats: NDArray[np.float64], hits: Events) -> NDArray[np.float64]:
    """Beats moved to the hits around them, all together rather than one by one: a weak or missing hit cannot
    pull a beat away from its neighbours."""
    if len(beats) < 4 or len(hits.times) == 0:
        return beats
    reach = min(0.08 * float(np.median(np.diff(beats))), 0.05)
    after = np.clip(np.searchsorted(hits.times, beats), 1, max(1, len(hits.times) - 1))
    pair = np.stack([after - 1, np.minimum(after, len(hits.times) - 1)])
    nearest = pair[np.abs(hits.times[pair] - beats).argmin(axis=0), np.arange(len(beats))]
    offset = hits.times[nearest] - beats
    weight = np.where(np.abs(offset) < reach, hits.heights[nearest], 0.0) + 1e-6
    offset = np.clip(offset, -reach, reach)
    bell = np.exp(-0.5 * (np.arange(-8, 9) / 2.5) ** 2)
    moved = np.convolve(weight * offset, bell)[8:-8]
    return np.asarray(beats + moved / np.convolve(weight, bell)[8:-8])


def _tempo(beats: NDArray[np.float64]) -> float:
    """BPM from the middle interval over 8 beats: free of the frames' grid."""
    span = min(8, len(beats) - 1)
    return float(60.0 * span / np.median(beats[span:] - beats[:-span]))
