"""In-memory LRU cache of source frames in 8 bits, shared by painting and optical flow."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Source

Picture = NDArray[np.uint8]
LIMIT = 128 * 1024 * 1024  # bytes kept, all workers together
AT_ONCE = 8  # frames asked of the source in one call


class FrameCache:
    """LRU cache of a source's frames, rounded to 8 bits; evicted frames are drawn again.

    Args:
        source: the source that is restyled.
        limit: bytes in memory.
    """

    def __init__(self, source: Source, limit: int = LIMIT) -> None:
        self._source, self._limit = source, limit
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def pictures(self, i0: int, i1: int) -> list[Picture]:
        """Frames [i0, i1), each (H, W, 3), read-only."""
        found: dict[int, Picture] = {}
        with self._lock:
            for i in range(i0, i1):
                if i in self._kept:
                    self._kept.move_to_end(i)
                    found[i] = self._kept[i]
        i = i0
        while i < i1:
            if i in found:
                i += 1
                continue
            stop = i + 1
            while stop < i1 and stop not in found and stop - i < AT_ONCE:
                stop += 1
            for k, frame in enumerate(self._source.frames(i, stop), i):
                found[k] = self._keep(k, to_8bit(frame))
            i = stop
        return [found[i] for i in range(i0, i1)]

    def _keep(self, i: int, picture: Picture) -> Picture:
        picture.flags.writeable = False
        with self._lock:
            if i not in self._kept:
                self._kept[i] = picture
                self._bytes += picture.nbytes
            while self._bytes > self._limit and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return picture
