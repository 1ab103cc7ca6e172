"""Evaluates the modulation matrix: every parameter over the whole song, from routes and signals.

A route processes its signal in this order: in [0, 1] → threshold or gate → probability → quantise → delay → attack and
release, or spring → curve → amount → integral → combined with what earlier routes gave.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.config.preset import RATES, Target, targets
from avwalk.contracts import Analysis
from avwalk.modulation.envelopes import Array, envelope_follower, impulse_envelope, spring
from avwalk.modulation.routes import Cycle, Route, Span
from avwalk.modulation.sources import CURVE, Inputs, curve_of, kind_of

Mask = NDArray[np.bool_]

LATE_SHARE, LATE_SECONDS = 1 / 8, 0.07
"""An event so little after a line of its grid (share of the cell, and at most seconds) is on it."""

QUIETER = 0.1
"""How much below the song's middle (of the signal rms) its quiet passages are, for `rest` to hold in full."""

_PURPOSE = 0x726F7574
_EXP = 4.0  # of the curves exp and log: their slopes at the ends are e⁴ apart


def modulate(
    routes: Iterable[Route],
    base: Mapping[str, float | NDArray[np.floating]],
    inputs: Inputs,
    rest: float = 0.0,
    speed: float = 1.0,
) -> dict[str, NDArray[np.float32]]:
    """Every parameter over the whole song.

    Args:
        routes: the matrix. A route's position in it is part of its random seed.
        base: the preset's value of each target, or its values frame by frame.
        inputs: signals of the song.
        rest: by how much routes and speeds are reduced in quiet passages, 0 to 1. Breakpoint curves are exempt.
        speed: factor on all speeds.

    Returns:
        target → (n_frames,) float32, clipped to its range; ``walk.phase`` and the targets in `RATES` are the
        integrals of their speeds, φ(t) = φ₀ + ∫ (v₀ + Σ aₖ sₖ) dt, so a push is never taken back.
    """
    fps = inputs.analysis.fps
    listed = list(enumerate(routes))
    share = quiet_gain(inputs.analysis, rest)
    values: dict[str, NDArray[np.float32]] = {}
    ways: dict[str, Array] = {}  # what speeds add up to, before the positions they are added to
    for name, target in sorted(targets().items(), key=lambda item: item[0] not in RATES):
        curve, struck = _moved(name, target, [(k, r) for k, r in listed if r.target == name], base[name], inputs, share)
        if name in RATES:
            curve = curve * speed
        if not target.wraps:
            np.clip(curve, target.low, target.high, out=curve)
        if name in RATES:
            ways[RATES[name]] = integral(curve, fps, struck)
        values[name] = _stored(name, curve + ways.pop(name, 0.0))
    return values | {name: _stored(name, way) for name, way in ways.items()}


def _moved(
    name: str,
    target: Target,
    routes: Iterable[tuple[int, Route]],
    base: float | NDArray[np.floating],
    inputs: Inputs,
    share: Array,
) -> tuple[Array, Mask]:
    """A parameter moved by its routes, and the frames on which hits arrive."""
    n = inputs.analysis.n_frames
    start = np.broadcast_to(np.asarray(base, np.float64), n)
    if name in RATES:
        start = start * share
    moved, struck = np.zeros(n), np.zeros(n, bool)
    for k, route in routes:
        x, hits = route_input(route, k, inputs)
        if not route.signal.startswith(CURVE):  # what the artist draws is meant
            x = x * share
        struck |= hits
        gain = _gain(route, start, target)
        if route.integrate and name not in RATES:
            x = integral(x, inputs.analysis.fps, hits)
        if route.combine == "multiply":
            moved = (start + moved) * (1 + gain * x) - start
        elif route.combine == "max":
            moved = np.where(np.abs(gain * x) > np.abs(moved), gain * x, moved)
        elif route.combine == "replace":
            moved = moved * (1 - np.minimum(np.abs(x), 1.0)) + gain * x
        else:
            moved += gain * x
    return start + moved, struck


