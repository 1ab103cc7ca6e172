"""Numba kernels of the topology nave: rays through a triply periodic surface, on the grid and for every pixel.

The surface is F = h, F = cos x + cos y + w cos z + g (sin x cos y + sin y cos z + sin z cos x), x, y and z in turns:
H. A. Schwarz's P and A. Schoen's gyroid (NASA TN D-5541, 1970), mixed; it is open where F > h, which holds on all of
the line x = y = 0. J. C. Hart, "Sphere tracing", The Visual Computer 12 (1996), with rays that are parabolas.
"""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp
from avwalk.generators.cppn.kernels.shade_slots import (
    AMBIENT,
    BRIGHT,
    DARK,
    DX,
    DY,
    END,
    FAR,
    GLOSS,
    GLOW,
    GLOWS,
    HUE,
    KEY,
    LUM,
    LX,
    LY,
    LZ,
    MASK,
    PX,
    REF,
    SPOT,
    SX,
    TILE,
    VIEW,
    ZOOM,
    D,
)

# numbers of a frame, see `avwalk.generators.cppn.nave`
ALONG, ACROSS, PACE, BEND, GYROID, WEIGHT, LEVEL, STRIDE = 0, 1, 2, 3, 5, 6, 7, 8
BANDS, CARVED, WIDE, VANISH, FOLDS, FOLD = 9, 10, 11, 12, 14, 15
PLACE_SIZE = FOLD + 12

START, FARTHEST = f(0.3), f(12.0)  # of a ray, cells
STEPS, NEAR_STEPS, FAR_STEPS = 34, 5, 4
MISSED = f(0.03)  # F − h of a ray that has gone past the nearer side of an edge
EDGE = f(0.09)  # second difference of the way between nodes, over the way, that is an edge
MIST = f(0.17)  # per cell: light fades by the square
BLOCK = 32  # pixels that march together


@kernel(inline=True)
def sine(turns: f) -> f:
    """Sine of an angle in turns, to 1.1e-3: a parabola, then its square mixed in."""
    u = turns - np.floor(turns + f(0.5))
    s = f(8.0) * u - f(16.0) * u * abs(u)
    return f(s * (f(0.775) + f(0.225) * abs(s)))


@kernel(inline=True)
def openness_at(x: f, y: f, z: f, g: f, w: f, level: f) -> f:
    """F − h at a place in turns."""
    sx, cx, sy, cy = sine(x), sine(x + f(0.25)), sine(y), sine(y + f(0.25))
    sz, cz = sine(z), sine(z + f(0.25))
    return f(cx + cy + w * cz + g * (sx * cy + sy * cz + sz * cx) - level)


@kernel()
def _aim(dx: Array, dy: Array, place: Array) -> None:
    """A block of rays from places in the world: folded by the mirrors, from the vanishing point."""
    for k in range(int(place[FOLDS])):
        nx, ny = place[FOLD + 2 * k], place[FOLD + 2 * k + 1]
        for i in range(BLOCK):
            d = dx[i] * nx + dy[i] * ny
            d = d - abs(d)
            dx[i] -= d * nx
            dy[i] -= d * ny
    to_x, to_y, wide = place[VANISH], place[VANISH + 1], place[WIDE]
    for i in range(BLOCK):
        dx[i], dy[i] = (dx[i] - to_x) * wide, (dy[i] - to_y) * wide


@kernel()
def _stride(dx: Array, dy: Array, pace: Array, place: Array) -> None:
    """How far a block of rays may go for each of F − h."""
    stride, across, along = place[STRIDE], place[ACROSS] * place[ACROSS], place[PACE] * place[PACE]
    for i in range(BLOCK):
        pace[i] = stride / np.sqrt(across * (dx[i] * dx[i] + dy[i] * dy[i]) + along)


@kernel()
def _go(t: Array, dx: Array, dy: Array, pace: Array, place: Array, steps: int) -> None:
    """Goes on along a block of rays from where they are, until they meet the surface or have had their steps."""
    z0, across, along, bx, by = place[ALONG], place[ACROSS], place[PACE], place[BEND], place[BEND + 1]
    g, w, level = place[GYROID], place[WEIGHT], place[LEVEL]
    for _ in range(steps):
        moved = f(0.0)
        for i in range(BLOCK):
            s = t[i]
            x, y = across * s * (dx[i] + bx * s), across * s * (dy[i] + by * s)
            step = openness_at(x, y, z0 + along * s, g, w, level) * pace[i]
            moved += step * step  # a sum: numba makes no vector code of a largest one
            t[i] = min(s + step, FARTHEST)
        if moved < f(2e-5):
            break


