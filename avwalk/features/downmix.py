"""What is listened to: a mix to mono that does not cancel out-of-phase channels; quiet songs are turned up.

What detectors take for silence is a level, and music may lie below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Blocks = Iterable[NDArray[np.float32]]

OPPOSITE = 1e-4  # the mean of the channels holds less of their power than this: they cancel each other out
SHORTEST = 1024  # samples; of fewer nothing can be said
LOUD = 2.0**-6  # a song with a peak above −36 dBFS is heard as it is
_HELD = 16  # blocks kept while nothing loud is found
SILENT = 2.0**-14  # what never rises above −84 dBFS, two steps of 16 bits, is noise: it stays silence


def middle_of(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of the channels: (n, channels) float32 → (n,) float32, contiguous."""
    if block.shape[1] <= 2:  # the same as `mean`, signs of zeros included, which takes its time over such short rows
        mid = block[:, 0] + np.float32(0)
        if block.shape[1] == 2:
            mid += block[:, 1]
            mid *= np.float32(0.5)
        return mid
    return np.ascontiguousarray(block.mean(axis=1, dtype=np.float32))


def to_mono(block: NDArray[np.float32], mid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mono mix: the mean of the channels, or the first channel where opposite phases cancel in the mean.

    Left = −right would otherwise give silence. The sign is the same in every block, so nothing clicks.

    Args:
        block: (n, channels) float32.
        mid: (n,) float32, its mean over the channels.

    Returns:
        (n,) float32: `mid` itself, unless it is 40 dB below the channels over at least `SHORTEST` samples.
    """
    channels = block.shape[1]
    if channels == 1 or len(block) < SHORTEST:
        return mid
    if float(np.vdot(mid, mid)) * channels >= OPPOSITE * float(np.vdot(block, block)):
        return mid
    return np.ascontiguousarray(block[:, 0] - mid)


def turned_up(open_blocks: Callable[[], Blocks]) -> Blocks:
    """The sound of a song, raised to a peak of −6 to 0 dBFS if it is quiet all the way.

    By a power of two, which changes no digit: the result is that of the same song so much louder. A song is opened
    again only if it is quiet, or begins so.

    Args:
        open_blocks: gives the sound from its beginning, (n, channels) float32.
    """
    peak, n_read = 0.0, 0
    held: list[NDArray[np.float32]] = []
    blocks = iter(open_blocks())
    for block in blocks:
        n_read += 1
        if len(held) < _HELD:
            held.append(block)
        if len(block):
            peak = max(peak, float(np.abs(block).max()))
        if peak > LOUD:
            return chain(held, blocks) if len(held) == n_read else open_blocks()
    if not peak > SILENT:
        return held if len(held) == n_read else open_blocks()
    gain = np.float32(2.0 ** -np.ceil(np.log2(peak)))
    return (block * gain for block in (held if len(held) == n_read else open_blocks()))
