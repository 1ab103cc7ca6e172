"""Numba kernels that draw matter into a picture, antialiased, in linear light, in place.

A picture is (H, W·3) float32 sRGB; every primitive is a row of numbers in pixels. What is drawn is blended as the
primitive's mode says: `LIGHT` adds light, less where it is bright already; `INK` takes light away; `SOLID` covers.
Each kernel visits the pixels of a primitive's own rows and columns only, so its cost is that of the area it covers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode

Array = NDArray[np.float32]
f = np.float32

LIGHT, INK, SOLID = 0, 1, 2
RED, ALPHA, MODE = 0, 3, 4  # r, g, b (linear light), share, mode: the last five numbers of every primitive

X0, Y0, X1, Y1, HALF0, HALF1, GLOW, GLOWING = range(8)
STROKE = 8 + 5
"""A line from (X0, Y0) to (X1, Y1), half-widths at its ends, radius of its glow and the strength of that."""

X, Y, RADIUS, SQUASH, COS, SIN, HALF, HALO, HALO_LIGHT, WOBBLE, PHASE, UNEVEN = range(12)
RING = 12 + 5
"""A ring: middle, radius, height over width, direction of its width, half-width of the line, radius and strength of its
glow, depth and phase of the waves of its radius (share of it), and how uneven its light is, 0 to 1."""

LENGTH, WIDTH, DIRECTION_X, DIRECTION_Y, SHADE, SOFT = range(2, 8)
LEAF = 8 + 5
"""The common part of two discs, pointed at both ends: middle, half-length, half-width, direction of its length, how
much darker one side of its fold is (0 to 1), softness of its edge in pixels."""

SIZE, WAVES, TURN, EDGE, RIM, GLINT = range(2, 8)
BLOB = 8 + 5
"""A drop or a bubble: middle, radius, depth and phase of the waves of its edge, softness of the edge in pixels, how
much more of it is at the edge than within (−1 to 1), and the strength of a highlight at its upper left."""

BEND, DISPERSION, LIGHT_X, LIGHT_Y, GLOSS = range(7, 12)
WAVE = 12 + 5
"""A wave that runs through the picture and refracts it: middle, radius, height over width, direction of its width,
half-width, by how many pixels it bends, how much more red and less blue (share), where the light comes from, strength of
the light on its slopes."""

POWER, SPREAD, GLASS_X, GLASS_Y, FRESNEL, TINT = range(3, 9)
BEAD = 9 + 5
"""A bead of glass: middle, radius, how far it refracts (radii), dispersion (share), where the light comes from, strength of
the light on its rim, share of its own colour."""

CORNERS = 6
N, CORNER, EDGE_SOFT, SLOPE_X, SLOPE_Y = 0, 1, 13, 14, 15
POLYGON = 16 + 5
"""A convex polygon: number of its corners, x and y of each in clockwise order on the screen, softness of its edge, and
by what share its light changes from its middle to one pixel right and below."""


@kernel(inline=True)
def _blend(row: Array, x: int, share: f, shade: f, ink: Array, o: int, mode: int) -> None:
    """Blends a pixel with the colour at ``ink[o:]``, times ``shade``, by ``share`` of it."""
    for c in range(3):
        v = min(max(row[3 * x + c], f(0.0)), f(1.0))
        light, colour = decode(v), ink[o + c] * shade
        if mode == 0:
            light = light + share * colour * (f(1.0) - light)
        elif mode == 1:
            light = light * (f(1.0) - share * (f(1.0) - colour))
        else:
            light = light + share * (colour - light)
        row[3 * x + c] = min(max(encode(min(max(light, f(0.0)), f(1.0))), f(0.0)), f(1.0))


@kernel(inline=True)
def _fall(t: f) -> f:
    """How a glow falls off over t, the square of a distance by its radius: as light does, and to 0 at 1."""
    rest = max(f(1.0) - t, f(0.0))
    return rest * rest * rest / (f(1.0) + f(40.0) * t)


@kernel("void(f4[:,::1], f4[:,::1])")
def draw_strokes(picture: Array, strokes: Array) -> None:
    """Draws tapered lines with a glow, rows of `STROKE` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(strokes.shape[0]):
        p = strokes[k]
        ax, ay, dx, dy = p[0], p[1], p[2] - p[0], p[3] - p[1]
        thick, glow, strength, mode = max(p[4], p[5]), p[6], p[7], int(p[12])
        reach = max(thick + f(1.0), glow)
        along = f(1.0) / (dx * dx + dy * dy + f(1e-6))
        i_glow = f(1.0) / max(glow * glow, f(1e-6))
        top = max(0, int(np.floor(min(p[1], p[3]) - reach)))
        bottom = min(height, int(np.ceil(max(p[1], p[3]) + reach)) + 1)
        left = max(0, int(np.floor(min(p[0], p[2]) - reach)))
        right = min(width, int(np.ceil(max(p[0], p[2]) + reach)) + 1)
        for y in range(top, bottom):
            row, py = picture[y], f(y) - ay
            for x in range(left, right):
                px = f(x) - ax
                t = min(max((px * dx + py * dy) * along, f(0.0)), f(1.0))
                ox, oy = px - t * dx, py - t * dy
                d2 = ox * ox + oy * oy
                half = p[4] + t * (p[5] - p[4])
                share = f(0.0)
                if d2 < (half + f(1.0)) * (half + f(1.0)):
                    # a line thinner than a pixel covers as much of it as it is wide
                    share = min(max(half + f(0.5) - np.sqrt(d2), f(0.0)), f(1.0)) * min(f(1.0), f(2.0) * half)
                share = max(share, strength * _fall(d2 * i_glow)) * p[11]
                if share > f(0.002):
                    _blend(row, x, share, f(1.0), p, 8, mode)


