"""Quiet songs are heard turned up: what the analysis takes for silence is a level, and music may lie below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Blocks = Iterable[NDArray[np.float32]]

LOUD = 2.0**-6  # a song with a peak above −36 dBFS is heard as it is
_HELD = 16  # blocks kept while nothing loud is found
SILENT = 2.0**-14  # what never rises above −84 dBFS, two steps of 16 bits, is noise: it stays silence


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
