"""Numba kernels of the wake: what two buffers of light hold is fetched from where it was, fades, gets new light, and is
laid over a picture that is larger."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.matter.kernels import Array, f

LANES = 8
"""Numbers of a pixel of both buffers: red, green, blue and nothing, twice; they are moved at once."""

DARK = f(0.003)
"""What is darker is not laid over anything."""


@kernel()
def _places(mesh: Array, y: f, line: Array, width: int) -> None:
    """Rows 0 and 1: x and y, within the border, of where the pixels of a row were; 2 and 3: of the row's nodes."""
    rows, columns = mesh.shape[0], mesh.shape[1]
    j = min(int(y), rows - 2)
    t = y - f(j)
    for c in range(columns):
        line[2, c] = mesh[j, c, 0] + t * (mesh[j + 1, c, 0] - mesh[j, c, 0]) + f(1.0)
        line[3, c] = mesh[j, c, 1] + t * (mesh[j + 1, c, 1] - mesh[j, c, 1]) + f(1.0)
    apart = f(columns - 1) / f(max(width - 1, 1))
    begin = 0
    for c in range(columns - 1):
        end = width if c == columns - 2 else min(int(np.ceil(f(c + 1) / apart)), width)
        x0, y0, dx, dy = line[2, c], line[3, c], line[2, c + 1] - line[2, c], line[3, c + 1] - line[3, c]
        xs, ys = line[0, begin:end], line[1, begin:end]
        for x in range(xs.shape[0]):
            s = f(begin + x) * apart - f(c)
            xs[x], ys[x] = x0 + s * dx, y0 + s * dy
        begin = end


@kernel(inline=True)
def _lane(left: Array, at: np.uint64, down: np.uint64, k: np.uint64, s: f, t: f) -> f:
    """A number of a pixel between four, the first of which begins at ``at``."""
    a, b = at + k, at + k + np.uint64(8)
    top = left[a] + s * (left[b] - left[a])
    return f(top + t * (left[a + down] + s * (left[b + down] - left[a + down]) - top))


@kernel()
def _carry_row(
    left: Array, there: Array, light: Array, seen: Array, line: Array, rules: Array, size: tuple[int, int]
) -> None:
    """A row of `carry_light`, all arrays but ``line`` laid flat; ``size``: width and height."""
    width, height = size
    down, one, two = np.uint64(LANES * (width + 2)), np.uint64(1), np.uint64(2)
    keep0, keep1, share0, share1 = rules[0], rules[1], rules[2], rules[3]
    for x in range(width):
        px = min(max(line[0, x], f(0.0)), f(width + 1))
        py = min(max(line[1, x], f(0.0)), f(height + 1))
        i, j = min(int(px), width), min(int(py), height)
        s, t = px - f(i), py - f(j)
        at = np.uint64(LANES * (j * (width + 2) + i))
        # all is read before anything is written: so it becomes vector code
        r0, r1 = keep0 * _lane(left, at, down, np.uint64(0), s, t), keep1 * _lane(left, at, down, np.uint64(4), s, t)
        g0, g1 = keep0 * _lane(left, at, down, one, s, t), keep1 * _lane(left, at, down, np.uint64(5), s, t)
        b0, b1 = keep0 * _lane(left, at, down, two, s, t), keep1 * _lane(left, at, down, np.uint64(6), s, t)
        to, new = np.uint64(3 * x), np.uint64(LANES * x)
        r, g, b = light[to], light[to + one], light[to + two]
        seen[to], seen[to + one], seen[to + two] = (
            share0 * r0 + share1 * r1, share0 * g0 + share1 * g1, share0 * b0 + share1 * b1,
        )  # fmt: skip
        there[new], there[new + one], there[new + two] = max(r0, r), max(g0, g), max(b0, b)
        there[new + np.uint64(4)] = max(r1, r)
        there[new + np.uint64(5)] = max(g1, g)
        there[new + np.uint64(6)] = max(b1, b)


