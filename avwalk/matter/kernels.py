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

X0, Y0, X1, Y1, HALF0, HALF1, GLOW, GLOWING, TAPER = range(9)
STROKE = 9 + 5
"""A line from (X0, Y0) to (X1, Y1), half-widths at its ends, radius of its glow and the strength of that, and the
share of light that is lost on the way: to its end, or, below 0, to its start."""

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
half-width, by how many pixels it bends, how much more red and less blue (share), where the light comes from, strength
of the light on its slopes."""

POWER, SPREAD, GLASS_X, GLASS_Y, FRESNEL, TINT = range(3, 9)
BEAD = 9 + 5
"""A bead of glass: middle, radius, how far it refracts (radii), dispersion (share), where the light comes from,
strength of the light on its rim, share of its own colour."""

SWIRL, DENSITY, DRIFT_X, DRIFT_Y, SPREAD_OUT = 3, 5, 6, 7, 8
INKS = 9 + 5
"""A drop of ink in water: middle, radius, how far its fringes are drawn out (radii), phase of the eddies, optical
density at its middle, place of the eddies (radii), and how soft it is, 0 to 1; its colour is what it lets through."""
STEP = 2  # pixels between two places at which the density of ink is computed
EDDIES = np.array(
    [[1.15, 0.62, 0.00, 0.50], [-0.83, 1.71, 1.90, 0.36], [2.47, -1.32, 4.10, 0.23], [1.05, 3.61, 0.70, 0.15],
     [-4.33, 2.21, 2.80, 0.10]], np.float32,
)  # fmt: skip
"""Waves whose curl draws ink out: two wave numbers a radius, phase, strength; each finer, each weaker."""

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


@kernel("void(f4[:,::1], f4[:,::1], f4)")
def lay_over(picture: Array, over: Array, amount: f) -> None:
    """Lays smaller light over a picture, both sRGB, read between its pixels: v + amount · over · (1 − v)."""
    height, width = picture.shape[0], picture.shape[1] // 3
    rows, columns = over.shape[0], over.shape[1] // 3
    for y in range(height):
        v = min(max((f(y) + f(0.5)) * f(rows) / f(height) - f(0.5), f(0.0)), f(rows - 1))
        y0 = int(v)
        row, above, below, t = picture[y], over[y0], over[min(y0 + 1, rows - 1)], v - f(y0)
        first, last = columns, -1  # of what is no more than nothing
        for k in range(columns):
            if max(max(above[3 * k], above[3 * k + 1]), above[3 * k + 2]) > f(0.003) or max(
                max(below[3 * k], below[3 * k + 1]), below[3 * k + 2]
            ) > f(0.003):
                first, last = min(first, k), k
        for x in range((first - 1) * width // columns, (last + 2) * width // columns if last >= 0 else 0):
            if x < 0 or x >= width:
                continue
            u = min(max((f(x) + f(0.5)) * f(columns) / f(width) - f(0.5), f(0.0)), f(columns - 1))
            x0 = int(u)
            s, a, b = u - f(x0), 3 * x0, 3 * min(x0 + 1, columns - 1)
            for c in range(3):
                top = above[a + c] + s * (above[b + c] - above[a + c])
                light = top + t * (below[a + c] + s * (below[b + c] - below[a + c]) - top)
                row[3 * x + c] += amount * light * (f(1.0) - min(max(row[3 * x + c], f(0.0)), f(1.0)))


@kernel("void(f4[:,::1], f4[:,::1])")
def draw_strokes(picture: Array, strokes: Array) -> None:
    """Draws tapered lines with a glow, rows of `STROKE` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(strokes.shape[0]):
        p = strokes[k]
        ax, ay, dx, dy = p[0], p[1], p[2] - p[0], p[3] - p[1]
        thick, glow, strength, mode = max(p[4], p[5]), p[6], p[7], int(p[13])
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
                share = max(share, strength * _fall(d2 * i_glow)) * p[12]
                share *= f(1.0) - (p[8] * t if p[8] >= f(0.0) else p[8] * (t - f(1.0)))
                if share > f(0.002):
                    _blend(row, x, share, f(1.0), p, 9, mode)


