"""Makes rows of primitives from arrays: numbers that are not given for each piece hold for all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.matter.kernels import INK, LIGHT, SOLID

Array = NDArray[np.float64]
Number = Array | float
MODES = {"light": LIGHT, "ink": INK, "solid": SOLID}


class Layer(NamedTuple):
    """Primitives of one shape, in half-heights of the world, drawn in their order.

    Attributes:
        shape: one of `view.SHAPES`.
        rows: a row each.
        mirrored: whether the mirrors of the world show them; what lies around the middle of all mirrors is its image.
    """

    shape: str
    rows: Array
    mirrored: bool = True


def _layer(shape: str, n: int, numbers: list[Number], colour: Array, alpha: Number, mode: str) -> Layer:
    rows = np.empty((n, len(numbers) + 5))
    for c, value in enumerate(numbers):
        rows[:, c] = value
    rows[:, -5:-2] = colour
    rows[:, -2] = alpha
    rows[:, -1] = MODES[mode]
    return Layer(shape, rows)


def strokes(
    start: tuple[Array, Array], end: tuple[Array, Array], half: tuple[Number, Number], colour: Array, alpha: Number,
    *, glow: Number = 0.0, glowing: Number = 0.0, taper: Number = 0.0, mode: str = "light",
) -> Layer:  # fmt: skip
    """Lines with half-widths at both ends and a glow of a radius and a strength; see `kernels.STROKE`."""
    return _layer("stroke", len(start[0]), [*start, *end, *half, glow, glowing, taper], colour, alpha, mode)


def rings(
    middle: tuple[Array, Array], radius: Array, half: Number, colour: Array, alpha: Number,
    *, squash: Number = 1.0, halo: tuple[Number, Number] = (0.0, 0.0), wobble: Number = 0.0, phase: Number = 0.0,
    uneven: Number = 0.0, mode: str = "light",
) -> Layer:  # fmt: skip
    """Rings with lines of a half-width and a halo (radius, strength); see `surfaces.RING`."""
    numbers: list[Number] = [*middle, radius, squash, 1.0, 0.0, half, *halo, wobble, phase, uneven]
    return _layer("ring", len(radius), numbers, colour, alpha, mode)


def leaves(
    middle: tuple[Array, Array], length: Array, width: Array, angle: Array, colour: Array, alpha: Number,
    *, shade: Number = 0.4, soft: Number = 0.0, mode: str = "solid",
) -> Layer:  # fmt: skip
    """Leaves of a half-length and a half-width, lying at an angle (radians)."""
    numbers: list[Number] = [*middle, length, width, np.cos(angle), np.sin(angle), shade, soft]
    return _layer("leaf", len(length), numbers, colour, alpha, mode)


def blobs(
    middle: tuple[Array, Array], radius: Array, colour: Array, alpha: Number,
    *, waves: Number = 0.0, phase: Number = 0.0, soft: Number = 0.0, rim: Number = 0.0, glint: Number = 0.0,
    mode: str = "light",
) -> Layer:  # fmt: skip
    """Drops and bubbles; see `surfaces.BLOB`."""
    return _layer("blob", len(radius), [*middle, radius, waves, phase, soft, rim, glint], colour, alpha, mode)


def waves(
    middle: tuple[Array, Array], radius: Array, half: Number, colour: Array, alpha: Number, light: tuple[float, float],
    *, squash: Number = 1.0, bend: Number = 0.05, dispersion: Number = 0.3, gloss: Number = 1.0,
) -> Layer:  # fmt: skip
    """Waves that refract the picture; ``bend`` in half-heights; see `glass.WAVE`."""
    numbers: list[Number] = [*middle, radius, squash, 1.0, 0.0, half, bend, dispersion, *light, gloss]
    return _layer("wave", len(radius), numbers, colour, alpha, "light")


def beads(
    middle: tuple[Array, Array], radius: Array, colour: Array, alpha: Number, light: tuple[float, float],
    *, power: Number = 0.9, dispersion: Number = 0.12, fresnel: Number = 1.0, tint: Number = 0.15,
) -> Layer:  # fmt: skip
    """Beads of glass before the picture; see `glass.BEAD`."""
    return _layer(
        "bead", len(radius), [*middle, radius, power, dispersion, *light, fresnel, tint], colour, alpha, "solid"
    )


def inks(
    middle: tuple[Array, Array], radius: Array, through: Array, density: Number, *, swirl: Number, phase: Number,
    place: tuple[Number, Number] = (0.0, 0.0), soft: Number = 0.3,
) -> Layer:  # fmt: skip
    """Drops of ink in water that let the colours ``through`` pass, (n, 3) linear light; see `ink.INKS`."""
    absorbed = -np.log(np.clip(through, 0.004, 1.0))
    numbers: list[Number] = [*middle, radius, swirl, phase, 1.0, *place, soft, 1.0, 0.0, 1.0]
    return _layer("ink", len(radius), numbers, absorbed, density, "ink")


def polygons(
    corners: Array, colour: Array, alpha: Number, *, soft: Number = 0.0, slope: tuple[Number, Number] = (0.0, 0.0),
    mode: str = "solid",
) -> Layer:  # fmt: skip
    """Convex polygons, ``corners`` (n, 3 to 6, 2) in either order; light changes by ``slope`` a half-height."""
    n, count = corners.shape[:2]
    edges = np.roll(corners, -1, 1) - corners
    following = np.roll(edges, -1, 1)
    turning = (edges[..., 0] * following[..., 1] - edges[..., 1] * following[..., 0]).sum(axis=1)
    ordered = np.where((turning > 0)[:, None, None], corners, corners[:, ::-1])
    flat = np.zeros((n, 12))
    flat[:, : 2 * count] = ordered.reshape(n, -1)
    return _layer("polygon", n, [float(count), *flat.T, soft, *slope], colour, alpha, mode)
