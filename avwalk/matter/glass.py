"""Numba kernels of what the picture is seen through: waves and beads of glass. See `kernels`.

They look at the picture as it was before any of them was drawn; only what they can reach of it is copied.
"""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode
from avwalk.matter.kernels import RAMP, SHADE, SHARE, A, Array, B, C, f, half_height, side_run, span

BEND, DISPERSION, LIGHT_X, LIGHT_Y, GLOSS = range(7, 12)
WAVE = 12 + 5
"""A wave that runs through the picture and refracts it: middle, radius, height over width, direction of its width,
half-width, by how many pixels it bends, how much more red and less blue (share), where the light comes from, strength
of the light on its slopes."""

POWER, SPREAD, GLASS_X, GLASS_Y, FRESNEL, TINT = range(3, 9)
BEAD = 9 + 5
"""A bead of glass: middle, radius, how far it refracts (radii), dispersion (share), where the light comes from,
strength of the light on its rim, share of its own colour."""

CUT = f(4.84)
"""A wave ends 2.2 half-widths from its crest: the square of that."""
STEEPEST = f(1.06)
"""The largest slope of a wave."""


@kernel(inline=True)
def _sample(source: Array, size: tuple[int, int], x: f, y: f, c: int) -> f:
    """A channel between pixels of a picture laid flat, linearly; edges repeated."""
    width, height = size
    x, y = min(max(x, f(0.0)), f(width - 1)), min(max(y, f(0.0)), f(height - 1))
    x0, y0 = min(int(x), width - 2), min(int(y), height - 2)
    s, t = x - f(x0), y - f(y0)
    # unsigned: an index that may be below 0 is looked at twice
    i, right, down = np.uint64(3 * (y0 * width + x0) + c), np.uint64(3), np.uint64(3 * width)
    top = source[i] + s * (source[i + right] - source[i])
    bottom = source[i + down] + s * (source[i + down + right] - source[i + down])
    return f(top + t * (bottom - top))


@kernel()
def _keep(picture: Array, source: Array, box: tuple[f, f, f, f], hole: f) -> None:
    """Copies what is within half a width and half a height of a middle, but for a disc of the radius ``hole``."""
    height, width = picture.shape[0], picture.shape[1] // 3
    x, y, wide, tall = box
    left, right = max(0, int(np.floor(x - wide))), min(width, int(np.ceil(x + wide)) + 1)
    if left >= right:
        return
    for row in range(max(0, int(np.floor(y - tall))), min(height, int(np.ceil(y + tall)) + 1)):
        rest = hole * hole - (f(row) - y) * (f(row) - y)
        a = b = right
        if hole > f(0.0) and rest > f(0.0):
            a = min(max(int(np.ceil(x - np.sqrt(rest))), left), right)
            b = min(max(int(np.floor(x + np.sqrt(rest))), a), right)
        for first, last in ((left, a), (b, right)):
            seen = picture[row, 3 * first : 3 * last]
            kept = source[3 * (row * width + first) : 3 * (row * width + last)]
            for i in range(kept.shape[0]):
                kept[i] = seen[i]


@kernel()
def _keep_waves(picture: Array, source: Array, waves: Array) -> None:
    for k in range(waves.shape[0]):
        p = waves[k]
        squash, reach = max(p[3], f(0.02)), f(2.2) * max(p[6], f(1.0))
        more = reach + STEEPEST * abs(p[7] * p[15]) * (f(1.0) + abs(p[8])) + f(3.0)
        rx, ry = p[2] + more, p[2] * squash + more
        box = p[0], p[1], half_height(ry, rx, p[4], p[5]), half_height(rx, ry, p[4], p[5])
        _keep(picture, source, box, p[2] - more if squash > f(0.99) else f(0.0))


