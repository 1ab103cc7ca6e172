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
        for r in range(n_rows):
            r0, r1 = min(max(r + up, 0), n_rows - 1), min(max(r + up + 1, 0), n_rows - 1)
            for c in range(n_columns):
                c0, c1 = min(max(c + left, 0), n_columns - 1), min(max(c + left + 1, 0), n_columns - 1)
                top = fields[0, r0, c0] + u * (fields[0, r0, c1] - fields[0, r0, c0])
                low = fields[0, r1, c0] + u * (fields[0, r1, c1] - fields[0, r1, c0])
                rise = gain * (top + v * (low - top) - fields[0, r, c])
                dark[r, c] = max(dark[r, c], hidden_light(rise, f(m) * distance))
    for r in range(n_rows):
        for c in range(n_columns):
            fields[2, r, c] *= f(1.0) - strength * dark[r, c]
