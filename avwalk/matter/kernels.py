"""Numba kernels that draw matter into a picture, antialiased, in linear light, in place: lines and rings.

A picture is (H, W·3) float32 sRGB; every primitive is a row of numbers in pixels. What is drawn is blended as the
primitive's mode says: `LIGHT` adds light, less where it is bright already; `INK` takes light away; `SOLID` covers.

A kernel goes through the rows of a primitive, and in each through the pixels that it reaches; what is done to them is
a few short loops over buffers, which become vector code. `surfaces`, `glass` and `ink` do the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode

Array = NDArray[np.float32]
f = np.float32

LIGHT, INK, SOLID = 0, 1, 2
"""The last five numbers of every primitive are r, g, b (linear light), its share, and its mode."""
LEAST = f(0.002)
"""What changes a pixel by less is not drawn."""

RAMP, SHARE, SHADE, A, B, C = range(6)
BUFFERS = 6
"""Rows of the buffer that kernels are given, wider than the picture: 0, 1, 2 …, and five to write to."""

X0, Y0, X1, Y1, HALF0, HALF1, GLOW, GLOWING, TAPER = range(9)
STROKE = 9 + 5
"""A line from (X0, Y0) to (X1, Y1), half-widths at its ends, radius of its glow and the strength of that, and the
share of light that is lost on the way: to its end, or, below 0, to its start."""

X, Y, RADIUS, SQUASH, COS, SIN, HALF, HALO, HALO_LIGHT, WOBBLE, PHASE, UNEVEN = range(12)
RING = 12 + 5
"""A ring: middle, radius, height over width (below 0: a mirror image), direction of its width, half-width of the line,
radius and strength of its glow, depth and phase of the waves of its radius (share of it), and how uneven its light is,
0 to 1."""


def new_buffers(width: int) -> Array:
    """What kernels write to while they draw into a picture of a width: (`BUFFERS`, width + 4)."""
    buffers = np.empty((BUFFERS, width + 4), np.float32)
    buffers[RAMP] = np.arange(width + 4)
    return buffers


@kernel(inline=True)
def _lit(v: f, share: f, colour: f) -> f:
    light = decode(min(max(v, f(0.0)), f(1.0)))
    light += share * colour * (f(1.0) - light)
    return min(encode(min(max(light, f(0.0)), f(1.0))), f(1.0))


@kernel(inline=True)
def _dimmed(v: f, share: f, colour: f) -> f:
    light = decode(min(max(v, f(0.0)), f(1.0)))
    light *= f(1.0) - share * (f(1.0) - colour)
    return min(encode(min(max(light, f(0.0)), f(1.0))), f(1.0))


@kernel(inline=True)
def _covered(v: f, share: f, colour: f) -> f:
    light = decode(min(max(v, f(0.0)), f(1.0)))
    light += share * (colour - light)
    return min(encode(min(max(light, f(0.0)), f(1.0))), f(1.0))


@kernel()
def lay(pixels: Array, shares: Array, shades: Array, colour: Array, mode: int) -> None:
    """Blends a run of pixels (n·3,) with a colour (3,), times a shade each, by a share of it each."""
    r, g, b = colour[0], colour[1], colour[2]
    if mode == 0:
        for i in range(shares.shape[0]):
            s, t = shares[i], shades[i]
            drawn = s > LEAST
            v0, v1, v2 = pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]
            pixels[3 * i] = _lit(v0, s, r * t) if drawn else v0
            pixels[3 * i + 1] = _lit(v1, s, g * t) if drawn else v1
            pixels[3 * i + 2] = _lit(v2, s, b * t) if drawn else v2
    elif mode == 1:
        for i in range(shares.shape[0]):
            s, t = shares[i], shades[i]
            drawn = s > LEAST
            v0, v1, v2 = pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]
            pixels[3 * i] = _dimmed(v0, s, r * t) if drawn else v0
            pixels[3 * i + 1] = _dimmed(v1, s, g * t) if drawn else v1
            pixels[3 * i + 2] = _dimmed(v2, s, b * t) if drawn else v2
    else:
        for i in range(shares.shape[0]):
            s, t = shares[i], shades[i]
            drawn = s > LEAST
            v0, v1, v2 = pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]
            pixels[3 * i] = _covered(v0, s, r * t) if drawn else v0
            pixels[3 * i + 1] = _covered(v1, s, g * t) if drawn else v1
            pixels[3 * i + 2] = _covered(v2, s, b * t) if drawn else v2


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


@kernel()
def _seen(strength: f) -> f:
    """Share of its radius to which a glow is seen."""
    low, high = f(0.0), f(1.0)
    for _ in range(10):
        middle = f(0.5) * (low + high)
        if strength * _fall(middle) > LEAST:
            low = middle
        else:
            high = middle
    return f(np.sqrt(high))


@kernel()
def _chord(low: f, high: f, x: f, dy: f, reach: f) -> tuple[f, f]:
    """A run of x widened by that of a disc around x, ``dy`` away."""
    rest = reach * reach - dy * dy
    if rest < f(0.0):
        return low, high
    wide = f(np.sqrt(rest))
    return min(low, x - wide), max(high, x + wide)


@kernel()
def _run(p: Array, y: f, reach: f) -> tuple[f, f]:
    """Between which x a row is within reach of a line; low above high: nowhere."""
    low, high = _chord(f(1e9), f(-1e9), p[0], y - p[1], reach)
    low, high = _chord(low, high, p[2], y - p[3], reach)
    dx, dy = p[2] - p[0], p[3] - p[1]
    if abs(dy) > f(1e-3):
        long = f(np.sqrt(dx * dx + dy * dy))
        ox, oy = -dy / long * reach, dx / long * reach
        for side in range(2):
            sign = f(1 - 2 * side)
            t = (y - p[1] - sign * oy) / dy
            if f(0.0) <= t <= f(1.0):
                x = p[0] + sign * ox + t * dx
                low, high = min(low, x), max(high, x)
    return low, high


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_strokes(picture: Array, buffers: Array, strokes: Array) -> None:
    """Draws tapered lines with a glow, rows of `STROKE` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(strokes.shape[0]):
        p = strokes[k]
        ax, ay, dx, dy = p[0], p[1], p[2] - p[0], p[3] - p[1]
        half0, wider, strength, alpha, taper = p[4], p[5] - p[4], p[7], p[12], p[8]
        reach = max(max(p[4], p[5]) + f(1.0), p[6] * _seen(strength * alpha))
        along = f(1.0) / (dx * dx + dy * dy + f(1e-6))
        i_glow = f(1.0) / max(p[6] * p[6], f(1e-6))
        lost, start = (taper, f(0.0)) if taper >= f(0.0) else (taper, f(1.0))
        top = max(0, int(np.floor(min(p[1], p[3]) - reach)))
        bottom = min(height, int(np.ceil(max(p[1], p[3]) + reach)) + 1)
        for y in range(top, bottom):
            low, high = _run(p, f(y), reach)
            left, right = max(0, int(np.floor(max(low, f(-1.0))))), min(width, int(np.ceil(min(high, f(width)))) + 1)
            if left >= right:
                continue
            xs, shares, shades = buffers[RAMP, left:right], buffers[SHARE, left:right], buffers[SHADE, left:right]
            py = f(y) - ay
            for i in range(xs.shape[0]):
                px = xs[i] - ax
                t = min(max((px * dx + py * dy) * along, f(0.0)), f(1.0))
                ox, oy = px - t * dx, py - t * dy
                d2 = ox * ox + oy * oy
                half = half0 + t * wider
                # a line thinner than a pixel covers as much of it as it is wide
                line = min(max(half + f(0.5) - np.sqrt(d2), f(0.0)), f(1.0)) * min(f(1.0), f(2.0) * half)
                share = max(line, strength * _fall(d2 * i_glow)) * alpha
                shares[i] = share * (f(1.0) - lost * (t - start))
                shades[i] = f(1.0)
            lay(picture[y, 3 * left : 3 * right], shares, shades, p[9:12], int(p[13]))


