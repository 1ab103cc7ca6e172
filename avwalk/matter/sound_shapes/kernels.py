"""Numba kernels that draw curves and reliefs of sound into a picture, antialiased, in place.

A curve is drawn from the distance of each pixel to it, so that neither its joints nor its crossings are brighter than
the rest of it. A relief is drawn from back to front, each pixel of its bodies once: what nearer lines will cover is
left out (T. J. Wright, "A two-space solution to the hidden line problem for plotting functions of two variables", IEEE
Transactions on Computers C-22 (1973)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode

Array = NDArray[np.float32]
f = np.float32

STRIP = 8
"""Rows of a picture in which a curve's distances are kept at once."""
BLOCK = 32
"""Columns of a picture that a relief is drawn in at once, and in which a curve is looked for."""
FAR = f(1e6)
STEEPEST = f(0.14)
"""Least cosine of an edge: one that rises more steeply is drawn as if it did not."""
OVER = f(2.5)
"""How far above an edge its line may reach where it is steep, in half-widths and a pixel."""

POINT = 5
"""Of a curve: x and y in pixels, half-width, share, and how much of the second colour it has there."""
GLOW, GLOWING, RED, SECOND, MODE = 0, 1, 2, 5, 8
STYLE = 9
"""Of a curve: radius and strength of its glow, two colours in linear light, mode as in `avwalk.matter.kernels`."""

CREST, CREST_SHARE, HALF, DEPTH, TOP, FOOT, LIT, BODY_SHARE = 0, 3, 4, 5, 6, 9, 12, 13
LINE = 14
"""Of a line of a relief: colour and share of its crest (linear light), half-width of that, one over the depth in which
its body turns from one colour at the top into another at the foot (both sRGB), how much light changes it, share of its
body."""


@kernel(inline=True)
def _fall(t: f) -> f:
    """How a glow falls off over the square of a distance by its radius; 0 at 1."""
    rest = max(f(1.0) - t, f(0.0))
    return rest * rest * rest / (f(1.0) + f(30.0) * t)


@kernel(inline=True)
def _mixed(v: f, share: f, colour: f, mode: int) -> f:
    """An sRGB value with a colour (linear light) blended in."""
    light = decode(min(max(v, f(0.0)), f(1.0)))
    if mode == 0:
        light = light + share * colour * (f(1.0) - light)
    elif mode == 1:
        light = light * (f(1.0) - share * (f(1.0) - colour))
    else:
        light = light + share * (colour - light)
    return min(max(encode(min(max(light, f(0.0)), f(1.0))), f(0.0)), f(1.0))


