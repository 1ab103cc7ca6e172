"""Numba kernels of a surface's fine structure: brushed, pored, hammered or engraved, at full resolution.

It is laid out in coordinates of the pattern, so it goes where the surface goes and bends with it. Each octave is faded
by its footprint, turns in a pixel: what would alias is not there, and comes in as the camera comes nearer.
"""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp
from avwalk.generators.cppn.kernels.maps import CORE, angle, log
from avwalk.generators.cppn.kernels.shade_slots import (
    DEEP,
    DX,
    DY,
    GX,
    GY,
    HUE,
    MASK,
    MICRO,
    OCTAVES,
    PX,
    REF,
    SPOT,
    STAIN,
    STRUCTURE,
    SX,
    TILE,
    UX,
    UY,
    VARIES,
    VIEW,
    VX,
    VY,
    D,
    U,
    V,
)

NONE, BRUSHED, PORED, HAMMERED, ENGRAVED = range(5)
FINEST, CLEAR = f(0.34), f(0.15)  # turns in a pixel: nothing is left, all is there
REST = f(0.3)  # share where the subject is not


@kernel()
def unwound(buf: Array, k: Array) -> None:
    """Adds what `maps.astray` left out: logarithm of the radius, angle, and their slopes on the screen."""
    spot_x, xx, xy, yx, yy = k[SPOT], k[VIEW], k[VIEW + 1], k[VIEW + 3], k[VIEW + 4]
    for i in range(TILE):
        sx, sy = buf[SX * TILE + i] - spot_x, buf[MASK * TILE + i]
        x, y = xx * sx + xy * sy, yx * sx + yy * sy
        r2 = x * x + y * y + CORE * CORE
        inverse = f(1.0) / r2
        ax, ay = x * inverse, y * inverse
        buf[U * TILE + i] += f(0.5) * log(min(r2, f(250.0)))
        buf[V * TILE + i] += angle(x, y)
        buf[UX * TILE + i] += ax * xx + ay * yx
        buf[UY * TILE + i] += ax * xy + ay * yy
        buf[VX * TILE + i] += ax * yx - ay * xx
        buf[VY * TILE + i] += ax * yy - ay * xy


@kernel()
def _numbers(k: Array) -> tuple[f, ...]:
    """Of both octaves, as scalars: loops that read arrays are not vectorised."""
    o = OCTAVES
    return (
        k[o], k[o + 1], k[o + 2], k[o + 3], k[o + 4], k[o + 5], k[o + 6],
        k[o + 7], k[o + 8], k[o + 9], k[o + 10], k[o + 11], k[o + 12], k[o + 13],
        k[PX], k[STRUCTURE], k[DEEP], k[STAIN],
    )  # fmt: skip


@kernel(inline=True)
def _turns(buf: Array, i: int, numbers: tuple[f, ...]) -> tuple[f, f]:
    """Phases of the coarser octave's two waves."""
    ax, ay, ad, ap, bx, by, bp, _, _, _, _, _, _, _, _, _, _, _ = numbers
    u, v = buf[U * TILE + i], buf[V * TILE + i]
    return ax * u + ay * v + ad * buf[D * TILE + i] + ap, bx * u + by * v + bp


@kernel(inline=True)
def _finer(p: f, q: f, numbers: tuple[f, ...]) -> tuple[f, f]:
    """Phases of the finer octave: the coarser's, turned and drawn together."""
    _, _, _, _, _, _, _, c, s, ap, bp, ratio, _, _, _, _, _, _ = numbers
    return ratio * (c * p + s * q) + ap, ratio * (c * q - s * p) + bp


@kernel(inline=True)
def _within(turns: f) -> f:
    """Of a turn, −½ to ½."""
    return f(turns - np.floor(turns + f(0.5)))


@kernel(inline=True)
def _swell(t: f) -> f:
    """A sine of −½ to ½ turns, of two parabolas: nobody will look that closely."""
    return f(16.0) * t * (f(0.5) - abs(t))


@kernel(inline=True)
def _brushed(p: f, q: f) -> tuple[f, f, f]:
    """Streaks that come and go along their length. Height, and its slopes along both waves."""
    t = _within(p + f(0.30) * _swell(_within(q)))
    lasting = f(0.45) + f(0.55) * _swell(_within(q * f(0.62) + f(0.21) * p))
    return _swell(t) * lasting, (f(1.27) - f(5.1) * abs(t)) * lasting, f(0.0)