@kernel("void(f4[:,:,::1], f4[::1], f4[::1], f4[::1], f4[::1])")
def march(fields: Array, columns: Array, rows: Array, view: Array, buf: Array) -> None:
    """Rays at every node of the grid.

    Args:
        fields: (n, rows, columns); the last holds the numbers of the frame in its first row. Height becomes −log of
            the way, tone and field 3 the way, or beside an edge the shortest and the longest around, gate 1.
        columns: x of the grid's columns in screen units; rows: y of its rows.
        view: xx, xy, x0, yx, yy, y0: screen to world.
        buf: scratch, 3 · BLOCK.
    """
    place, n, last = fields[fields.shape[0] - 1, 0], columns.shape[0], rows.shape[0] - 1
    dx, dy, pace = buf[:BLOCK], buf[BLOCK : 2 * BLOCK], buf[2 * BLOCK : 3 * BLOCK]
    for r in range(rows.shape[0]):
        for start in range(0, n, BLOCK):
            way, x = fields[3, r, start : start + BLOCK], columns[start : start + BLOCK]
            for i in range(BLOCK):
                dx[i] = view[0] * x[i] + view[1] * rows[r] + view[2]
                dy[i] = view[3] * x[i] + view[4] * rows[r] + view[5]
                way[i] = START
            _aim(dx, dy, place)
            _stride(dx, dy, pace, place)
            _go(way, dx, dy, pace, place, STEPS)
    for r in range(rows.shape[0]):
        above, here, below = fields[3, max(r - 1, 0)], fields[3, r], fields[3, min(r + 1, last)]
        for c in range(n):
            left, right = here[max(c - 1, 0)], here[min(c + 1, n - 1)]
            bent = abs(left + right - f(2.0) * here[c]) + abs(above[c] + below[c] - f(2.0) * here[c])
            fields[0, r, c] = bent
    for r in range(rows.shape[0]):
        r0, r1 = max(r - 1, 0), min(r + 1, last)
        for c in range(n):
            c0, c1 = max(c - 1, 0), min(c + 1, n - 1)
            near, far, bent = FARTHEST, f(0.0), f(0.0)
            for j in (r0, r, r1):
                for i in (c0, c, c1):
                    near, far = min(near, fields[3, j, i]), max(far, fields[3, j, i])
                    bent = max(bent, fields[0, j, i])
            edge = bent > EDGE * near
            fields[1, r, c] = near if edge else fields[3, r, c]
            fields[2, r, c] = far if edge else fields[3, r, c]
    for r in range(rows.shape[0]):
        for c in range(n):
            fields[0, r, c], fields[3, r, c] = -np.log(fields[3, r, c]), fields[2, r, c]
            fields[2, r, c] = f(1.0)


@kernel()
def _arrive(buf: Array, at: int, place: Array, exact: int) -> None:
    """Where the rays of a block of pixels end: slot D; their directions are in DX and DY."""
    dx, dy = buf[DX * TILE + at : DX * TILE + at + BLOCK], buf[DY * TILE + at : DY * TILE + at + BLOCK]
    way, near = buf[D * TILE + at : D * TILE + at + BLOCK], buf[HUE * TILE + at : HUE * TILE + at + BLOCK]
    pace = buf[GLOWS * TILE + at : GLOWS * TILE + at + BLOCK]
    _aim(dx, dy, place)
    if exact != 1:
        return
    apart = f(0.0)
    for i in range(BLOCK):
        apart += max(way[i] - f(1.01) * near[i], f(0.0))
    if apart > f(0.0):  # an edge: from the nearer side, at full resolution
        _stride(dx, dy, pace, place)
        for i in range(BLOCK):
            way[i], near[i] = max(f(0.98) * near[i], START), f(0.97) * way[i]
        _go(way, dx, dy, pace, place, NEAR_STEPS)
        z0, across, along, bx, by = place[ALONG], place[ACROSS], place[PACE], place[BEND], place[BEND + 1]
        g, w, level = place[GYROID], place[WEIGHT], place[LEVEL]
        for i in range(BLOCK):  # those that do not meet it go on from where the farther side is
            s = way[i]
            x, y = across * s * (dx[i] + bx * s), across * s * (dy[i] + by * s)
            clear = openness_at(x, y, z0 + along * s, g, w, level)
            way[i] = max(s, near[i]) if clear > MISSED else s
        _go(way, dx, dy, pace, place, FAR_STEPS)