@kernel()
def half_height(rx: f, ry: f, c: f, s: f) -> f:
    """Of an ellipse whose width lies along (c, s)."""
    return f(np.sqrt(rx * rx * s * s + ry * ry * c * c))


@kernel()
def span(rx: f, ry: f, c: f, s: f, dy: f) -> tuple[f, f]:
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


@kernel()
def side_run(x: f, outer: tuple[f, f], hole: tuple[f, f], side: int, width: int) -> tuple[int, int]:
    """First and one past the last pixel of a band in a row, left (0) or right (1) of its hole; where there is none, all
    of it is left."""
    low, high = outer
    if hole[0] < hole[1]:
        low, high = (low, hole[0]) if side == 0 else (hole[1], high)
    elif side == 1:
        return 0, 0
    first = max(0, int(np.floor(max(x + low, f(-2.0)))) + side)
    last = min(width, int(np.floor(min(x + high, f(width)))) + 2 - side)
    return first, last


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_rings(picture: Array, buffers: Array, rings: Array) -> None:
    """Draws rings with a glow, rows of `RING` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(rings.shape[0]):
        p = rings[k]
        radius, squash, hand = p[2], max(abs(p[3]), f(0.02)), f(1.0) if p[3] >= f(0.0) else f(-1.0)
        half, strength, waves, uneven, alpha = p[6], p[8], p[9], p[11], p[15]
        reach = max(half + f(1.0), p[7] * _seen(strength * alpha))
        far, near = radius * (f(1.0) + waves), radius * (f(1.0) - waves)
        c1, s1 = np.cos(p[10]), np.sin(p[10])
        i_halo, i_squash2 = f(1.0) / max(p[7] * p[7], f(1e-6)), f(1.0) / (squash * squash)
        thin = min(f(1.0), f(2.0) * half)
        tall = half_height(far + reach, far * squash + reach, p[4], p[5])
        for y in range(max(0, int(np.floor(p[1] - tall))), min(height, int(np.ceil(p[1] + tall)) + 1)):
            dy = f(y) - p[1]
            outer = span(far + reach, far * squash + reach, p[4], p[5], dy)
            hole = span(near - reach, near * squash - reach, p[4], p[5], dy)
            across, along = dy * p[5], dy * p[4]
            for side in range(2):
                left, right = side_run(p[0], outer, hole, side, width)
                if left >= right:
                    continue
                xs, shares, shades = buffers[RAMP, left:right], buffers[SHARE, left:right], buffers[SHADE, left:right]
                for i in range(xs.shape[0]):
                    dx = xs[i] - p[0]
                    u, v = dx * p[4] + across, hand * (along - dx * p[5]) / squash
                    length = np.sqrt(u * u + v * v) + f(1e-4)
                    c, s = u / length, v / length
                    c2, s2 = c * c - s * s, f(2.0) * c * s
                    c3, s3 = c2 * c - s2 * s, s2 * c + c2 * s
                    c5, s5 = c3 * c2 - s3 * s2, s3 * c2 + c3 * s2
                    wave = f(0.6) * (s3 * c1 + c3 * s1) + f(0.4) * (s5 * s1 - c5 * c1)
                    steep = np.sqrt(c * c + s * s * i_squash2)
                    d = abs(length - radius * (f(1.0) + waves * wave)) / steep
                    line = min(max(half + f(0.5) - d, f(0.0)), f(1.0)) * thin
                    share = max(line, strength * _fall(d * d * i_halo)) * alpha
                    shares[i] = share * (f(1.0) - uneven * (f(0.5) + f(0.5) * (s2 * c1 - c3 * s1)))
                    shades[i] = f(1.0)
                lay(picture[y, 3 * left : 3 * right], shares, shades, p[12:15], int(p[16]))
