"""Numba kernel that fills a frame's vector (biases, waves, warps, masses); numpy's many small steps were too slow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import B1, BALL, FINE, ROUND, TURN, WARP, WAVE

Array = NDArray[np.float64]
# what a frame and its topology say, one flat vector
FLOW, DIVE, ZOOM, DETAIL, BOIL = range(5)
FLOW_DIRECTION, DIVE_DIRECTION = 5, 7  # x, y: where the pattern goes per radian of flow, and per octave of a dive
FOLD, WOUND, POLAR = 9, 10, 11
BEND = 12  # of each warp
N_NUMBERS = 16
OCTAVE = math.log(2)
SPIRAL = 0.381966  # turns between the masses of a body around a centre


@kernel()
def _dot(rows: Array, k: int, z: Array) -> float:
    total = 0.0
    for j in range(z.shape[0]):
        total += rows[k, j] * z[j]
    return total


@kernel()
def _phase(n: Array, kx: float, ky: float, start: float, drift: float) -> float:
    """Phase of a wave, 0 to 1: start, own drift, flow of the pattern, shift by the dive."""
    stream = (kx * n[FLOW_DIRECTION] + ky * n[FLOW_DIRECTION + 1]) * n[FLOW]
    turns = start + drift + stream + (kx * n[DIVE_DIRECTION] + ky * n[DIVE_DIRECTION + 1]) * n[DIVE]
    phase: float = turns - np.floor(turns)
    return phase


@kernel()
def _across(n: Array, kx: float) -> float:
    return 0.8 * kx if n[WOUND] > 0 else kx


@kernel()
def _around(n: Array, ky: float) -> float:
    """Waves meet themselves after a turn around a centre: whole numbers of them."""
    return np.rint(0.8 * TURN * ky) / TURN if n[WOUND] > 0 else ky


@kernel(
    "void(f8[::1], f8[::1], f8[::1], f8[::1], f8[:,::1], f8[:,::1], f8[:,::1], f8[::1], f8[:,::1], f8[:,::1],"
    " f8[:,::1], f8[:,:,::1], f8[:,::1], f8[:,::1], f8[:,:,::1], f8[::1])"
)
def move(
    fr: Array, n: Array, z: Array, bias: Array, bias_z: Array, waves: Array, waves_z: Array, waves_rate: Array,
    fine: Array, fine_z: Array, warps: Array, warps_z: Array, warps_rate: Array, balls: Array, balls_z: Array,
    balls_rate: Array,
) -> None:  # fmt: skip
    """Biases, waves, detail, warps and masses of a frame, into its vector.

    Args:
        fr: (FRAME_SIZE,); filled from B1 to VIEW, see `field_slots`.
        n: numbers of the frame, (N_NUMBERS,).
        z: latent position, (LATENT_DIM,).
        bias: this and the following arguments are fields of `World`.
    """
    flow = n[FLOW]
    for k in range(bias.shape[0]):
        fr[B1 + k] = bias[k] + _dot(bias_z, k, z)
    for k in range(waves.shape[0]):
        o, kx, ky = WAVE + 4 * k, _across(n, waves[k, 0]), _around(n, waves[k, 1])
        own = _dot(waves_z, k, z) + n[BOIL] * waves_rate[k] * flow
        fr[o], fr[o + 1], fr[o + 2], fr[o + 3] = kx, ky, _phase(n, kx, ky, waves[k, 2], own), waves[k, 3]
    for k in range(fine.shape[0]):
        o = FINE + 4 * k
        kx, ky = _across(n, n[FOLD] * fine[k, 0]), _around(n, n[FOLD] * fine[k, 1])
        own = _dot(fine_z, k, z) + 0.5 * n[BOIL] * flow
        pitch = np.sqrt(kx * kx + ky * ky) / (13.0 * n[ZOOM])
        seen = 2 * n[DETAIL] / (1 + pitch * pitch * pitch * pitch)  # too fine for the grid: gone
        fr[o], fr[o + 1], fr[o + 2], fr[o + 3] = kx, ky, _phase(n, kx, ky, fine[k, 2], own), fine[k, 3] * seen
    for k in range(2 * warps.shape[0]):
        o, row, side = WARP + 4 * k, k // 2, k % 2
        kx, ky = _across(n, warps[row, 4 * side]), _around(n, warps[row, 4 * side + 1])
        own = n[BOIL] * warps_rate[row, side] * flow
        for j in range(z.shape[0]):
            own += warps_z[row, side, j] * z[j]
        turn = _phase(n, kx, ky, warps[row, 4 * side + 2], own)
        fr[o], fr[o + 1], fr[o + 2], fr[o + 3] = kx, ky, turn, warps[row, 4 * side + 3] * n[BEND + row]
    middle_x, middle_y, count = 0.0, 0.0, balls.shape[0]
    for k in range(count):
        middle_x, middle_y = middle_x + balls[k, 0] / count, middle_y + balls[k, 1] / count
    for k in range(count):
        x, y, r = balls[k, 0], balls[k, 1], balls[k, 2]
        if n[POLAR] > 0:  # evenly in the logarithm of the radius, which they repeat in
            along = SPIRAL * ROUND * k + OCTAVE * n[DIVE]
            x, y, r = along - ROUND * np.floor(along / ROUND), np.arctan2(y - middle_y, x - middle_x), 1.6 * r
        swing = TURN * (balls_rate[k] * flow + k / count)
        for j in range(z.shape[0]):
            x += balls_z[k, 0, j] * z[j]
            y += balls_z[k, 1, j] * z[j]
        o = BALL + 4 * k
        fr[o], fr[o + 1] = x + 0.07 * np.cos(swing), y + 0.07 * np.sin(swing)
        fr[o + 2], fr[o + 3] = 1 / (2.2 * r * r), balls[k, 3]
