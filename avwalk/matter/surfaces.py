"""Numba kernels that draw what has a surface, and rings: leaves, drops and bubbles, polygons. See `kernels`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.matter.kernels import SHADE, SHARE, XS, YS, A, Array, f, falloff, lay, put, take, visible_reach

X, Y, RADIUS, SQUASH, COS, SIN, HALF, HALO, HALO_LIGHT, WOBBLE, PHASE, UNEVEN = range(12)
RING = 12 + 5
"""A ring: middle, radius, height over width (below 0: a mirror image), direction of its width, half-width of the line,
radius and strength of its glow, depth and phase of the waves of its radius (share of it), and how uneven its light is,
0 to 1."""

LENGTH, WIDTH, DIRECTION_X, DIRECTION_Y, SHADED, SOFT = range(2, 8)
LEAF = 8 + 5
"""The common part of two discs, pointed at both ends: middle, half-length, half-width (below 0: a mirror image),
direction of its length, how much darker one side of its fold is (0 to 1), softness of its edge in pixels."""

SIZE, WAVES, TURN, EDGE, RIM, GLINT = range(2, 8)
BLOB = 8 + 5
"""A drop or a bubble: middle, radius, depth and phase of the waves of its edge, softness of the edge in pixels, how
much more of it is at the edge than within (−1 to 1), and the strength of a highlight at its upper left."""

NEAR = 8
"""Pixels of a row that are taken together where a ring of uneven radius comes near."""

CORNERS = 6
N, CORNER, EDGE_SOFT, SLOPE_X, SLOPE_Y = 0, 1, 13, 14, 15
POLYGON = 16 + 5
"""A convex polygon: number of its corners, x and y of each in clockwise order on the screen, softness of its edge, and
by what share its light changes from its middle to one pixel right and below."""


@kernel()
def _slab(low: f, high: f, slope: f, at: f, half: f) -> tuple[f, f]:
    """The part of a run of x in which |slope · x + at| ≤ half."""
    if abs(slope) < f(1e-6):
        return (low, high) if abs(at) <= half else (f(1.0), f(-1.0))
    a, b = (-half - at) / slope, (half - at) / slope
    return max(low, min(a, b)), min(high, max(a, b))


@kernel()
def _pixels(low: f, high: f, width: int) -> tuple[int, int]:
    """First and one past the last pixel of a run."""
    if low > high:
        return 0, 0
    return max(0, int(np.floor(max(low, f(-1.0))))), min(width, int(np.ceil(min(high, f(width)))) + 1)


@kernel()
def _leaf(p: Array, buffers: Array, n: int) -> None:
    """How much of each pixel a leaf covers, and its shade."""
    xs, ys, shares, shades = buffers[XS, :n], buffers[YS, :n], buffers[SHARE, :n], buffers[SHADE, :n]
    long, half = max(p[2], f(1e-3)), max(abs(p[3]), f(0.5))
    hand, folded = f(1.0) if p[3] >= f(0.0) else f(-1.0), p[6]
    bow = (long * long + half * half) / (f(2.0) * half)
    i_soft, alpha = f(1.0) / max(p[7], f(1.0)), p[11] * min(f(1.0), f(2.0) * abs(p[3]))
    i_long = f(1.0) / long
    for i in range(xs.shape[0]):
        dx, dy = xs[i] - p[0], ys[i] - p[1]
        u, v = dx * p[4] + dy * p[5], hand * (dy * p[4] - dx * p[5])
        w = abs(v) + bow - half
        d = np.sqrt(u * u + w * w) - bow
        shares[i] = min(max(f(0.5) - d * i_soft, f(0.0)), f(1.0)) * alpha
        fold = min(max(f(0.5) + f(0.5) * v, f(0.0)), f(1.0))
        shades[i] = f(1.0) - folded * fold * (f(0.7) + f(0.3) * u * i_long)


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_leaves(picture: Array, buffers: Array, leaves: Array) -> None:
    """Draws leaves, petals and wings, rows of `LEAF` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(leaves.shape[0]):
        p = leaves[k]
        out, wide = max(p[2], f(1e-3)) + f(0.5) * max(p[7], f(1.0)), max(abs(p[3]), f(0.5)) + f(0.5) * max(p[7], f(1.0))
        tall = out * abs(p[5]) + wide * abs(p[4])
        y, end = max(0, int(np.floor(p[1] - tall))), min(height, int(np.ceil(p[1] + tall)) + 1)
        while y < end:
            taken = (0, 0)
            while y < end:
                dy = f(y) - p[1]
                low, high = _slab(f(-1e9), f(1e9), p[4], dy * p[5], out)
                low, high = _slab(low, high, -p[5], dy * p[4], wide)
                left, right = _pixels(p[0] + low, p[0] + high, width)
                if left < right:
                    if taken[0] + right - left > width:
                        break
                    taken = take(picture, buffers, y, (left, right), taken)
                y += 1
            _leaf(p, buffers, taken[0])
            lay(buffers, taken[0], p[8:11], int(p[12]))
            put(picture, buffers, taken[1])