@kernel()
def _half_height(rx: f, ry: f, c: f, s: f) -> f:
    """Of an ellipse whose width lies along (c, s)."""
    return f(np.sqrt(rx * rx * s * s + ry * ry * c * c))


@kernel()
def _span(rx: f, ry: f, c: f, s: f, dy: f) -> tuple[f, f]:
    """Left and right end of an ellipse in the row ``dy`` below its middle; left above right: it is not there."""
    if rx <= f(0.0) or ry <= f(0.0):
        return f(1.0), f(-1.0)
    ix, iy = f(1.0) / (rx * rx), f(1.0) / (ry * ry)
    a, b = c * c * ix + s * s * iy, c * s * (ix - iy) * dy
    rest = b * b - a * ((s * s * ix + c * c * iy) * dy * dy - f(1.0))
    if rest < f(0.0):
        return f(1.0), f(-1.0)
    root = np.sqrt(rest)
    return f((-b - root) / a), f((root - b) / a)


@kernel("void(f4[:,::1], f4[:,::1])")
def draw_rings(picture: Array, rings: Array) -> None:
    """Draws rings with a glow, rows of `RING` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(rings.shape[0]):
        p = rings[k]
        radius, squash, half, halo = p[2], max(p[3], f(0.02)), p[6], p[7]
        waves, uneven, mode = p[9], p[11], int(p[16])
        reach = max(half + f(1.0), halo)
        far, near = radius * (f(1.0) + waves), radius * (f(1.0) - waves)
        c1, s1 = np.cos(p[10]), np.sin(p[10])
        i_halo = f(1.0) / max(halo * halo, f(1e-6))
        tall = _half_height(far + reach, far * squash + reach, p[4], p[5])
        for y in range(max(0, int(np.floor(p[1] - tall))), min(height, int(np.ceil(p[1] + tall)) + 1)):
            row, dy = picture[y], f(y) - p[1]
            left, right = _span(far + reach, far * squash + reach, p[4], p[5], dy)
            hole_left, hole_right = _span(near - reach, near * squash - reach, p[4], p[5], dy)
            for side in range(2):  # left and right of the hole
                a, b = left, right
                if hole_left < hole_right:
                    a, b = (left, hole_left) if side == 0 else (hole_right, right)
                elif side == 1:
                    break
                first = max(0, int(np.floor(p[0] + a)) + side)
                last = min(width - 1, int(np.floor(p[0] + b)) + 1 - side)
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
        reach = radius * (f(1.0) + f(1.6) * waves) + soft
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
                c13, s13 = c8 * c5 - s8 * s5, s8 * c5 + c8 * s5
                c21, s21 = c13 * c8 - s13 * s8, s13 * c8 + c13 * s8
                wave = f(0.45) * (s2 * s1 + c2 * c1) + f(0.4) * (s3 * c1 + c3 * s1) + f(0.3) * (s5 * s1 - c5 * c1)
                wave += f(0.22) * (s8 * c1 - c8 * s1) + f(0.16) * (s13 * s1 - c13 * c1) + f(0.1) * (s21 * c1 + c21 * s1)
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
        reach = f(2.2) * half
        tall = _half_height(radius + reach, radius * squash + reach, p[4], p[5])
        for y in range(max(0, int(np.floor(p[1] - tall))), min(height, int(np.ceil(p[1] + tall)) + 1)):
            row, dy = picture[y], f(y) - p[1]
            left, right = _span(radius + reach, radius * squash + reach, p[4], p[5], dy)
            hole_left, hole_right = _span(radius - reach, radius * squash - reach, p[4], p[5], dy)
            for side in range(2):
                a, b = left, right
                if hole_left < hole_right:
                    a, b = (left, hole_left) if side == 0 else (hole_right, right)
                elif side == 1:
                    break
                first = max(0, int(np.floor(p[0] + a)) + side)
                last = min(width - 1, int(np.floor(p[0] + b)) + 1 - side)
                for x in range(first, last + 1):
                    dx = f(x) - p[0]
                    u, v = dx * p[4] + dy * p[5], (dy * p[4] - dx * p[5]) / squash
                    length = np.sqrt(u * u + v * v) + f(1e-3)
                    cu, cv = u / length, v / length
                    steep = np.sqrt(cu * cu + cv * cv / (squash * squash))
                    t = (length - radius) / (half * steep)
                    t2 = t * t
                    if t2 >= f(4.84):
                        continue
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


@kernel()
def _sine(x: f) -> f:
    """Sine to 1e-3: a parabola on each half turn, bent once."""
    t = x * f(0.15915494)
    t -= np.floor(t + f(0.5))
    y = t * (f(8.0) - f(16.0) * abs(t))
    return f(y * (f(0.775) + f(0.225) * abs(y)))


@kernel()
def _density(p: Array, x: f, y: f) -> f:
    """Optical density of a drop of ink at a pixel: a soft disc, seen through eddies traced backwards."""
    inverse = f(1.0) / p[2]
    qx, qy = (x - p[0]) * inverse, (y - p[1]) * inverse
    if qx * qx + qy * qy > (f(1.0) + f(1.7) * p[3]) * (f(1.0) + f(1.7) * p[3]):
        return f(0.0)
    for _ in range(3):
        vx = vy = f(0.0)
        for k in range(EDDIES.shape[0]):
            kx, ky, strength = EDDIES[k, 0], EDDIES[k, 1], EDDIES[k, 3]
            s = strength * _sine(kx * (qx + p[6]) + ky * (qy + p[7]) + EDDIES[k, 2] + p[4])
            vx, vy = vx + ky * s, vy - kx * s
        qx, qy = qx - f(0.42) * p[3] * vx, qy - f(0.42) * p[3] * vy
    r2 = qx * qx + qy * qy
    edge = f(1.0) / max(f(0.06) + f(0.94) * p[8], f(4 * STEP) * inverse)  # no sharper than the grid can show
    inside = min(max((f(1.0) - r2) * edge, f(0.0)), f(1.0))
    inside = inside * inside * (f(3.0) - f(2.0) * inside)
    return f(p[5] * inside * (f(0.72) + f(0.28) * r2))  # ink gathers where it dries


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_inks(picture: Array, scratch: Array, inks: Array) -> None:
    """Lets drops of ink absorb light, rows of `INKS` numbers; ``scratch`` is at least (2, W / `STEP` + 2)."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(inks.shape[0]):
        p = inks[k]
        reach = p[2] * (f(1.0) + f(1.7) * p[3]) + f(STEP)
        top, bottom = max(0, int(p[1] - reach) // STEP * STEP), min(height, int(np.ceil(p[1] + reach)) + 1)
        left, right = max(0, int(p[0] - reach) // STEP * STEP), min(width, int(np.ceil(p[0] + reach)) + 1)
        if top >= bottom or left >= right:
            continue
        nodes = (right - left + STEP - 1) // STEP + 1
        for node in range(nodes):
            scratch[0, node] = _density(p, f(left + node * STEP), f(top))
        above = 0
        for y0 in range(top, bottom, STEP):
            some = False
            for node in range(nodes):
                scratch[1 - above, node] = _density(p, f(left + node * STEP), f(y0 + STEP))
                some = some or scratch[1 - above, node] > f(0.004) or scratch[above, node] > f(0.004)
            for y in range(y0, min(y0 + STEP, bottom) if some else y0):
                row, t = picture[y], f(y - y0) / f(STEP)
                for node in range(nodes - 1):
                    a = scratch[above, node] * (f(1.0) - t) + scratch[1 - above, node] * t
                    b = scratch[above, node + 1] * (f(1.0) - t) + scratch[1 - above, node + 1] * t
                    if a + b < f(0.008):
                        continue
                    x0 = left + node * STEP
                    for x in range(x0, min(x0 + STEP, right)):
                        s = f(x - x0) / f(STEP)
                        d = (a * (f(1.0) - s) + b * s) * p[12]
                        for c in range(3):
                            q = d * p[9 + c]
                            through = f(1.0) / (f(1.0) + q * (f(1.0) + q * (f(0.5) + q * f(0.17))))
                            light = decode(min(max(row[3 * x + c], f(0.0)), f(1.0))) * through
                            row[3 * x + c] = min(max(encode(light), f(0.0)), f(1.0))
            above = 1 - above