@kernel("void(f4[::1], f4[::1], f4[::1], i8)")
def nave(buf: Array, k: Array, place: Array, exact: int) -> None:
    """Stone in bands, lit from beside the viewer and from the far end, into which it fades."""
    px, glow, dark, bright, zoom, mist, end = k[PX], k[GLOW], k[DARK], k[BRIGHT], k[ZOOM], k[FAR], k[END]
    lx, ly, lz, ambient, key, gloss, spot_y = k[LX], k[LY], k[LZ], k[AMBIENT], k[KEY], k[GLOSS], k[SPOT + 1]
    xx, xy, x0, yx, yy, y0 = k[VIEW], k[VIEW + 1], k[VIEW + 2], k[VIEW + 3], k[VIEW + 4], k[VIEW + 5]
    z0, across, pace, bx, by = place[ALONG], place[ACROSS], place[PACE], place[BEND], place[BEND + 1]
    g, w, level, bands, carved = place[GYROID], place[WEIGHT], place[LEVEL], place[BANDS], place[CARVED]
    for i in range(TILE):
        x, y = buf[SX * TILE + i], buf[MASK * TILE + i] + spot_y
        buf[DX * TILE + i] = xx * x + xy * y + x0
        buf[DY * TILE + i] = yx * x + yy * y + y0
    for start in range(0, TILE, BLOCK):
        _arrive(buf, start, place, exact)
    for i in range(TILE):
        t, u, v = buf[D * TILE + i], buf[DX * TILE + i], buf[DY * TILE + i]
        x, y, z = across * t * (u + bx * t), across * t * (v + by * t), z0 + pace * t
        sx, cx, sy, cy = sine(x), sine(x + f(0.25)), sine(y), sine(y + f(0.25))
        sz, cz = sine(z), sine(z + f(0.25))
        nx, ny, nz = g * (cx * cy - sz * sx) - sx, g * (cy * cz - sx * sy) - sy, g * (cz * cx - sy * sz) - w * sz
        # the rest of the way by Newton: the nodes were not in quite the same place
        inside = cx + cy + w * cz + g * (sx * cy + sy * cz + sz * cx) - level
        along = nx * across * (u + f(2.0) * bx * t) + ny * across * (v + f(2.0) * by * t) + nz * pace
        rest = inside / max(f(-6.2831853) * along, f(0.4))
        t = min(max(t + min(max(rest, f(-0.1) * t), f(0.1) * t), START), FARTHEST)
        x, y, z = across * t * (u + bx * t), across * t * (v + by * t), z0 + pace * t
        rough = carved / (f(1.0) + f(0.2) * t * t)
        rough = f(4.0) * rough  # coffers: sin 4x = 4 sin x cos x (1 − 2 sin² x)
        nx = across * (nx - rough * sx * cx * (f(1.0) - f(2.0) * sx * sx))
        ny = across * (ny - rough * sy * cy * (f(1.0) - f(2.0) * sy * sy))
        nz = pace * (nz - rough * sz * cz * (f(1.0) - f(2.0) * sz * sz))
        norm = f(1.0) / np.sqrt(nx * nx + ny * ny + nz * nz + f(1e-6))
        nx, ny, nz = nx * norm, ny * norm, nz * norm
        ray = f(1.0) / np.sqrt(u * u + v * v + f(1.0))
        facing = max(-(u * nx + v * ny + nz) * ray, f(0.0))
        # bands of stone across the way, their edges a pixel wide
        turns = z * bands
        off = abs(turns - np.floor(turns) - f(0.5))  # 0 in the middle of a band, 1/2 between two
        blur = bands * pace * t * px / (zoom * (facing + f(0.12))) + f(1e-4)
        band = min(max((f(0.25) - off) / blur + f(0.5), f(0.0)), f(1.0))
        band += (f(0.5) - band) * ramp(f(0.25), f(0.5), blur)
        shade = buf[REF * TILE + i]
        reflectance = dark + (bright - dark) * (f(0.30) + f(0.70) * band)
        lambert = max(nx * lx + ny * ly - nz * lz, f(0.0))
        shine = max((nx * lx + ny * ly - nz * lz + facing) * f(0.5), f(0.0))
        shine = shine * shine * shine
        near = t * t / ((f(0.5) + t * t) * (f(1.0) + f(0.07) * t * t))
        from_end = end * max(nz, f(0.0))
        light = shade * (
            reflectance * (ambient + key * lambert * near + from_end) + gloss * near * shine * shine * shine * shine
        )
        far = t * MIST
        fog = far * far / (f(1.0) + far * far)
        core = f(0.2) + f(0.8) / (f(1.0) + f(5.0) * (u * u + v * v))
        buf[LUM * TILE + i] = light + fog * (mist * core - light)
        buf[HUE * TILE + i] = f(0.15) + f(0.35) * (f(1.0) - band) + f(0.55) * fog
        ring = abs(z - np.floor(z + f(0.5))) * bands  # one in each cell
        line = min(max((f(0.035) - ring) / blur + f(0.5), f(0.0)), f(1.0))
        buf[GLOWS * TILE + i] = glow * line * (f(1.0) - fog) * shade * ramp(f(0.1), f(0.6), facing)
