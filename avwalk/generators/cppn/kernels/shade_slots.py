"""Layout of the vectors and scratch buffers shared by the shading kernels, and the surface lighting formula."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp

TILE = 128  # pixels shaded at a time: long enough that calls cost nothing, short enough for the L1 cache
STRETCHED = 6  # per grid row: height, its slope along x, hue, reflectance, field 3, its slope along x
NOISE_SIZE = 1 << 16
TABLE = 1024  # entries of the palette, 8 floats each: base RGB, companion RGB, 2 unused

# light and colour of a frame, one flat vector (see Look.frame_vector)
SLOPE, PX, GAIN, LX, LY, LZ, HUE_SHIFT = 0, 1, 2, 3, 4, 5, 6
AMBIENT, KEY, GLOSS, FRESNEL, STUDIO, RIM = 7, 8, 9, 10, 11, 12
ACCENT, GLOW, GLOW_WIDTH, N_LINES, LINE_LOW, LINE_HIGH = 13, 16, 17, 18, 19, 20
DARK, BRIGHT, BACKDROP, DOME = 21, 22, 23, 24
VIGNETTE, GRAIN, BLOOM, TOE = 25, 26, 27, 28
SPOT = 29  # x, y of the subject on the screen, 1/r²
ZOOM, FAR, END = 32, 33, 34  # of the camera; light in the distance; light at the end of a tunnel
SUN, SUN_SIZE = 35, 38  # direction to the sun: right, up, forward; radius of its disc
VIEW = 39  # xx, xy, x0, yx, yy, y0: screen to world
LEVEL = 45  # of the horizon
PATCHES, CRESCENT, RING = 46, 47, 48  # of the sun or moon: how strong its seas, how much is cut off, a ring around
SEAS = 49  # where its seas are, turns
SHADING_SIZE = 50

# slots of the scratch buffer
GY, GX, HUE, REF, D, DY, DX, LUM, GLOWS, RED, GREEN, BLUE, SX, MASK = range(14)
SHADE_SLOTS = 14


@kernel()
def lamps_of(k: Array) -> tuple[f, ...]:
    """What :func:`lit` needs of the frame's vector, as scalars: loops that read arrays are not vectorised."""
    return k[LX], k[LY], k[LZ], k[AMBIENT], k[KEY], k[GLOSS], k[FRESNEL], k[STUDIO]


@kernel(inline=True)
def lit(gx: f, gy: f, reflectance: f, lamps: tuple[f, ...]) -> f:
    """Luminance of a surface of slope (gx, gy): key, hemisphere, and a small studio that it reflects."""
    lx, ly, lz, ambient, key, gloss, fresnel, strength = lamps
    nz = f(1.0) / np.sqrt(f(1.0) + gx * gx + gy * gy)
    nx, ny = -gx * nz, -gy * nz
    facing = nx * lx + ny * ly + nz * lz
    lambert = max(facing * f(0.85) + f(0.15), f(0.0))
    sky = f(0.6) - f(0.4) * ny
    # the mirror image of the viewer's direction, turned so that the light is at s > 0
    rx, ry = f(2.0) * nz * nx, f(2.0) * nz * ny
    flat = f(1.0) / np.sqrt(lx * lx + ly * ly + f(1e-6))
    s, q = (rx * lx + ry * ly) * flat, (ry * lx - rx * ly) * flat
    softbox = ramp(f(0.42), f(0.62), s) * ramp(f(1.02), f(0.84), s) * ramp(f(0.75), f(0.35), abs(q + f(0.1)))
    strip = ramp(f(-0.55), f(-0.68), s) * ramp(f(-0.86), f(-0.74), s) * ramp(f(0.9), f(0.5), abs(q))
    wall = f(0.10) + f(0.10) * s
    edge = f(1.0) - nz
    mirror = gloss + fresnel * edge * edge
    studio = softbox + f(0.45) * strip + wall
    body = reflectance * (ambient * sky + key * lambert)
    return f(body + mirror * strength * studio * (f(0.25) + f(0.75) * min(reflectance * f(1.6), f(1.0))))
