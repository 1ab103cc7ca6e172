"""Numba kernels of frontal surfaces (relief, void, lines, coral): from fields and slopes to luminance and glow."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp
from avwalk.generators.cppn.kernels.shade_slots import (
    BACKDROP,
    BRIGHT,
    CONTACT,
    DARK,
    DISPERSION,
    DOME,
    DX,
    DY,
    FACETS,
    FRINGE,
    GLASS,
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
    SUBSURFACE,
    SX,
    TILE,
    VARIES,
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
        light, fringe = lit(buf[GX * TILE + i], buf[GY * TILE + i], reflectance, buf[VARIES * TILE + i], lamps)
        buf[LUM * TILE + i] = light
        buf[FRINGE * TILE + i] = fringe
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        away = abs(buf[D * TILE + i]) / np.sqrt(dx * dx + dy * dy + f(0.04))
        strong = ramp(f(0.45), f(0.95), gate)
        line = min(max((width * strong - away) / px + f(0.5), f(0.0)), f(1.0))
        buf[GLOWS * TILE + i] = glow * strong * line


@kernel()
def cut(buf: Array, k: Array) -> None:
    """Slopes of cut stone: directions of the normal are drawn together to those of facets, their edges polished."""
    share = k[FACETS]
    for i in range(TILE):
        gx, gy = buf[GX * TILE + i], buf[GY * TILE + i]
        nz = f(1.0) / np.sqrt(f(1.0) + gx * gx + gy * gy)
        # two axes that are no mirror's: rows of facets do not lie along the picture
        a, b = nz * (f(0.94) * gx + f(0.34) * gy) * f(2.6), nz * (f(0.94) * gy - f(0.34) * gx) * f(2.6)
        at, bt = np.floor(a), np.floor(b)
        a += share * (at + ramp(f(0.36), f(0.64), a - at) - a)
        b += share * (bt + ramp(f(0.36), f(0.64), b - bt) - b)
        x, y = (f(0.94) * a - f(0.34) * b) * f(0.385), (f(0.94) * b + f(0.34) * a) * f(0.385)
        nz = f(1.0) / np.sqrt(max(f(1.0) - x * x - y * y, f(0.03)))
        buf[GX * TILE + i], buf[GY * TILE + i] = x * nz, y * nz


@kernel()
def gather(buf: Array, k: Array) -> None:
    """Slots LUM and FRINGE: light that a body of glass gathers on the side opposite the lamp, bent into bands."""
    lx, ly, spot_x, glass, split = k[LX], k[LY], k[SPOT], k[GLASS], k[DISPERSION]
    for i in range(TILE):
        gx, gy = buf[GX * TILE + i], buf[GY * TILE + i]
        nz = f(1.0) / np.sqrt(f(1.0) + gx * gx + gy * gy)
        ux, uy = buf[SX * TILE + i] - spot_x, buf[MASK * TILE + i]
        band = f(2.3) * ((ux + f(0.5) * gx * nz) * lx + (uy + f(0.5) * gy * nz) * ly)
        band = band - np.floor(band)
        begins = min(max((band - f(0.30)) * f(5.0), f(0.0)), f(1.0))
        ends = min(max((f(0.84) - band) * f(5.0), f(0.0)), f(1.0))
        hue = min(max(buf[HUE * TILE + i], f(0.0)), f(1.0))
        gathered = glass * max(f(0.35) + f(0.8) * (gx * lx + gy * ly) * nz, f(0.0)) * (f(0.25) + f(0.75) * hue)
        buf[LUM * TILE + i] = gathered * (f(0.10) + f(0.5) * begins * ends)
        edges = (begins - begins * begins) - (ends - ends * ends)
        buf[FRINGE * TILE + i] = split * gathered * edges * f(1.6)


@kernel()
def solid(buf: Array) -> None:
    """The same of a body that no light goes through."""
    for i in range(TILE):
        buf[LUM * TILE + i] = buf[D * TILE + i] * f(0.0)
        buf[FRINGE * TILE + i] = buf[D * TILE + i] * f(0.0)


@kernel()
def swell(buf: Array, k: Array) -> None:
    """Adds the slopes of a body's roundness: height √d makes a round edge and a smooth crown, slope ∇d / (2 √d)."""
    dome = k[DOME]
    for i in range(TILE):
        bulge = dome / np.sqrt(max(buf[D * TILE + i], f(0.0)) + f(0.002))
        buf[GX * TILE + i] += bulge * buf[DX * TILE + i]
        buf[GY * TILE + i] += bulge * buf[DY * TILE + i]