@kernel()
def _slopes(p: Array, dy: f, buffers: Array, left: int, right: int) -> None:
    """SHARE: slope of a wave; A and B: its direction; SHADE: the light on it."""
    xs, slopes, lights = buffers[RAMP, left:right], buffers[SHARE, left:right], buffers[SHADE, left:right]
    nxs, nys = buffers[A, left:right], buffers[B, left:right]
    middle, radius, squash, half = p[0], p[2], max(p[3], f(0.02)), max(p[6], f(1.0))
    i_squash2, flat = f(1.0) / (squash * squash), max(squash, f(0.2))
    c, s, lx, ly = p[4], p[5], p[9], p[10]
    for i in range(xs.shape[0]):
        dx = xs[i] - middle
        u, v = dx * c + dy * s, (dy * c - dx * s) / squash
        length = np.sqrt(u * u + v * v) + f(1e-3)
        cu, cv = u / length, v / length
        t = (length - radius) / (half * np.sqrt(cu * cu + cv * cv * i_squash2 + f(1e-6)))
        fall = max(f(1.0) - t * t * f(0.2066), f(0.0))
        slope = f(-2.3) * t * fall * fall * fall * fall  # of a smooth bump, zero at 2.2 half-widths
        nx, ny = dx / (length * flat), dy / (length * flat)
        size = np.sqrt(nx * nx + ny * ny) + f(1e-6)
        slopes[i] = slope if t * t < CUT else f(0.0)
        nxs[i], nys[i] = nx / size, ny / size
    for i in range(xs.shape[0]):
        lights[i] = slopes[i] * (nxs[i] * lx + nys[i] * ly)


@kernel()
def _refract(source: Array, size: tuple[int, int], p: Array, y: int, run: tuple[Array, int, int]) -> None:
    """A, B, C: what is seen through the slopes, a channel each."""
    buffers, left, right = run
    bend, spread = p[7] * p[15], p[8]
    slopes, nxs, nys = buffers[SHARE, left:right], buffers[A, left:right], buffers[B, left:right]
    blues = buffers[C, left:right]
    for i in range(slopes.shape[0]):
        far = bend * slopes[i]
        if slopes[i] != f(0.0):
            x, nx, ny = f(left + i), nxs[i], nys[i]
            red, blue = far * (f(1.0) + spread), far * (f(1.0) - spread)
            nxs[i] = _sample(source, size, x - red * nx, f(y) - red * ny, 0)
            nys[i] = _sample(source, size, x - far * nx, f(y) - far * ny, 1)
            blues[i] = _sample(source, size, x - blue * nx, f(y) - blue * ny, 2)


@kernel(inline=True)
def _gleam(value: f, dim: f, gain: f, colour: f) -> f:
    light = decode(min(max(value, f(0.0)), f(1.0))) * dim
    light += gain * (f(0.9) * light + f(0.28) * colour) * (f(1.0) - f(0.5) * light)
    return min(encode(min(max(light, f(0.0)), f(1.0))), f(1.0))


@kernel()
def _light(pixels: Array, p: Array, buffers: Array, left: int, right: int) -> None:
    slopes, lights = buffers[SHARE, left:right], buffers[SHADE, left:right]
    reds, greens, blues = buffers[A, left:right], buffers[B, left:right], buffers[C, left:right]
    gloss = p[11] * p[15]
    r, g, b = p[12], p[13], p[14]
    for i in range(slopes.shape[0]):
        bent = slopes[i] != f(0.0)
        gain = min(gloss * max(lights[i], f(0.0)), f(1.0))
        dim = f(1.0) - min(f(0.75), f(0.6) * gloss * max(-lights[i], f(0.0)))
        v0, v1, v2 = pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]
        pixels[3 * i] = _gleam(reds[i], dim, gain, r) if bent else v0
        pixels[3 * i + 1] = _gleam(greens[i], dim, gain, g) if bent else v1
        pixels[3 * i + 2] = _gleam(blues[i], dim, gain, b) if bent else v2


