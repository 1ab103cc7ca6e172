"""Threads that draw on the processor, each by itself.

A network that is split between threads layer by layer waits for the slowest of them a hundred times a picture, and most
so when the encoder needs the processor as well. Threads that draw a batch each do not wait; and since every batch is
drawn by one thread, its bits are the same on any number of cores.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache


@cache
def crew() -> ThreadPoolExecutor:
    """As many threads as torch would use for one operation (all cores, or ``OMP_NUM_THREADS``); made once."""
    import torch

    def alone() -> None:
        torch.get_num_threads()  # a thread takes over the number of all when it first asks; set before, it is lost
        torch.set_num_threads(1)

    n = torch.get_num_threads()
    threads = ThreadPoolExecutor(n, "biggan", initializer=alone)
    together = threading.Barrier(n)
    list(threads.map(lambda _: together.wait(), range(n)))  # all begin now:
    torch.set_num_threads(n)  # the number is each thread's own, but those that begin later take over the last one set
    return threads