@kernel()
def void(buf: Array, k: Array) -> None:
    """A body where field 3 > 0, before a backdrop with one soft light; a rim separates them."""
    px, glow, dark, bright = k[PX], k[GLOW], k[DARK], k[BRIGHT]
    lx, ly, rim_light, backdrop = k[LX], k[LY], k[RIM], k[BACKDROP]
    spot_x, spot_width, within, contact = k[SPOT], k[SPOT + 2], k[SUBSURFACE], k[CONTACT]
    opaque = f(1.0) - f(0.6) * k[GLASS]
    lamps = lamps_of(k)
    for i in range(TILE):
        d = buf[D * TILE + i]
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        steep = np.sqrt(dx * dx + dy * dy + f(1e-4))
        cover = min(max(d / (steep * px) + f(0.5), f(0.0)), f(1.0))
        gx, gy = buf[GX * TILE + i], buf[GY * TILE + i]
        hue = min(max(buf[HUE * TILE + i], f(0.0)), f(1.0))
        reflectance = dark + (bright - dark) * (f(0.2) + f(0.8) * hue) * (f(0.35) + f(0.65) * buf[REF * TILE + i])
        nz2 = f(1.0) / (f(1.0) + gx * gx + gy * gy)
        toward = -(gx * lx + gy * ly) * np.sqrt(nz2)
        edge = (f(1.0) - nz2) * (f(1.0) - nz2) * (f(1.0) - nz2)
        rim = rim_light * edge * max(f(0.15) - f(0.85) * toward, f(0.0))
        body, fringe = lit(gx, gy, reflectance, buf[VARIES * TILE + i], lamps)
        thin = within / (f(1.0) + f(14.0) * max(d, f(0.0)))  # of wax: light goes through where there is little of it
        body = body * opaque + f(0.3) * rim + f(0.9) * thin * reflectance + buf[LUM * TILE + i]
        ux, uy = buf[SX * TILE + i] - spot_x, buf[MASK * TILE + i]
        back = backdrop / (f(1.0) + spot_width * (ux * ux + uy * uy))
        # its shadow lies close by, most on the side that the light does not come from
        away = f(0.25) + f(0.65) * (f(0.5) + f(0.5) * (dx * lx + dy * ly) / steep)
        shade = f(1.0) - contact * away * ramp(f(-0.30), f(0.0), d)
        back = back * shade / (f(1.0) + f(9.0) * max(d + f(0.28), f(0.0)))
        buf[LUM * TILE + i] = back + cover * (body - back)
        buf[FRINGE * TILE + i] = cover * (buf[FRINGE * TILE + i] + fringe)
        buf[HUE * TILE + i] += f(0.35) * thin * cover
        line = ramp(f(0.05), f(0.01), d / steep)  # half-heights from the edge: the accent stays a line
        buf[GLOWS * TILE + i] = glow * cover * line * ramp(f(0.3), f(0.7), rim)


@kernel()
def lines(buf: Array, k: Array) -> None:
    """Engraving: lines along field 3, their thickness is the light; crowded lines become tone.

    Where there is glass between them they are leads: dark, and each pane has a colour and a tone of its own.
    """
    n, px, glow, dark, bright = k[N_LINES], k[PX], k[GLOW], k[DARK], k[BRIGHT]
    low, high, glass = k[LINE_LOW], k[LINE_HIGH], k[BACKDROP]
    lamps = lamps_of(k)
    for i in range(TILE):
        gate = buf[REF * TILE + i]
        tone = buf[HUE * TILE + i]
        hue = min(max(tone, f(0.0)), f(1.0))
        reflectance = dark + (bright - dark) * gate
        light, _ = lit(buf[GX * TILE + i], buf[GY * TILE + i], reflectance, buf[VARIES * TILE + i], lamps)
        share = low + (high - low) * min(light / (f(0.45) + light), f(1.0))
        dx, dy = buf[DX * TILE + i], buf[DY * TILE + i]
        per_px = np.sqrt(dx * dx + dy * dy) * n * px + f(1e-5)
        turns = buf[D * TILE + i] * n
        off = abs(turns - np.floor(turns + f(0.5)))
        half = min(f(0.5) * share, f(0.011) / px * per_px)  # no thicker than 1.1 % of the half-height
        ink = min(max((half - off) / per_px + f(0.5), f(0.0)), f(1.0))
        ink = ink + (share - ink) * ramp(f(0.2), f(0.4), per_px)
        pane = np.floor(turns + f(0.5)) if turns > np.floor(turns + f(0.5)) else np.floor(turns + f(0.5)) - f(1.0)
        shade = f(0.618034) * pane
        shade = shade - np.floor(shade)
        lead = min(max((f(0.013) / px * per_px - off) / per_px + f(0.5), f(0.0)), f(1.0))
        # light falls through the middle of a pane, less along its leads
        through = (f(0.10) + f(0.75) * shade) * (f(0.45) + f(2.2) * off) * (f(0.35) + f(0.9) * gate)
        through = (through + f(0.25) * light) * (f(1.0) - f(0.97) * lead)
        drawn = light * (f(0.20) + f(1.8) * ink)
        buf[LUM * TILE + i] = drawn + glass * (through - drawn)
        tint = f(0.381966) * pane
        tint = ramp(f(0.38), f(0.62), tint - np.floor(tint))  # of one ramp or the other: between them is grey
        buf[HUE * TILE + i] = hue + glass * (f(0.2) * hue + f(0.85) * tint - hue)
        band = ramp(f(0.80), f(0.83), tone) * ramp(f(0.90), f(0.87), tone)  # a vein of the hue, not half the plate
        spark = glass * (f(1.0) - lead) * ramp(f(0.90), f(0.92), shade)
        buf[GLOWS * TILE + i] = glow * (ink * band * (f(1.0) - glass) + spark) * ramp(f(0.3), f(0.6), gate)


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
        light, fringe = lit(gx, gy, reflectance, buf[VARIES * TILE + i], lamps)
        body = near * light
        buf[FRINGE * TILE + i] = cover * near * fringe
        deep = min(max(f(1.0) + d, f(0.0)), f(1.0))  # 1 at the foot of a ridge, 0 in the middle of a gap
        floor = backdrop * near * (f(1.0) - f(0.8) * deep)
        buf[LUM * TILE + i] = floor + cover * (body - floor)
        away = abs(d + f(0.42)) / steep
        seam = min(max((width - away) / px + f(0.5), f(0.0)), f(1.0)) * (f(1.0) - cover) * ramp(f(2.0), f(7.0), steep)
        buf[GLOWS * TILE + i] = glow * seam * ramp(f(0.55), f(0.9), gate)
        buf[HUE * TILE + i] = hue + f(0.3) * (f(1.0) - cover)
