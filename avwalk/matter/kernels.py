"""Numba kernels that draw matter into a picture, antialiased, in linear light, in place: what all need, and lines.

A picture is (H, W·3) float32 sRGB; every primitive is a row of numbers in pixels. What is drawn is blended as the
primitive's mode says: `LIGHT` adds light, less where it is bright already; `INK` takes light away; `SOLID` covers.

A kernel goes through the rows of a primitive and takes the pixels of each that it reaches; what is done to them is a
few loops over buffers, which become vector code: the longer they are, the faster. `surfaces` and `glass` do the same.
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

RAMP, XS, YS, SHARE, SHADE, A, B, C, D, E, F, G, PIXELS, RUNS = range(14)
BUFFERS, CELL = 14, 32
"""Rows of the buffer that kernels are given: 0, 1, 2 …; then of pixels that are drawn at once where they are, how much
of each is covered, its shade, and what a kernel needs; their values; and the runs of a row that they come from. What is
covered is looked through for nothing in cells of so many pixels."""

BAND = 16
"""Rows in which lines are blended at once."""

X0, Y0, X1, Y1, HALF0, HALF1, GLOW, GLOWING, TAPER = range(9)
STROKE = 9 + 5
"""A line from (X0, Y0) to (X1, Y1), half-widths at its ends, radius of its glow and the strength of that, and the
share of light that is lost on the way: to its end, or, below 0, to its start."""


def new_buffers(width: int) -> Array:
    """What kernels write to while they draw into a picture of a width: (`BUFFERS`, 3 · width + `CELL`)."""
    buffers = np.empty((BUFFERS, 3 * (width + 2) + CELL), np.float32)
    buffers[RAMP] = np.arange(buffers.shape[1])
    return buffers


@kernel(inline=True)
def _lit(v: f, share: f) -> f:
    light = decode(max(v, f(0.0)))
    return encode(min(light + share * (f(1.0) - light), f(1.0)))


@kernel(inline=True)
def _kept(v: f, share: f) -> f:
    return encode(min(max(decode(max(v, f(0.0))) * share, f(0.0)), f(1.0)))


@kernel(inline=True)
def _covered(v: f, share: f, colour: f) -> f:
    light = decode(max(v, f(0.0)))
    return encode(min(light + share * (colour - light), f(1.0)))


@kernel()
def mark(buffers: Array, y: int, run: tuple[int, int], taken: tuple[int, int]) -> tuple[int, int]:
    """Adds a run of a row to the pixels that are drawn at once, as `take` does, but not what they are."""
    n, runs = taken
    left, right = run
    end = n + right - left
    xs, ys, ramp = buffers[XS, n:end], buffers[YS, n:end], buffers[RAMP, left:right]
    for i in range(xs.shape[0]):
        xs[i], ys[i] = ramp[i], f(y)
    table = buffers[RUNS, 3 * runs : 3 * runs + 3]
    table[0], table[1], table[2] = f(y), f(left), f(right)
    return end, runs + 1


@kernel()
def take(picture: Array, buffers: Array, y: int, run: tuple[int, int], taken: tuple[int, int]) -> tuple[int, int]:
    """Adds a run of a row to the pixels that are drawn at once: short loops are slow ones.

    Args:
        picture: (H, W·3).
        buffers: XS, YS, PIXELS and RUNS are written to.
        y: the row.
        run: its first pixel, and one past its last.
        taken: how many pixels and runs there are already.

    Returns:
        How many there are then.
    """
    end, runs = mark(buffers, y, run, taken)
    pixels, row = buffers[PIXELS, 3 * taken[0] : 3 * end], picture[y, 3 * run[0] : 3 * run[1]]
    for i in range(pixels.shape[0]):
        pixels[i] = row[i]
    return end, runs


@kernel()
def fetch(picture: Array, buffers: Array, runs: int) -> None:
    """Reads the pixels of runs that were marked."""
    n = 0
    for k in range(runs):
        y, left, right = int(buffers[RUNS, 3 * k]), int(buffers[RUNS, 3 * k + 1]), int(buffers[RUNS, 3 * k + 2])
        row, pixels = picture[y, 3 * left : 3 * right], buffers[PIXELS, 3 * n : 3 * (n + right - left)]
        for i in range(row.shape[0]):
            pixels[i] = row[i]
        n += right - left


@kernel()
def put(picture: Array, buffers: Array, runs: int) -> None:
    """Writes the pixels of runs back."""
    n = 0
    for k in range(runs):
        y, left, right = int(buffers[RUNS, 3 * k]), int(buffers[RUNS, 3 * k + 1]), int(buffers[RUNS, 3 * k + 2])
        row, pixels = picture[y, 3 * left : 3 * right], buffers[PIXELS, 3 * n : 3 * (n + right - left)]
        for i in range(row.shape[0]):
            row[i] = pixels[i]
        n += right - left


@kernel()
def lay(buffers: Array, n: int, colour: Array, mode: int) -> None:
    """Blends the first n pixels with a colour (3,), times the shade of each, by the share of each.

    F and G are written to. What each value of a pixel needs is laid out as the values are: every third value would be
    slower.
    """
    begin = end = 0
    while end < n:
        stop, most = min(end + CELL, n), f(0.0)
        cell = buffers[SHARE, end:stop]
        for i in range(cell.shape[0]):
            most = max(most, cell[i])
        if most > LEAST and stop < n:
            end = stop
            continue
        last = stop if most > LEAST else end
        if begin < last:
            _lay(buffers[PIXELS, 3 * begin : 3 * last], buffers, begin, last, colour, mode)
        begin = end = stop


@kernel()
def _lay(pixels: Array, buffers: Array, begin: int, end: int, colour: Array, mode: int) -> None:
    shares, shades = buffers[SHARE, begin:end], buffers[SHADE, begin:end]
    room, more = buffers[F, : 3 * (end - begin)], buffers[G, : 3 * (end - begin)]
    r, g, b, one = colour[0], colour[1], colour[2], np.uint64(1)
    if mode == 0:
        for i in range(shares.shape[0]):
            s, at = shares[i] * shades[i] if shares[i] > LEAST else f(0.0), np.uint64(3 * i)
            room[at], room[at + one], room[at + one + one] = s * r, s * g, s * b
        for i in range(pixels.shape[0]):
            pixels[i] = _lit(pixels[i], room[i]) if room[i] > f(0.0) else pixels[i]
    elif mode == 1:
        for i in range(shares.shape[0]):
            s, t, at = shares[i] if shares[i] > LEAST else f(0.0), shades[i], np.uint64(3 * i)
            room[at] = f(1.0) - s * (f(1.0) - r * t)
            room[at + one] = f(1.0) - s * (f(1.0) - g * t)
            room[at + one + one] = f(1.0) - s * (f(1.0) - b * t)
        for i in range(pixels.shape[0]):
            pixels[i] = _kept(pixels[i], room[i]) if room[i] != f(1.0) else pixels[i]
    else:
        for i in range(shares.shape[0]):
            s, t, at = shares[i] if shares[i] > LEAST else f(0.0), shades[i], np.uint64(3 * i)
            more[at], more[at + one], more[at + one + one] = s, s, s
            room[at], room[at + one], room[at + one + one] = r * t, g * t, b * t
        for i in range(pixels.shape[0]):
            pixels[i] = _covered(pixels[i], more[i], room[i]) if more[i] > f(0.0) else pixels[i]


@kernel(inline=True)
def falloff(t: f) -> f:
    """How a glow falls off over t, the square of a distance by its radius: as light does, and to 0 at 1."""
    rest = max(f(1.0) - t, f(0.0))
    return rest * rest * rest / (f(1.0) + f(40.0) * t)


@kernel()
def visible_reach(strength: f) -> f:
    """Share of its radius to which a glow is seen."""
    low, high = f(0.0), f(1.0)
    for _ in range(10):
        middle = f(0.5) * (low + high)
        if strength * falloff(middle) > LEAST:
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
def _run(p: Array, reach: Array, y: f, width: int) -> tuple[int, int]:
    """First and one past the last pixel of a row that a line reaches: it is within the hull of discs at its ends."""
    low, high = _chord(f(1e9), f(-1e9), p[0], y - p[1], reach[0])
    low, high = _chord(low, high, p[2], y - p[3], reach[1])
    dx, dy = p[2] - p[0], p[3] - p[1]
    long = f(np.sqrt(dx * dx + dy * dy)) + f(1e-6)
    for side in range(2):
        nx, ny = (-dy / long, dx / long) if side else (dy / long, -dx / long)
        y0, down = p[1] + ny * reach[0], dy + ny * (reach[1] - reach[0])
        if abs(down) > f(1e-3):
            t = (y - y0) / down
            if f(0.0) <= t <= f(1.0):
                x = p[0] + nx * reach[0] + t * (dx + nx * (reach[1] - reach[0]))
                low, high = min(low, x), max(high, x)
    if low > high:
        return 0, 0
    return max(0, int(np.floor(max(low, f(-1.0))))), min(width, int(np.ceil(min(high, f(width)))) + 1)


@kernel()
def _shares(p: Array, buffers: Array, n: int) -> None:
    """How much of each pixel a line covers."""
    xs, ys, shares = buffers[XS, :n], buffers[YS, :n], buffers[SHARE, :n]
    ax, ay, dx, dy = p[0], p[1], p[2] - p[0], p[3] - p[1]
    half0, wider, strength, alpha, taper = p[4], p[5] - p[4], p[7], p[12], p[8]
    along = f(1.0) / (dx * dx + dy * dy + f(1e-6))
    i_glow = f(1.0) / max(p[6] * p[6], f(1e-6))
    start = f(0.0) if taper >= f(0.0) else f(1.0)
    if strength <= f(0.0):
        for i in range(xs.shape[0]):
            px, py = xs[i] - ax, ys[i] - ay
            t = min(max((px * dx + py * dy) * along, f(0.0)), f(1.0))
            ox, oy = px - t * dx, py - t * dy
            half = half0 + t * wider
            line = min(max(max(half, f(0.5)) + f(0.5) - np.sqrt(ox * ox + oy * oy), f(0.0)), f(1.0))
            share = line * min(f(1.0), f(2.0) * half) * alpha * (f(1.0) - taper * (t - start))
            shares[i] = share if share > LEAST else f(0.0)
        return
    for i in range(xs.shape[0]):
        px, py = xs[i] - ax, ys[i] - ay
        t = min(max((px * dx + py * dy) * along, f(0.0)), f(1.0))
        ox, oy = px - t * dx, py - t * dy
        d2 = ox * ox + oy * oy
        half = half0 + t * wider
        # a line thinner than a pixel is one of a pixel, as faint as it is thin
        line = min(max(max(half, f(0.5)) + f(0.5) - np.sqrt(d2), f(0.0)), f(1.0)) * min(f(1.0), f(2.0) * half)
        share = max(line, strength * falloff(d2 * i_glow)) * alpha * (f(1.0) - taper * (t - start))
        shares[i] = share if share > LEAST else f(0.0)


@kernel()
def _leave(band: Array, shares: Array, left: int, rgb: tuple[f, f, f]) -> None:
    """Multiplies what is left of each channel in a row of a band by what the shares leave of it."""
    for c in range(3):
        channel, colour = band[c, left : left + shares.shape[0]], rgb[c]
        for i in range(shares.shape[0]):
            channel[i] *= max(f(1.0) - shares[i] * colour, f(0.0))


@kernel(inline=True)
def _left(v: f, rest: f, dark: f) -> f:
    """A pixel with the rest of its light, or of its darkness if ``dark`` is 1."""
    return encode(min(max(dark + (decode(max(v, f(0.0))) - dark) * rest, f(0.0)), f(1.0)))


@kernel()
def _apply(pixels: Array, band: Array, room: Array, light: bool) -> None:
    """Blends a run of pixels (n·3,) with what is left of each channel, (3, n)."""
    reds, greens, blues = band[0], band[1], band[2]
    dark, one = f(1.0) if light else f(0.0), np.uint64(1)
    for i in range(reds.shape[0]):
        at = np.uint64(3 * i)
        room[at], room[at + one], room[at + one + one] = reds[i], greens[i], blues[i]
    for i in range(pixels.shape[0]):
        pixels[i] = _left(pixels[i], room[i], dark) if room[i] != f(1.0) else pixels[i]


@kernel("void(f4[:,::1], f4[:,::1])")
def _measure(strokes: Array, reaches: Array) -> None:
    """How far lines are seen around each end, and the rows between which they are."""
    for k in range(strokes.shape[0]):
        p, reach = strokes[k], reaches[k]
        glow = p[6] * visible_reach(p[7] * p[12])
        reach[0], reach[1] = max(p[4] + f(1.0), glow), max(p[5] + f(1.0), glow)
        reach[2] = np.floor(min(p[1] - reach[0], p[3] - reach[1]))
        reach[3] = np.ceil(max(p[1] + reach[0], p[3] + reach[1]))


@kernel()
def _line(width: int, buffers: Array, p: Array, reach: Array, rows: tuple[int, int]) -> tuple[int, int, int]:
    """Marks the pixels that a line reaches in some rows; stops where there is no more room.

    Returns:
        How many pixels and runs there are, and the row that comes next.
    """
    y, taken = rows[0], (0, 0)
    while y < rows[1]:
        left, right = _run(p, reach, f(y), width)
        if left < right:
            if taken[0] + right - left > width + 2:
                break
            taken = mark(buffers, y, (left, right), taken)
        y += 1
    return taken[0], taken[1], y


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1])")
def _cover(picture: Array, buffers: Array, strokes: Array, reaches: Array) -> None:
    """Draws lines one after the other."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(strokes.shape[0]):
        p, reach = strokes[k], reaches[k]
        y, end = max(0, int(max(reach[2], f(0.0)))), min(height, int(min(reach[3], f(height))) + 1)
        while y < end:
            n, runs, y = _line(width, buffers, p, reach, (y, end))
            fetch(picture, buffers, runs)
            _shares(p, buffers, n)
            for i in range(n):
                buffers[SHADE, i] = f(1.0)
            lay(buffers, n, p[9:12], int(p[13]))
            put(picture, buffers, runs)