@kernel("void(f4[:,::1], f4[:,::1], f4[::1], f4[:,::1])")
def draw_waves(picture: Array, buffers: Array, source: Array, waves: Array) -> None:
    """Bends the picture along rings, rows of `WAVE` numbers; ``source``, as much memory, is written to."""
    height, width = picture.shape[0], picture.shape[1] // 3
    _keep_waves(picture, source, waves)
    for k in range(waves.shape[0]):
        p = waves[k]
        radius, squash = p[2], max(p[3], f(0.02))
        reach = f(2.2) * max(p[6], f(1.0))
        tall = half_height(radius + reach, radius * squash + reach, p[4], p[5])
        for y in range(max(0, int(np.floor(p[1] - tall))), min(height, int(np.ceil(p[1] + tall)) + 1)):
            dy = f(y) - p[1]
            outer = span(radius + reach, radius * squash + reach, p[4], p[5], dy)
            hole = span(radius - reach, radius * squash - reach, p[4], p[5], dy)
            for side in range(2):
                left, right = side_run(p[0], outer, hole, side, width)
                if left < right:
                    _slopes(p, dy, buffers, left, right)
                    _refract(source, (width, height), p, y, (buffers, left, right))
                    _light(picture[y, 3 * left : 3 * right], p, buffers, left, right)


@kernel()
def _bead(pixel: Array, source: Array, size: tuple[int, int], p: Array, at: tuple[int, int], share: f) -> None:
    x, y = at
    radius, power, spread = max(p[2], f(0.5)), p[3], p[4]
    dx, dy = f(x) - p[0], f(y) - p[1]
    gx, gy = dx / radius, dy / radius
    q2 = min(gx * gx + gy * gy, f(1.0))
    rim = f(1.0) - np.sqrt(max(f(1.0) - q2, f(0.0)))
    rim = rim * rim * rim
    lit = gx * p[5] + gy * p[6]  # 1 at the rim towards the light
    hx, hy = gx - f(0.42) * p[5], gy - f(0.42) * p[6]
    spot = max(f(1.0) - (hx * hx + hy * hy) * f(22.0), f(0.0))
    bx, by = gx + f(0.6) * p[5], gy + f(0.6) * p[6]
    back = max(f(1.0) - (bx * bx + by * by) * f(2.2), f(0.0))
    for c in range(3):
        far = power * (q2 * (f(1.0) + spread * f(1 - c)) + f(0.35))
        value = _sample(source, size, f(x) - dx * far, f(y) - dy * far, c)
        light = decode(min(max(value, f(0.0)), f(1.0)))
        light *= f(1.0) - p[8] * (f(1.0) - p[9 + c])
        light *= f(1.0) - f(0.55) * q2 * q2 * max(f(0.0), f(0.3) - lit)
        glow = rim * (f(0.35) + f(0.65) * max(lit, f(0.0))) + f(0.30) * back * back
        light += p[7] * (glow * p[9 + c] + spot * spot) * (f(1.0) - f(0.6) * light)
        before = decode(min(max(pixel[c], f(0.0)), f(1.0)))
        light = before + share * (min(max(light, f(0.0)), f(1.0)) - before)
        pixel[c] = min(encode(min(max(light, f(0.0)), f(1.0))), f(1.0))


@kernel("void(f4[:,::1], f4[:,::1], f4[::1], f4[:,::1])")
def draw_beads(picture: Array, buffers: Array, source: Array, beads: Array) -> None:
    """Draws beads that refract what is behind, rows of `BEAD` numbers; ``source``, as much memory, is written to."""
    height, width = picture.shape[0], picture.shape[1] // 3
    for k in range(beads.shape[0]):
        p = beads[k]
        most = max(f(1.0), p[3] * (f(1.35) + abs(p[4])) - f(1.0)) * (max(p[2], f(0.5)) + f(1.0)) + f(3.0)
        _keep(picture, source, (p[0], p[1], most, most), f(0.0))
    for k in range(beads.shape[0]):
        p = beads[k]
        radius = max(p[2], f(0.5))
        reach = radius + f(1.0)
        for y in range(max(0, int(np.floor(p[1] - reach))), min(height, int(np.ceil(p[1] + reach)) + 1)):
            dy = f(y) - p[1]
            wide = np.sqrt(max(reach * reach - dy * dy, f(0.0)))
            for x in range(max(0, int(np.floor(p[0] - wide))), min(width - 1, int(np.ceil(p[0] + wide))) + 1):
                share = min(max(radius - np.sqrt((f(x) - p[0]) ** 2 + dy * dy) + f(0.5), f(0.0)), f(1.0)) * p[12]
                if share > f(0.002):
                    _bead(picture[y, 3 * x : 3 * x + 3], source, (width, height), p, (x, y), share)