@kernel()
def _edges(p: Array, buffers: Array, n: int) -> None:
    """A: the radius of a blob in the direction of each pixel."""
    xs, ys, edges = buffers[XS, :n], buffers[YS, :n], buffers[A, :n]
    c1, s1 = np.cos(p[4]), np.sin(p[4])
    for i in range(xs.shape[0]):
        dx, dy = xs[i] - p[0], ys[i] - p[1]
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
        edges[i] = p[2] * (f(1.0) + p[3] * wave)


@kernel()
def _blob(p: Array, buffers: Array, n: int) -> None:
    """How much of each pixel a blob covers, and its shade."""
    xs, ys, shares, shades = buffers[XS, :n], buffers[YS, :n], buffers[SHARE, :n], buffers[SHADE, :n]
    radius, rim, glint, alpha, edges = p[2], p[6], p[7], p[11], buffers[A, :n]
    i_soft, i_spot = f(1.0) / max(p[5], f(1.0)), f(1.0) / (f(0.06) * radius * radius + f(0.5))
    if p[3] == f(0.0):
        for i in range(edges.shape[0]):
            edges[i] = radius
    else:
        _edges(p, buffers, n)
    whole, share_of_near = (f(1.0) - rim, rim) if rim > f(0.0) else (f(1.0), rim)
    for i in range(xs.shape[0]):
        dx, dy = xs[i] - p[0], ys[i] - p[1]
        edge, length = edges[i], np.sqrt(dx * dx + dy * dy) + f(1e-4)
        share = min(max((edge - length) * i_soft + f(0.5), f(0.0)), f(1.0)) * alpha
        place = min(length / max(edge, f(1e-3)), f(1.0))
        near = place * place
        near *= near
        hx, hy = dx + f(0.38) * radius, dy + f(0.42) * radius
        spot = max(f(1.0) - (hx * hx + hy * hy) * i_spot, f(0.0))
        shades[i] = f(1.0) + glint * spot * spot * f(6.0)
        shares[i] = min(share * (whole + share_of_near * near + glint * spot), f(1.0))


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_blobs(picture: Array, buffers: Array, blobs: Array) -> None:
    """Draws drops and bubbles, rows of `BLOB` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(blobs.shape[0]):
        p = blobs[k]
        reach = p[2] * (f(1.0) + f(1.6) * p[3]) + (f(0.5) * max(p[5], f(1.0)) + f(1.0))
        y, end = max(0, int(np.floor(p[1] - reach))), min(height, int(np.ceil(p[1] + reach)) + 1)
        while y < end:
            taken = (0, 0)
            while y < end:
                dy = f(y) - p[1]
                wide = np.sqrt(max(reach * reach - dy * dy, f(0.0)))
                left, right = _pixels(p[0] - wide, p[0] + wide, width)
                if left < right:
                    if taken[0] + right - left > width:
                        break
                    taken = take(picture, buffers, y, (left, right), taken)
                y += 1
            _blob(p, buffers, taken[0])
            lay(buffers, taken[0], p[8:11], int(p[12]))
            put(picture, buffers, taken[1])


@kernel()
def _within(p: Array, y: f, low: f, high: f) -> tuple[f, f]:
    """The part of a run of x in a row where no edge of a polygon is further away than half its softness."""
    n, soft = int(p[0]), max(p[13], f(1.0))
    for j in range(n):
        i = j + 1 if j + 1 < n else 0
        ex, ey = p[1 + 2 * i] - p[1 + 2 * j], p[2 + 2 * i] - p[2 + 2 * j]
        limit = f(0.5) * soft * np.sqrt(ex * ex + ey * ey) + (y - p[2 + 2 * j]) * ex
        if ey > f(1e-6):
            high = min(high, p[1 + 2 * j] + limit / ey)
        elif ey < f(-1e-6):
            low = max(low, p[1 + 2 * j] + limit / ey)
        elif limit < f(0.0):
            low, high = f(1.0), f(-1.0)
    return low, high


@kernel()
def _polygon(p: Array, middle: tuple[f, f], buffers: Array, count: int) -> None:
    """How much of each pixel a polygon covers, and its shade."""
    xs, ys, shares, shades = buffers[XS, :count], buffers[YS, :count], buffers[SHARE, :count], buffers[SHADE, :count]
    n, i_soft, alpha = int(p[0]), f(1.0) / max(p[13], f(1.0)), p[19]
    for x in range(xs.shape[0]):
        shares[x] = f(-1e9)
    for j in range(n):
        i = j + 1 if j + 1 < n else 0
        ex, ey = p[1 + 2 * i] - p[1 + 2 * j], p[2 + 2 * i] - p[2 + 2 * j]
        size = f(1.0) / (np.sqrt(ex * ex + ey * ey) + f(1e-6))
        right, down, at = ey * size, -ex * size, (p[2 + 2 * j] * ex - p[1 + 2 * j] * ey) * size
        for x in range(xs.shape[0]):
            shares[x] = max(shares[x], xs[x] * right + ys[x] * down + at)
    for x in range(xs.shape[0]):
        shares[x] = min(max(f(0.5) - shares[x] * i_soft, f(0.0)), f(1.0)) * alpha
        shades[x] = max(f(1.0) + p[15] * (ys[x] - middle[1]) + p[14] * (xs[x] - middle[0]), f(0.0))


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def draw_polygons(picture: Array, buffers: Array, polygons: Array) -> None:
    """Draws convex polygons of three to six corners, rows of `POLYGON` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(polygons.shape[0]):
        p = polygons[k]
        n, soft = int(p[0]), max(p[13], f(1.0))
        low_x = high_x = p[1]
        low_y = high_y = p[2]
        mx = my = f(0.0)
        for j in range(n):
            low_x, high_x = min(low_x, p[1 + 2 * j]), max(high_x, p[1 + 2 * j])
            low_y, high_y = min(low_y, p[2 + 2 * j]), max(high_y, p[2 + 2 * j])
            mx, my = mx + p[1 + 2 * j] / f(n), my + p[2 + 2 * j] / f(n)
        if high_x - low_x + high_y - low_y < f(0.01):
            continue
        y, end = max(0, int(np.floor(low_y - soft))), min(height, int(np.ceil(high_y + soft)) + 1)
        while y < end:
            taken = (0, 0)
            while y < end:
                low, high = _within(p, f(y), low_x - soft, high_x + soft)
                left, right = _pixels(low, high, width)
                if left < right:
                    if taken[0] + right - left > width:
                        break
                    taken = take(picture, buffers, y, (left, right), taken)
                y += 1
            _polygon(p, (mx, my), buffers, taken[0])
            lay(buffers, taken[0], p[16:19], int(p[20]))
            put(picture, buffers, taken[1])


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


