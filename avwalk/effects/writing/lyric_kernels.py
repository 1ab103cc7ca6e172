"""Numba kernel of lyrics: letters and what is dark around them, in one pass over their part of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel

Array = NDArray[np.float32]
f = np.float32


@kernel("void(f4[:,:,::1], f4[:,::1], f4[:,::1], f4[:,::1], f4[::1], i8, i8)")
def write_letters(picture: Array, ink: Array, shade: Array, sung: Array, how: Array, left: int, top: int) -> None:
    """Darkens a picture by ``shade`` and lays ``ink`` over it, in place.

    Args:
        picture: (H, W, 3).
        ink: coverage of the letters, (h, w); inside the picture.
        shade: opacity of what is dark around them, (h, w).
        sung: frame on which each pixel is sung, (h, w); (0, 0): all are.
        how: opacity of all of it; red, green and blue of the letters; the frame; frames in which a pixel lights up;
            opacity of letters that are not sung yet.
        left: of the letters in the picture.
        top: likewise.
    """
    share, red, green, blue, at, soft, low = how[0], how[1], how[2], how[3], how[4], how[5], how[6]
    fades = sung.shape[0] > 0
    for y in range(ink.shape[0]):
        for x in range(ink.shape[1]):
            dark, letter = share * shade[y, x], share * ink[y, x]
            if dark + letter <= f(0.0):
                continue
            if fades:
                lit = min(max((at + f(1.0) - sung[y, x]) / soft, f(0.0)), f(1.0))
                letter *= low + (f(1.0) - low) * lit
            pixel = picture[top + y, left + x]
            under = (f(1.0) - dark) * (f(1.0) - letter)
            pixel[0] = pixel[0] * under + letter * red
            pixel[1] = pixel[1] * under + letter * green
            pixel[2] = pixel[2] * under + letter * blue
