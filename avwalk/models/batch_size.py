"""Chooses a batch size by measurement: the fastest that fits into memory; detects out-of-memory errors."""

from __future__ import annotations

import time
from collections.abc import Callable

NEAR = 1.03
"""A smaller batch is taken if it needs no more than this times the least time for a picture."""
LONG = 1.0  # s: batches that take longer are efficient enough, larger ones are not tried
MOST = {"cpu": 4, "cuda": 64, "mps": 16}
SHARE = 0.5  # of the free memory that pictures may take
CPU_BYTES = 1 << 30


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception of torch, of any device, says that memory ran out."""
    if isinstance(error, MemoryError):
        return True
    says = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        words in says for words in ("out of memory", "can't allocate memory", "not enough memory")
    )


def free_bytes(device: str) -> int:
    """Memory that pictures may take on a device."""
    import torch

    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0] * SHARE)
    if device == "mps":
        return int((torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()) * SHARE)
    return CPU_BYTES


def fitting(device: str, picture_bytes: int) -> int:
    """The largest power of two of pictures that fit, at least 1, at most `MOST`."""
    most = max(1, min(MOST[device], free_bytes(device) // picture_bytes))
    return 1 << (int(most).bit_length() - 1)


def fastest(draw: Callable[[int], None], most: int) -> int:
    """The smallest batch, a power of two up to ``most``, with next to the least time for a picture.

    Args:
        draw: draws a batch of that many pictures and waits for them; may run out of memory.
        most: largest batch to try.
    """
    times: dict[int, float] = {}
    batch = 1
    while batch <= most:
        try:
            draw(batch)  # sets up what the next ones use
            took = min(_seconds(draw, batch), _seconds(draw, batch))
        except Exception as error:
            if batch > 1 and is_out_of_memory(error):
                break
            raise
        times[batch] = took / batch
        if took > LONG:
            break
        batch *= 2
    return min(size for size, time in times.items() if time <= NEAR * min(times.values()))


def _seconds(draw: Callable[[int], None], batch: int) -> float:
    began = time.perf_counter()
    draw(batch)
    return time.perf_counter() - began