def _gain(route: Route, base: Array, target: Target) -> Array | float:
    """What the signal is multiplied by: the amount in the target's unit; a bare factor for ``*``."""
    if not route.amount.percent:
        return route.amount.value
    share = route.amount.value / 100
    if route.combine == "multiply":
        return share
    return share * np.where(base != 0, np.abs(base), target.high - target.low)


def quiet_gain(analysis: Analysis, rest: float) -> Array:
    """Gain on all movement by loudness, (n_frames,) in [1 − rest, 1]: lowest in the quietest tenth of the song.

    The loudness is averaged over a bar around the frame, so that movement is back when the sound is.
    """
    level = np.asarray(analysis.signals["rms"], np.float64)
    if rest <= 0 or not len(level):
        return np.ones(len(level))
    width = max(1, round(4 * 60 / (analysis.score.tempo_bpm or 120.0) * float(analysis.fps)))
    padded = np.pad(level, (width // 2, width - 1 - width // 2), mode="edge")
    level = np.convolve(padded, np.full(width, 1 / width), mode="valid")
    low, usual = np.percentile(level, (10, 50))
    t = np.clip((level - low) / max(usual - low, 1e-6), 0.0, 1.0)
    quiet = min(1.0, (usual - low) / QUIETER)
    return np.asarray(1 - rest * quiet * (1 - smoothstep(t)))


def route_input(route: Route, index: int, inputs: Inputs) -> tuple[Array, Mask]:
    """A route's processed signal, before its amount.

    Args:
        route: the route.
        index: its position in the matrix.
        inputs: signals of the song.

    Returns:
        (n_frames,) float64, usually in [0, 1]; and the frames at which it jumps because a hit arrives.
    """
    fps, beat = inputs.analysis.fps, inputs.beat_seconds
    x = struck(route, index, inputs)
    impulse = kind_of(route.signal, inputs.kinds) == "impulse"
    hits = np.zeros(len(x), bool)
    if route.spring is not None:
        strikes = x if impulse else np.diff(x, prepend=x[0])
        x = spring(strikes, fps, route.spring.frequency, route.spring.damping)
    elif impulse:
        hits = x > 0
        usual = min(0.2, 0.4 * beat)
        x = impulse_envelope(x, fps, _seconds(route.attack, beat), _seconds(route.release, beat, usual))
    else:
        x = envelope_follower(x, fps, _seconds(route.attack, beat), _seconds(route.release, beat))
    return apply_curve(x, route.curve), hits


def struck(route: Route, index: int, inputs: Inputs) -> Array:
    """A route's signal, chosen from, gated, quantised and delayed, before it is shaped over time: (n_frames,) float64.

    Of an impulse: the heights of its hits on their frames, 0 elsewhere. Arguments as of `route_input`.
    """
    fps, beat = inputs.analysis.fps, inputs.beat_seconds
    kind = kind_of(route.signal, inputs.kinds)
    window = None if route.window is None else route.window.seconds(beat)
    x = curve_of(route.signal, inputs, window, route.modulus)
    impulse = kind == "impulse"
    if impulse and route.probability < 1:
        x = _chosen(x, np.cumsum(x > 0) - 1, route.probability, index, inputs.seed)
    if route.threshold:
        x = np.maximum(0.0, (x - route.threshold) / (1 - route.threshold))
    elif route.gate is not None:
        x = (x >= route.gate).astype(np.float64)
    if route.quantise is not None:
        x = _quantised(x, route.quantise, inputs, impulse)
        if not impulse and route.probability < 1:
            cells = np.floor(inputs.position(route.quantise.n, route.quantise.unit) + 1e-9).astype(np.int64)
            x = _chosen(x, cells - cells[0], route.probability, index, inputs.seed)
    if route.delay is not None:
        x = shifted(x, math.floor(route.delay.seconds(beat) * fps + 0.5), edge=not impulse)
    return x


def _seconds(span: Span | None, beat_seconds: float, otherwise: float = 0.0) -> float:
    return otherwise if span is None else span.seconds(beat_seconds)


def _chosen(x: Array, event: NDArray[np.integer], probability: float, index: int, seed: int) -> Array:
    """x where its event is drawn with the probability; random numbers from (seed, purpose, route, event)."""
    dice = np.random.default_rng([seed, _PURPOSE, index]).random(int(event.max(initial=0)) + 1)
    return np.where(dice[np.maximum(event, 0)] < probability, x, 0.0)


def _quantised(x: Array, cycle: Cycle, inputs: Inputs, impulse: bool) -> Array:
    """Events are delayed to the next grid line, never advanced; levels are held from the last line."""
    position = inputs.position(cycle.n, cycle.unit) + 1e-9
    cell = np.floor(position)
    lines = np.flatnonzero(np.diff(cell, prepend=cell[0] - 1))  # first frame of each cell
    if not impulse:
        return x[lines][np.searchsorted(lines, np.arange(len(x)), side="right") - 1]
    late = min(LATE_SHARE, LATE_SECONDS / inputs.cycle_seconds(cycle.n, cycle.unit))
    at = np.flatnonzero(x)
    following = np.append(lines, len(x))[np.searchsorted(lines, at, side="right")]
    to = np.where(position[at] - cell[at] <= late, at, following)
    out = np.zeros(len(x) + 1)
    np.maximum.at(out, to, x[at])
    return out[:-1]  # what would wait beyond the end is never heard


def shifted(x: Array, frames: int, *, edge: bool) -> Array:
    """x delayed by a number of frames (advanced if negative); the gap holds the edge value (``edge``) or 0."""
    n = len(x)
    frames = max(-n, min(n, frames))
    out = np.empty_like(x)
    out[max(0, frames) : n + min(0, frames)] = x[max(0, -frames) : n - max(0, frames)]
    out[: max(0, frames)] = x[0] if edge else 0.0
    out[n + min(0, frames) :] = x[-1] if edge else 0.0
    return out


def apply_curve(x: Array, curve: str) -> Array:
    """Maps a signal through a curve that fixes 0 and 1; odd-symmetric, for springs that go below 0."""
    if curve == "linear":
        return x
    size = np.minimum(np.abs(x), 1.0)
    if curve == "smoothstep":
        bent: Array = smoothstep(size)
    elif curve == "square":
        bent = size * size
    elif curve == "sqrt":
        bent = np.sqrt(size)
    elif curve == "exp":
        bent = np.expm1(_EXP * size) / math.expm1(_EXP)
    elif curve == "log":
        bent = np.log1p(math.expm1(_EXP) * size) / _EXP
    else:
        steps = int(curve.partition(":")[2])
        bent = np.minimum(np.floor(size * steps + 1e-9), steps - 1) / (steps - 1)
    signed: Array = np.copysign(bent, x)
    return signed


def integral(speed: Array, fps: Fraction, struck: Mask | None = None) -> Array:
    """∫ speed dt from the first frame (where it is 0), trapezoids.

    At a hit the speed jumps on its frame: the value before holds up to it, else a push would last longer at lower frame
    rates. Each frame then shows the integral up to the next frame, so that a push is visible on the frame of its hit:
    early is tolerable, late is not.
    """
    after = speed[1:] if struck is None else np.where(struck[1:], speed[:-1], speed[1:])
    steps = (after + speed[:-1]) / (2 * float(fps))
    way = np.concatenate([[0.0], np.cumsum(steps)])
    if struck is None or not struck.any():
        return way
    ahead = np.append(way[1:], way[-1] + speed[-1] / float(fps))
    return np.asarray(ahead - ahead[0])


def _stored(name: str, curve: Array) -> NDArray[np.float32]:
    """As float32; degrees in [0, 360), where float32 keeps its precision however long the song turns."""
    return np.asarray(np.mod(curve, 360.0) if name in ("camera.angle", "light.azimuth") else curve, np.float32)
