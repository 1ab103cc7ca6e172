"""Numba kernels of what the picture is seen through: waves and beads of glass. See `kernels`.

They look at the picture as it was before any of them was drawn; only what they can reach of it is copied.
"""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode
from avwalk.matter.kernels import LEAST, PIXELS, SHADE, SHARE, XS, YS, A, Array, B, C, D, E, F, G, f, put, take
from avwalk.matter.surfaces import half_height, side_run, span

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
def _slopes(p: Array, buffers: Array, n: int) -> None:
    """SHARE: slope of a wave; D and E: its direction; SHADE: the light on it."""
    xs, ys, slopes, lights = buffers[XS, :n], buffers[YS, :n], buffers[SHARE, :n], buffers[SHADE, :n]
    nxs, nys = buffers[D, :n], buffers[E, :n]
    radius, squash, half = p[2], max(p[3], f(0.02)), max(p[6], f(1.0))
    i_squash, i_squash2, i_flat = f(1.0) / squash, f(1.0) / (squash * squash), f(1.0) / max(squash, f(0.2))
    c, s, lx, ly = p[4], p[5], p[9], p[10]
    for i in range(xs.shape[0]):
        dx, dy = xs[i] - p[0], ys[i] - p[1]
        u, v = dx * c + dy * s, (dy * c - dx * s) * i_squash
        length = np.sqrt(u * u + v * v) + f(1e-3)
        inverse = f(1.0) / length
        cu, cv = u * inverse, v * inverse
        t = (length - radius) / (half * np.sqrt(cu * cu + cv * cv * i_squash2 + f(1e-6)))
        fall = max(f(1.0) - t * t * f(0.2066), f(0.0))
        slope = f(-2.3) * t * fall * fall * fall * fall  # of a smooth bump, zero at 2.2 half-widths
        nx, ny = dx * inverse * i_flat, dy * inverse * i_flat
        size = f(1.0) / (np.sqrt(nx * nx + ny * ny) + f(1e-6))
        slopes[i] = slope if t * t < CUT else f(0.0)
        nxs[i], nys[i] = nx * size, ny * size
    for i in range(xs.shape[0]):
        lights[i] = slopes[i] * (nxs[i] * lx + nys[i] * ly)


@kernel()
def _refract(source: Array, size: tuple[int, int], p: Array, buffers: Array, n: int) -> None:
    """A, B, C: what is seen through the slopes, a channel each."""
    last_x, last_y = f(size[0]) - EDGE, f(size[1]) - EDGE
    xs, ys, slopes = buffers[XS, :n], buffers[YS, :n], buffers[SHARE, :n]
    nxs, nys, at_x, at_y = buffers[D, :n], buffers[E, :n], buffers[F, :n], buffers[G, :n]
    for c in range(3):
        bend = p[7] * p[15] * (f(1.0) + p[8] * f(1 - c))
        for i in range(xs.shape[0]):
            far = bend * slopes[i]
            at_x[i] = min(max(xs[i] - far * nxs[i], f(0.0)), last_x)
            at_y[i] = min(max(ys[i] - far * nys[i], f(0.0)), last_y)
        _look(source, size[0], at_x, at_y, c, buffers[A + c, :n])


@kernel(inline=True)
def _gleam(value: f, dim: f, more: f, gain: f) -> f:
    light = decode(max(value, f(0.0))) * dim
    light += (gain * light + more) * (f(1.0) - f(0.5) * light)
    return encode(min(max(light, f(0.0)), f(1.0)))


@kernel()
def _light(p: Array, buffers: Array, n: int) -> None:
    """PIXELS: what is seen, and the light on it, where there is a slope."""
    slopes, lights, pixels = buffers[SHARE, :n], buffers[SHADE, :n], buffers[PIXELS]
    dims, gains = buffers[D, :n], buffers[E, :n]
    gloss, one = p[11] * p[15], np.uint64(1)
    for i in range(slopes.shape[0]):
        gains[i] = f(0.9) * min(gloss * max(lights[i], f(0.0)), f(1.0))
        dims[i] = f(1.0) - min(f(0.75), f(0.6) * gloss * max(-lights[i], f(0.0)))
    for c in range(3):
        seen, colour = buffers[A + c, :n], f(0.28 / 0.9) * p[12 + c]
        for i in range(slopes.shape[0]):
            seen[i] = _gleam(seen[i], dims[i], gains[i] * colour, gains[i])
    reds, greens, blues = buffers[A, :n], buffers[B, :n], buffers[C, :n]
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
        y, end = max(0, int(np.floor(p[1] - tall))), min(height, int(np.ceil(p[1] + tall)) + 1)
        while y < end:
            taken = (0, 0)
            while y < end:
                dy = f(y) - p[1]
                outer = span(radius + reach, radius * squash + reach, p[4], p[5], dy)
                hole = span(radius - reach, radius * squash - reach, p[4], p[5], dy)
                one, other = side_run(p[0], outer, hole, 0, width), side_run(p[0], outer, hole, 1, width)
                if taken[0] + max(one[1] - one[0], 0) + max(other[1] - other[0], 0) > width + 2:
                    break
                if one[0] < one[1]:
                    taken = take(picture, buffers, y, one, taken)
                if other[0] < other[1]:
                    taken = take(picture, buffers, y, other, taken)
                y += 1
            _slopes(p, buffers, taken[0])
            _refract(source, (width, height), p, buffers, taken[0])
            _light(p, buffers, taken[0])
            put(picture, buffers, taken[1])