@kernel("void(f4[:,::1], f4[:,::1])")
def draw_rings(picture: Array, rings: Array) -> None:
    """Draws rings with a glow, rows of `RING` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(rings.shape[0]):
        p = rings[k]
        radius, squash, half, halo = p[2], max(p[3], f(0.02)), p[6], p[7]
        waves, uneven, mode = p[9], p[11], int(p[16])
        reach = max(half + f(1.0), halo)
        outer = radius * (f(1.0) + waves) * max(f(1.0), squash) + reach
        inner = radius * (f(1.0) - waves) * min(f(1.0), squash) - reach
        c1, s1 = np.cos(p[10]), np.sin(p[10])
        i_halo = f(1.0) / max(halo * halo, f(1e-6))
        for y in range(max(0, int(np.floor(p[1] - outer))), min(height, int(np.ceil(p[1] + outer)) + 1)):
            row, dy = picture[y], f(y) - p[1]
            wide = np.sqrt(max(outer * outer - dy * dy, f(0.0)))
            hole = np.sqrt(max(inner * inner - dy * dy, f(0.0))) if inner > f(0.0) else f(0.0)
            for side in range(2):  # left and right of the hole
                a = p[0] - wide if side == 0 else p[0] + hole
                b = p[0] - hole if side == 0 else p[0] + wide
                first, last = max(0, int(np.floor(a)) + side), min(width - 1, int(np.floor(b)))
                for x in range(first, last + 1):
                    dx = f(x) - p[0]
                    u, v = dx * p[4] + dy * p[5], (dy * p[4] - dx * p[5]) / squash
                    length = np.sqrt(u * u + v * v) + f(1e-4)
                    c, s = u / length, v / length
                    c2, s2 = c * c - s * s, f(2.0) * c * s
                    c3, s3 = c2 * c - s2 * s, s2 * c + c2 * s
                    c5, s5 = c3 * c2 - s3 * s2, s3 * c2 + c3 * s2
                    wave = f(0.6) * (s3 * c1 + c3 * s1) + f(0.4) * (s5 * s1 - c5 * c1)
                    steep = np.sqrt(c * c + s * s / (squash * squash))
                    d = abs(length - radius * (f(1.0) + waves * wave)) / steep
                    share = min(max(half + f(0.5) - d, f(0.0)), f(1.0)) * min(f(1.0), f(2.0) * half)
                    share = max(share, p[8] * _fall(d * d * i_halo))
                    share *= p[15] * (f(1.0) - uneven * (f(0.5) + f(0.5) * (s2 * c1 - c3 * s1)))
                    if share > f(0.002):
                        _blend(row, x, share, f(1.0), p, 12, mode)


@kernel("void(f4[:,::1], f4[:,::1])")
def draw_leaves(picture: Array, leaves: Array) -> None:
    """Draws leaves, petals and wings, rows of `LEAF` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(leaves.shape[0]):
        p = leaves[k]
        long, half, soft, mode = p[2], max(p[3], f(0.05)), max(p[7], f(1.0)), int(p[12])
        bow = (long * long + half * half) / (f(2.0) * half)
        reach = long + soft
        for y in range(max(0, int(np.floor(p[1] - reach))), min(height, int(np.ceil(p[1] + reach)) + 1)):
            row, dy = picture[y], f(y) - p[1]
            for x in range(max(0, int(np.floor(p[0] - reach))), min(width, int(np.ceil(p[0] + reach)) + 1)):
                dx = f(x) - p[0]
                u, v = dx * p[4] + dy * p[5], dy * p[4] - dx * p[5]
                w = abs(v) + bow - half
                d = np.sqrt(u * u + w * w) - bow
                if d < soft:
                    share = min(max((soft * f(0.5) - d) / soft, f(0.0)), f(1.0)) * p[11] * min(f(1.0), f(2.0) * half)
                    fold = min(max(f(0.5) + f(0.5) * v, f(0.0)), f(1.0))
                    shade = f(1.0) - p[6] * fold * (f(0.7) + f(0.3) * u / long)
                    _blend(row, x, share, shade, p, 8, mode)


