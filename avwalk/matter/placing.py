"""Numba kernel that places primitives in the picture: as the camera sees them, and their images in mirrors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel

Array = NDArray[np.float64]

PLAIN, POINT, DIRECTION, LENGTH, HAND, HANDED_LENGTH, SLOPE, AFTER = range(8)
"""What a column is: a number that stays; x of a point, of a unit vector, of a change a half-height, each with its y in
the next column, which is `AFTER`; a length; what has the other sign in a mirror, and such a length."""


@kernel("void(f8[:,::1], f8[:,:,::1], f8, f8[::1], i8[::1], f4[:,::1])")
def place_rows(
    prims: Array, matrices: Array, scale: float, offset: Array, kinds: NDArray[np.int64], out: NDArray[np.float32]
) -> None:
    """Places primitives, one image after the other.

    Args:
        prims: (n, m), half-heights of the world.
        matrices: (g, 2, 2): from the world to the screen, for each image, without scale; every other is a mirror's.
        scale: pixels of a half-height.
        offset: x and y, in pixels, of the world's origin.
        kinds: (m,): what each column is.
        out: (g · n, m), is written to.
    """
    n, m = prims.shape
    for g in range(matrices.shape[0]):
        xx, xy, yx, yy = matrices[g, 0, 0], matrices[g, 0, 1], matrices[g, 1, 0], matrices[g, 1, 1]
        hand = -1.0 if g % 2 else 1.0
        for k in range(n):
            row, seen = prims[k], out[g * n + k]
            for c in range(m):
                kind, v = kinds[c], row[c]
                if kind == PLAIN:
                    seen[c] = v
                elif kind == LENGTH:
                    seen[c] = v * scale
                elif kind == HAND:
                    seen[c] = v * hand
                elif kind == HANDED_LENGTH:
                    seen[c] = v * scale * hand
                elif kind != AFTER:
                    y = row[c + 1]
                    right, down = xx * v + xy * y, yx * v + yy * y
                    if kind == POINT:
                        right, down = right * scale + offset[0], down * scale + offset[1]
                    elif kind == SLOPE:
                        right, down = right / scale, down / scale
                    seen[c], seen[c + 1] = right, down


@kernel("void(f4[:,::1], i8)")
def turn_round(polygons: NDArray[np.float32], n: int) -> None:
    """Puts the corners of every other n polygons the other way round: clockwise again after a mirror."""
    for k in range(polygons.shape[0]):
        if (k // n) % 2:
            p = polygons[k]
            first, last = 0, int(p[0]) - 1
            while first < last:
                for c in range(1, 3):
                    p[2 * first + c], p[2 * last + c] = p[2 * last + c], p[2 * first + c]
                first, last = first + 1, last - 1
