"""Numba kernel of shadows that forms cast on what lies behind them, on the grid of the fields."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp

STEPS = 3
LOW = f(0.25)  # tangent of the height of the light that casts them: lower than the key's, so that they are seen
PENUMBRA = f(0.03)  # half-heights of the screen above the ray at which it is dark


@kernel(inline=True)
def hidden_light(rise: f, distance: f) -> f:
    """How much a form that rises so much, so far away towards the light, hides of it, 0 to 1."""
    return ramp(f(0.0), PENUMBRA, rise - LOW * distance)


@kernel(inline=True)
def _hide(
    dark: Array, height: Array, upper: Array, lower: Array, c: int, left: int, u: f, v: f, gain: f, distance: f
) -> None:
    """A node near the left or the right edge, which is repeated."""
    last = height.shape[0] - 1
    c0, c1 = min(max(c + left, 0), last), min(max(c + left + 1, 0), last)
    top, low = upper[c0] + u * (upper[c1] - upper[c0]), lower[c0] + u * (lower[c1] - lower[c0])
    dark[c] = max(dark[c], hidden_light(gain * (top + v * (low - top) - height[c]), distance))


@kernel("void(f4[:,:,::1], f4[:,::1], f4, f4, f4, f4, f4)")
def shadow(fields: Array, dark: Array, x: f, y: f, distance: f, gain: f, strength: f) -> None:
    """Darkens reflectance (field 2) where higher ground stands close by on the side of the light.

    Args:
        fields: (N_PLANES, rows, columns), field 0 the height.
        dark: scratch, (rows, columns).
        x: nodes to the right of the first of three samples, towards the light.
        y: nodes downwards.
        distance: the same in half-heights of the screen.
        gain: from height to half-heights of the screen.
        strength: share of the light that goes, 0 to 1.
    """
    n_rows, n_columns = dark.shape
    dark[:] = f(0.0)
    for m in range(1, STEPS + 1):
        across, down = f(m) * x, f(m) * y
        left, up = int(np.floor(across)), int(np.floor(down))
        u, v = across - f(left), down - f(up)
        first = min(max(-left, 0), n_columns)
        last = max(min(n_columns - left - 1, n_columns), first)
        for r in range(n_rows):
            height, darkness = fields[0, r], dark[r]
            upper = fields[0, min(max(r + up, 0), n_rows - 1)]
            lower = fields[0, min(max(r + up + 1, 0), n_rows - 1)]
            for c in range(first):
                _hide(darkness, height, upper, lower, c, left, u, v, gain, f(m) * distance)
            for c in range(last, n_columns):
                _hide(darkness, height, upper, lower, c, left, u, v, gain, f(m) * distance)
            a, b = upper[first + left : last + left], upper[first + left + 1 : last + left + 1]
            d, e = lower[first + left : last + left], lower[first + left + 1 : last + left + 1]
            here, to = height[first:last], darkness[first:last]
            for c in range(last - first):
                top, low = a[c] + u * (b[c] - a[c]), d[c] + u * (e[c] - d[c])
                to[c] = max(to[c], hidden_light(gain * (top + v * (low - top) - here[c]), f(m) * distance))
    for r in range(n_rows):
        for c in range(n_columns):
            fields[2, r, c] *= f(1.0) - strength * dark[r, c]
