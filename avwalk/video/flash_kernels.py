"""Numba kernels of the flash detection: luminance, saturated red, and reversals per pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel

Array = NDArray[np.float32]
f = np.float32


@kernel("void(f4[:,:,:,::1], f4[::1], f4, f4, f4[:,:,::1], f4[:,:,::1])")
def measured(frames: Array, linear: Array, share: f, strength: f, light: Array, glow: Array) -> None:
    """Relative luminance, and strength of saturated red.

    Args:
        frames: (n, H, W, 3) sRGB.
        linear: linear light of 4096 levels of sRGB.
        share: of red in all light, from which it is saturated.
        strength: of the glow, for R − G − B = 1.
        light: (n, H, W), becomes relative luminance.
        glow: (n, H, W), becomes (R − G − B) · strength where red is saturated, else 0.
    """
    top = f(linear.shape[0] - 1)
    for n in range(frames.shape[0]):
        for y in range(frames.shape[1]):
            for x in range(frames.shape[2]):
                red = linear[int(min(max(frames[n, y, x, 0], f(0.0)), f(1.0)) * top + f(0.5))]
                green = linear[int(min(max(frames[n, y, x, 1], f(0.0)), f(1.0)) * top + f(0.5))]
                blue = linear[int(min(max(frames[n, y, x, 2], f(0.0)), f(1.0)) * top + f(0.5))]
                light[n, y, x] = f(0.2126) * red + f(0.7152) * green + f(0.0722) * blue
                strong = max(red - green - blue, f(0.0)) * strength
                glow[n, y, x] = strong if red >= share * (red + green + blue) else f(0.0)


@kernel("i8(f4[:,::1], f4[:,:,::1], i8, i1[:,::1], i1[:,:,::1], i8, f4[:,::1], f4, f4)")
def reversals(
    value: Array, before: Array, at: int, direction: NDArray[np.int8], recent: NDArray[np.int8], slot: int, net: Array,
    change: f, darker: f,
) -> int:  # fmt: skip
    """Reversals of a value: pixels that changed by ``change``, opposite to their last change.

    Args:
        value: of the pixels now, (H, W).
        before: what it was, in no order, (n, H, W); row ``at`` becomes the value.
        at: the oldest of them.
        direction: of each pixel's last change, +1 up, −1 down; updated.
        recent: reversals of the last frames, (m, H, W), in no order; row ``slot`` becomes those of this one.
        slot: the oldest of them.
        net: set to the sum of the recent reversals, from −1 to 1.
        change: threshold of a change.
        darker: the lower of both values must be below this.

    Returns:
        The number of pixels with a net reversal.
    """
    count = 0
    for y in range(value.shape[0]):
        for x in range(value.shape[1]):
            now = value[y, x]
            low, high = before[0, y, x], before[0, y, x]
            for k in range(1, before.shape[0]):
                low, high = min(low, before[k, y, x]), max(high, before[k, y, x])
            turn = 0
            if now - low >= change and low < darker and direction[y, x] != 1:
                turn += 1
            if high - now >= change and now < darker and direction[y, x] != -1:
                turn -= 1
            if turn != 0:
                direction[y, x] = turn
            before[at, y, x] = now
            recent[slot, y, x] = turn
            total = 0
            for k in range(recent.shape[0]):
                total += recent[k, y, x]
            net[y, x] = f(min(max(total, -1), 1))
            if total != 0:
                count += 1
    return count
