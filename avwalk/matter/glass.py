"""Numba kernels of what the picture is seen through: waves and beads of glass. See `kernels`.

They look at the picture as it was before any of them was drawn; only what they can reach of it is copied.
"""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode
from avwalk.matter.kernels import LEAST, RAMP, SHADE, SHARE, A, Array, B, C, D, E, F, G, f, half_height, side_run, span

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


EDGE = f(1.002)
"""How far from the right and the lower edge of a picture it is looked at: what is beyond is as there."""


@kernel()
def _look(source: Array, width: int, xs: Array, ys: Array, c: int, seen: Array) -> None:
    """A channel of a picture laid flat, linearly between pixels, at places within it."""
    # unsigned: an index that may be below 0 is looked at twice
    right, down = np.uint64(3), np.uint64(3 * width)
    for i in range(seen.shape[0]):
        x0, y0 = int(xs[i]), int(ys[i])
        s, t = xs[i] - f(x0), ys[i] - f(y0)
        at = np.uint64(3 * (y0 * width + x0) + c)
        top = source[at] + s * (source[at + right] - source[at])
        bottom = source[at + down] + s * (source[at + down + right] - source[at + down])
        seen[i] = top + t * (bottom - top)


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
    """SHARE: slope of a wave; D and E: its direction; SHADE: the light on it."""
    xs, slopes, lights = buffers[RAMP, left:right], buffers[SHARE, left:right], buffers[SHADE, left:right]
    nxs, nys = buffers[D, left:right], buffers[E, left:right]
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
    last_x, last_y = f(size[0]) - EDGE, f(size[1]) - EDGE
    xs, slopes = buffers[RAMP, left:right], buffers[SHARE, left:right]
    nxs, nys = buffers[D, left:right], buffers[E, left:right]
    at_x, at_y = buffers[F, left:right], buffers[G, left:right]
    for c in range(3):
        bend = p[7] * p[15] * (f(1.0) + p[8] * f(1 - c))
        for i in range(xs.shape[0]):
            far = bend * slopes[i]
            at_x[i] = min(max(xs[i] - far * nxs[i], f(0.0)), last_x)
            at_y[i] = min(max(f(y) - far * nys[i], f(0.0)), last_y)
        _look(source, size[0], at_x, at_y, c, buffers[A + c, left:right])


@kernel(inline=True)
def _gleam(value: f, dim: f, more: f, gain: f) -> f:
    light = decode(min(max(value, f(0.0)), f(1.0))) * dim
    light += (gain * light + more) * (f(1.0) - f(0.5) * light)
    return min(encode(min(max(light, f(0.0)), f(1.0))), f(1.0))


@kernel()
def _light(pixels: Array, p: Array, buffers: Array, left: int, right: int) -> None:
    slopes, lights = buffers[SHARE, left:right], buffers[SHADE, left:right]
    dims, gains = buffers[D, left:right], buffers[E, left:right]
    gloss, one = p[11] * p[15], np.uint64(1)
    for i in range(slopes.shape[0]):
        gains[i] = f(0.9) * min(gloss * max(lights[i], f(0.0)), f(1.0))
        dims[i] = f(1.0) - min(f(0.75), f(0.6) * gloss * max(-lights[i], f(0.0)))
    for c in range(3):
        seen, colour = buffers[A + c, left:right], f(0.28 / 0.9) * p[12 + c]
        for i in range(slopes.shape[0]):
            seen[i] = _gleam(seen[i], dims[i], gains[i] * colour, gains[i])
    reds, greens, blues = buffers[A, left:right], buffers[B, left:right], buffers[C, left:right]
    for i in range(slopes.shape[0]):
        bent, at = slopes[i] != f(0.0), np.uint64(3 * i)
        pixels[at] = reds[i] if bent else pixels[at]
        pixels[at + one] = greens[i] if bent else pixels[at + one]
        pixels[at + one + one] = blues[i] if bent else pixels[at + one + one]


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
def _gloss(p: Array, dy: f, buffers: Array, left: int, right: int) -> None:
    """SHARE: how much of each pixel of a row a bead covers; SHADE: the light on its rim; D: its highlight; E: what it
    leaves of the light behind it."""
    radius = max(p[2], f(0.5))
    inverse, gy = f(1.0) / radius, dy / radius
    xs, shares, glows = buffers[RAMP, left:right], buffers[SHARE, left:right], buffers[SHADE, left:right]
    spots, dims = buffers[D, left:right], buffers[E, left:right]
    for i in range(xs.shape[0]):
        dx = xs[i] - p[0]
        share = min(max(radius - np.sqrt(dx * dx + dy * dy) + f(0.5), f(0.0)), f(1.0)) * p[12]
        shares[i] = share if share > LEAST else f(0.0)
        gx = dx * inverse
        q2 = min(gx * gx + gy * gy, f(1.0))
        rim = f(1.0) - np.sqrt(max(f(1.0) - q2, f(0.0)))
        rim = rim * rim * rim
        lit = gx * p[5] + gy * p[6]  # 1 at the rim towards the light
        hx, hy = gx - f(0.42) * p[5], gy - f(0.42) * p[6]
        spot = max(f(1.0) - (hx * hx + hy * hy) * f(22.0), f(0.0))
        bx, by = gx + f(0.6) * p[5], gy + f(0.6) * p[6]
        back = max(f(1.0) - (bx * bx + by * by) * f(2.2), f(0.0))
        glows[i] = p[7] * (rim * (f(0.35) + f(0.65) * max(lit, f(0.0))) + f(0.30) * back * back)
        spots[i] = p[7] * spot * spot
        dims[i] = f(1.0) - f(0.55) * q2 * q2 * max(f(0.0), f(0.3) - lit)


