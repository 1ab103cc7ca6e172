"""Framing: windows of samples centred on given times, cut from sound that arrives in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


class Framer:
    """Cuts windows of ``size`` samples, window k centred on sample ``round(k · sample_rate / rate)``.

    The sound is zero-padded on both sides, so every window is complete and there are exactly ``n_windows`` of them,
    whatever the block sizes.

    Args:
        size: window length in samples.
        sample_rate: of the sound, Hz.
        rate: windows per second; may be a fraction such as 30000/1001.
        n_windows: how many windows there are.
    """

    def __init__(self, size: int, sample_rate: int | Fraction, rate: Fraction, n_windows: int) -> None:
        step = Fraction(sample_rate) / rate
        k = np.arange(n_windows, dtype=np.int64)
        # round(k · n / d) in exact integers: a float product would slip by a sample in long songs
        self._starts = (2 * k * step.numerator + step.denominator) // (2 * step.denominator) - size // 2
        self._size = size
        self._next = 0
        self._origin = -(size // 2)
        self._held: NDArray[np.float32] = np.zeros(size // 2, np.float32)

    def push(self, samples: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Adds samples (n,); yields ``(k, windows)``, windows (m, size) float32, m ≤ 64, k the index of the first."""
        self._held = np.concatenate([self._held, samples])
        yield from self._ready()

    def finish(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Pads the end with silence and yields the remaining windows."""
        if self._next < len(self._starts):
            missing = int(self._starts[-1]) + self._size - (self._origin + len(self._held))
            if missing > 0:
                self._held = np.concatenate([self._held, np.zeros(missing, np.float32)])
            yield from self._ready()

    def _ready(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        held_end = self._origin + len(self._held)
        last = int(np.searchsorted(self._starts, held_end - self._size, side="right"))
        while self._next < last:
            stop = min(last, self._next + 64)  # windows overlap: a few at a time bound the copy, and stay cached
            starts = self._starts[self._next : stop] - self._origin
            yield self._next, sliding_window_view(self._held, self._size)[starts]
            self._next = stop
        keep_from = int(self._starts[self._next]) if self._next < len(self._starts) else held_end
        drop = min(max(0, keep_from - self._origin), len(self._held))
        if drop:
            self._held = self._held[drop:].copy()
            self._origin += drop
