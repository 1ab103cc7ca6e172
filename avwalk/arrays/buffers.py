"""Pool of reusable frame buffers: fresh memory from the system costs milliseconds of page faults per frame."""

from __future__ import annotations

import ctypes
import math
import weakref
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames

IDLE_BYTES = 256 * 1024 * 1024  # kept for later; what comes back beyond goes to the system

# by size in bytes; append and pop are atomic
_idle: defaultdict[int, list[NDArray[np.uint8]]] = defaultdict(list)


def new_frames(shape: tuple[int, ...]) -> Frames:
    """An uninitialised float32 array for frames. Its memory returns to the pool when all views of it are gone."""
    size = 4 * math.prod(shape)
    try:
        block = _idle[size].pop()
    except IndexError:
        block = np.empty(size, np.uint8)
    # numpy's views hold on to what lent the memory, not to each other: the loan is what can be watched
    loan = (ctypes.c_char * size).from_buffer(block.data)
    weakref.finalize(loan, _came_back, size, block).atexit = False
    return np.frombuffer(memoryview(loan), np.float32).reshape(shape)


def _came_back(size: int, block: NDArray[np.uint8]) -> None:
    if sum(each * len(blocks) for each, blocks in list(_idle.items())) + size <= IDLE_BYTES:
        _idle[size].append(block)
