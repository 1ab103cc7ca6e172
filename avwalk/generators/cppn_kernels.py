"""Compiled kernel of the network: coordinates in, smooth scalar fields on a coarse grid out.

Everything is float32, pixels in tiles of ``TILE`` within one flat scratch buffer (slot · TILE + i), so that
all loops run over constant trip counts at constant distances and LLVM turns them into vector code without
run-time checks. Transcendentals are polynomials.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.kernel_cache import kernel

Array = NDArray[np.float32]
f = np.float32

TILE = 64
UNITS = 16  # inputs and units of either hidden layer
N_FIELDS = 4
SCRATCH_SLOTS = 72

# static weights: two hidden layers and the outputs
W1, W2, W3 = 0, UNITS * UNITS, 2 * UNITS * UNITS
NET_SIZE = W3 + N_FIELDS * UNITS

# what changes with the frame, one flat vector (see World.frame_vector)
B1, B2, B3 = 0, 16, 32
WAVE = 36  # 12 × (kx, ky, phase, amplitude): Fourier inputs, phases in turns
FINE = 84  # 3 × (kx, ky, phase, amplitude): detail beyond the network
WARP = 96  # 4 × (kx, ky, phase, ax, lx, ly, phase, ay): domain warp
BALL = 128  # 6 × (x, y, 1/r², weight): masses of an object on void
VIEW = 152  # xx, xy, x0, yx, yy, y0: screen to world
SUBJECT = 158  # x, y, 1/r²
FOLD = 162  # 6 × (nx, ny): mirrors
MIX = 174  # rest: how much detail where the subject is not; occlusion strength
FRAME_SIZE = 180

RELIEF, VOID, LINES = 0, 1, 2

X, Y, IN, H1, H2, OUT, EXTRA = 0, 1, 2, 18, 34, 50, 54  # slots of the scratch buffer


@kernel()
def wave(turns: f) -> f:
    """Cosine of an angle in turns, to 2e-6 (least-squares odd polynomial of degree 7 on a quarter turn)."""
    d = abs(turns - np.floor(turns + f(0.5))) - f(0.25)
    e = d * d
    return f(-d * (f(6.28316949) + e * (f(-41.33798067) + e * (f(81.37184201) + e * f(-71.3144184)))))


@kernel()
def squash(x: f) -> f:
    """Padé approximant of tanh, exactly ±1 with slope 0 from |x| = 3 on."""
    x = min(max(x, f(-3.0)), f(3.0))
    q = x * x
    return x * (f(27.0) + q) / (f(27.0) + f(9.0) * q)


@kernel()
def ramp(a: f, b: f, x: f) -> f:
    """Smoothstep from a to b."""
    t = min(max((x - a) / (b - a), f(0.0)), f(1.0))
    return t * t * (f(3.0) - f(2.0) * t)


@kernel()
def _dense(buf: Array, src: int, dst: int, units: int, net: Array, w0: int, fr: Array, b0: int) -> None:
    for u in range(units):
        bias = fr[b0 + u]
        for i in range(TILE):
            total = bias
            for j in range(UNITS):
                total += net[w0 + u * UNITS + j] * buf[(src + j) * TILE + i]
            buf[(dst + u) * TILE + i] = total


@kernel()
def _domain(buf: Array, fr: Array, folds: int) -> None:
    """Mirrors, then the warp: each step shears the plane along waves of the last."""
    for k in range(folds):
        nx, ny = fr[FOLD + 2 * k], fr[FOLD + 2 * k + 1]
        for i in range(TILE):
            d = buf[X * TILE + i] * nx + buf[Y * TILE + i] * ny
            d = d - np.sqrt(d * d + f(0.0009))  # soft |d|: no crease
            buf[X * TILE + i] -= d * nx
            buf[Y * TILE + i] -= d * ny
    for k in range(4):
        o = WARP + 8 * k
        kx, ky, kp, ax = fr[o], fr[o + 1], fr[o + 2], fr[o + 3]
        lx, ly, lp, ay = fr[o + 4], fr[o + 5], fr[o + 6], fr[o + 7]
        for i in range(TILE):
            x, y = buf[X * TILE + i], buf[Y * TILE + i]
            x += ax * wave(kx * x + ky * y + kp)
            buf[X * TILE + i] = x
            buf[Y * TILE + i] = y + ay * wave(lx * x + ly * y + lp)


@kernel()
def _network(buf: Array, net: Array, fr: Array) -> None:
    sx, sy, sr = fr[SUBJECT], fr[SUBJECT + 1], fr[SUBJECT + 2]
    for i in range(TILE):
        x, y = buf[X * TILE + i], buf[Y * TILE + i]
        r2 = x * x + y * y
        far = f(1.0) / np.sqrt(f(1.0) + f(0.1) * r2)
        buf[IN * TILE + i] = x * far
        buf[(IN + 1) * TILE + i] = y * far
        buf[(IN + 2) * TILE + i] = np.sqrt(r2 + f(0.0225)) * far - f(0.8)
        q = ((x - sx) * (x - sx) + (y - sy) * (y - sy)) * sr
        buf[(IN + 3) * TILE + i] = f(1.0) / (f(1.0) + q * (f(1.0) + f(0.5) * q))  # near e^−q, no exp needed
    for k in range(12):
        kx, ky, kp, a = fr[WAVE + 4 * k], fr[WAVE + 4 * k + 1], fr[WAVE + 4 * k + 2], fr[WAVE + 4 * k + 3]
        for i in range(TILE):
            buf[(IN + 4 + k) * TILE + i] = a * wave(kx * buf[X * TILE + i] + ky * buf[Y * TILE + i] + kp)
    _dense(buf, IN, H1, UNITS, net, W1, fr, B1)
    for i in range(UNITS * TILE):
        buf[H1 * TILE + i] = squash(buf[H1 * TILE + i])
    _dense(buf, H1, H2, UNITS, net, W2, fr, B2)
    half = UNITS // 2 * TILE
    for i in range(half):
        buf[H2 * TILE + i] = squash(buf[H2 * TILE + i])
    for i in range(half):
        buf[H2 * TILE + half + i] = wave(f(0.16) * buf[H2 * TILE + half + i] - f(0.25))
    _dense(buf, H2, OUT, N_FIELDS, net, W3, fr, B3)


@kernel()
def _detail(buf: Array, fr: Array) -> None:
    """Slot EXTRA: three octaves that follow the form, gated by the subject (slot EXTRA + 1)."""
    o, rest = FINE, fr[MIX]
    for i in range(TILE):
        x, y = buf[X * TILE + i], buf[Y * TILE + i]
        h, bend = buf[OUT * TILE + i], buf[(OUT + 1) * TILE + i]
        gate = f(0.5) + f(0.5) * squash(f(0.8) * buf[(OUT + 2) * TILE + i] + f(2.6) * buf[(IN + 3) * TILE + i] - f(1.0))
        a = wave(fr[o] * x + fr[o + 1] * y + fr[o + 2] + f(0.45) * h)
        b = wave(fr[o + 4] * x + fr[o + 5] * y + fr[o + 6] + f(0.35) * a + f(0.6) * bend)
        c = wave(fr[o + 8] * x + fr[o + 9] * y + fr[o + 10] + f(0.35) * b + f(0.5) * h)
        fine = fr[o + 3] * a + fr[o + 7] * b + fr[o + 11] * c
        buf[EXTRA * TILE + i] = fine * (rest + (f(1.0) - rest) * gate)
        buf[(EXTRA + 1) * TILE + i] = gate


@kernel()
def _masses(buf: Array, fr: Array) -> None:
    """Slot EXTRA + 2: blended masses of an object on void, > 0 inside (Wyvill's soft objects)."""
    for i in range(TILE):
        buf[(EXTRA + 2) * TILE + i] = f(-0.34)
    for k in range(6):
        cx, cy, r, w = fr[BALL + 4 * k], fr[BALL + 4 * k + 1], fr[BALL + 4 * k + 2], fr[BALL + 4 * k + 3]
        for i in range(TILE):
            dx, dy = buf[X * TILE + i] - cx, buf[Y * TILE + i] - cy
            q = f(1.0) / (f(1.0) + (dx * dx + dy * dy) * r)
            buf[(EXTRA + 2) * TILE + i] += w * q * q


@kernel("void(f4[:,:,::1], f4[::1], f4[::1], f4[::1], f4[::1], f4[::1], i8, i8)")
def draw_fields(
    out: Array, net: Array, fr: Array, columns: Array, rows: Array, buf: Array, topology: int, folds: int
) -> None:
    """Evaluates the network at every node of the grid.

    Args:
        out: (4, n_rows, n_columns); n_columns a multiple of ``TILE``. Fields 0 and 3 are those whose slopes
            matter: height, and what lines follow or the object's inside. Field 1 is hue, 2 reflectance.
        net: static weights, (NET_SIZE,).
        fr: the frame's vector, (FRAME_SIZE,).
        columns: x of the grid's columns in screen units, (n_columns,).
        rows: y of its rows, (n_rows,).
        buf: scratch, (SCRATCH_SLOTS · TILE,).
        topology: RELIEF, VOID or LINES.
        folds: number of mirrors in use, 0 to 6.
    """
    xx, xy, x0 = fr[VIEW], fr[VIEW + 1], fr[VIEW + 2]
    yx, yy, y0 = fr[VIEW + 3], fr[VIEW + 4], fr[VIEW + 5]
    for row in range(rows.shape[0]):
        sy = rows[row]
        for start in range(0, columns.shape[0], TILE):
            for i in range(TILE):
                sx = columns[start + i]
                buf[X * TILE + i] = xx * sx + xy * sy + x0
                buf[Y * TILE + i] = yx * sx + yy * sy + y0
            _domain(buf, fr, folds)
            _network(buf, net, fr)
            _detail(buf, fr)
            if topology == VOID:
                _masses(buf, fr)
            for i in range(TILE):
                h, tone = buf[OUT * TILE + i], buf[(OUT + 1) * TILE + i]
                fine, gate = buf[EXTRA * TILE + i], buf[(EXTRA + 1) * TILE + i]
                out[0, row, start + i] = h + fine
                out[1, row, start + i] = f(0.5) + f(0.4) * tone
                out[2, row, start + i] = gate
                vein = buf[(OUT + 3) * TILE + i]
                if topology == VOID:
                    vein = buf[(EXTRA + 2) * TILE + i] + f(0.07) * squash(h)
                elif topology == LINES:
                    vein = vein + f(0.5) * h
                out[3, row, start + i] = vein


@kernel("void(f4[:,:,::1], f4[:,::1], i8, f4)")
def occlude(fields: Array, blurred: Array, radius: int, strength: f) -> None:
    """Multiplies reflectance (field 2) by how open the place is: e^(−k · depth below the surroundings).

    Args:
        fields: (4, rows, columns), field 0 the height.
        blurred: scratch, (rows, columns).
        radius: of the box that stands for the surroundings, nodes.
        strength: k.
    """
    n_rows, n_columns = blurred.shape
    weight = f(1.0) / f(2 * radius + 1)
    for r in range(n_rows):
        total = f(0.0)
        for k in range(-radius, radius + 1):
            total += fields[0, r, min(max(k, 0), n_columns - 1)]
        for c in range(n_columns):
            blurred[r, c] = total * weight
            total += fields[0, r, min(c + radius + 1, n_columns - 1)] - fields[0, r, max(c - radius, 0)]
    for r in range(n_rows):
        low, high = max(r - radius, 0), min(r + radius, n_rows - 1)
        middle = (low + r) // 2, (high + r) // 2
        for c in range(n_columns):
            around = f(0.2) * (
                blurred[low, c] + blurred[middle[0], c] + blurred[r, c] + blurred[middle[1], c] + blurred[high, c]
            )
            depth = max(around - fields[0, r, c], f(0.0)) * strength
            fields[2, r, c] *= f(1.0) / (f(1.0) + depth * (f(1.0) + f(0.5) * depth))
