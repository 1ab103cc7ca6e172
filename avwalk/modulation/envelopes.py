"""Envelopes of signals over whole songs: attack/release followers, impulse envelopes, damped springs.

All are functions of time sampled at the frames, hence independent of the frame rate, and causal: nothing moves before
its sound.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BLOCK = 1 << 16
LEAD = 1 / 30
"""Seconds by which an attack has begun when its hit is shown: a rise that starts from nothing would look late."""


def decaying_sum(x: Array, pole: complex, block: int = BLOCK) -> NDArray[np.complex128]:
    """y[k] = Σₘ poleᵐ x[k − m], for |pole| < 1, as complex128.

    By doubling within blocks, S₂ₙ(k) = Sₙ(k) + poleⁿ Sₙ(k − n): a dozen passes of vector code whatever the pole.
    """
    out = np.empty(len(x), np.complex128)
    powers = complex(pole) ** np.arange(1, min(block, len(x)) + 1)
    carry = 0j
    for a in range(0, len(x), block):
        y = out[a : a + block]
        y[:] = x[a : a + block]
        step, gain = 1, complex(pole)
        while step < len(y) and abs(gain) > 1e-18:
            y[step:] += gain * y[:-step]
            step, gain = 2 * step, gain * gain
        y += carry * powers[: len(y)]
        carry = complex(y[-1])
    return out


def envelope_follower(x: Array, fps: Fraction, attack: float, release: float) -> Array:
    """Causal one-pole follower of a level: y rises towards x with the attack, falls with the release.

    Args:
        x: (n,) values at the frames.
        fps: frames per second.
        attack: seconds to 90 % of the way up; 0 at once.
        release: the same downwards.
    """
    up = 10 ** (-1 / (float(fps) * attack)) if attack > 0 else 0.0
    down = 10 ** (-1 / (float(fps) * release)) if release > 0 else 0.0
    if up == down == 0.0:
        return x
    if up == down:
        return (1 - up) * decaying_sum(x, up).real
    out = np.empty(len(x))
    y = 0.0
    for a in range(0, len(x), BLOCK):
        part = []
        for value in x[a : a + BLOCK].tolist():  # plain floats: 3 × as fast as indexing an array
            y = value + (y - value) * (up if value > y else down)
            part.append(y)
        out[a : a + BLOCK] = part
    return out


def impulse_envelope(x: Array, fps: Fraction, attack: float, release: float) -> Array:
    """Attack/release envelope of impulses; where two overlap the stronger counts.

    A hit of height h rises as h (1 − 10^(−τ / attack)) / 0.9, so that it is at its height when the attack is over,
    and then falls as h · 10^(−τ / release). The rise is shown from `LEAD` on; an attack that is shorter is no rise.

    Args:
        x: (n,) heights at the events' frames, 0 elsewhere.
        fps: frames per second.
        attack: seconds of the rise.
        release: seconds to decay by 90 %; 0: one frame.
    """
    n, rate = len(x), float(fps)
    at = np.flatnonzero(x)
    heights = x[at]
    rise = max(0.0, attack - LEAD)  # what is left of it when the hit is shown
    first = math.ceil(rise * rate - 1e-9)  # frame, from the hit, at which it falls
    out = np.zeros(n)
    for m in range(first):
        level = (1 - 10 ** (-(m / rate + attack - rise) / attack)) / 0.9
        inside = at + m < n
        frames = at[inside] + m
        out[frames] = np.maximum(out[frames], level * heights[inside])
    inside = at + first < n
    tops = np.zeros(n)
    tops[at[inside] + first] = heights[inside] * (10 ** (-(first / rate - rise) / release) if release > 0 else 1.0)
    return np.maximum(out, _falling(tops, rate, release))


def _falling(tops: Array, rate: float, release: float) -> Array:
    """max over j ≤ k of tops[j] · 10^(−(k − j) / (rate · release)), as a running maximum of logarithms."""
    if rate * release < 1e-6 or not tops.any():  # gone long before the next frame
        return tops
    slope = np.arange(len(tops)) / (rate * release)
    with np.errstate(divide="ignore"):
        highest = np.maximum.accumulate(np.log10(tops) + slope)
    y: Array = 10 ** np.maximum(highest - slope, -300.0)
    return np.where(y < 1e-7, 0.0, y)


def spring(x: Array, fps: Fraction, frequency: float, damping: float) -> Array:
    """A spring struck by every value of x: Σⱼ xⱼ e^(−ζωτ) sin(ω_d τ), scaled so that one strike of 1 peaks at 1.

    Args:
        x: (n,) strikes: heights of impulses, or the changes of a level.
        fps: frames per second.
        frequency: ω / 2π in Hz, undamped.
        damping: ζ in (0, 1).
    """
    omega = 2 * math.pi * frequency
    root = math.sqrt(1 - damping**2)
    peak_at = math.acos(damping) / (omega * root)
    peak = math.exp(-damping * omega * peak_at) * root
    pole = np.exp(complex(-damping * omega, omega * root) / float(fps))
    y: Array = decaying_sum(x, complex(pole)).imag / peak
    return np.where(np.abs(y) < 1e-9, 0.0, y)
