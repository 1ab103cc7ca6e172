"""What all players of a song share: its time, its loudness, how exact and how accented the playing is."""

from __future__ import annotations

import numpy as np

from tools.hearing.piece import ROLES, Bar, Note, Piece
from tools.hearing.timeline import Timeline


class Stage:
    """Takes the notes of the players.

    Args:
        rng: draws.
        piece: its notes grow.
        timeline: units to seconds.
    """

    def __init__(self, rng: np.random.Generator, piece: Piece, timeline: Timeline) -> None:
        self.rng, self.piece, self.timeline = rng, piece, timeline
        self._jitter = float(rng.choice([0, 0, 0.004, 0.010, 0.016]))  # seconds
        self._accent = float(rng.uniform(0, 0.4))
        self.gain = {role: float(rng.uniform(0.5, 1)) for role in (*ROLES, "drums")}

    def add(self, role: str, bar: Bar, x: float, units: float, pitch: float, velocity: float) -> None:
        """A note ``x`` units into the bar, ``units`` long, as somebody plays it: not quite in time, with accents."""
        rng, start = self.rng, bar.start + x
        time = self.timeline(start) + (float(rng.normal(0, self._jitter)) if self._jitter else 0.0)
        on_beat = min(abs(x - b) for b in bar.beats) < 0.01
        weight = 1 + self._accent * (x < 0.01) + 0.5 * self._accent * on_beat - 0.5 * self._accent
        velocity = velocity * weight * float(rng.uniform(0.85, 1.1))
        length = max(0.05, (self.timeline(start + units) - self.timeline(start)))
        self.piece.notes.append(
            Note(role, max(0.0, time), length, int(np.clip(pitch, 20, 108)), int(np.clip(velocity, 10, 127)))
        )


def grid(bar: Bar) -> list[float]:
    """The places of a bar that notes fall on, units from its start."""
    step = 1 / bar.style.sub
    return [k * step for k in range(int(np.floor(bar.units / step + 1e-6)))]
