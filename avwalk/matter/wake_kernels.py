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
    height, width, lanes = light.shape[0], light.shape[1], left.shape[2]
    down = f(mesh.shape[0] - 1) / f(max(height - 1, 1))
    for y in range(height):
        _places(mesh, f(y) * down, line, width)
        for x in range(width):
            px = min(max(line[0, x], f(0.0)), f(width + 1))
            py = min(max(line[1, x], f(0.0)), f(height + 1))
            i, j = min(int(px), width), min(int(py), height)
            s, t = px - f(i), py - f(j)
            a, b, c, d = left[j, i], left[j, i + 1], left[j + 1, i], left[j + 1, i + 1]
            there = new[y + 1, x + 1]
            for k in range(lanes):
                top = a[k] + s * (b[k] - a[k])
                there[k] = top + t * (c[k] + s * (d[k] - c[k]) - top)
            seen, bright = out[y, x], light[y, x]
            for k in range(3):
                first, second = rules[0] * there[k], rules[1] * there[k + 4]
                seen[k] = rules[2] * first + rules[3] * second
                there[k], there[k + 4] = max(first, bright[k]), max(second, bright[k])


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
    for x in range(width):
        a, s = left[x], shares[x]
        b = a + np.uint64(further)
        wide[3 * x] = light[a] + s * (light[b] - light[a])
        a, b = a + np.uint64(1), b + np.uint64(1)
        wide[3 * x + 1] = light[a] + s * (light[b] - light[a])
        a, b = a + np.uint64(1), b + np.uint64(1)
        wide[3 * x + 2] = light[a] + s * (light[b] - light[a])
    if first == last:
        return width, 0
    return max(0, (first // 3 - 1) * width // (numbers // 3)), min(width, (last // 3 + 2) * width // (numbers // 3))


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