@kernel("void(f4[:,::1], f4[:,::1])")
def draw_blobs(picture: Array, blobs: Array) -> None:
    """Draws drops and bubbles, rows of `BLOB` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(blobs.shape[0]):
        p = blobs[k]
        radius, waves, soft, rim, mode = p[2], p[3], max(p[5], f(1.0)), p[6], int(p[12])
        c1, s1 = np.cos(p[4]), np.sin(p[4])
        reach = radius * (f(1.0) + waves) + soft
        for y in range(max(0, int(np.floor(p[1] - reach))), min(height, int(np.ceil(p[1] + reach)) + 1)):
            row, dy = picture[y], f(y) - p[1]
            wide = np.sqrt(max(reach * reach - dy * dy, f(0.0)))
            for x in range(max(0, int(np.floor(p[0] - wide))), min(width, int(np.ceil(p[0] + wide)) + 1)):
                dx = f(x) - p[0]
                length = np.sqrt(dx * dx + dy * dy) + f(1e-4)
                c, s = dx / length, dy / length
                c2, s2 = c * c - s * s, f(2.0) * c * s
                c3, s3 = c2 * c - s2 * s, s2 * c + c2 * s
                c5, s5 = c3 * c2 - s3 * s2, s3 * c2 + c3 * s2
                c8, s8 = c5 * c3 - s5 * s3, s5 * c3 + c5 * s3
                wave = f(0.5) * (s3 * c1 + c3 * s1) + f(0.3) * (s5 * s1 - c5 * c1) + f(0.25) * (s8 * c1 - c8 * s1)
                edge = radius * (f(1.0) + waves * wave)
                share = min(max((edge - length) / soft + f(0.5), f(0.0)), f(1.0)) * p[11]
                if share > f(0.002):
                    place = min(length / max(edge, f(1e-3)), f(1.0))
                    near = place * place
                    near *= near
                    body = f(1.0) - rim * (f(1.0) - near) if rim > f(0.0) else f(1.0) + rim * near
                    hx, hy = dx + f(0.38) * radius, dy + f(0.42) * radius
                    spot = max(f(1.0) - (hx * hx + hy * hy) / (f(0.06) * radius * radius + f(0.5)), f(0.0))
                    bright = f(1.0) + p[7] * spot * spot * f(6.0)
                    _blend(row, x, min(share * (body + p[7] * spot), f(1.0)), bright, p, 8, mode)


@kernel("void(f4[:,::1], f4[:,::1])")
def draw_polygons(picture: Array, polygons: Array) -> None:
    """Draws convex polygons of three to six corners, rows of `POLYGON` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(polygons.shape[0]):
        p = polygons[k]
        n, soft, mode = int(p[0]), max(p[13], f(1.0)), int(p[20])
        low_x = high_x = p[1]
        low_y = high_y = p[2]
        mx = my = f(0.0)
        for j in range(n):
            x0, y0 = p[1 + 2 * j], p[2 + 2 * j]
            low_x, high_x = min(low_x, x0), max(high_x, x0)
            low_y, high_y = min(low_y, y0), max(high_y, y0)
            mx, my = mx + x0 / f(n), my + y0 / f(n)
        for y in range(max(0, int(np.floor(low_y - soft))), min(height, int(np.ceil(high_y + soft)) + 1)):
            row = picture[y]
            for x in range(max(0, int(np.floor(low_x - soft))), min(width, int(np.ceil(high_x + soft)) + 1)):
                d = f(-1e9)
                for j in range(n):
                    i = j + 1 if j + 1 < n else 0
                    ex, ey = p[1 + 2 * i] - p[1 + 2 * j], p[2 + 2 * i] - p[2 + 2 * j]
                    size = np.sqrt(ex * ex + ey * ey) + f(1e-6)
                    d = max(d, ((f(x) - p[1 + 2 * j]) * ey - (f(y) - p[2 + 2 * j]) * ex) / size)
                share = min(max(f(0.5) - d / soft, f(0.0)), f(1.0)) * p[19]
                if share > f(0.002):
                    shade = max(f(1.0) + p[14] * (f(x) - mx) + p[15] * (f(y) - my), f(0.0))
                    _blend(row, x, share, shade, p, 16, mode)


