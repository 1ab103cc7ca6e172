"""Numba kernels of frontal surfaces (relief, void, lines, coral): from fields and slopes to luminance and glow."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp
from avwalk.generators.cppn.kernels.shade_slots import (
    BACKDROP,
    BRIGHT,
    DARK,
    DOME,
    DX,
    DY,
    GLOW,
    GLOW_WIDTH,
    GLOWS,
    GX,
    GY,
    HUE,
    LINE_HIGH,
    LINE_LOW,
    LUM,
    LX,
    LY,
    MASK,
    N_LINES,
    PX,
    REF,
    RIM,
    SPOT,
    SX,
    TILE,
    D,
    lamps_of,
    lit,
)


@kernel()
def relief(buf: Array, k: Array) -> None:
    """An open field of poured metal; a thin seam glows where field 3 is 0 and the subject is."""
    px, glow, width, dark, bright = k[PX], k[GLOW], k[GLOW_WIDTH], k[DARK], k[BRIGHT]
    lamps = lamps_of(k)
    for i in range(TILE):
        gate = buf[REF * TILE + i]
        hue = buf[HUE * TILE + i]
        reflectance = dark + (bright - dark) * gate * (f(0.25) + f(0.75) * min(max(hue, f(0.0)), f(1.0)))
        buf[LUM * TILE + i] = lit(buf[GX * TILE + i], buf[GY * TILE + i], reflectance, lamps)
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        away = abs(buf[D * TILE + i]) / np.sqrt(dx * dx + dy * dy + f(0.04))
        strong = ramp(f(0.45), f(0.95), gate)
        line = min(max((width * strong - away) / px + f(0.5), f(0.0)), f(1.0))
        buf[GLOWS * TILE + i] = glow * strong * line


@kernel()
def void(buf: Array, k: Array) -> None:
    """A body where field 3 > 0, before a backdrop with one soft light; a rim separates them."""
    px, glow, dark, bright = k[PX], k[GLOW], k[DARK], k[BRIGHT]
    lx, ly, rim_light, dome, backdrop = k[LX], k[LY], k[RIM], k[DOME], k[BACKDROP]
    spot_x, spot_width = k[SPOT], k[SPOT + 2]
    lamps = lamps_of(k)
    for i in range(TILE):
        d = buf[D * TILE + i]
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        steep = np.sqrt(dx * dx + dy * dy + f(1e-4))
        cover = min(max(d / (steep * px) + f(0.5), f(0.0)), f(1.0))
        # height √d makes a round edge and a smooth crown: slope = ∇d / (2 √d)
        bulge = dome / np.sqrt(max(d, f(0.0)) + f(0.002))
        gx, gy = buf[GX * TILE + i] + bulge * dx, buf[GY * TILE + i] + bulge * dy
        hue = min(max(buf[HUE * TILE + i], f(0.0)), f(1.0))
        reflectance = dark + (bright - dark) * (f(0.2) + f(0.8) * hue) * (f(0.35) + f(0.65) * buf[REF * TILE + i])
        nz2 = f(1.0) / (f(1.0) + gx * gx + gy * gy)
        toward = -(gx * lx + gy * ly) * np.sqrt(nz2)
        edge = (f(1.0) - nz2) * (f(1.0) - nz2) * (f(1.0) - nz2)
        rim = rim_light * edge * max(f(0.15) - f(0.85) * toward, f(0.0))
        body = lit(gx, gy, reflectance, lamps) + f(0.3) * rim
        ux, uy = buf[SX * TILE + i] - spot_x, buf[MASK * TILE + i]
        back = backdrop / (f(1.0) + spot_width * (ux * ux + uy * uy))
        contact = f(1.0) / (f(1.0) + f(9.0) * max(d + f(0.28), f(0.0)))
        back = back * contact
        buf[LUM * TILE + i] = back + cover * (body - back)
        thin = ramp(f(0.05), f(0.01), d / steep)  # half-heights from the edge: the accent stays a line
        buf[GLOWS * TILE + i] = glow * cover * thin * ramp(f(0.3), f(0.7), rim)


@kernel()
def lines(buf: Array, k: Array) -> None:
    """Engraving: lines along field 3, their thickness is the light; crowded lines become tone."""
    n, px, glow, dark, bright = k[N_LINES], k[PX], k[GLOW], k[DARK], k[BRIGHT]
    low, high = k[LINE_LOW], k[LINE_HIGH]
    lamps = lamps_of(k)
    for i in range(TILE):
        gate = buf[REF * TILE + i]
        tone = buf[HUE * TILE + i]
        hue = min(max(tone, f(0.0)), f(1.0))
        reflectance = dark + (bright - dark) * gate
        light = lit(buf[GX * TILE + i], buf[GY * TILE + i], reflectance, lamps)
        share = low + (high - low) * min(light / (f(0.45) + light), f(1.0))
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        per_px = np.sqrt(dx * dx + dy * dy) * n * px + f(1e-5)
        turns = buf[D * TILE + i] * n
        off = abs(turns - np.floor(turns + f(0.5)))
        half = min(f(0.5) * share, f(0.011) / px * per_px)  # no thicker than 1.1 % of the half-height
        ink = min(max((half - off) / per_px + f(0.5), f(0.0)), f(1.0))
        ink = ink + (share - ink) * ramp(f(0.2), f(0.4), per_px)
        buf[LUM * TILE + i] = light * (f(0.20) + f(1.8) * ink)
        buf[HUE * TILE + i] = hue
        band = ramp(f(0.80), f(0.83), tone) * ramp(f(0.90), f(0.87), tone)  # a vein of the hue, not half the plate
        buf[GLOWS * TILE + i] = glow * ink * band * ramp(f(0.3), f(0.6), gate)


@kernel()
def coral(buf: Array, k: Array) -> None:
    """Ridges where field 3 > 0, with a sharp rim, over a floor that their shade lies on; seams glow in the hollows."""
    px, glow, width, dark, bright = k[PX], k[GLOW], k[GLOW_WIDTH], k[DARK], k[BRIGHT]
    dome, backdrop = k[DOME], k[BACKDROP]
    lamps = lamps_of(k)
    for i in range(TILE):
        d = buf[D * TILE + i]
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        steep = np.sqrt(dx * dx + dy * dy + f(0.01))
        cover = min(max(d / (steep * px) + f(0.5), f(0.0)), f(1.0))
        gx, gy = buf[GX * TILE + i] + dome * dx, buf[GY * TILE + i] + dome * dy
        gate, hue = buf[REF * TILE + i], min(max(buf[HUE * TILE + i], f(0.0)), f(1.0))
        crown = min(max(d, f(0.0)), f(1.0))
        near = f(0.12) + f(0.88) * ramp(f(0.1), f(0.9), gate)
        reflectance = dark + (bright - dark) * near * (f(0.25) + f(0.75) * hue) * (f(0.3) + f(0.7) * crown)
        body = near * lit(gx, gy, reflectance, lamps)
        deep = min(max(f(1.0) + d, f(0.0)), f(1.0))  # 1 at the foot of a ridge, 0 in the middle of a gap
        floor = backdrop * near * (f(1.0) - f(0.8) * deep)
        buf[LUM * TILE + i] = floor + cover * (body - floor)
        away = abs(d + f(0.42)) / steep
        seam = min(max((width - away) / px + f(0.5), f(0.0)), f(1.0)) * (f(1.0) - cover) * ramp(f(2.0), f(7.0), steep)
        buf[GLOWS * TILE + i] = glow * seam * ramp(f(0.55), f(0.9), gate)
        buf[HUE * TILE + i] = hue + f(0.3) * (f(1.0) - cover)