@kernel()
def _measure(scratch: Array, points: Array, top: int, bottom: int, reach: f) -> None:
    """Square of the distance of pixels in some rows to a curve, and where on it they are nearest; in the third plane
    1 for each cell of a row that it comes near to."""
    width = scratch.shape[2]
    for k in range(points.shape[0] - 1):
        ax, ay, bx, by = points[k, 0], points[k, 1], points[k + 1, 0], points[k + 1, 1]
        y0 = max(top, int(np.floor(min(ay, by) - reach)))
        y1 = min(bottom, int(np.ceil(max(ay, by) + reach)) + 1)
        x0 = max(0, int(np.floor(min(ax, bx) - reach)))
        x1 = min(width, int(np.ceil(max(ax, bx) + reach)) + 1)
        if y0 >= y1 or x0 >= x1:
            continue
        dx, dy = bx - ax, by - ay
        along = f(1.0) / (dx * dx + dy * dy + f(1e-6))
        for y in range(y0, y1):
            for cell in range(x0 // BLOCK, (x1 - 1) // BLOCK + 1):
                if scratch[2, y - top, cell] == f(0.0):
                    scratch[2, y - top, cell] = f(1.0)
                    fresh = scratch[0, y - top, cell * BLOCK : min(width, cell * BLOCK + BLOCK)]
                    for x in range(fresh.shape[0]):
                        fresh[x] = FAR
            py = f(y) - ay
            for x in range(x0, x1):
                px = f(x) - ax
                t = min(max((px * dx + py * dy) * along, f(0.0)), f(1.0))
                ox, oy = px - t * dx, py - t * dy
                d2 = ox * ox + oy * oy
                nearer = d2 < scratch[0, y - top, x]
                scratch[0, y - top, x] = d2 if nearer else scratch[0, y - top, x]
                scratch[1, y - top, x] = f(k) + t if nearer else scratch[1, y - top, x]


@kernel()
def _mix(row: Array, nearest: Array, points: Array, style: Array, reach: f, run: tuple[int, int]) -> None:
    """Blends a run of a row of a picture, (W·3,), by the distances from a curve, (2, W)."""
    n, mode, i_glow = points.shape[0], int(style[MODE]), f(1.0) / max(style[GLOW] * style[GLOW], f(1e-6))
    for x in range(run[0], run[1]):
        d2 = nearest[0, x]
        if d2 >= reach * reach:
            continue
        k = min(int(nearest[1, x]), n - 2)
        t = nearest[1, x] - f(k)
        half = points[k, 2] + t * (points[k + 1, 2] - points[k, 2])
        share = f(0.0)
        if d2 < (half + f(1.0)) * (half + f(1.0)):
            share = min(max(half + f(0.5) - np.sqrt(d2), f(0.0)), f(1.0)) * min(f(1.0), f(2.0) * half)
        share = max(share, style[GLOWING] * _fall(d2 * i_glow))
        share *= points[k, 3] + t * (points[k + 1, 3] - points[k, 3])
        if share > f(0.003):
            m = points[k, 4] + t * (points[k + 1, 4] - points[k, 4])
            for c in range(3):
                colour = style[RED + c] + m * (style[SECOND + c] - style[RED + c])
                row[3 * x + c] = _mixed(row[3 * x + c], share, colour, mode)


@kernel("void(f4[:,::1], f4[:,:,::1], f4[:,::1], f4[::1])")
def draw_curve(picture: Array, scratch: Array, points: Array, style: Array) -> None:
    """Draws a curve through points, rows of `POINT` numbers.

    Args:
        picture: (H, W·3) sRGB.
        scratch: (3, STRIP, W), any content.
        points: (n, POINT).
        style: (STYLE,).
    """
    height, width, n = picture.shape[0], scratch.shape[2], points.shape[0]
    low, high, widest = FAR, -FAR, f(0.0)
    for k in range(n):
        low, high = min(low, points[k, 1]), max(high, points[k, 1])
        widest = max(widest, points[k, 2])
    reach = max(widest + f(1.0), style[GLOW])
    first, last = max(0, int(np.floor(low - reach))), min(height, int(np.ceil(high + reach)) + 1)
    cells = (width + BLOCK - 1) // BLOCK
    for top in range(first, last, STRIP):
        bottom = min(last, top + STRIP)
        for y in range(bottom - top):
            for cell in range(cells):
                scratch[2, y, cell] = f(0.0)
        _measure(scratch, points, top, bottom, reach)
        for y in range(top, bottom):
            for cell in range(cells):
                if scratch[2, y - top, cell] != f(0.0):
                    run = cell * BLOCK, min(width, cell * BLOCK + BLOCK)
                    _mix(picture[y], scratch[:, y - top], points, style, reach, run)


@kernel()
def _trace_lines(scratch: Array, points: Array, height: int) -> None:
    """For each line and column: its top, cosine of its slope, light, crest, and where nothing nearer is."""
    n_lines, n, width = points.shape[0], points.shape[1], scratch.shape[2]
    tops, slopes, lights, crests, free = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    tops[:] = FAR
    for k in range(n_lines):
        for j in range(n - 1):
            ax, ay, bx, by = points[k, j, 0], points[k, j, 1], points[k, j + 1, 0], points[k, j + 1, 1]
            slope = (by - ay) / max(bx - ax, f(1e-3))
            for x in range(max(0, int(np.ceil(ax))), min(width, int(np.floor(bx)) + 1)):
                t = min(max((f(x) - ax) / max(bx - ax, f(1e-3)), f(0.0)), f(1.0))
                y = ay + t * (by - ay)
                if y < tops[k, x]:
                    tops[k, x] = y
                    slopes[k, x] = max(f(1.0) / np.sqrt(f(1.0) + slope * slope), STEEPEST)
                    lights[k, x] = points[k, j, 2] + t * (points[k, j + 1, 2] - points[k, j, 2])
                    crests[k, x] = points[k, j, 3] + t * (points[k, j + 1, 3] - points[k, j, 3])
    free[0] = f(height)
    for k in range(1, n_lines):
        for x in range(width):
            free[k, x] = min(free[k - 1, x], tops[k - 1, x])


@kernel("void(f4[:,:,:], f4[:,:,::1], f4[:,:,::1], f4[:,::1])")
def draw_relief(picture: Array, scratch: Array, points: Array, lines: Array) -> None:
    """Draws lines one behind the other, filled below.

    Args:
        picture: (H, W, 3) sRGB, of any strides.
        scratch: (5, n_lines, W), any content.
        points: (n_lines, n, 4): x, y in pixels, light, −1 to 1, share of the crest; x goes up; the nearest line first.
        lines: (n_lines, LINE).
    """
    height, width, n_lines = picture.shape[0], picture.shape[1], points.shape[0]
    tops, slopes, lights, crests, free = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    _trace_lines(scratch, points, height)
    for begin in range(0, width, BLOCK):
        end = min(width, begin + BLOCK)
        for k in range(n_lines - 1, -1, -1):
            p = lines[k]
            half, depth, lit = p[HALF], p[DEPTH], p[LIT]
            low, high = FAR, f(0.0)
            for x in range(begin, end):
                low, high = min(low, tops[k, x] - OVER * (half + f(1.0))), max(high, free[k, x])
            for y in range(max(0, int(np.floor(low))), min(height, int(np.ceil(high)) + 2)):
                for x in range(begin, end):
                    down = f(y) - tops[k, x]
                    if f(y) > free[k, x] + f(1.5) or down < -OVER * (half + f(1.0)):
                        continue
                    cover = min(max(down + f(0.5), f(0.0)), f(1.0)) * p[BODY_SHARE]
                    light = lights[k, x]
                    if cover > f(0.0):
                        g = min(max(down, f(0.0)) * depth, f(1.0))
                        shade = f(1.0) + lit * light * (f(1.0) - g)
                        g = g * (f(2.0) - g)
                        for c in range(3):
                            v = (p[TOP + c] + g * (p[FOOT + c] - p[TOP + c])) * shade
                            picture[y, x, c] += cover * (min(max(v, f(0.0)), f(1.0)) - picture[y, x, c])
                    share = min(max(half + f(0.5) - abs(down) * slopes[k, x], f(0.0)), f(1.0)) * min(
                        f(1.0), f(2.0) * half
                    )
                    share *= p[CREST_SHARE] * crests[k, x] * (f(0.6) + f(0.4) * light)
                    if share > f(0.003):
                        for c in range(3):
                            picture[y, x, c] = _mixed(picture[y, x, c], share, p[CREST + c], 2)


@kernel(inline=True)
def _turn_of(x: f, y: f) -> f:
    """Direction of a vector from the top clockwise, in turns, [0, 1); right to 1e-4."""
    ax, ay = abs(x), abs(y)
    t = min(ax, ay) / max(max(ax, ay), f(1e-9))
    t2 = t * t
    a = t * (f(0.15913) + t2 * (f(-0.052598) + t2 * (f(0.028807) + t2 * (f(-0.013555) + t2 * f(0.003316)))))
    a = f(0.25) - a if ax > ay else a  # from the vertical
    a = f(0.5) - a if y > f(0.0) else a
    a = f(1.0) - a if x < f(0.0) else a
    return a - f(1.0) if a >= f(1.0) else a


@kernel()
def _stacked(table: Array, lines: Array, at: tuple[int, int], t: f, r: f, sense: f, fade: f) -> tuple[f, f, f, f]:
    """What is seen of rings at a radius between two directions: share of what is behind them all, and their colour."""
    left, red, green, blue = f(1.0), f(0.0), f(0.0), f(0.0)
    for k in range(at[1], table.shape[1]):
        near, after = table[at[0], k], table[at[0] + 1, k]
        down = sense * (near[0] + t * (after[0] - near[0]) - r)
        across = down * (near[1] + t * (after[1] - near[1]))
        p = lines[k]
        if across < -p[HALF] - f(1.0) or down < -OVER * (p[HALF] + f(1.0)):
            continue
        if across < p[HALF] + f(0.5):
            share = max(min(p[HALF] + f(0.5) - abs(across), f(1.0)), f(0.0)) * p[CREST_SHARE] * left * fade
            share *= near[3] + t * (after[3] - near[3])
            red += share * p[CREST]
            green += share * p[CREST + 1]
            blue += share * p[CREST + 2]
            left -= share
        g = f(1.0) - min(max(down, f(0.0)) * p[DEPTH], f(1.0))
        shade = f(1.0) + p[LIT] * (near[2] + t * (after[2] - near[2])) * g
        g *= g
        share = min(max(across + f(0.5), f(0.0)), f(1.0)) * p[BODY_SHARE] * left * fade
        red += share * min((p[FOOT] + g * (p[TOP] - p[FOOT])) * shade, f(1.0))
        green += share * min((p[FOOT + 1] + g * (p[TOP + 1] - p[FOOT + 1])) * shade, f(1.0))
        blue += share * min((p[FOOT + 2] + g * (p[TOP + 2] - p[FOOT + 2])) * shade, f(1.0))
        left -= share
        if left < f(0.02):
            break
    return left, red, green, blue


@kernel("void(f4[:,:,::1], f4[:,:,::1], f4[:,::1], f4[:,::1], f4[::1], f4[:,::1])")
def draw_annuli(picture: Array, table: Array, edges: Array, lines: Array, place: Array, scratch: Array) -> None:
    """Draws rings one behind the other, filled inwards, or outwards.

    Args:
        picture: (H, W, 3) sRGB.
        table: (n + 1, n_rings, 4), for each direction from the top clockwise and each ring, the nearest first: radius
            in pixels, how far its edge is from running across it (cosine), light, −1 to 1, share of its crest.
        edges: (n, n_rings): the largest radius of this ring and all nearer ones from a direction to the next, or the
            smallest if they are filled outwards.
        lines: (n_rings, LINE); colours of crests are sRGB here.
        place: x and y of the middle in pixels, the world's right on the screen (x, y), 1 if rings are filled inwards,
            −1 if outwards, radius within which they fade out, and how wide they do so.
        scratch: (2, W), any content.
    """
    height, width = picture.shape[0], picture.shape[1]
    n, n_rings = table.shape[0] - 1, table.shape[1]
    cx, cy, rx, ry, sense, hole, soft = place[0], place[1], place[2], place[3], place[4], place[5], f(1.0) / place[6]
    far = FAR
    if sense > f(0.0):
        far = f(0.0)
        for i in range(n):
            far = max(far, edges[i, n_rings - 1])
        far += OVER * (lines[0, HALF] + f(1.0))
    radii, turns = scratch[0], scratch[1]
    margin = OVER * (lines[0, HALF] + f(1.0))
    for y in range(max(0, int(np.floor(cy - far))), min(height, int(np.ceil(cy + far)) + 1)):
        dy = f(y) - cy
        wide = np.sqrt(max(far * far - dy * dy, f(0.0)))
        first, last = max(0, int(np.floor(cx - wide))), min(width, int(np.ceil(cx + wide)) + 1)
        for x in range(first, last):
            dx = f(x) - cx
            radii[x] = np.sqrt(dx * dx + dy * dy)
            turns[x] = _turn_of(dx * rx + dy * ry, dy * rx - dx * ry) * f(n)
        start = 0
        for x in range(first, last):
            r = radii[x]
            if r < hole:
                continue
            i = min(int(turns[x]), n - 1)
            t = turns[x] - f(i)
            # the first ring that can be here; beside the last pixel's
            while start > 0 and sense * (edges[i, start - 1] - r) > -margin:
                start -= 1
            while start < n_rings and sense * (edges[i, start] - r) < -margin:
                start += 1
            fade = min((r - hole) * soft, f(1.0))
            left, red, green, blue = _stacked(table, lines, (i, start), t, r, sense, fade)
            pixel = picture[y, x]
            pixel[0] = red + left * pixel[0]
            pixel[1] = green + left * pixel[1]
            pixel[2] = blue + left * pixel[2]