@kernel(inline=True)
def _sample(source: Array, x: f, y: f, c: int) -> f:
    """A channel between pixels, linearly; edges repeated."""
    height, width = source.shape[0], source.shape[1] // 3
    x, y = min(max(x, f(0.0)), f(width - 1)), min(max(y, f(0.0)), f(height - 1))
    x0, y0 = int(x), int(y)
    x1, y1 = min(x0 + 1, width - 1), min(y0 + 1, height - 1)
    s, t = x - f(x0), y - f(y0)
    top = source[y0, 3 * x0 + c] * (f(1.0) - s) + source[y0, 3 * x1 + c] * s
    bottom = source[y1, 3 * x0 + c] * (f(1.0) - s) + source[y1, 3 * x1 + c] * s
    return top * (f(1.0) - t) + bottom * t


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_waves(picture: Array, source: Array, waves: Array) -> None:
    """Bends the picture along rings, rows of `WAVE` numbers; ``source`` is the picture before."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(waves.shape[0]):
        p = waves[k]
        radius, squash, half = p[2], max(p[3], f(0.02)), max(p[6], f(1.0))
        bend, spread, alpha = p[7] * p[15], p[8], p[15]
        outer, inner = (radius + f(2.2) * half) * max(f(1.0), squash), (radius - f(2.2) * half) * min(f(1.0), squash)
        for y in range(max(0, int(np.floor(p[1] - outer))), min(height, int(np.ceil(p[1] + outer)) + 1)):
            row, dy = picture[y], f(y) - p[1]
            wide = np.sqrt(max(outer * outer - dy * dy, f(0.0)))
            hole = np.sqrt(max(inner * inner - dy * dy, f(0.0))) if inner > f(0.0) else f(0.0)
            for side in range(2):
                a = p[0] - wide if side == 0 else p[0] + hole
                b = p[0] - hole if side == 0 else p[0] + wide
                for x in range(max(0, int(np.floor(a)) + side), min(width - 1, int(np.floor(b))) + 1):
                    dx = f(x) - p[0]
                    u, v = dx * p[4] + dy * p[5], (dy * p[4] - dx * p[5]) / squash
                    length = np.sqrt(u * u + v * v) + f(1e-3)
                    t = (length - radius) / half
                    t2 = t * t
                    fall = max(f(1.0) - t2 * f(0.2066), f(0.0))
                    slope = f(-2.3) * t * fall * fall * fall * fall  # of a smooth bump, zero at 2.2 half-widths
                    nx, ny = dx / (length * max(squash, f(0.2))), dy / (length * max(squash, f(0.2)))
                    size = np.sqrt(nx * nx + ny * ny) + f(1e-6)
                    nx, ny = nx / size, ny / size
                    lit = slope * (nx * p[9] + ny * p[10])
                    bright, dark = max(lit, f(0.0)), max(-lit, f(0.0))
                    for c in range(3):
                        far = bend * slope * (f(1.0) + spread * f(1 - c))
                        value = min(max(_sample(source, f(x) - far * nx, f(y) - far * ny, c), f(0.0)), f(1.0))
                        light = decode(value)
                        light *= f(1.0) - min(f(0.75), f(0.6) * p[11] * alpha * dark)
                        gain = min(p[11] * alpha * bright, f(1.0))
                        light += gain * (f(0.9) * light + f(0.28) * p[12 + c]) * (f(1.0) - f(0.5) * light)
                        row[3 * x + c] = min(max(encode(min(max(light, f(0.0)), f(1.0))), f(0.0)), f(1.0))


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_beads(picture: Array, source: Array, beads: Array) -> None:
    """Draws beads of glass that refract the picture behind them, rows of `BEAD` numbers; ``source`` is it before."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(beads.shape[0]):
        p = beads[k]
        radius, power, spread = max(p[2], f(0.5)), p[3], p[4]
        reach = radius + f(1.0)
        for y in range(max(0, int(np.floor(p[1] - reach))), min(height, int(np.ceil(p[1] + reach)) + 1)):
            row, dy = picture[y], f(y) - p[1]
            wide = np.sqrt(max(reach * reach - dy * dy, f(0.0)))
            for x in range(max(0, int(np.floor(p[0] - wide))), min(width - 1, int(np.ceil(p[0] + wide))) + 1):
                dx = f(x) - p[0]
                length = np.sqrt(dx * dx + dy * dy)
                share = min(max(radius - length + f(0.5), f(0.0)), f(1.0)) * p[12]
                if share <= f(0.002):
                    continue
                q = min(length / radius, f(1.0))
                q2 = q * q
                nz = np.sqrt(max(f(1.0) - q2, f(0.0)))
                rim = f(1.0) - nz
                rim = rim * rim * rim
                lit = (dx * p[5] + dy * p[6]) / radius  # 1 at the rim towards the light
                hx, hy = dx / radius - f(0.42) * p[5], dy / radius - f(0.42) * p[6]
                spot = max(f(1.0) - (hx * hx + hy * hy) * f(22.0), f(0.0))
                back = max(
                    f(1.0)
                    - (
                        (dx / radius + f(0.6) * p[5]) * (dx / radius + f(0.6) * p[5])
                        + (dy / radius + f(0.6) * p[6]) * (dy / radius + f(0.6) * p[6])
                    )
                    * f(2.2),
                    f(0.0),
                )
                for c in range(3):
                    far = power * q2 * (f(1.0) + spread * f(1 - c))
                    value = _sample(source, f(x) - dx * (far + f(0.35) * power), f(y) - dy * (far + f(0.35) * power), c)
                    light = decode(min(max(value, f(0.0)), f(1.0)))
                    light = light * (f(1.0) - p[8] * (f(1.0) - p[9 + c]))
                    light *= f(1.0) - f(0.55) * q2 * q2 * max(f(0.0), f(0.3) - lit)
                    light += (
                        p[7]
                        * (
                            rim * (f(0.35) + f(0.65) * max(lit, f(0.0))) * p[9 + c]
                            + spot * spot
                            + f(0.30) * back * back * p[9 + c]
                        )
                        * (f(1.0) - f(0.6) * light)
                    )
                    before = decode(min(max(row[3 * x + c], f(0.0)), f(1.0)))
                    light = before + share * (min(max(light, f(0.0)), f(1.0)) - before)
                    row[3 * x + c] = min(max(encode(min(max(light, f(0.0)), f(1.0))), f(0.0)), f(1.0))
