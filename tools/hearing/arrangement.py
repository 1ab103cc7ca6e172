"""Plays a score that somebody else wrote in a way of our own: an excerpt, its tempo, pitch and instruments, varied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.hearing.bands import BANDS, MELODIC
from tools.hearing.piece import Note, Piece
from tools.hearing.scores import FASTEST, SLOWEST, Score
from tools.hearing.timeline import Timeline, draw_curve

_FASTER = 0.15  # share by which the tempo may be another than the composer's
_SWUNG, _DRUMLESS, _ABSENT = 0.06, 0.12, 0.15
"""How likely straight music is played with swing, the drums are left out, and one of the other parts."""
_SYNTHETIC = (0.0, 0.0, 0.15, 0.5)  # how likely our synthesisers play a part, of which one is drawn
_OWN, _FAMILY = 0.45, 0.4  # how likely a part keeps its instrument, or is played by one of the same family
_SUNG = 0.25
UNKNOWN = frozenset({"sections"})
"""What scores do not say."""


@dataclass(frozen=True)
class _Excerpt:
    """What is played of a score: quarters from and to, and quarters of the beats and of the first beats between."""

    start: float
    stop: float
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]


def arrange(rng: np.random.Generator, score: Score, seconds: float) -> Piece:
    """A piece.

    Args:
        rng: draws everything: the same state gives the same piece.
        score: what is played.
        seconds: length of the song: where the score is longer, an excerpt that begins with a bar.

    Returns:
        Notes and truth; sections are unknown, bars where the score's are not sure.
    """
    speed = _draw_speed(rng, score)
    excerpt = _draw_excerpt(rng, score, seconds * speed)
    timeline, bpm, swing, drift = _draw_timeline(rng, score, excerpt, speed)
    roles = [f"part{k}" for k in range(len(score.programs))]
    synthetic = float(rng.choice(_SYNTHETIC))
    piece = Piece(
        style=score.name,
        band=BANDS[str(rng.choice(sorted(BANDS)))],
        notes=[],
        beats=[timeline(x) for x in excerpt.beats],
        downbeats=[timeline(x) for x in excerpt.downbeats] if score.barred else [],
        sections=[],
        bpm=bpm,
        meter=len(next(m.beats for m in score.measures if m.beats)),
        swing=swing,
        drift=drift,
        drums=any(e.part < 0 for e in score.events) and rng.random() > _DRUMLESS,
        programs={role: _draw_program(rng, program) for role, program in zip(roles, score.programs, strict=True)},
        synthesised={role: bool(rng.random() < synthetic) for role in roles},
        unknown=UNKNOWN if score.barred else UNKNOWN | {"downbeats"},
    )
    if score.sung >= 0 and rng.random() < _SUNG:
        roles[score.sung] = "voice"
    piece.notes = _notes(rng, score, excerpt, timeline, roles, piece.drums)
    last = max([0.0, *(note.start + 0.02 for note in piece.notes)])
    piece.beats = [t for t in piece.beats if t <= last]
    piece.downbeats = [t for t in piece.downbeats if t <= last]
    return piece


def _draw_speed(rng: np.random.Generator, score: Score) -> float:
    """How much faster than written; as written where people would then tap another level of the metre."""
    speed = float(np.exp(rng.uniform(np.log(1 - _FASTER), np.log(1 + _FASTER))))
    beats = np.array([m.start + x for m in score.measures for x in m.beats])
    bpm = 60 / float(np.median(np.diff(score.seconds(beats))))
    return speed if SLOWEST <= bpm * speed <= FASTEST else 1.0


def _draw_excerpt(rng: np.random.Generator, score: Score, seconds: float) -> _Excerpt:
    measures = [m for m in score.measures if m.beats]
    starts = np.array([m.start for m in measures])
    times = score.seconds(starts)
    end = max(e.start for e in score.events)
    first = int(np.searchsorted(starts, score.events[0].start + 1e-6, side="right")) - 1
    fitting = np.flatnonzero((times <= score.seconds(np.array([end]))[0] - 0.9 * seconds) & (starts >= starts[first]))
    k = max(first, 0)
    if len(fitting) and rng.random() > 0.3:
        k = int(rng.choice(fitting))
    stop = float(np.interp(times[k] + seconds, score.times, score.knots))
    inside = [m for m in measures[k:] if m.start < stop]
    return _Excerpt(
        float(starts[k]),
        stop,
        np.array([m.start + x for m in inside for x in m.beats]),
        np.array([m.start for m in inside]),
    )


def _draw_timeline(
    rng: np.random.Generator, score: Score, excerpt: _Excerpt, speed: float
) -> tuple[Timeline, float, float, bool]:
    """From quarters to seconds, beats per minute, swing, and whether the tempo changes."""
    knots = np.append(excerpt.beats, excerpt.beats[-1] + np.diff(excerpt.beats[-2:]))
    written = np.diff(score.seconds(knots)) / speed
    waves, drifts = draw_curve(rng, len(written))
    start = float(rng.uniform(0, 1.5)) if rng.random() < 0.6 else 0.0
    times = start + np.concatenate([[0.0], np.cumsum(written * waves)])
    straight = bool(np.all(np.diff(knots) == 1)) and not _triplets(score)
    swing = float(rng.uniform(0.54, 0.67)) if straight and rng.random() < _SWUNG else 0.5
    changes = bool(np.ptp(written) > 0.02 * written.mean())
    bpm = 60 / float(np.median(np.diff(times)))
    return Timeline(knots.tolist(), times.tolist(), swing), bpm, swing, drifts or changes


def _triplets(score: Score) -> bool:
    """More than one note in 20 lies on a third of a quarter."""
    part = np.array([e.start for e in score.events]) % 1
    return float((np.abs(part[:, None] - [1 / 3, 2 / 3]).min(axis=1) < 0.04).mean()) > 0.05


def _draw_program(rng: np.random.Generator, program: int) -> int:
    """The composer's, one of its family, or any."""
    kind = rng.random()
    if kind < _OWN:
        return program
    return program // 8 * 8 + int(rng.integers(8)) if kind < _OWN + _FAMILY else int(rng.choice(list(MELODIC)))


def _notes(
    rng: np.random.Generator, score: Score, excerpt: _Excerpt, timeline: Timeline, roles: list[str], drums: bool
) -> list[Note]:
    jitter = float(rng.choice([0, 0, 0, 0.004, 0.010]))  # seconds
    higher = int(rng.integers(-5, 7))
    gain = rng.uniform(0.6, 1.0, len(roles) + 1)  # the last is that of the drums
    absent = int(rng.integers(len(roles))) if len(roles) > 2 and rng.random() < _ABSENT else len(roles)
    out = []
    for event in score.events:
        if not excerpt.start - 0.01 <= event.start < excerpt.stop or event.part == absent:
            continue
        if event.part < 0 and not drums:
            continue
        time = timeline(event.start) + (float(rng.normal(0, jitter)) if jitter else 0.0)
        length = max(0.05, timeline(event.start + event.length) - timeline(event.start))
        pitch = event.pitch if event.part < 0 else int(np.clip(event.pitch + higher, 20, 108))
        velocity = int(np.clip(event.velocity * gain[event.part], 1, 127))
        out.append(Note("drums" if event.part < 0 else roles[event.part], max(0.0, time), length, pitch, velocity))
    return out
