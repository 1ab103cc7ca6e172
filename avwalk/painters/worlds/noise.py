"""Fields of noise over any coordinates: value noise in octaves, a closed form of place, seed and nothing else.

K. Perlin, "Improving noise", SIGGRAPH 2002, for the quintic between lattice points.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel

Field = NDArray[np.float32]
SIDE = 64  # of the lattice, which repeats


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1], i8, f4, f4[:,::1])")
def _fbm(x: Any, y: Any, lattice: Any, octaves: int, gain: float, out: Any) -> None:
    n = lattice.shape[0]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            at_x, at_y = x[row, column], y[row, column]
            total, weight, norm = np.float32(0), np.float32(1), np.float32(0)
            for _ in range(octaves):
                fx, fy = np.floor(at_x), np.floor(at_y)
                u, v = at_x - fx, at_y - fy
                i, j = int(fx) % n, int(fy) % n
                k, m = (i + 1) % n, (j + 1) % n
                u = u * u * u * (u * (u * np.float32(6) - np.float32(15)) + np.float32(10))
                v = v * v * v * (v * (v * np.float32(6) - np.float32(15)) + np.float32(10))
                above = lattice[j, i] + (lattice[j, k] - lattice[j, i]) * u
                below = lattice[m, i] + (lattice[m, k] - lattice[m, i]) * u
                total += weight * (above + (below - above) * v)
                norm += weight
                weight *= gain
                turned = at_x * np.float32(1.618) + at_y * np.float32(1.176) + np.float32(17.3)
                at_y = at_y * np.float32(1.618) - at_x * np.float32(1.176) + np.float32(9.7)
                at_x = turned
            out[row, column] = total / norm


@lru_cache(maxsize=64)
def _lattice(seed: int) -> Field:
    return np.random.default_rng([seed, 0xFB]).uniform(-1, 1, (SIDE, SIDE)).astype(np.float32)


def noise(x: Field, y: Field, seed: int, octaves: int = 5, gain: float = 0.5) -> Field:
    """Smooth noise with detail, about −0.7 to 0.7.

    Args:
        x: (H, W) abscissae, in units of the largest forms.
        y: (H, W) ordinates.
        seed: which noise, ≥ 0.
        octaves: each twice as fine as the one before.
        gain: how strong each is against the one before.
    """
    out = np.empty(np.broadcast_shapes(x.shape, y.shape), np.float32)
    wide, high = (np.require(np.broadcast_to(each, out.shape), np.float32, ("C", "W")) for each in (x, y))
    _fbm(wide, high, _lattice(seed), octaves, float(gain), out)
    return out


def line_noise(x: Field, seed: int, octaves: int = 5, gain: float = 0.5) -> Field:
    """The same along a line, (W,)."""
    row = np.require(x, np.float32, ("C", "W"))[None]
    return np.asarray(noise(row, np.zeros_like(row), seed, octaves, gain)[0])


def step(low: float, high: float, values: Field) -> Field:
    """0 below ``low``, 1 above ``high``, smooth between."""
    at = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(at * at * (3 - 2 * at), np.float32)