@kernel()
def _darken(band: Array, touched: Array, buffers: Array, runs: int, top: int, rgb: tuple[f, f, f]) -> None:
    """Multiplies what is left in a band by what a line leaves; cells are 1 where they are first touched."""
    n = 0
    for k in range(runs):
        y, left, right = int(buffers[RUNS, 3 * k]) - top, int(buffers[RUNS, 3 * k + 1]), int(buffers[RUNS, 3 * k + 2])
        for cell in range(left // CELL, (right - 1) // CELL + 1):
            if touched[y, cell] == f(0.0):
                touched[y, cell] = f(1.0)
                for c in range(3):
                    fresh = band[y, c, cell * CELL : cell * CELL + CELL]
                    for i in range(fresh.shape[0]):
                        fresh[i] = f(1.0)
        _leave(band[y], buffers[SHARE, n : n + right - left], left, rgb)
        n += right - left


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1], f4[:,:,::1], f4[:,::1])")
def _blend(picture: Array, buffers: Array, strokes: Array, reaches: Array, band: Array, touched: Array) -> None:
    """Draws lines that add or take away light, in whatever order: what each leaves of the dark (or of the light) is
    multiplied, and what all leave is blended once.

    ``band``: (rows, 3, W + `CELL`) for what is left in rows that are drawn at once; ``touched``: (rows, cells), all 0.
    """
    height, width = picture.shape[0], picture.shape[1] // 3
    light, first, last = strokes[0, 13] == f(0.0), f(height), f(-1.0)
    for k in range(strokes.shape[0]):
        first, last = min(first, reaches[k, 2]), max(last, reaches[k, 3])
    for top in range(max(0, int(max(first, f(0.0)))), min(height, int(min(last, f(height))) + 1), band.shape[0]):
        bottom = min(top + band.shape[0], height)
        for k in range(strokes.shape[0]):
            p, reach = strokes[k], reaches[k]
            if reach[3] < f(top) or reach[2] >= f(bottom):
                continue
            y, end = max(top, int(max(reach[2], f(0.0)))), min(bottom, int(min(reach[3], f(height))) + 1)
            rgb = (p[9], p[10], p[11]) if light else (f(1.0) - p[9], f(1.0) - p[10], f(1.0) - p[11])
            while y < end:
                n, runs, y = _line(width, buffers, p, reach, (y, end))
                _shares(p, buffers, n)
                _darken(band, touched, buffers, runs, top, rgb)
        for y in range(top, bottom):
            some, begin, cells = touched[y - top], 0, width // CELL + 1
            for cell in range(cells):
                if some[cell] == f(0.0):
                    begin = cell + 1
                elif cell + 1 == cells or some[cell + 1] == f(0.0):
                    left, right = begin * CELL, min(width, cell * CELL + CELL)
                    _apply(picture[y, 3 * left : 3 * right], band[y - top, :, left:right], buffers[F], light)
            for cell in range(cells):
                some[cell] = f(0.0)


def draw_strokes(picture: Array, buffers: Array, strokes: Array) -> None:
    """Draws tapered lines with a glow, rows of `STROKE` numbers, all of one mode."""
    reaches = np.empty((len(strokes), 4), np.float32)
    _measure(strokes, reaches)
    if strokes[0, -1] == SOLID:
        _cover(picture, buffers, strokes, reaches)
        return
    width = picture.shape[1] // 3
    band, touched = np.empty((BAND, 3, width + CELL), np.float32), np.zeros((BAND, width // CELL + 1), np.float32)
    _blend(picture, buffers, strokes, reaches, band, touched)
