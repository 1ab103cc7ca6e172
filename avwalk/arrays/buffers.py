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
_KEPT_BYTES = 31 << 20  # glibc raises its limit no further than 32 MB

# by size in bytes; append and pop are atomic
_idle: defaultdict[int, list[NDArray[np.uint8]]] = defaultdict(list)


def keep_freed_memory() -> None:
    """Lets the C library keep blocks below 31 MB that are freed, for the next ones, rather than hand them back.

    At first glibc maps every block of 128 KB and unmaps it when it is freed: in an analysis, an array's pages would be
    made anew for each step, a fifth of its time. It raises that limit to the largest mapped block it has seen freed.
    Elsewhere this does nothing.
    """
    np.empty(_KEPT_BYTES, np.uint8)


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
