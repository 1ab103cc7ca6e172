"""Layout of the vectors and scratch buffers shared by the shading kernels, and the surface lighting formula."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernels.field_slots import Array, f, ramp

TILE = 128  # pixels shaded at a time: long enough that calls cost nothing, short enough for the L1 cache
STRETCHED = 10  # per grid row: height, its slope along x, hue, reflectance, and with slopes field 3 and both places
PLAIN = 6  # of these, without the place in the pattern
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
STRUCTURE, DEEP, STAIN = 46, 47, 48  # of fine structure: slopes, shade in its depths, their way along the palette
OCTAVES = 49  # turns by U, V and field 3, phase; turns by U and V, phase; cos, sin, phases, ratio; two strengths
SOFT, GLINT, SUBSURFACE, DISPERSION, TUBES = 63, 64, 65, 66, 67
FACETS, GLASS, CONTACT = 68, 69, 70
PATCHES, CRESCENT, RING = 71, 72, 73  # of the sun or moon: how strong its seas, how much is cut off, a ring around
SEAS = 74  # where its seas are, turns
SHADING_SIZE = 75

# slots of the scratch buffer: slopes and fields, what becomes of them, place on the screen
GY, GX, HUE, REF, D, DY, DX, LUM, GLOWS, RED, GREEN, BLUE, SX, MASK = range(14)
FRINGE = 14  # red light that is split off, blue where it is < 0
# place in the pattern and its slopes, height of the fine structure, how far it turns what is mirrored within a pixel
U, V, UX, UY, VX, VY, MICRO, VARIES = range(15, 23)
SHADE_SLOTS = 23


@kernel()
def lamps_of(k: Array) -> tuple[f, ...]:
    """What :func:`lit` needs of the frame's vector, as scalars: loops that read arrays are not vectorised."""
    return (
        k[LX], k[LY], k[LZ], k[AMBIENT], k[KEY], k[GLOSS], k[FRESNEL], k[STUDIO],
        k[SOFT], k[GLINT], k[SUBSURFACE], k[DISPERSION], k[TUBES],
    )  # fmt: skip


@kernel(inline=True)
def lit(gx: f, gy: f, reflectance: f, varies: f, lamps: tuple[f, ...]) -> tuple[f, f]:
    """Luminance of a surface of slope (gx, gy), and what dispersion splits off its highlights' edges.

    Key light, hemisphere, and a studio that it mirrors: a softbox, a strip, and tubes that fade to one side. Their
    edges are ``soft`` wide, wider where what is mirrored ``varies`` within a pixel, so that they have no steps.
    """
    lx, ly, lz, ambient, key, gloss, fresnel, strength, soft, glint, within, split, tubes = lamps
    soft = min(soft + varies, f(0.22))
    nz = f(1.0) / np.sqrt(f(1.0) + gx * gx + gy * gy)
    nx, ny = -gx * nz, -gy * nz
    facing = nx * lx + ny * ly + nz * lz
    lambert = max(facing * (f(0.85) - f(0.3) * within) + f(0.15) + f(0.3) * within, f(0.0))
    sky = f(0.6) - f(0.4) * ny
    # the mirror image of the viewer's direction, turned so that the light is at s > 0
    rx, ry = f(2.0) * nz * nx, f(2.0) * nz * ny
    flat = f(1.0) / np.sqrt(lx * lx + ly * ly + f(1e-6))
    s, q = (rx * lx + ry * ly) * flat, (ry * lx - rx * ly) * flat
    near = min(max((s - f(0.52) + soft) / (f(2.0) * soft), f(0.0)), f(1.0))
    far = min(max((f(0.93) + f(0.9) * soft - s) / (f(1.8) * soft), f(0.0)), f(1.0))
    side = ramp(f(0.55) + f(2.0) * soft, f(0.55) - f(2.0) * soft, abs(q + f(0.1)))
    begins, ends = near * near * (f(3.0) - f(2.0) * near), far * far * (f(3.0) - f(2.0) * far)
    softbox = begins * ends * side
    strip = ramp(f(-0.615) + f(0.65) * soft, f(-0.615) - f(0.65) * soft, s)
    strip = strip * ramp(f(-0.80) - f(0.6) * soft, f(-0.80) + f(0.6) * soft, s)
    strip = strip * ramp(f(0.7) + f(2.0) * soft, f(0.7) - f(2.0) * soft, abs(q))
    turn = f(0.95) * s + f(0.16) * q * q + f(0.42)
    turn = turn - np.floor(turn)
    lights = min(max(turn / soft, f(0.0)), f(1.0))
    tube = tubes * (f(1.0) - turn) * (f(1.0) - turn)
    wall = f(0.10) + f(0.10) * s
    edge = f(1.0) - nz
    mirror = gloss + fresnel * edge * edge
    spot = f(1.0) / (f(1.0) + f(160.0) * ((s - f(0.70)) * (s - f(0.70)) + (q + f(0.1)) * (q + f(0.1))))
    studio = softbox + f(0.45) * strip + lights * tube + wall + glint * spot * spot
    shine = mirror * strength * (f(0.25) + f(0.75) * min(reflectance * f(1.6), f(1.0)))
    body = reflectance * (ambient * sky + key * (lambert + within * f(0.7) * edge * (f(1.0) - f(0.6) * lambert)))
    fringe = ((near - near * near) * ends - (far - far * far) * begins) * side + (lights - lights * lights) * tube
    return f(body + shine * studio), f(split * f(4.0) * fringe * shine)
