"""Ink in water: optical densities of drops are summed on a coarse grid, and absorb the light of the picture once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode
from avwalk.matter.kernels import RAMP, SHARE, A, Array, B, C, F, f

SWIRL, DENSITY, DRIFT_X, DRIFT_Y, SPREAD_OUT, AXIS_X, AXIS_Y, HAND = 3, 5, 6, 7, 8, 9, 10, 11
INKS = 12 + 5
"""A drop of ink in water: middle, radius, how far its fringes are drawn out (radii), phase of the eddies, optical
density at its middle, place of the eddies (radii), how soft it is, 0 to 1, the direction of the eddies' first axis, and
on which side of it the second is (1, or −1 in a mirror); its colour is what it absorbs."""
EDDIES = np.array(
    [[1.15, 0.62, 0.00, 0.50], [-0.83, 1.71, 1.90, 0.36], [2.47, -1.32, 4.10, 0.23], [1.05, 3.61, 0.70, 0.15],
     [-4.33, 2.21, 2.80, 0.10]], np.float32,
)  # fmt: skip
"""Waves whose curl draws ink out: two wave numbers a radius, phase, strength; each finer, each weaker."""
FINE, COARSE, LARGE = 2, 4, 80.0
"""Pixels between two nodes of the grid for small drops, and for those of a larger radius, which have no finer forms."""


def draw_inks(picture: Array, buffers: Array, inks: Array) -> None:
    """Lets drops of ink absorb light, rows of `INKS` numbers."""
    height, width = picture.shape[0], picture.shape[1] // 3
    large = inks[:, 2] > LARGE
    for step, drops in ((COARSE, inks[large]), (FINE, inks[~large])):
        if len(drops):
            density = np.zeros((3, height // step + 2, width // step + 2), np.float32)
            runs = np.empty((density.shape[1], 2), np.int64)
            runs[:, 0], runs[:, 1] = density.shape[2], 0
            _sum(density, runs, buffers, np.ascontiguousarray(drops), step)
            _absorb(picture, density, runs, buffers, step)


@kernel(inline=True)
def _sine(x: f) -> f:
    """Sine to 1e-3: a parabola on each half turn, bent once."""
    t = x * f(0.15915494)
    t -= np.floor(t + f(0.5))
    y = t * (f(8.0) - f(16.0) * abs(t))
    return f(y * (f(0.775) + f(0.225) * abs(y)))


@kernel()
def _densities(p: Array, y: f, step: int, buffers: Array, left: int, right: int) -> None:
    """SHARE: optical densities of a drop at nodes of a row: a soft disc, seen through eddies traced backwards."""
    inverse = f(1.0) / p[2]
    xs, qxs, qys = buffers[RAMP, left:right], buffers[A, left:right], buffers[B, left:right]
    out, dy, middle, apart = buffers[SHARE, left:right], (y - p[1]) * inverse, p[0], f(step)
    c, s, hand, place_x, place_y, phase = p[9], p[10], p[11], p[6], p[7], p[4]
    for i in range(xs.shape[0]):
        dx = (xs[i] * apart - middle) * inverse
        qxs[i], qys[i] = dx * c + dy * s, hand * (dy * c - dx * s)
    drawn = f(0.42) * p[3]
    for _ in range(3):
        for i in range(xs.shape[0]):
            qx, qy = qxs[i] + place_x, qys[i] + place_y
            vx = vy = f(0.0)
            for k in range(5):
                kx, ky = EDDIES[k, 0], EDDIES[k, 1]
                speed = EDDIES[k, 3] * _sine(kx * qx + ky * qy + EDDIES[k, 2] + phase)
                vx, vy = vx + ky * speed, vy - kx * speed
            qxs[i] -= drawn * vx
            qys[i] -= drawn * vy
    # no sharper than the fine grid can show
    dense, edge = p[5], f(1.0) / max(f(0.06) + f(0.94) * p[8], f(4 * FINE) * inverse)
    for i in range(xs.shape[0]):
        r2 = qxs[i] * qxs[i] + qys[i] * qys[i]
        inside = min(max((f(1.0) - r2) * edge, f(0.0)), f(1.0))
        inside = inside * inside * (f(3.0) - f(2.0) * inside)
        out[i] = dense * inside * (f(0.72) + f(0.28) * r2)  # ink gathers where it dries


@kernel("void(f4[:,:,::1], i8[:,::1], f4[:,::1], f4[:,::1], i8)")
def _sum(density: Array, runs: NDArray[np.int64], buffers: Array, inks: Array, step: int) -> None:
    """Adds what drops absorb, a channel each, and widens the run of nodes that they reach in each row."""
    rows, columns = density.shape[1], min(density.shape[2], buffers.shape[1])
    for k in range(inks.shape[0]):
        p = inks[k]
        reach, size = p[2] * (f(1.0) + f(1.7) * p[3]), f(step)
        for y in range(max(0, int((p[1] - reach) / size)), min(rows, int(np.ceil((p[1] + reach) / size)) + 1)):
            dy = f(y) * size - p[1]
            wide = np.sqrt(max(reach * reach - dy * dy, f(0.0)))
            left = max(0, int(np.ceil(max(p[0] - wide, f(0.0)) / size)))
            right = min(columns, int(min(max(p[0] + wide, f(-size)), f(columns) * size) / size) + 1)
            if left >= right:
                continue
            _densities(p, f(y) * size, step, buffers, left, right)
            some = buffers[SHARE, left:right]
            first, last = 0, some.shape[0]
            while first < last and some[first] < f(0.002):
                first += 1
            while last > first and some[last - 1] < f(0.002):
                last -= 1
            if first == last:
                continue
            runs[y, 0], runs[y, 1] = min(runs[y, 0], left + first), max(runs[y, 1], left + last)
            for c in range(3):
                absorbed, channel = p[12 + c] * p[15], density[c, y, left + first : left + last]
                dense = some[first:last]
                for i in range(channel.shape[0]):
                    channel[i] += absorbed * dense[i]


@kernel()
def _between(nodes: Array, below: Array, t: f, step: int, out: Array) -> None:
    """Values of a row of pixels between two rows of nodes, a node every ``step``."""
    if step == 2:
        for i in range(nodes.shape[0] - 1):
            a = nodes[i] + t * (below[i] - nodes[i])
            b = nodes[i + 1] + t * (below[i + 1] - nodes[i + 1])
            out[2 * i] = a
            out[2 * i + 1] = f(0.5) * (a + b)
    else:
        for i in range(nodes.shape[0] - 1):
            a = nodes[i] + t * (below[i] - nodes[i])
            b = nodes[i + 1] + t * (below[i + 1] - nodes[i + 1])
            d = f(0.25) * (b - a)
            out[4 * i] = a
            out[4 * i + 1] = a + d
            out[4 * i + 2] = a + f(2.0) * d
            out[4 * i + 3] = a + f(3.0) * d


@kernel(inline=True)
def _through(v: f, q: f) -> f:
    light = decode(min(max(v, f(0.0)), f(1.0)))
    return encode(light / (f(1.0) + q * (f(1.0) + q * (f(0.5) + q * f(0.17)))))


@kernel("void(f4[:,::1], f4[:,:,::1], i8[:,::1], f4[:,::1], i8)")
def _absorb(picture: Array, density: Array, runs: NDArray[np.int64], buffers: Array, step: int) -> None:
    height, width = picture.shape[0], picture.shape[1] // 3
    for y in range(height):
        j, t = y // step, f(y % step) / f(step)
        left = max(0, min(runs[j, 0], runs[j + 1, 0]) - 1)
        right = min((width + step - 1) // step, max(runs[j, 1], runs[j + 1, 1]))  # the last cell ends here
        if left >= right:
            continue
        n = (right - left) * step  # the last cell may reach beyond the picture
        seen = min(n, width - left * step)
        for c, row in ((0, A), (1, B), (2, C)):
            nodes, below = density[c, j, left : right + 1], density[c, j + 1, left : right + 1]
            _between(nodes, below, t, step, buffers[row, :n])
        pixels = picture[y, 3 * left * step : 3 * (left * step + seen)]
        reds, greens, blues = buffers[A, :n], buffers[B, :n], buffers[C, :n]
        room, one = buffers[F, : 3 * seen], np.uint64(1)
        for i in range(seen):
            q0, q1, q2, at = reds[i], greens[i], blues[i], np.uint64(3 * i)
            dense = q0 + q1 + q2 > f(0.003)
            room[at] = q0 if dense else f(0.0)
            room[at + one] = q1 if dense else f(0.0)
            room[at + one + one] = q2 if dense else f(0.0)
        for i in range(pixels.shape[0]):
            pixels[i] = _through(pixels[i], room[i]) if room[i] > f(0.0) else pixels[i]