@kernel()
def _gloss(p: Array, buffers: Array, n: int) -> None:
    """SHARE: how much of each pixel a bead covers; SHADE: the light on its rim; D: its highlight; E: what it leaves of
    the light behind it."""
    radius = max(p[2], f(0.5))
    inverse = f(1.0) / radius
    xs, ys, shares, glows = buffers[XS, :n], buffers[YS, :n], buffers[SHARE, :n], buffers[SHADE, :n]
    spots, dims = buffers[D, :n], buffers[E, :n]
    for i in range(xs.shape[0]):
        dx, dy = xs[i] - p[0], ys[i] - p[1]
        share = min(max(radius - np.sqrt(dx * dx + dy * dy) + f(0.5), f(0.0)), f(1.0)) * p[12]
        shares[i] = share if share > LEAST else f(0.0)
        gx, gy = dx * inverse, dy * inverse
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
def _through(source: Array, size: tuple[int, int], p: Array, buffers: Array, n: int) -> None:
    """A, B, C: light that is seen through a bead, a channel each."""
    last_x, last_y, inverse = f(size[0]) - EDGE, f(size[1]) - EDGE, f(1.0) / max(p[2], f(0.5))
    xs, ys, at_x, at_y = buffers[XS, :n], buffers[YS, :n], buffers[F, :n], buffers[G, :n]
    glows, spots, dims = buffers[SHADE, :n], buffers[D, :n], buffers[E, :n]
    for c in range(3):
        seen, spread = buffers[A + c, :n], f(1.0) + p[4] * f(1 - c)
        for i in range(xs.shape[0]):
            dx, dy = xs[i] - p[0], ys[i] - p[1]
            gx, gy = dx * inverse, dy * inverse
            far = p[3] * (min(gx * gx + gy * gy, f(1.0)) * spread + f(0.35))
            at_x[i] = min(max(xs[i] - dx * far, f(0.0)), last_x)
            at_y[i] = min(max(ys[i] - dy * far, f(0.0)), last_y)
        _look(source, size[0], at_x, at_y, c, seen)
        rest, colour = f(1.0) - p[8] * (f(1.0) - p[9 + c]), p[9 + c]
        for i in range(xs.shape[0]):
            light = decode(max(seen[i], f(0.0))) * rest * dims[i]
            light += (glows[i] * colour + spots[i]) * (f(1.0) - f(0.6) * light)
            seen[i] = min(max(light, f(0.0)), f(1.0))


@kernel(inline=True)
def _behind(v: f, share: f, light: f) -> f:
    before = decode(max(v, f(0.0)))
    return encode(min(before + share * (light - before), f(1.0)))


@kernel()
def _set(buffers: Array, n: int) -> None:
    """PIXELS: a bead laid over them."""
    shares, pixels = buffers[SHARE, :n], buffers[PIXELS, : 3 * n]
    reds, greens, blues = buffers[A, :n], buffers[B, :n], buffers[C, :n]
    room, more, one = buffers[F, : 3 * n], buffers[G, : 3 * n], np.uint64(1)
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
        reach = max(p[2], f(0.5)) + f(1.0)
        y, end = max(0, int(np.floor(p[1] - reach))), min(height, int(np.ceil(p[1] + reach)) + 1)
        while y < end:
            taken = (0, 0)
            while y < end:
                dy = f(y) - p[1]
                wide = np.sqrt(max(reach * reach - dy * dy, f(0.0)))
                left, right = max(0, int(np.floor(p[0] - wide))), min(width - 1, int(np.ceil(p[0] + wide))) + 1
                if left < right:
                    if taken[0] + right - left > width:
                        break
                    taken = take(picture, buffers, y, (left, right), taken)
                y += 1
            _gloss(p, buffers, taken[0])
            _through(source, (width, height), p, buffers, taken[0])
            _set(buffers, taken[0])
            put(picture, buffers, taken[1])
