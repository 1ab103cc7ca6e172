"""Numba kernels of the topologies tunnel, horizon, ink, weave: from fields and slopes to luminance and glow."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp, wave
from avwalk.generators.cppn.kernels.maps import ACROSS, ALONG, CORE, EYE, LENS
from avwalk.generators.cppn.kernels.shade_slots import (
    AMBIENT,
    BACKDROP,
    BRIGHT,
    CRESCENT,
    DARK,
    DOME,
    DX,
    DY,
    END,
    FAR,
    FRESNEL,
    GLOSS,
    GLOW,
    GLOW_WIDTH,
    GLOWS,
    GX,
    GY,
    HUE,
    KEY,
    LEVEL,
    LUM,
    LX,
    LY,
    LZ,
    MASK,
    MICRO,
    N_LINES,
    PATCHES,
    PX,
    REF,
    RIM,
    RING,
    SEAS,
    SPOT,
    STRUCTURE,
    SUN,
    SUN_SIZE,
    SX,
    TILE,
    VIEW,
    ZOOM,
    D,
)


@kernel()
def tunnel(buf: Array, k: Array) -> None:
    """Walls around a vanishing point. Slopes are those of the wall: of log r, so r times those on the screen."""
    px, glow, width, dark, bright = k[PX], k[GLOW], k[GLOW_WIDTH], k[DARK], k[BRIGHT]
    spot_x, zoom, bowl, end = k[SPOT], k[ZOOM], k[DOME], k[END]
    lx, ly, lz, ambient, key, gloss = k[LX], k[LY], k[LZ], k[AMBIENT], k[KEY], k[GLOSS]
    for i in range(TILE):
        ux, uy = (buf[SX * TILE + i] - spot_x) / zoom, buf[MASK * TILE + i] / zoom
        r2 = ux * ux + uy * uy + CORE * CORE
        inverse = f(1.0) / np.sqrt(r2)
        r = r2 * inverse
        ux, uy = ux * inverse, uy * inverse
        gx, gy = buf[GX * TILE + i] * r + bowl * ux, buf[GY * TILE + i] * r + bowl * uy
        gate, hue = buf[REF * TILE + i], min(max(buf[HUE * TILE + i], f(0.0)), f(1.0))
        dx, dy, d = buf[DX * TILE + i], buf[DY * TILE + i], buf[D * TILE + i]
        steep = np.sqrt(dx * dx + dy * dy + f(0.04))
        plate = min(max(d / (steep * px) + f(0.5), f(0.0)), f(1.0))
        reflectance = (dark + (bright - dark) * hue) * (f(0.3) + f(0.7) * gate) * (f(0.3) + f(0.7) * plate)
        nz = f(1.0) / np.sqrt(f(1.0) + gx * gx + gy * gy)
        facing = max((lz - gx * lx - gy * ly) * nz, f(0.0))
        inward = max((gx * ux + gy * uy + f(0.25)) * nz, f(0.0))
        clear = r2 / (r2 + f(0.16))
        shine = facing * facing
        shine = shine * shine
        light = reflectance * (ambient + key * facing) + gloss * shine * shine * shine * shine * (
            f(0.3) + f(0.7) * gate
        )
        from_end = end * inward * (reflectance + f(0.25) * inward * inward) / (f(0.35) + f(2.0) * r2)
        core = max(f(1.0) - f(9.0) * (r2 - CORE * CORE), f(0.0))
        buf[LUM * TILE + i] = light * clear * clear + from_end * clear + f(0.5) * end * core * core
        line = min(max((width * r - abs(d) / steep) / px + f(0.5), f(0.0)), f(1.0))
        buf[GLOWS * TILE + i] = glow * line * clear * ramp(f(0.3), f(0.8), gate)
        buf[HUE * TILE + i] = hue + f(0.25) * (f(1.0) - plate)


@kernel(inline=True)
def _sky(v: f, away: f, hue: f, air: f) -> tuple[f, f]:
    """Light of the sky, bright low and around the sun, clouds in it; and how low it is, 1 on the horizon."""
    halo = f(1.0) / (f(1.0) + f(6.5) * away)
    low = f(1.0) / (f(1.0) + f(2.4) * abs(v))
    cloud = ramp(f(0.35), f(0.85), hue) * ramp(f(0.02), f(0.25), -v)
    return air * (f(0.08) + f(0.5) * low * low + f(0.42) * halo * halo) * (f(1.0) + f(0.9) * cloud), low


@kernel(inline=True)
def _ridges(sky: f, v: f, far: f, near: f, air: f) -> tuple[f, f]:
    """Light of the sky behind two far ridges, and the share of it that is clear.

    ``far`` and ``near``: pixels below the crests of the last and of the first ridge; one stands half-way between them.
    """
    last = min(max(far + f(0.5), f(0.0)), f(1.0))
    sky = sky + last * (air * max(f(0.50) + f(0.7) * v, f(0.22)) - sky)
    middle = min(max(f(0.5) * (far + near) + f(0.5), f(0.0)), f(1.0))
    sky = sky + middle * (air * max(f(0.43) + f(1.2) * v, f(0.15)) - sky)
    return sky, (f(1.0) - last) * (f(1.0) - middle)


@kernel(inline=True)
def _face(x: f, y: f, far: f, radius: f, px: f, face: tuple[f, ...]) -> tuple[f, f, f]:
    """Sun or moon at a place from its middle: its disc, how much of it a dark sea covers, and the ring around it."""
    patches, crescent, ring, phase = face
    disc = min(max((radius - far) / px + f(0.5), f(0.0)), f(1.0))
    # a crescent: another disc before it
    bx, by = x - f(0.40) * radius, y + f(0.16) * radius
    inside = f(0.92) * radius - np.sqrt(bx * bx + by * by)
    disc = disc * (f(1.0) - crescent * min(max(inside / px + f(0.5), f(0.0)), f(1.0)))
    mx, my = x / radius, y / radius
    seas = wave(f(0.42) * mx + f(0.19) * my + phase) + wave(f(0.58) * my - f(0.27) * mx + f(2.4) * phase)
    seas = patches * ramp(f(0.30), f(0.42), seas + f(0.45) * wave(f(1.25) * mx + f(0.8) * my + f(3.7) * phase))
    line = min(max((f(0.035) * radius - abs(far - f(1.45) * radius)) / px + f(0.5), f(0.0)), f(1.0))
    return disc, seas, ring * line


@kernel()
def horizon(buf: Array, k: Array) -> None:
    """Ground that the sun glances off, ridges one behind the other, and a sky with the sun's or the moon's disc."""
    px, glow, dark, bright = k[PX], k[GLOW], k[DARK], k[BRIGHT]
    spot_x, spot_y, zoom, air, level = k[SPOT], k[SPOT + 1], k[ZOOM], k[FAR], k[LEVEL]
    ambient, key, gloss, fresnel = k[AMBIENT], k[KEY], k[GLOSS], k[FRESNEL]
    lx, ly, lz, sun_x, sun_y, sun_z, size = k[LX], k[LY], k[LZ], k[SUN], k[SUN + 1], k[SUN + 2], k[SUN_SIZE]
    xx, xy, x0 = k[VIEW], k[VIEW + 1], k[VIEW + 2]
    yx, yy, y0 = k[VIEW + 3], k[VIEW + 4], k[VIEW + 5]
    face = (k[PATCHES], k[CRESCENT], k[RING], k[SEAS])
    for i in range(TILE):
        x, off = buf[SX * TILE + i], buf[MASK * TILE + i]
        y = off + spot_y
        wx, v = xx * x + xy * y + x0, yx * x + yy * y + y0 - level
        s2 = v * v + LENS * LENS
        inverse = f(1.0) / np.sqrt(s2)
        away = EYE * inverse
        # slopes on the screen to those of the ground: chain rule through (x, v) → (a x z(v), b z(v))
        sx, sy = buf[GX * TILE + i], buf[GY * TILE + i]
        gx = (xx * sx + xy * sy) * zoom / (ACROSS * away)
        turn = -away * v * inverse * inverse
        gz = ((yx * sx + yy * sy) * zoom - gx * ACROSS * wx * turn) * turn / (ALONG * (turn * turn + f(0.05)))
        norm = f(1.0) / np.sqrt(f(1.0) + gx * gx + gz * gz)
        nx, ny, nz = -gx * norm, norm, -gz * norm
        ray = f(1.0) / np.sqrt(wx * wx + v * v + f(1.4))
        rx, ry, rz = wx * ray, -v * ray, f(1.1832) * ray
        into = rx * nx + ry * ny + rz * nz
        mx, my, mz = rx - f(2.0) * into * nx, ry - f(2.0) * into * ny, rz - f(2.0) * into * nz
        glint = f(1.0) / (f(1.0) + f(26.0) * (f(1.0) - (mx * sun_x + my * sun_y + mz * sun_z)))
        gate = buf[REF * TILE + i]
        hue = min(max(buf[HUE * TILE + i], f(0.0)), f(1.0))
        reflectance = (dark + (bright - dark) * hue) * (f(0.4) + f(0.6) * gate)
        grazing = f(1.0) - min(abs(into), f(1.0))
        lambert = max(nx * lx + ny * lz - nz * ly, f(0.0))
        land = reflectance * (ambient + key * lambert) + gloss * glint * glint
        land += fresnel * air * grazing * grazing * grazing * max(my + f(0.3), f(0.0))
        haze = away * away / (away * away + f(1.9) - f(0.16) * away * away)
        land += (f(0.55) * air - land) * min(haze, f(1.0))
        # feet stand in haze, and what is farther is lighter
        ridge = air * max(f(0.34) + f(2.0) * v, f(0.10))
        ridge += (land - ridge) * min(max(v * zoom / px + f(0.5), f(0.0)), f(1.0))
        land = max(ridge, f(0.0))
        ux, d2 = x - spot_x, (x - spot_x) * (x - spot_x) + off * off
        sky, low = _sky(v, d2 / (zoom * zoom), hue, air)
        disc, seas, line = _face(ux, off, np.sqrt(d2), size * zoom, px, face)
        sky += line * (air - sky)
        sky += disc * (air * (f(1.45) - f(0.75) * seas) - sky)
        sky, clear = _ridges(sky, v, gate * zoom / px, buf[D * TILE + i] * zoom / px, air)
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        cover = min(max(buf[D * TILE + i] / (np.sqrt(dx * dx + dy * dy + f(1e-4)) * px) + f(0.5), f(0.0)), f(1.0))
        buf[LUM * TILE + i] = sky + cover * (land - sky)
        buf[HUE * TILE + i] = hue * f(0.6) * cover + (f(1.0) - cover) * (f(1.0) - low) * f(1.2)
        glitter = f(0.55) * cover * glint * glint * (f(1.0) - min(haze, f(1.0)))  # the sun's colour on wet ground
        buf[GLOWS * TILE + i] = glow * (disc * (f(1.0) - f(0.45) * seas) * (f(1.0) - cover) * clear + glitter)


@kernel()
def ink(buf: Array, k: Array) -> None:
    """Ink in water on paper-light ground: soft bodies, pigment gathered at their edges (Beer–Lambert)."""
    px, glow, dark, bright, depth, paper = k[PX], k[GLOW], k[DARK], k[BRIGHT], k[DOME], k[BACKDROP]
    lx, ly, tooth, edge = k[LX], k[LY], f(0.10) + f(0.30) * k[STRUCTURE], f(0.22) * k[RIM]
    for i in range(TILE):
        d, gate = buf[D * TILE + i], buf[REF * TILE + i]
        tone = min(max(buf[HUE * TILE + i], f(0.0)), f(1.0))
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        steep = np.sqrt(dx * dx + dy * dy + f(0.003))
        body = ramp(f(-0.14), f(0.02) + f(0.6) * tone, d)
        rim = d / (steep * (f(0.010) + px))
        rim = f(1.0) / (f(1.0) + rim * rim)
        wash = body * (f(0.12) + f(3.2) * tone * tone) + edge * rim * (f(0.3) + gate) + bright * body * body
        thick = depth * wash * max(f(1.0) - f(0.55) * buf[MICRO * TILE + i], f(0.2))  # pigment settles in the hollows
        through = f(1.0) / (f(1.0) + thick * (f(1.0) + thick * (f(0.5) + f(0.17) * thick)))
        x, y = buf[SX * TILE + i], buf[MASK * TILE + i]
        sheet = paper * (f(1.0) + f(0.10) * (x * lx + y * ly))
        gx, gy = buf[GX * TILE + i], buf[GY * TILE + i]
        wet = -(gx * lx + gy * ly) / np.sqrt(f(1.0) + gx * gx + gy * gy)
        sheet = sheet * (f(1.0) + tooth * wet * (f(0.3) + body))
        buf[LUM * TILE + i] = dark + sheet * through
        buf[HUE * TILE + i] = tone
        buf[GLOWS * TILE + i] = glow * body * ramp(f(0.62), f(0.8), tone) * ramp(f(0.5), f(0.8), gate) * f(0.7)


@kernel()
def weave(buf: Array, k: Array) -> None:
    """Sheets of cut paper, one above the other: flat tones, each casting a shadow on the one below."""
    n, px, glow, dark, bright, spot_x = k[N_LINES], k[PX], k[GLOW], k[DARK], k[BRIGHT], k[SPOT]
    lx, ly, zoom, height = k[LX], k[LY], k[ZOOM], k[DOME]
    for i in range(TILE):
        ux, uy = (buf[SX * TILE + i] - spot_x) / zoom, buf[MASK * TILE + i] / zoom
        near = f(1.0) / (f(1.0) + f(0.55) * (ux * ux + uy * uy))
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        steep = np.sqrt(dx * dx + dy * dy + f(1e-4))
        t = (f(0.55) + f(0.40) * buf[D * TILE + i]) * n
        per_px = f(0.40) * n * steep * px
        sheet = np.floor(t)
        part = t - sheet
        cover = min(max((part - f(1.0)) / per_px + f(1.0), f(0.0)), f(1.0))
        odd = sheet + cover
        level = odd * f(0.5) / n
        level = f(1.0) - f(2.0) * abs(level - np.floor(level) - f(0.5))  # lighter up to n, then darker again
        toward = (dx * lx + dy * ly) / steep
        drop = height * max(f(0.35) + f(0.65) * toward, f(0.05)) + f(1e-4)
        gap = (f(1.0) - part) / per_px * px  # to the edge of the sheet above
        shade = f(1.0) - f(0.75) * (f(1.0) - ramp(f(0.0), drop, gap)) * (f(1.0) - cover)
        tone = (dark + (bright - dark) * level * level) * near
        buf[LUM * TILE + i] = tone * shade * (f(1.0) + f(0.5) * buf[MICRO * TILE + i])
        buf[HUE * TILE + i] = f(0.5) + f(0.5) * (f(1.0) - f(4.0) * abs(odd * f(0.5) - np.floor(odd * f(0.5)) - f(0.5)))
        top = ramp(f(0.78), f(0.80), level) * ramp(f(0.55), f(0.8), near)
        buf[GLOWS * TILE + i] = glow * top * shade