@kernel("void(f4[:,:,::1], f4[:,:,::1], f4[:,:,::1], f4[:,:,::1], f4[:,:,::1], f4[:,::1], f4[::1])")
def carry_light(left: Array, new: Array, light: Array, out: Array, mesh: Array, line: Array, rules: Array) -> None:
    """Goes on by a frame.

    Args:
        left: both buffers, (h + 2, w + 2, `LANES`), black at the border.
        new: the same for the next frame; its border is left as it is.
        light: of this frame, (h, w, 3).
        out: (h, w, 3), gets what is seen of the buffers before the new light.
        mesh: (rows, columns, 2): x and y, in pixels, of where what is at a node was in the frame before.
        line: (4, w or more, and not less than columns), any content.
        rules: (4,): what is kept of each buffer, and its share in what is seen.
    """
    height, width = light.shape[0], light.shape[1]
    flat = left.reshape(left.size)
    down = f(mesh.shape[0] - 1) / f(max(height - 1, 1))
    for y in range(height):
        _places(mesh, f(y) * down, line, width)
        there = new[y + 1, 1 : width + 1].reshape(LANES * width)
        _carry_row(flat, there, light[y].reshape(3 * width), out[y].reshape(3 * width), line, rules, (width, height))


def lay_over(picture: Array, over: Array, amount: float) -> None:
    """Lays smaller light over a picture, both sRGB, read between its pixels: v + amount · over · (1 − v).

    Args:
        picture: (H, W·3), written in place.
        over: (h, w·3).
        amount: 0 to 1.
    """
    width, columns = picture.shape[1] // 3, over.shape[1] // 3
    at = np.clip((np.arange(width, dtype=np.float32) + 0.5) * np.float32(columns / width) - 0.5, 0, columns - 1)
    left = np.minimum(at.astype(np.int64), max(columns - 2, 0))
    further = 3 if columns > 1 else 0
    firsts, shares = (3 * left).astype(np.uint64), (at - left).astype(np.float32)
    _lay_over(picture, over, np.float32(amount), firsts, shares, further, np.empty((2, picture.shape[1]), np.float32))


@kernel()
def _widen(light: Array, left: NDArray[np.uint64], shares: Array, further: int, wide: Array) -> tuple[int, int]:
    """Fills a row as wide as the picture; returns between which pixels it is not dark."""
    width, numbers = shares.shape[0], light.shape[0]
    first, last = 0, numbers
    while first < last and light[first] <= DARK:
        first += 1
    while last > first and light[last - 1] <= DARK:
        last -= 1
    begin, end = 0, 0
    if first < last:
        columns = numbers // 3
        begin, end = max(0, (first // 3 - 1) * width // columns), min(width, (last // 3 + 2) * width // columns)
    for x in range(3 * begin):
        wide[x] = f(0.0)
    for x in range(begin, end):
        a, s = left[x], shares[x]
        b = a + np.uint64(further)
        wide[3 * x] = light[a] + s * (light[b] - light[a])
        a, b = a + np.uint64(1), b + np.uint64(1)
        wide[3 * x + 1] = light[a] + s * (light[b] - light[a])
        a, b = a + np.uint64(1), b + np.uint64(1)
        wide[3 * x + 2] = light[a] + s * (light[b] - light[a])
    for x in range(3 * end, 3 * width):
        wide[x] = f(0.0)
    return (begin, end) if begin < end else (width, 0)


@kernel("void(f4[:,::1], f4[:,::1], f4, u8[::1], f4[::1], i8, f4[:,::1])")
def _lay_over(
    picture: Array, over: Array, amount: f, left: NDArray[np.uint64], shares: Array, further: int, wide: Array
) -> None:
    """``left`` and ``shares``: the value on the left of each pixel, and how far it is from there to the one on the
    right, ``further`` numbers on; ``wide``: room for two rows of the smaller light, made as wide as the picture."""
    height, rows, known = picture.shape[0], over.shape[0], -1
    begin_even, end_even, begin_odd, end_odd = 0, 0, 0, 0
    for y in range(height):
        v = min(max((f(y) + f(0.5)) * f(rows) / f(height) - f(0.5), f(0.0)), f(rows - 1))
        y0 = int(v)
        y1, t = min(y0 + 1, rows - 1), v - f(y0)
        known = max(known, y0 - 1)
        while known < y1:
            known += 1
            begin, end = _widen(over[known], left, shares, further, wide[known % 2])
            if known % 2:
                begin_odd, end_odd = begin, end
            else:
                begin_even, end_even = begin, end
        first, last = min(begin_even, begin_odd), max(end_even, end_odd)
        if first < last:
            above, below = wide[y0 % 2, 3 * first : 3 * last], wide[y1 % 2, 3 * first : 3 * last]
            row = picture[y, 3 * first : 3 * last]
            for i in range(row.shape[0]):
                light = above[i] + t * (below[i] - above[i])
                row[i] += amount * light * (f(1.0) - min(max(row[i], f(0.0)), f(1.0)))
