"""Numba kernel of the network: coordinates in, smooth scalar fields on a coarse grid out.

Everything is float32, pixels in tiles of ``TILE`` within one flat scratch buffer (slot · TILE + i), so that
all loops run over constant trip counts at constant distances and LLVM turns them into vector code without
run-time checks. Transcendentals are polynomials.
"""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import (
    B1,
    B2,
    B3,
    BALL,
    CORAL,
    DEPTH,
    EXTRA,
    FAR_LAND,
    FINE,
    FLUTES,
    FOLD,
    FOLLOW,
    H1,
    H2,
    HORIZON,
    IN,
    INK,
    LINES,
    MASS,
    MIX,
    N_FIELDS,
    OUT,
    PX,
    PY,
    RIBS,
    RINGS,
    ROUND,
    SUBJECT,
    TILE,
    TUNNEL,
    TURN,
    UNITS,
    VEIN,
    VIEW,
    VOID,
    W1,
    W2,
    W3,
    WARP,
    WAVE,
    WEAVE,
    Array,
    X,
    Y,
    f,
    squash,
    wave,
)
from avwalk.generators.cppn.kernels.maps import (
    advect,
    around,
    astray,
    bore,
    ground,
    wallpaper,
    wound_wallpaper,
)


@kernel()
def dense(buf: Array, src: int, dst: int, units: int, net: Array, w0: int, fr: Array, b0: int) -> None:
    """A layer: weighted sums of the slots from ``src`` on, and biases, to the slots from ``dst`` on."""
    for u in range(units):
        bias = fr[b0 + u]
        for i in range(TILE):
            total = bias
            for j in range(UNITS):
                total += net[w0 + u * UNITS + j] * buf[(src + j) * TILE + i]
            buf[(dst + u) * TILE + i] = total


@kernel(inline=True)
def squashed(buf: Array, at: int, units: int) -> None:
    """`squash` of so many slots."""
    for i in range(units * TILE):
        buf[at * TILE + i] = squash(buf[at * TILE + i])


@kernel(inline=True)
def rippled(buf: Array, at: int, units: int) -> None:
    """Waves along the values of so many slots."""
    for i in range(units * TILE):
        buf[at * TILE + i] = wave(f(0.16) * buf[at * TILE + i] - f(0.25))


@kernel(inline=True)
def ripples(buf: Array, to: int, waves: int, fr: Array, o: int) -> None:
    """Waves across the pattern, each to a slot of its own; ``o``: where they are in the frame's vector."""
    for k in range(waves):
        kx, ky, kp, a = fr[o + 4 * k], fr[o + 4 * k + 1], fr[o + 4 * k + 2], fr[o + 4 * k + 3]
        for i in range(TILE):
            buf[(to + k) * TILE + i] = a * wave(kx * buf[X * TILE + i] + ky * buf[Y * TILE + i] + kp)


@kernel()
def _fold(buf: Array, fr: Array, folds: int) -> None:
    """Mirrors."""
    for k in range(folds):
        nx, ny = fr[FOLD + 2 * k], fr[FOLD + 2 * k + 1]
        for i in range(TILE):
            d = buf[X * TILE + i] * nx + buf[Y * TILE + i] * ny
            d = d - np.sqrt(d * d + f(0.0009))  # soft |d|: no crease
            buf[X * TILE + i] -= d * nx
            buf[Y * TILE + i] -= d * ny


@kernel()
def _warp(buf: Array, fr: Array) -> None:
    """Domain warp: each step shears the plane along waves of the step before."""
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
def _fade(buf: Array, first: int, count: int) -> None:
    """Fades angular waves out towards the centre of a polar map."""
    for k in range(count):
        for i in range(TILE):
            buf[(first + k) * TILE + i] *= buf[DEPTH * TILE + i]


