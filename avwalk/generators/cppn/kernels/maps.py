"""Numba kernels of coordinate maps applied before the network: tunnel, polar, ground, flow, wallpaper.

Each rewrites the pattern's coordinates (slots X and Y of a tile) and, where picture coordinates are
needed too, slots PX and PY. They run on the grid of the fields.
"""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import (
    DEPTH,
    FAR_LAND,
    LAND,
    MASS,
    PLACE,
    PX,
    PY,
    ROLL,
    SUBJECT,
    TILE,
    TUNNEL,
    WARP,
    Array,
    X,
    Y,
    f,
    wave,
)

CORE = f(0.15)  # ε of √(x² + y² + ε²): no pinch at the end of the tunnel
LENS = f(0.11)  # how softly the ground bends away at the horizon, half-heights
EYE = f(0.34)  # height of the eye above the ground
ACROSS, ALONG = f(2.1), f(1.5)  # scale of the ground across and along the view
FLOW_STEPS = 9
FLOW_TIME = f(0.30)  # of one step
SOFT = f(0.0001)  # square of the width of a mirror's crease
CELL = f(1.0)  # lattice constant of the wallpaper, half-heights
LAP = f(4 * 3**0.5 / 6.2831853)  # of a polar wallpaper: cells in each factor e of the radius; 4 · √3 of them around


@kernel()
def log(x: f) -> f:
    """Natural logarithm to 1e-5 for 0.01 < x < 300: three roots, then the series of artanh."""
    y = np.sqrt(np.sqrt(np.sqrt(x)))
    t = (y - f(1.0)) / (y + f(1.0))
    q = t * t
    return f(f(16.0) * t * (f(1.0) + q * (f(0.33333333) + q * (f(0.2) + q * f(0.14285714)))))


@kernel()
def angle(x: f, y: f) -> f:
    """atan2(y, x) to 1e-4 rad (odd polynomial of degree 7 on an eighth of a turn)."""
    ax, ay = abs(x), abs(y)
    t = min(ax, ay) / (max(ax, ay) + f(1e-9))
    q = t * t
    a = t * (f(0.99921406) + q * (f(-0.32117536) + q * (f(0.14626446) + q * f(-0.03898651))))
    a = f(1.5707964) - a if ay > ax else a
    a = f(3.1415927) - a if x < f(0.0) else a
    return f(-a if y < f(0.0) else a)


@kernel()
def bore(buf: Array, fr: Array) -> None:
    """Log-polar: X = log r, Y = angle; a step along X is a step into the tunnel. Depth is r."""
    cx, cy = fr[PLACE], fr[PLACE + 1]
    for i in range(TILE):
        x, y = buf[X * TILE + i] - cx, buf[Y * TILE + i] - cy
        r2 = x * x + y * y + CORE * CORE
        inverse = f(1.0) / np.sqrt(r2)
        buf[DEPTH * TILE + i] = r2 * inverse
        buf[PX * TILE + i] = f(-0.9) * x * inverse
        buf[PY * TILE + i] = f(-0.9) * y * inverse
        buf[X * TILE + i] = f(0.5) * log(min(r2, f(250.0)))
        buf[Y * TILE + i] = angle(x, y)


@kernel()
def around(buf: Array, fr: Array) -> None:
    """A polar map: X = log r, Y = angle; PX, PY the position in the plane. Depth is 0 at the centre, 1 away from it.

    Angular waves fade with it, else they would all meet in a point.
    """
    cx, cy = fr[PLACE], fr[PLACE + 1]
    for i in range(TILE):
        x, y = buf[X * TILE + i], buf[Y * TILE + i]
        buf[PX * TILE + i], buf[PY * TILE + i] = x, y
        x, y = x - cx, y - cy
        r2 = x * x + y * y
        clear = r2 / (r2 + f(2.0) * CORE * CORE)
        buf[DEPTH * TILE + i] = clear * clear
        buf[X * TILE + i] = f(0.5) * log(min(r2 + CORE * CORE, f(250.0)))
        buf[Y * TILE + i] = angle(x, y)


@kernel()
def astray(buf: Array, fr: Array, topology: int) -> None:
    """Slots X and Y around a centre: how far the warp moved a point, since the angle itself jumps after a turn."""
    cx, cy = fr[PLACE], fr[PLACE + 1]
    if topology == TUNNEL:
        for i in range(TILE):
            r = buf[DEPTH * TILE + i]
            buf[X * TILE + i] -= f(0.5) * log(min(r * r, f(250.0)))
            way = buf[Y * TILE + i] - angle(-buf[PX * TILE + i], -buf[PY * TILE + i])
            buf[Y * TILE + i] = way
    else:
        for i in range(TILE):
            x, y = buf[PX * TILE + i] - cx, buf[PY * TILE + i] - cy
            buf[X * TILE + i] -= f(0.5) * log(min(x * x + y * y + CORE * CORE, f(250.0)))
            buf[Y * TILE + i] -= angle(x, y)