@kernel()
def _ring(p: Array, buffers: Array, n: int) -> None:
    """How much of each pixel a ring covers."""
    xs, ys, shares, shades = buffers[XS, :n], buffers[YS, :n], buffers[SHARE, :n], buffers[SHADE, :n]
    radius, squash, hand = p[2], max(abs(p[3]), f(0.02)), f(1.0) if p[3] >= f(0.0) else f(-1.0)
    half, strength, waves, uneven, alpha = p[6], p[8], p[9], p[11], p[15]
    c1, s1, flat = np.cos(p[10]), np.sin(p[10]), hand / squash
    i_halo, i_squash2 = f(1.0) / max(p[7] * p[7], f(1e-6)), f(1.0) / (squash * squash)
    thin, wide = min(f(1.0), f(2.0) * half), max(half, f(0.5)) + f(0.5)
    level = squash > f(0.999)
    for i in range(xs.shape[0]):
        dx, dy = xs[i] - p[0], ys[i] - p[1]
        u, v = dx * p[4] + dy * p[5], flat * (dy * p[4] - dx * p[5])
        length = np.sqrt(u * u + v * v) + f(1e-4)
        inverse = f(1.0) / length
        c, s = u * inverse, v * inverse
        c2, s2 = c * c - s * s, f(2.0) * c * s
        c3, s3 = c2 * c - s2 * s, s2 * c + c2 * s
        c5, s5 = c3 * c2 - s3 * s2, s3 * c2 + c3 * s2
        wave = f(0.6) * (s3 * c1 + c3 * s1) + f(0.4) * (s5 * s1 - c5 * c1)
        d = abs(length - radius * (f(1.0) + waves * wave))
        if not level:
            d /= np.sqrt(c * c + s * s * i_squash2 + f(1e-6))
        line = min(max(wide - d, f(0.0)), f(1.0)) * thin
        if strength > f(0.0):
            line = max(line, strength * falloff(d * d * i_halo))
        shares[i] = line * alpha * (f(1.0) - uneven * (f(0.5) + f(0.5) * (s2 * c1 - c3 * s1)))
        shades[i] = f(1.0)


