"""Plays the drums: the patterns of the style, varied, with fills; or what a drummer once played."""

from __future__ import annotations

import numpy as np

from tools.hearing.grooves import Groove
from tools.hearing.piece import Bar, Note, Section
from tools.hearing.stage import Stage, grid

_FILLS = (38, 38, 41, 43, 45, 47, 48)


class Drummer:
    """Plays one bar after the other.

    Args:
        stage: takes the notes.
        groove: what to play in bars of its metre; None: the patterns of the style.
    """

    def __init__(self, stage: Stage, groove: Groove | None) -> None:
        self._stage, self._groove, rng = stage, groove, stage.rng
        self._loud = stage.gain["drums"]
        self._hat = int(rng.choice([42, 42, 42, 46, 51, 44, 54, 70, 82, 69]))
        self._kick = int(rng.choice([35, 36, 36]))
        self._snare = int(rng.choice([38, 38, 40, 39, 37]))
        self._opens = rng.random() < 0.35  # the hi-hat, off the beat
        self._hat_kind = int(rng.integers(0, 5))  # 1: on units, 2: everywhere, 3: none, else as written

    def play(self, bar: Bar, k: int, section: Section) -> None:
        """The drums of bar ``k`` of the song."""
        if self._groove is not None and bar.units == self._groove.meter:
            self._play_groove(self._groove, bar, k)
            return
        inside = k - section.first
        fills = inside == section.bars - 1 and self._stage.rng.random() < 0.5
        self._play_kick(bar, inside)
        if fills:
            self._play_fill(bar)
        else:
            self._play_snare(bar)
        self._play_hat(bar)
        if inside == 0 and self._stage.rng.random() < 0.6:
            self._add(bar, 0, int(self._stage.rng.choice([49, 49, 57, 55])), 100, 0.5)

    def _add(self, bar: Bar, x: float, pitch: int, velocity: float, units: float = 0.2) -> None:
        self._stage.add("drums", bar, x, units, pitch, velocity * self._loud)

    def _play_groove(self, groove: Groove, bar: Bar, k: int) -> None:
        for x, pitch, velocity in groove.bar(k):
            time = max(0.0, self._stage.timeline(bar.start + x))
            loud = int(np.clip(velocity * self._loud + 10, 8, 127))
            self._stage.piece.notes.append(Note("drums", time, 0.1, pitch, loud))

    def _play_kick(self, bar: Bar, inside: int) -> None:
        rng = self._stage.rng
        places = [x for x in bar.style.kick if x < bar.units]
        if inside % 4 == 3:
            places = [x for x in places if x == 0 or rng.random() > 0.25]
            if rng.random() < 0.3:
                places.append(float(rng.choice(grid(bar))))
        for x in places:
            self._add(bar, x, self._kick, 112)

    def _play_fill(self, bar: Bar) -> None:
        rng = self._stage.rng
        for x in [x for x in grid(bar) if x >= bar.units / 2]:
            if rng.random() < 0.7:
                self._add(bar, x, int(rng.choice(_FILLS)), 92)

    def _play_snare(self, bar: Bar) -> None:
        rng = self._stage.rng
        for x in (x for x in bar.style.snare if x < bar.units):
            self._add(bar, x, self._snare, 102)
        if bar.style.band in ("funk", "hiphop", "jazz") and rng.random() < 0.3:  # a ghost note
            self._add(bar, float(rng.choice(grid(bar))), 38, 35)

    def _play_hat(self, bar: Bar) -> None:
        places = list(bar.style.hat)
        if self._hat_kind == 1:
            places = [float(x) for x in range(int(bar.units))]
        elif self._hat_kind == 2 and places:
            places = grid(bar)
        elif self._hat_kind == 3:
            places = []
        for x in (x for x in places if x < bar.units):
            opened = self._opens and x % 1 == 0.5 and self._stage.rng.random() < 0.5
            self._add(bar, x, 46 if opened else self._hat, 86 if x % 1 == 0 else 66)