@kernel()
def _through(source: Array, size: tuple[int, int], p: Array, y: int, run: tuple[Array, int, int]) -> None:
    """A, B, C: light that is seen through a bead, a channel each."""
    buffers, left, right = run
    last_x, last_y = f(size[0]) - EDGE, f(size[1]) - EDGE
    inverse, dy = f(1.0) / max(p[2], f(0.5)), f(y) - p[1]
    xs, at_x, at_y = buffers[RAMP, left:right], buffers[F, left:right], buffers[G, left:right]
    glows, spots, dims = buffers[SHADE, left:right], buffers[D, left:right], buffers[E, left:right]
    for c in range(3):
        seen, spread = buffers[A + c, left:right], f(1.0) + p[4] * f(1 - c)
        for i in range(xs.shape[0]):
            dx = xs[i] - p[0]
            gx, gy = dx * inverse, dy * inverse
            far = p[3] * (min(gx * gx + gy * gy, f(1.0)) * spread + f(0.35))
            at_x[i] = min(max(xs[i] - dx * far, f(0.0)), last_x)
            at_y[i] = min(max(f(y) - dy * far, f(0.0)), last_y)
        _look(source, size[0], at_x, at_y, c, seen)
        left_of, colour = f(1.0) - p[8] * (f(1.0) - p[9 + c]), p[9 + c]
        for i in range(xs.shape[0]):
            light = decode(min(max(seen[i], f(0.0)), f(1.0))) * left_of * dims[i]
            light += (glows[i] * colour + spots[i]) * (f(1.0) - f(0.6) * light)
            seen[i] = min(max(light, f(0.0)), f(1.0))


@kernel(inline=True)
def _behind(v: f, share: f, light: f) -> f:
    before = decode(min(max(v, f(0.0)), f(1.0)))
    return min(encode(min(max(before + share * (light - before), f(0.0)), f(1.0))), f(1.0))


@kernel()
def _set(pixels: Array, buffers: Array, left: int, right: int) -> None:
    """Lays a bead over a run of pixels."""
    shares = buffers[SHARE, left:right]
    reds, greens, blues = buffers[A, left:right], buffers[B, left:right], buffers[C, left:right]
    room, more, one = buffers[F, : 3 * (right - left)], buffers[G, : 3 * (right - left)], np.uint64(1)
    for i in range(shares.shape[0]):
        s, at = shares[i], np.uint64(3 * i)
        more[at], more[at + one], more[at + one + one] = s, s, s
        room[at], room[at + one], room[at + one + one] = reds[i], greens[i], blues[i]
    for i in range(pixels.shape[0]):
        pixels[i] = _behind(pixels[i], more[i], room[i]) if more[i] > f(0.0) else pixels[i]


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
            left, right = max(0, int(np.floor(p[0] - wide))), min(width - 1, int(np.ceil(p[0] + wide))) + 1
            if left < right:
                _gloss(p, dy, buffers, left, right)
                _through(source, (width, height), p, y, (buffers, left, right))
                _set(picture[y, 3 * left : 3 * right], buffers, left, right)
