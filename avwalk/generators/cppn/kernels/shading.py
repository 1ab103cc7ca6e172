"""Numba kernels from fields to pictures: slopes, light, palette, bloom, vignette, grain, sRGB, in one pass.

Fields live on a coarse grid, node k at pixel (k − 1) · step, and are read through a uniform cubic B-spline:
it is twice differentiable, so slopes are analytic and smooth at full resolution, and the weights
(Σ = 1) neither ring nor alias. A row of the grid is stretched to full width once; a row of the picture is
then four contiguous multiply-adds per field. The same kernel with step 1 shades the grid itself, which is
which is the source of the bloom.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.bodies import coral, cut, gather, lines, relief, solid, swell, void
from avwalk.generators.cppn.kernels.field_slots import CORAL, HORIZON, INK, LINES, NAVE, TUNNEL, VOID, WEAVE, Array, f
from avwalk.generators.cppn.kernels.marching import nave
from avwalk.generators.cppn.kernels.places import horizon, ink, tunnel, weave
from avwalk.generators.cppn.kernels.shade_slots import (
    ACCENT,
    BLUE,
    DISPERSION,
    FRINGE,
    GAIN,
    GLOWS,
    GRAIN,
    GREEN,
    HUE,
    HUE_SHIFT,
    LUM,
    MASK,
    MICRO,
    NOISE_SIZE,
    PLAIN,
    PX,
    RED,
    SLOPE,
    SPOT,
    STRETCHED,
    SX,
    TABLE,
    TILE,
    TOE,
    UX,
    UY,
    VARIES,
    VIGNETTE,
    VX,
    VY,
    D,
    U,
    V,
)
from avwalk.generators.cppn.kernels.structure import structure, unwound


@kernel()
def _stretch(src: Array, ring: Array, at: int, step: int, weights: Array) -> None:
    """One field of one grid row to full width: ring[at + c·step + p] = Σₖ weights[p, k] · src[c + k]."""
    cells = src.shape[0] - 3
    to = ring[at : at + cells * step]
    if step == 3:  # the sizes that matter are spelled out: LLVM then interleaves vectors
        for c in range(cells):
            a, b, d, e = src[c], src[c + 1], src[c + 2], src[c + 3]
            o = c * 3
            to[o] = weights[0, 0] * a + weights[0, 1] * b + weights[0, 2] * d + weights[0, 3] * e
            to[o + 1] = weights[1, 0] * a + weights[1, 1] * b + weights[1, 2] * d + weights[1, 3] * e
            to[o + 2] = weights[2, 0] * a + weights[2, 1] * b + weights[2, 2] * d + weights[2, 3] * e
    else:
        for p in range(step):
            w0, w1, w2, w3 = weights[p, 0], weights[p, 1], weights[p, 2], weights[p, 3]
            for c in range(cells):
                to[c * step + p] = w0 * src[c] + w1 * src[c + 1] + w2 * src[c + 2] + w3 * src[c + 3]


@kernel()
def _blend(ring: Array, buf: Array, slot: int, x0: int, x1: int, x2: int, x3: int, w: Array, p: int, scale: f) -> None:
    """buf[slot] = scale · Σ w[p, k] · ring rows at x0 … x3, a tile of them."""
    w0, w1, w2, w3 = w[p, 0] * scale, w[p, 1] * scale, w[p, 2] * scale, w[p, 3] * scale
    # slices, since an offset that might be negative makes every load a gather
    to, a, b = buf[slot * TILE : (slot + 1) * TILE], ring[x0 : x0 + TILE], ring[x1 : x1 + TILE]
    c, d = ring[x2 : x2 + TILE], ring[x3 : x3 + TILE]
    for i in range(TILE):
        to[i] = w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i]


@kernel()
def colour(buf: Array, k: Array, table: Array) -> None:
    """Exposure and filmic shoulder (Narkowicz's fit of ACES), then the palette, in linear light."""
    gain, toe, shift, red, green, blue = k[GAIN], k[TOE], k[HUE_SHIFT], k[ACCENT], k[ACCENT + 1], k[ACCENT + 2]
    for i in range(TILE):
        lum = max(buf[LUM * TILE + i], f(0.0))
        e = gain * lum * lum / (lum + toe + f(1e-6))  # the world's black point, softly
        y = (e * (f(2.51) * e + f(0.03))) / (e * (f(2.43) * e + f(0.59)) + f(0.14))
        y = min(max(y, f(0.0)), f(1.0))
        buf[LUM * TILE + i] = y
        buf[HUE * TILE + i] = min(max(buf[HUE * TILE + i] + shift, f(0.0)), f(1.0))
        buf[D * TILE + i] = np.floor(np.sqrt(y) * f(TABLE - 1) + f(0.5)) * f(8.0)
    # looked up in a loop of its own, since a look-up is no vector code and would keep the rest from being it
    for i in range(TILE):
        at, u = np.uint32(np.int32(buf[D * TILE + i])), buf[HUE * TILE + i]
        r, g, b = table[at], table[at + 1], table[at + 2]
        buf[RED * TILE + i] = r + u * (table[at + 3] - r)
        buf[GREEN * TILE + i] = g + u * (table[at + 4] - g)
        buf[BLUE * TILE + i] = b + u * (table[at + 5] - b)
    for i in range(TILE):
        glow = buf[GLOWS * TILE + i]
        r, g, b = buf[RED * TILE + i], buf[GREEN * TILE + i], buf[BLUE * TILE + i]
        buf[RED * TILE + i] = r + glow * (red - r)
        buf[GREEN * TILE + i] = g + glow * (green - g)
        buf[BLUE * TILE + i] = b + glow * (blue - b)


@kernel()
def disperse(buf: Array, k: Array) -> None:
    """Light that is split at the edges of highlights: red on one side, blue on the other."""
    gain = k[GAIN]
    for i in range(TILE):
        split = gain * buf[FRINGE * TILE + i]
        split = f(0.6) * split / (f(1.0) + abs(split)) * (f(1.0) - buf[LUM * TILE + i])
        buf[RED * TILE + i] = max(buf[RED * TILE + i] + split, f(0.0))
        buf[GREEN * TILE + i] = max(buf[GREEN * TILE + i] - f(0.25) * abs(split), f(0.0))
        buf[BLUE * TILE + i] = max(buf[BLUE * TILE + i] - split, f(0.0))


@kernel()
def srgb(x: f) -> f:
    """Linear light to sRGB, to 0.6 of 255: the straight toe, then a quartic in √x (least squares)."""
    s = np.sqrt(x)
    curve = f(-0.03392106) + s * (f(1.40980965) + s * (f(-0.81140324) + s * (f(0.66831274) + s * f(-0.23356121))))
    return f(f(12.92) * x if x < f(0.0031308) else curve)


@kernel(inline=True)
def corner(x: f, y: f, vignette: f) -> f:
    """Vignette: share of the light at a screen position."""
    r2 = (x * x + y * y) * f(0.24)
    return f(f(1.0) / (f(1.0) + vignette * r2 * (f(1.0) + r2) * f(0.35)))


@kernel(inline=True)
def shown(light: f, glare: f, share: f) -> f:
    """Linear light with the bloom screened on, darkened, as sRGB."""
    v = (light + glare * max(f(1.0) - light, f(0.0))) * share
    return srgb(min(max(v, f(0.0)), f(1.0)))


@kernel(inline=True)
def grained(green: f, grain: f) -> f:
    """Grain strength as a function of green: largest in the middle tones."""
    return f(grain * (f(0.35) + f(2.6) * green * (f(1.0) - green)))


@kernel()
def grain_start(salt: int, y: int) -> int:
    """Where in the noise row y of a frame begins."""
    mixed = (salt + y * 7919) * 2654435761
    return (mixed ^ (mixed >> 15)) & (NOISE_SIZE - 1)


@kernel()
def _finish(
    buf: Array, k: Array, ring: Array, g0: int, g1: int, part: f, width: int, noise: Array, salt: int, y: f
) -> None:
    """Bloom is screened on, corners darken, then sRGB and grain."""
    vignette, grain, zero, one = k[VIGNETTE], k[GRAIN], f(0.0), f(1.0)
    for i in range(TILE):
        buf[MASK * TILE + i] = corner(buf[SX * TILE + i], y, vignette)
    for c in range(3):
        light = buf[(RED + c) * TILE : (RED + c + 1) * TILE]
        above = ring[g0 + c * width : g0 + c * width + TILE]
        below = ring[g1 + c * width : g1 + c * width + TILE]
        for i in range(TILE):
            light[i] = shown(light[i], above[i] + (below[i] - above[i]) * part, buf[MASK * TILE + i])
    specks = noise[salt : salt + TILE]
    for i in range(TILE):
        speck = specks[i] * grained(buf[GREEN * TILE + i], grain)
        buf[RED * TILE + i] = min(max(buf[RED * TILE + i] + speck, zero), one)
        buf[GREEN * TILE + i] = min(max(buf[GREEN * TILE + i] + speck, zero), one)
        buf[BLUE * TILE + i] = min(max(buf[BLUE * TILE + i] + speck, zero), one)


@kernel()
def _widen(bloom: Array, row: int, indices: NDArray[np.int32], shares: Array, ring: Array, at: int) -> None:
    """A row of the bloom to full width, planar (3 · width), linear."""
    width, last = indices.shape[0], bloom.shape[1] - 3
    for c in range(3):
        to = ring[at + c * width : at + (c + 1) * width]
        for x in range(width):
            j = indices[x] * 3
            a = bloom[row, j + c]
            to[x] = a + (bloom[row, min(j + 3, last) + c] - a) * shares[x]


@kernel()
def _stretch_row(fields: Array, row: int, ring: Array, wide: int, step: int, weights: Array, count: int) -> None:
    """A row of the grid into its quarter of the ring: so many of `STRETCHED`."""
    at = (row % 4) * count * wide
    for n in range(count):  # one call: each is compiled anew
        slope = 1 if n == 1 or (n >= 5 and n % 2 == 1) else 0
        plane = min(max(n - 1, 0), 3) if n < PLAIN else 4 + (n - PLAIN) // 2
        _stretch(fields[plane, row], ring, at + n * wide, step, weights[slope])
        beyond = ring[at + n * wide + (fields.shape[2] - 3) * step : at + (n + 1) * wide]
        for x in range(beyond.shape[0]):
            beyond[x] = f(0.0)  # tiles end behind the grid: what was left there could become a NaN


@kernel()
def weigh(buf: Array) -> None:
    """Light weighted by its brightness: what blooms."""
    for i in range(TILE):
        weight = f(0.15) + f(0.85) * buf[LUM * TILE + i]
        buf[RED * TILE + i] *= weight
        buf[GREEN * TILE + i] *= weight
        buf[BLUE * TILE + i] *= weight


@kernel()
def _put(buf: Array, out: Array, y: int, x: int, count: int) -> None:
    row = out[y, 3 * x : 3 * (x + count)]
    for i in range(count):
        row[3 * i] = buf[RED * TILE + i]
        row[3 * i + 1] = buf[GREEN * TILE + i]
        row[3 * i + 2] = buf[BLUE * TILE + i]


@kernel()
def _place(
    buf: Array, ring: Array, x0: int, x1: int, x2: int, x3: int, weights: Array, p: int, wide: int, steps: f
) -> None:
    """Place in the pattern and its slopes, to their slots, from the ring rows that begin at x0 … x3."""
    for n in range(2):
        u, ux, uy = (U, UX, UY) if n == 0 else (V, VX, VY)
        o = (PLAIN + 2 * n) * wide
        for m in range(3):
            slot = u if m == 0 else (ux if m == 1 else uy)
            at = o + wide if m == 1 else o
            scale = f(1.0) if m == 0 else steps
            _blend(ring, buf, slot, x0 + at, x1 + at, x2 + at, x3 + at, weights[1 if m == 2 else 0], p, scale)


@kernel()
def surface(buf: Array, k: Array, topology: int, cut_glass: int) -> None:
    """Luminance, hue and glow of a tile, from its fields and slopes."""
    if topology == VOID:
        swell(buf, k)
        if cut_glass == 1:
            cut(buf, k)
            gather(buf, k)
        else:
            solid(buf)
        void(buf, k)
    elif topology == LINES:
        lines(buf, k)
    elif topology == TUNNEL:
        tunnel(buf, k)
    elif topology == HORIZON:
        horizon(buf, k)
    elif topology == INK:
        ink(buf, k)
    elif topology == WEAVE:
        weave(buf, k)
    elif topology == CORAL:
        coral(buf, k)
    else:
        relief(buf, k)


@kernel()
def _light(
    buf: Array, k: Array, place: Array, topology: int, finished: int, kind: int, wound: int, cut_glass: int
) -> None:
    if topology == NAVE:
        nave(buf, k, place, finished)
        return
    if kind > 0:
        if wound == 1:
            unwound(buf, k)
        structure(buf, k, kind)
    surface(buf, k, topology, cut_glass)


@kernel(
    "void(f4[:,::1], f4[:,:,::1], f4[::1], f4[::1], f4[:,::1], f4[:,:,::1], f4[::1], f4[::1], i4[::1], f4[::1],"
    " f4[::1], f4[::1], f4[::1], i8, i8, i8, i8, i8, i8, i8)"
)
def shade(
    out: Array,
    fields: Array,
    k: Array,
    table: Array,
    bloom: Array,
    weights: Array,
    columns: Array,
    rows: Array,
    glare_at: NDArray[np.int32],
    glare_share: Array,
    noise: Array,
    ring: Array,
    buf: Array,
    step: int,
    topology: int,
    salt: int,
    finished: int,
    kind: int,
    wound: int,
    cut_glass: int,
) -> None:
    """Lights and colours the fields.

    Args:
        out: (height, width · 3); sRGB when finished, else linear light weighted by its brightness (for bloom).
        fields: (N_PLANES, grid rows, grid columns).
        k: the frame's light and colour, (SHADING_SIZE,).
        table: palette, (TABLE · 8,), linear light.
        bloom: (bloom rows, bloom columns · 3), linear light; texel j is at grid node 2 j + ½ (ignored unless finished).
        weights: B-spline weights and slopes, (2, step, 4).
        columns: x of the pixels in screen units, padded to the width of the ring.
        rows: y of the pixels, (height,).
        glare_at: left texel of the bloom for each column; glare_share: how far to the next.
        noise: (NOISE_SIZE + ring width,), zero mean, sigma 1.
        ring: scratch, (4 · STRETCHED + 6) · ring width.
        buf: scratch, SHADE_SLOTS · TILE.
        step: pixels between grid nodes.
        topology: one of those of `field_slots`.
        salt: of this frame's grain.
        finished: 1 for the picture, 0 for the light that blooms, 2 for luminance before exposure (in red).
        kind: of fine structure, one of those of `structure`.
        wound: 1 where planes 4 and 5 are without logarithm of the radius and angle.
        cut_glass: 1 where there are facets, or light goes through.
    """
    height, width = rows.shape[0], out.shape[1] // 3
    wide = columns.shape[0]
    upper = 4 * STRETCHED * wide  # two rows of the bloom
    steps = f(1.0) / (f(step) * k[PX])
    slope = k[SLOPE] * steps
    stretched, splits = STRETCHED if kind > 0 else PLAIN, 1 if k[DISPERSION] > 0 else 0
    for slot in (FRINGE, MICRO, VARIES):  # where nothing writes to them
        buf[slot * TILE : (slot + 1) * TILE] = f(0.0)
    ready, lit, g0, g1, part = 0, 0, 0, 0, f(0.0)
    for y in range(height):
        cell, p = y // step, y % step
        while ready < cell + 4:
            _stretch_row(fields, ready, ring, wide, step, weights, stretched)
            ready += 1
        if finished == 1:
            v = max((f(y) / f(step) - f(0.5)) * f(0.5), f(0.0))
            v = min(v, f(bloom.shape[0] - 1))
            top = int(v)
            while lit < min(top + 2, bloom.shape[0]):
                _widen(bloom, lit, glare_at, glare_share, ring, upper + (lit % 2) * 3 * wide)
                lit += 1
            part = v - f(top)
            g0, g1 = upper + (top % 2) * 3 * wide, upper + ((top + 1) % 2) * 3 * wide
        r0, r1 = (cell % 4) * stretched * wide, ((cell + 1) % 4) * stretched * wide
        r2, r3 = ((cell + 2) % 4) * stretched * wide, ((cell + 3) % 4) * stretched * wide
        grain_at = grain_start(salt, y)
        for x in range(0, width, TILE):
            for n in range(7):
                source = x + wide * (n if n < 5 else n - 1)
                scale = slope if n < 2 else (f(1.0) if n < 5 else steps)
                across = 1 if n == 0 or n == 5 else 0
                _blend(ring, buf, n, r0 + source, r1 + source, r2 + source, r3 + source, weights[across], p, scale)
            along, off = columns[x : x + TILE], rows[y] - k[SPOT + 1]
            for i in range(TILE):
                buf[SX * TILE + i] = along[i]
                buf[MASK * TILE + i] = off
            if kind > 0:
                _place(buf, ring, r0 + x, r1 + x, r2 + x, r3 + x, weights, p, wide, steps)
            _light(buf, k, fields[fields.shape[0] - 1, 0], topology, finished, kind, wound, cut_glass)
            if finished == 2:
                for i in range(min(TILE, width - x)):
                    out[y, 3 * (x + i)] = buf[LUM * TILE + i]
                continue
            colour(buf, k, table)
            if splits == 1:
                disperse(buf, k)
            count = min(TILE, width - x)
            if finished == 1:
                _finish(buf, k, ring, g0 + x, g1 + x, part, wide, noise, grain_at + x, rows[y])
            else:
                weigh(buf)
            _put(buf, out, y, x, count)