@kernel()
def _mark_near(near: NDArray[np.uint8], p: Array, reach: f) -> None:
    """Sets those cells of `NEAR` pixels to 1 that a round ring of uneven radius may reach: those
    around pieces of it."""
    height, cells = near.shape
    hand = f(1.0) if p[3] >= f(0.0) else f(-1.0)
    n = min(max(int(p[2]), 24), 512)
    step = f(2.0 * np.pi) / f(n)
    # how far it bends away from a straight piece
    reach = reach + f(1.0) + f(0.125) * p[2] * step * step * (f(1.0) + f(16.0) * p[9])
    x0 = y0 = f(0.0)
    for k in range(n + 1):
        angle = f(k) * step
        radius = f(0.6) * np.sin(f(3.0) * angle + p[10]) - f(0.4) * np.cos(f(5.0) * angle + p[10])
        radius = p[2] * (f(1.0) + p[9] * radius)
        u, v = radius * np.cos(angle), hand * radius * np.sin(angle)
        x1, y1 = p[0] + u * p[4] - v * p[5], p[1] + u * p[5] + v * p[4]
        if k > 0:
            left = max(int(np.floor(max(min(x0, x1) - reach, f(0.0)))) // NEAR, 0)
            right = min(int(min(max(x0, x1) + reach, f(cells * NEAR))) // NEAR + 1, cells)
            top = max(int(np.floor(max(min(y0, y1) - reach, f(0.0)))), 0)
            for y in range(top, min(int(min(max(y0, y1) + reach, f(height))) + 2, height)):
                for cell in range(left, right):
                    near[y, cell] = 1
        x0, y0 = x1, y1


@kernel()
def _take_near(
    picture: Array, buffers: Array, near: NDArray[np.uint8], y: int, run: tuple[int, int], taken: tuple[int, int]
) -> tuple[int, int]:
    """Takes those cells of a run that are 1."""
    begin, last = run
    end = begin
    while end < last:
        stop = min((end // NEAR + 1) * NEAR, last)
        if near[y, end // NEAR] == 0:
            if begin < end:
                taken = take(picture, buffers, y, (begin, end), taken)
            begin = stop
        end = stop
    if begin < last:
        taken = take(picture, buffers, y, (begin, last), taken)
    return taken


def draw_rings(picture: Array, buffers: Array, rings: Array) -> None:
    """Draws rings with a glow, rows of `RING` numbers."""
    _draw_rings(picture, buffers, rings, np.zeros((len(picture), picture.shape[1] // 3 // NEAR + 1), np.uint8))


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1], u1[:,::1])")
def _draw_rings(picture: Array, buffers: Array, rings: Array, marks: NDArray[np.uint8]) -> None:
    """``marks``: of each cell of `NEAR` pixels whether the ring that is drawn may reach it, all 0."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(rings.shape[0]):
        p = rings[k]
        radius, squash, waves = p[2], max(abs(p[3]), f(0.02)), p[9]
        reach = max(p[6] + f(1.0), p[7] * visible_reach(p[8] * p[15]))
        far, near = radius * (f(1.0) + waves), radius * (f(1.0) - waves)
        uneven = far - near > f(NEAR) and squash > f(0.999)
        if uneven:
            _mark_near(marks, p, reach)
        tall = half_height(far + reach, far * squash + reach, p[4], p[5])
        y, end = max(0, int(np.floor(p[1] - tall))), min(height, int(np.ceil(p[1] + tall)) + 1)
        while y < end:
            taken = (0, 0)
            while y < end:
                dy = f(y) - p[1]
                outer = span(far + reach, far * squash + reach, p[4], p[5], dy)
                hole = span(near - reach, near * squash - reach, p[4], p[5], dy)
                one, other = side_run(p[0], outer, hole, 0, width), side_run(p[0], outer, hole, 1, width)
                if taken[0] + max(one[1] - one[0], 0) + max(other[1] - other[0], 0) > width + 2:
                    break
                for run in (one, other):
                    if uneven and run[0] < run[1]:
                        taken = _take_near(picture, buffers, marks, y, run, taken)
                    elif run[0] < run[1]:
                        taken = take(picture, buffers, y, run, taken)
                y += 1
            _ring(p, buffers, taken[0])
            lay(buffers, taken[0], p[12:15], int(p[16]))
            put(picture, buffers, taken[1])
        if uneven:
            marks[:] = 0
