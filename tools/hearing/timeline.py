"""From units to seconds: tempo, its changes, pauses and swing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.hearing.piece import Bar


class Timeline:
    """Units to seconds: linear between knots, with swing inside units.

    Args:
        knots: units, ascending.
        times: seconds at the knots.
        swing: where the second half of a unit begins, 0.5 to 1.
    """

    def __init__(self, knots: Sequence[float], times: Sequence[float], swing: float) -> None:
        self._knots, self._times, self._swing = np.asarray(knots), np.asarray(times), swing

    def __call__(self, unit: float) -> float:
        """Seconds at ``unit``."""
        if self._swing != 0.5:
            whole = np.floor(unit + 1e-6)
            part = max(0.0, unit - whole)
            late = part / 0.5 * self._swing if part <= 0.5 else self._swing + (part - 0.5) / 0.5 * (1 - self._swing)
            unit = whole + late
        return float(np.interp(unit, self._knots, self._times))


def draw_timeline(
    rng: np.random.Generator, bars: Sequence[Bar], period: float, swing: float, irregular: str, drums: bool
) -> tuple[Timeline, list[tuple[float, float]], bool]:
    """How fast the bars are played.

    Args:
        rng: draws.
        bars: one after the other.
        period: seconds of a unit.
        swing: see `Timeline`.
        irregular: see `Piece`.
        drums: there are drums; without them the tempo may be free.

    Returns:
        The timeline, the silences (start, end) in seconds, and whether the tempo changes.
    """
    curve, drifts = draw_curve(rng, len(bars))
    rubato = not drums and rng.random() < 0.35
    if irregular == "tempo":
        curve = curve * _change(rng, np.array([b.section for b in bars]))
    start = float(rng.uniform(0, 1.5)) if rng.random() < 0.6 else 0.0
    if rng.random() < 0.08:
        start += float(rng.uniform(1, 6))
    knots, times, silences = [0.0], [start], []
    wobble = 0.0
    for k, bar in enumerate(bars):
        last = k + 1 < len(bars) and bars[k + 1].section != bar.section
        for u in np.arange(1, np.ceil(bar.units) + 1e-9):
            width = min(u, bar.units) - (u - 1)
            wobble = 0.6 * wobble + (rng.normal(0, 0.045) if rubato else 0.0)
            slow = 1.0 + (0.35 * u / bar.units if irregular == "rit" and last else 0.0)
            knots.append(bar.start + min(u, bar.units))
            times.append(times[-1] + period * width * curve[k] * slow * float(np.exp(wobble)))
        if last and irregular in ("pause", "silence") and rng.random() < (0.7 if irregular == "pause" else 0.4):
            gap = float(rng.uniform(0.4, 3.0)) * period if irregular == "pause" else float(rng.uniform(3, 12))
            if irregular == "silence":
                silences.append((times[-1], times[-1] + gap))
            knots.append(knots[-1] + 1e-9)
            times.append(times[-1] + gap)
    return Timeline(knots, times, swing), silences, drifts or rubato or irregular in ("tempo", "rit")


def draw_curve(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], bool]:
    """Relative length of a unit in each of ``n`` bars (n,): steady, in waves or drifting; and whether it changes."""
    kind = rng.random()
    if kind < 0.2:
        waves = np.sin(np.arange(n) / rng.uniform(5, 20) * 2 * np.pi + rng.uniform(0, 6))
        return np.exp(0.03 * waves), True
    if kind < 0.3:
        return np.exp(np.clip(np.cumsum(rng.normal(0, 0.008, n)), -0.2, 0.2)), True
    return np.ones(n), False


def _change(rng: np.random.Generator, section: NDArray[np.int64]) -> NDArray[np.float64]:
    """The same where the tempo is another in each section, or goes slowly from one to another."""
    if rng.random() < 0.6:
        return np.asarray(np.exp(rng.uniform(-0.3, 0.3, section.max() + 1))[section])
    return np.exp(np.linspace(0, rng.uniform(-0.3, 0.3), len(section)))