@kernel()
def crest(buf: Array, slot: int, lift: f, height: f, pitch: f, seed: f) -> None:
    """How far below a ridge's crest each point is, half-heights, into a slot."""
    for i in range(TILE):
        buf[slot * TILE + i] = lift + buf[PY * TILE + i]
    phase, step = seed, f(0.31) + f(0.5) * seed
    for _ in range(5):
        for i in range(TILE):
            w = wave(pitch * buf[PX * TILE + i] + phase)
            buf[slot * TILE + i] += height * (f(0.6) - abs(w))
        pitch, height, phase = pitch * f(1.93), height * f(0.52), phase + step


@kernel()
def ground(buf: Array, fr: Array) -> None:
    """Perspective of a plane below the horizon and of one above it; slots MASS and FAR_LAND: > 0 where there is
    land.

    The land rises above the horizon in two ridges, one behind the other, ridged waves of one dimension. They stand
    still: whoever travels on a plain sees what is near stream, not the mountains.
    """
    level = fr[PLACE + 1]
    for i in range(TILE):
        x, v = buf[X * TILE + i], buf[Y * TILE + i] - level
        buf[PX * TILE + i], buf[PY * TILE + i] = x, v
        away = EYE / np.sqrt(v * v + LENS * LENS)
        buf[DEPTH * TILE + i] = away
        sky = f(1.0) if v < f(0.0) else f(0.0)
        buf[X * TILE + i] = ACROSS * x * away * (f(1.0) - f(0.45) * sky) + f(7.3) * sky
        buf[Y * TILE + i] = ALONG * away
    crest(buf, MASS, fr[LAND], fr[LAND + 1], fr[LAND + 2], fr[LAND + 3])
    crest(buf, FAR_LAND, fr[LAND + 4], fr[LAND + 5], fr[LAND + 6], fr[LAND + 7])


@kernel()
def advect(buf: Array, fr: Array) -> None:
    """Backtraces each point along a curl-noise flow: x ← x − Δt · curl ψ(x), ψ a sum of eight waves.

    R. Bridson, J. Hourihan, M. Nordenstam, "Curl-noise for procedural fluid flow", SIGGRAPH (2007).
    """
    for _ in range(FLOW_STEPS):
        for k in range(8):
            o = WARP + 4 * k
            kx, ky, kp, a = fr[o], fr[o + 1], fr[o + 2], fr[o + 3]
            speed = FLOW_TIME * a / np.sqrt(kx * kx + ky * ky + f(1e-9))
            vx, vy = speed * ky, -speed * kx
            for i in range(TILE):
                x, y = buf[X * TILE + i], buf[Y * TILE + i]
                s = wave(kx * x + ky * y + kp)
                buf[X * TILE + i] = x - vx * s
                buf[Y * TILE + i] = y - vy * s


@kernel()
def _positive(x: f) -> f:
    """Soft max(x, 0)."""
    return f(f(0.5) * (x + np.sqrt(x * x + SOFT)))


@kernel()
def _triangle(x: f, half: f) -> f:
    """Folds x onto [0, half], soft mirrors at every multiple of ``half``: a crease would show the grid."""
    t = x * (f(0.5) / half)
    near = _positive(abs(t - np.floor(t + f(0.5))) * f(2.0) * half)
    return f(half - _positive(half - near))


@kernel(inline=True)
def _cell(x: f, y: f) -> tuple[f, f]:
    """Folds the plane onto the 30-60-90° triangle of the group p6m, enlarged."""
    x, y = _triangle(x, CELL * f(0.5)), _triangle(y, CELL * f(0.8660254))
    for _ in range(3):
        d = _positive(f(0.8660254) * y - f(0.5) * x)  # beyond the mirror at 30°
        x, y = x + d, y - f(1.7320508) * d
        y = f(2.0) * _positive(y) - y
        x = x - f(2.0) * _positive(x - CELL * f(0.5))
    return x * f(2.7), y * f(2.7)


@kernel()
def wallpaper(buf: Array, fr: Array) -> None:
    """Wallpaper group p6m in the plane, with a lens over the subject."""
    sx, sy, sr = fr[SUBJECT], fr[SUBJECT + 1], fr[SUBJECT + 2]
    for i in range(TILE):
        x, y = buf[X * TILE + i] - sx, buf[Y * TILE + i] - sy
        lens = f(1.0) / (f(1.0) + f(0.7) / (f(1.0) + f(0.8) * sr * (x * x + y * y)))
        buf[PX * TILE + i], buf[PY * TILE + i] = f(0.4) * x + sx, f(0.4) * y + sy
        buf[X * TILE + i], buf[Y * TILE + i] = _cell(x * lens, y * lens)


@kernel()
def wound_wallpaper(buf: Array, fr: Array) -> None:
    """Wallpaper in log-polar coordinates: periodic around the centre and along the radius."""
    roll = fr[ROLL]
    for i in range(TILE):
        buf[X * TILE + i], buf[Y * TILE + i] = _cell(buf[X * TILE + i] * LAP - roll, buf[Y * TILE + i] * LAP)