@kernel()
def _network(buf: Array, net: Array, fr: Array, polar: int) -> None:
    sx, sy, sr = fr[SUBJECT], fr[SUBJECT + 1], fr[SUBJECT + 2]
    for i in range(TILE):
        x, y = buf[PX * TILE + i], buf[PY * TILE + i]
        r2 = x * x + y * y
        far = f(1.0) / np.sqrt(f(1.0) + f(0.1) * r2)
        buf[IN * TILE + i] = x * far
        buf[(IN + 1) * TILE + i] = y * far
        buf[(IN + 2) * TILE + i] = np.sqrt(r2 + f(0.0225)) * far - f(0.8)
        q = ((x - sx) * (x - sx) + (y - sy) * (y - sy)) * sr
        buf[(IN + 3) * TILE + i] = f(1.0) / (f(1.0) + q * (f(1.0) + f(0.5) * q))  # near e^−q, no exp needed
    ripples(buf, IN + 4, 12, fr, WAVE)
    if polar:
        _fade(buf, IN + 4, 12)
    dense(buf, IN, H1, UNITS, net, W1, fr, B1)
    squashed(buf, H1, UNITS)
    dense(buf, H1, H2, UNITS, net, W2, fr, B2)
    squashed(buf, H2, UNITS // 2)
    rippled(buf, H2 + UNITS // 2, UNITS // 2)
    dense(buf, H2, OUT, N_FIELDS, net, W3, fr, B3)


@kernel()
def _detail(buf: Array, fr: Array) -> None:
    """Slot EXTRA: three octaves that follow the form, gated by the subject (slot EXTRA + 1)."""
    o, n, rest = FINE, FOLLOW, fr[MIX]
    ha, ba, hb, bb, hc, bc = fr[n + 1], fr[n + 2], fr[n + 4], fr[n + 5], fr[n + 7], fr[n + 8]
    for i in range(TILE):
        x, y = buf[X * TILE + i], buf[Y * TILE + i]
        h, bend = buf[OUT * TILE + i], buf[(OUT + 1) * TILE + i]
        gate = f(0.5) + f(0.5) * squash(f(0.8) * buf[(OUT + 2) * TILE + i] + f(2.6) * buf[(IN + 3) * TILE + i] - f(1.0))
        a = wave(fr[o] * x + fr[o + 1] * y + fr[o + 2] + ha * h + ba * bend)
        b = wave(fr[o + 4] * x + fr[o + 5] * y + fr[o + 6] + fr[n + 3] * a + hb * h + bb * bend)
        c = wave(fr[o + 8] * x + fr[o + 9] * y + fr[o + 10] + fr[n + 6] * b + hc * h + bc * bend)
        fine = fr[o + 3] * a + fr[o + 7] * b + fr[o + 11] * c
        buf[EXTRA * TILE + i] = fine * (rest + (f(1.0) - rest) * gate)
        buf[(EXTRA + 1) * TILE + i] = gate


@kernel()
def _masses(buf: Array, fr: Array) -> None:
    """Slot MASS: blended masses of an object on void, > 0 inside (Wyvill's soft objects)."""
    for i in range(TILE):
        buf[MASS * TILE + i] = f(-0.34)
    for k in range(6):
        cx, cy, r, w = fr[BALL + 4 * k], fr[BALL + 4 * k + 1], fr[BALL + 4 * k + 2], fr[BALL + 4 * k + 3]
        for i in range(TILE):
            dx, dy = buf[X * TILE + i] - cx, buf[Y * TILE + i] - cy
            q = f(1.0) / (f(1.0) + (dx * dx + dy * dy) * r)
            buf[MASS * TILE + i] += w * q * q


@kernel()
def _wound_masses(buf: Array, fr: Array) -> None:
    """The same around a centre: distances on a torus, whose middle line is ROUND and a turn long."""
    for i in range(TILE):
        buf[MASS * TILE + i] = f(0.0)
    for k in range(6):
        cx, cy, r, w = fr[BALL + 4 * k], fr[BALL + 4 * k + 1], fr[BALL + 4 * k + 2], fr[BALL + 4 * k + 3]
        for i in range(TILE):
            along = wave((buf[X * TILE + i] - cx) * f(1 / ROUND))
            across = wave((buf[Y * TILE + i] - cy) * f(1 / TURN))
            d2 = f(2 * (ROUND / TURN) ** 2) * (f(1.0) - along) + f(2.0) * (f(1.0) - across)
            q = f(1.0) / (f(1.0) + d2 * r)
            buf[MASS * TILE + i] += w * q * q
    _fade(buf, MASS, 1)
    for i in range(TILE):
        buf[MASS * TILE + i] -= f(0.34)


@kernel()
def _map(buf: Array, fr: Array, topology: int, polar: int) -> None:
    """Maps world coordinates to pattern coordinates."""
    if polar:
        around(buf, fr)
    if topology == TUNNEL:
        bore(buf, fr)
    elif topology == HORIZON:
        ground(buf, fr)
    elif topology == INK:
        advect(buf, fr)
    elif topology == WEAVE:
        if polar:
            wound_wallpaper(buf, fr)
        else:
            wallpaper(buf, fr)
    if topology != INK:
        _warp(buf, fr)
    if polar or topology in (TUNNEL, HORIZON, WEAVE):
        return
    for i in range(TILE):
        buf[PX * TILE + i] = buf[X * TILE + i]
        buf[PY * TILE + i] = buf[Y * TILE + i]


@kernel()
def _ribs(buf: Array, fr: Array) -> None:
    """Rings and flutes of a tunnel's wall; detail fades where it would be too fine to resolve."""
    rings, flutes, phase, helix = fr[RIBS], fr[RIBS + 1], fr[RIBS + 2], fr[RIBS + 3] * f(1 / TURN)
    for i in range(TILE):
        r2 = buf[DEPTH * TILE + i] * buf[DEPTH * TILE + i]
        bend = f(0.10) * (buf[OUT * TILE + i] + buf[(OUT + 1) * TILE + i])
        ring = wave(f(RINGS) * buf[X * TILE + i] + helix * buf[Y * TILE + i] + phase + bend)
        flute = wave(f(FLUTES / TURN) * buf[Y * TILE + i] + bend)
        buf[VEIN * TILE + i] = ring + f(0.25) * buf[VEIN * TILE + i] + f(0.2)
        buf[EXTRA * TILE + i] = f(0.35) * buf[EXTRA * TILE + i] * r2 / (r2 + f(0.12)) + rings * ring + flutes * flute


@kernel()
def _veins(buf: Array, fr: Array, topology: int) -> None:
    """Slot VEIN: what lines follow, or the inside of a body. A loop for each: one with branches compiles to many."""
    if topology == VOID:
        for i in range(TILE):
            buf[VEIN * TILE + i] = buf[MASS * TILE + i] + f(0.07) * squash(buf[OUT * TILE + i])
    elif topology == LINES:
        for i in range(TILE):
            buf[VEIN * TILE + i] = buf[VEIN * TILE + i] + f(0.5) * buf[OUT * TILE + i]
    elif topology == TUNNEL:
        _ribs(buf, fr)
    elif topology == HORIZON:
        for i in range(TILE):
            buf[VEIN * TILE + i] = buf[MASS * TILE + i]
            q = buf[DEPTH * TILE + i] * buf[DEPTH * TILE + i]
            buf[EXTRA * TILE + i] *= f(1.0) / (f(1.0) + q * q)
    elif topology == INK:
        for i in range(TILE):
            edge = f(0.16) * squash(buf[OUT * TILE + i]) + f(0.05) * buf[VEIN * TILE + i]
            buf[VEIN * TILE + i] = buf[MASS * TILE + i] + edge + f(0.6) * buf[EXTRA * TILE + i]
    elif topology == WEAVE:
        for i in range(TILE):
            tone = buf[OUT * TILE + i] + f(0.5) * buf[VEIN * TILE + i]
            buf[VEIN * TILE + i] = tone + f(0.6) * buf[EXTRA * TILE + i]
    elif topology == CORAL:  # what grows is what is fine; the form bends it, and stays below
        for i in range(TILE):
            form = squash(buf[OUT * TILE + i]) + f(0.7) * buf[VEIN * TILE + i]
            buf[VEIN * TILE + i] = f(0.35) * form + f(14.0) * buf[EXTRA * TILE + i]
            buf[EXTRA * TILE + i] = f(0.0)


@kernel()
def evaluate(buf: Array, net: Array, fr: Array, topology: int, folds: int, polar: int) -> None:
    """World coordinates (slots X and Y) to fields (slots OUT to VEIN), and to places in the pattern (X and Y)."""
    _fold(buf, fr, folds)
    _map(buf, fr, topology, polar)
    _network(buf, net, fr, polar)
    _detail(buf, fr)
    if polar:
        _fade(buf, EXTRA, 1)
    if topology in (VOID, INK):
        if polar:
            _wound_masses(buf, fr)
        else:
            _masses(buf, fr)
    _veins(buf, fr, topology)
    for i in range(TILE):
        buf[OUT * TILE + i] = buf[OUT * TILE + i] + buf[EXTRA * TILE + i]
        buf[(OUT + 1) * TILE + i] = f(0.5) + f(0.4) * buf[(OUT + 1) * TILE + i]
        buf[(OUT + 2) * TILE + i] = buf[(EXTRA + 1) * TILE + i]
    if folds == 0 and (topology == TUNNEL or (polar and topology != WEAVE)):
        astray(buf, fr, topology)
    if topology == HORIZON:  # a sky reflects nothing: the field holds the far ridge there
        for i in range(TILE):
            sky = f(1.0) if buf[PY * TILE + i] < f(0.0) else f(0.0)
            buf[(OUT + 2) * TILE + i] += sky * (buf[FAR_LAND * TILE + i] - buf[(OUT + 2) * TILE + i])


@kernel(inline=True)
def openness(depth: f) -> f:
    """e^(−depth), approximately."""
    return f(f(1.0) / (f(1.0) + depth * (f(1.0) + f(0.5) * depth)))


@kernel("void(f4[:,:,::1], f4[::1], f4[::1], f4[::1], f4[::1], f4[::1], i8, i8, i8)")
def draw_fields(
    out: Array, net: Array, fr: Array, columns: Array, rows: Array, buf: Array, topology: int, folds: int, polar: int
) -> None:
    """Evaluates the network at every node of the grid.

    Args:
        out: (N_PLANES, n_rows, n_columns); n_columns a multiple of ``TILE``. Fields 0 and 3 are those whose slopes
            matter: height, and what lines follow, the inside of a body, land or ink. Field 1 is hue, 2 reflectance;
            4 and 5 are the place in the pattern, see `maps.astray`.
        net: static weights, (NET_SIZE,).
        fr: the frame's vector, (FRAME_SIZE,).
        columns: x of the grid's columns in screen units, (n_columns,).
        rows: y of its rows, (n_rows,).
        buf: scratch, (SCRATCH_SLOTS · TILE,).
        topology: one of those of `field_slots`.
        folds: number of mirrors in use, 0 to 6.
        polar: 1 for a polar map.
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
            evaluate(buf, net, fr, topology, folds, polar)
            for n in range(N_FIELDS):
                for i in range(TILE):
                    out[n, row, start + i] = buf[(OUT + n) * TILE + i]
            for n in range(2):
                for i in range(TILE):
                    out[N_FIELDS + n, row, start + i] = buf[(X + n) * TILE + i]


@kernel("void(f4[:,:,::1], f4[:,::1], i8, f4)")
def occlude(fields: Array, blurred: Array, radius: int, strength: f) -> None:
    """Ambient occlusion: multiplies reflectance (field 2) by e^(−k · depth below the surroundings).

    Args:
        fields: (N_PLANES, rows, columns), field 0 the height.
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
            fields[2, r, c] *= openness(max(around - fields[0, r, c], f(0.0)) * strength)
