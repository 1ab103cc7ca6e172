"""Numba kernel of the wake: what two buffers of light hold is fetched from where it was, fades, and gets new light."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.matter.kernels import Array, f

LANES = 8
"""Numbers of a pixel of both buffers: red, green, blue and nothing, twice; they are moved at once."""


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
