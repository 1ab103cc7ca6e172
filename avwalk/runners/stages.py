"""How long drawing and encoding took, and waited for each other."""

from __future__ import annotations

from typing import NamedTuple


class Times(NamedTuple):
    """Of some frames, in seconds.

    Attributes:
        drawing: in the source.
        drawing_waited: of the drawing side, for room in the queue.
        encoding: in the writer.
        encoding_waited: of the encoding side, for frames.
    """

    drawing: float = 0.0
    drawing_waited: float = 0.0
    encoding: float = 0.0
    encoding_waited: float = 0.0


class Stages:
    """The sum of them over all workers; the side that waits less is the bottleneck.

    Args:
        n_workers: how many there are.
    """

    def __init__(self, n_workers: int = 0) -> None:
        self.n_workers, self.times = n_workers, Times()

    def add(self, times: Times) -> None:
        """Adds those of more frames."""
        self.times = Times(*(a + b for a, b in zip(self.times, times, strict=True)))

    @property
    def limit(self) -> str:
        """``picture`` or ``encoder``."""
        return "picture" if self.times.encoding_waited > self.times.drawing_waited else "encoder"
