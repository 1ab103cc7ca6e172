"""Routes: lines of the modulation matrix, signal → parameter.

    "kick -> camera.zoom +6% r180"       a kick adds 6 % to the zoom, gone (to 10 %) after 180 ms
    "low ~> walk.speed +0.8"             integrates: the bass pushes the walk onward, it does not shake it
    "build -> cppn.warp -15% smoothstep" shaped by a curve

Amounts are in the target's unit, or per cent of the parameter's value (of its range where the value is 0).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.config import RATES, Target, targets
from avwalk.contracts import Curve
from avwalk.errors import PresetError, did_you_mean

CURVES = ("linear", "smoothstep", "square", "sqrt")
_LINE = re.compile(r"^\s*(?P<signal>[\w.#]+)\s*(?P<arrow>->|~>)\s*(?P<target>[\w.]+)\s+(?P<rest>.+?)\s*$")
_AMOUNT = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)%?$")
_TIME = re.compile(r"^(?P<which>[ar])(?P<value>\d+\.?\d*)(?P<unit>ms|b)?$")


@dataclass(frozen=True)
class Route:
    """One line of the matrix.

    Attributes:
        signal: name of the signal.
        target: name of the parameter.
        integrate: True for ``~>``.
        amount: in the target's unit, or a fraction when ``percent``.
        percent: amount is relative to the parameter's value.
        curve: one of `CURVES`, applied to the signal in [0, 1].
        attack_ms: causal exponential, time to 90 %.
        release_ms: the same when falling; None: impulses get min(200 ms, 0.4 beat), others none.
        release_beats: release in beats instead.
    """

    signal: str
    target: str
    integrate: bool
    amount: float
    percent: bool = False
    curve: str = "linear"
    attack_ms: float = 0.0
    release_ms: float | None = None
    release_beats: float | None = None

    def __str__(self) -> str:
        words = [self.signal, "~>" if self.integrate else "->", self.target]
        words.append(f"{self.amount * 100:+g}%" if self.percent else f"{self.amount:+g}")
        if self.attack_ms:
            words.append(f"a{self.attack_ms:g}")
        if self.release_beats is not None:
            words.append(f"r{self.release_beats:g}b")
        elif self.release_ms is not None:
            words.append(f"r{self.release_ms:g}")
        if self.curve != "linear":
            words.append(self.curve)
        return " ".join(words)


def parse_route(text: str, signals: Iterable[str]) -> Route:
    """Reads the short form.

    Args:
        text: such as ``"kick -> camera.zoom +6% r180"``.
        signals: the names that exist.

    Raises:
        PresetError: not of this form, an unknown signal, target or word, or an amount that is no number.
    """
    match = _LINE.match(text)
    if not match:
        raise PresetError(
            f"route '{text}': write it as 'signal -> target +amount', such as 'kick -> camera.zoom +6% r180'"
        )
    signal, target = match["signal"], match["target"]
    known = set(signals)
    unknown = []
    if signal not in known:
        unknown.append(f"unknown signal '{signal}'{did_you_mean(signal, known)}")
    if target not in targets():
        unknown.append(f"unknown target '{target}'{did_you_mean(target, targets())}")
    if unknown:
        raise PresetError(f"route '{text}': {', '.join(unknown)}")
    amount, *words = match["rest"].split()
    if not _AMOUNT.match(amount):
        raise PresetError(f"route '{text}': amount '{amount}' is not a number; write it as +0.8 or -15%")
    percent = amount.endswith("%")
    value = float(amount.rstrip("%")) / (100 if percent else 1)
    curve, attack, release, release_beats = "linear", 0.0, None, None
    for word in words:
        time = _TIME.match(word)
        if word in CURVES:
            curve = word
        elif time and time["which"] == "a" and time["unit"] != "b":
            attack = float(time["value"])
        elif time and time["which"] == "r" and time["unit"] == "b":
            release_beats = float(time["value"])
        elif time and time["which"] == "r":
            release = float(time["value"])
        else:
            raise PresetError(
                f"route '{text}': '{word}' is not understood; r180 is a release of 180 ms, r0.5b of half a beat, "
                f"a20 an attack, and a curve is one of {', '.join(CURVES)}"
            )
    return Route(signal, target, match["arrow"] == "~>", value, percent, curve, attack, release, release_beats)


def follow(values: NDArray[np.float32], fps: Fraction, attack_ms: float, release_ms: float) -> NDArray[np.float32]:
    """Causal one-pole envelope: y rises towards x with the attack, falls with the release.

    Times are to 90 % of the way, so a pole is 10^(−1000 / (fps · ms)): the same look at any fps.
    """
    up = 10 ** (-1000 / (float(fps) * attack_ms)) if attack_ms > 0 else 0.0
    down = 10 ** (-1000 / (float(fps) * release_ms)) if release_ms > 0 else 0.0
    if up == down == 0.0:
        return values
    out, y = [], 0.0
    for x in values.tolist():  # plain floats: 3 × as fast as indexing an array
        pole = up if x > y else down
        y = x + (y - x) * pole
        out.append(y if abs(y) > 1e-7 else 0.0)
    return np.asarray(out, np.float32)


def shape(
    route: Route, signal: NDArray[np.float32], kind: str, fps: Fraction, beat_seconds: float
) -> NDArray[np.float32]:
    """The signal as this route hears it: enveloped, then curved."""
    release = route.release_ms
    if route.release_beats is not None:
        release = route.release_beats * beat_seconds * 1000
    if release is None:
        release = min(200.0, 400 * beat_seconds) if kind == "impulse" else 0.0
    x = follow(signal, fps, route.attack_ms, release)
    if route.curve == "smoothstep":
        return x * x * (3 - 2 * x)
    if route.curve == "square":
        return x * x
    if route.curve == "sqrt":
        return np.sqrt(np.maximum(x, 0))
    return x


def _scale(route: Route, base: float, target: Target) -> float:
    if not route.percent:
        return route.amount
    return route.amount * (abs(base) if base != 0 else target.high - target.low)


def modulate(
    routes: Iterable[Route],
    base: Mapping[str, float],
    signals: Mapping[str, Curve],
    kinds: Mapping[str, str],
    fps: Fraction,
    tempo_bpm: float,
) -> dict[str, NDArray[np.float32]]:
    """Every parameter over the whole song.

    Args:
        routes: the matrix.
        base: the preset's value of each target.
        signals: name → (n_frames,).
        kinds: name → level, impulse, phase, …
        fps: frames per second.
        tempo_bpm: for releases in beats; 0 counts as 120.

    Returns:
        target → (n_frames,) float32, clipped to its range; ``walk.phase`` and the targets in `RATES` are the
        integrals of their speeds, φ(t) = φ₀ + ∫ (v₀ + Σ aₖ sₖ) dt, so a push is never taken back.
    """
    n = len(next(iter(signals.values())))
    beat_seconds = 60 / (tempo_bpm or 120.0)
    known = targets()
    added: dict[str, NDArray[np.float64]] = {}
    for route in routes:
        gain = _scale(route, base[route.target], known[route.target])
        x = gain * shape(route, signals[route.signal], kinds[route.signal], fps, beat_seconds).astype(np.float64)
        if route.integrate and route.target not in RATES:
            x = _integral(x, fps)
        added[route.target] = added.get(route.target, 0.0) + x
    values: dict[str, NDArray[np.float32]] = {}
    sums: dict[str, NDArray[np.float64]] = {}
    for name, target in known.items():
        curve = base[name] + added.get(name, np.zeros(n))
        sums[name] = curve if target.wraps else np.clip(curve, target.low, target.high)
    for rate, position in RATES.items():
        sums[position] = sums.get(position, np.zeros(n)) + _integral(sums[rate], fps)
    for name, curve in sums.items():
        values[name] = _wrapped(curve) if name in ("camera.angle", "light.azimuth") else curve.astype(np.float32)
    return values


def _integral(speed: NDArray[np.float64], fps: Fraction) -> NDArray[np.float64]:
    """∫ speed dt from the first frame (where it is 0), trapezoids."""
    steps = (speed[1:] + speed[:-1]) / (2 * float(fps))
    return np.concatenate([[0.0], np.cumsum(steps)])


def _wrapped(degrees: NDArray[np.float64]) -> NDArray[np.float32]:
    """Degrees in [0, 360): float32 keeps its precision however long the song turns."""
    return np.asarray(np.mod(degrees, 360.0), np.float32) if not math.isinf(degrees[-1]) else degrees.astype(np.float32)