@kernel(inline=True)
def _pored(p: f, q: f) -> tuple[f, f, f]:
    """Small round pits with sharp lips."""
    p = p + f(0.25) * _swell(_within(q * f(0.37)))
    q = q + f(0.25) * _swell(_within(p * f(0.41)))
    t, u = _within(p), _within(q)
    inside = min(max(f(1.0) - f(7.0) * (t * t + u * u), f(0.0)), f(1.0))
    lip = f(14.0) * inside * (f(1.0) - inside)
    return -inside * inside * (f(3.0) - f(2.0) * inside), lip * t, lip * u


@kernel(inline=True)
def _hammered(p: f, q: f) -> tuple[f, f, f]:
    """Round dents that meet in ridges."""
    p = p + f(0.30) * _swell(_within(q * f(0.31)))
    q = q + f(0.30) * _swell(_within(p * f(0.43)))
    t, u = _within(p), _within(q)
    return f(5.0) * (t * t + u * u) - f(0.8), f(2.6) * t, f(2.6) * u


@kernel(inline=True)
def _engraved(p: f, q: f) -> tuple[f, f, f]:
    """Cut lines, deeper and shallower along their length."""
    t = _within(p)
    inside = max(f(1.0) - f(4.2) * abs(t), f(0.0))
    deep = f(0.62) + f(0.38) * _swell(_within(q))
    flank = f(26.0) * t * inside * deep
    return -inside * inside * (f(3.0) - f(2.0) * inside) * deep, flank, f(0.0)


@kernel(inline=True)
def _press(buf: Array, i: int, coarse: tuple[f, f, f], fine: tuple[f, f, f], numbers: tuple[f, ...]) -> None:
    """Both octaves onto slopes, reflectance and hue; less where the subject is not."""
    ax, ay, ad, _, bx, by, _, c, s, _, _, ratio, strong, faint, px, slope, deep, stain = numbers
    ux, uy, vx, vy = buf[UX * TILE + i], buf[UY * TILE + i], buf[VX * TILE + i], buf[VY * TILE + i]
    gx, gy = ax * ux + ay * vx + ad * buf[DX * TILE + i], ax * uy + ay * vy + ad * buf[DY * TILE + i]
    hx, hy = bx * ux + by * vx, bx * uy + by * vy
    g2, h2 = gx * gx + gy * gy + f(1e-4), hx * hx + hy * hy + f(1e-4)
    g, h = f(1.0) / np.sqrt(g2), f(1.0) / np.sqrt(h2)
    turns = max(g2 * g, h2 * h) * px
    gate = REST + (f(1.0) - REST) * buf[REF * TILE + i]
    strong = strong * gate * ramp(FINEST, CLEAR, turns)
    faint = faint * gate * ramp(FINEST, CLEAR, turns * ratio)
    height, along, across = coarse
    finer_height, finer_along, finer_across = fine
    along = slope * g * (strong * along + faint * (c * finer_along - s * finer_across))
    across = slope * h * (strong * across + faint * (s * finer_along + c * finer_across))
    height = strong * height + faint * finer_height
    buf[GX * TILE + i] += along * gx + across * hx
    buf[GY * TILE + i] += along * gy + across * hy
    buf[MICRO * TILE + i] = height
    buf[VARIES * TILE + i] = slope * turns * f(4.0) * (strong + ratio * faint)
    buf[REF * TILE + i] *= max(f(1.0) + deep * height, f(0.1))
    buf[HUE * TILE + i] += stain * height


@kernel()
def structure(buf: Array, k: Array, kind: int) -> None:
    """Adds fine structure to the slopes of a tile; its height, about −1 to 1, tints and shades.

    A loop for each kind: one with branches is no vector code.
    """
    numbers = _numbers(k)
    if kind == BRUSHED:
        for i in range(TILE):
            p, q = _turns(buf, i, numbers)
            fine_p, fine_q = _finer(p, q, numbers)
            _press(buf, i, _brushed(p, q), _brushed(fine_p, fine_q), numbers)
    elif kind == PORED:
        for i in range(TILE):
            p, q = _turns(buf, i, numbers)
            fine_p, fine_q = _finer(p, q, numbers)
            _press(buf, i, _pored(p, q), _pored(fine_p, fine_q), numbers)
    elif kind == HAMMERED:
        for i in range(TILE):
            p, q = _turns(buf, i, numbers)
            fine_p, fine_q = _finer(p, q, numbers)
            _press(buf, i, _hammered(p, q), _hammered(fine_p, fine_q), numbers)
    else:
        for i in range(TILE):
            p, q = _turns(buf, i, numbers)
            fine_p, fine_q = _finer(p, q, numbers)
            _press(buf, i, _engraved(p, q), _engraved(fine_p, fine_q), numbers)
