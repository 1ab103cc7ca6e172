"""Segments: runs of frames encoded independently, on a fixed grid from the start of the song."""

from __future__ import annotations

import itertools
from typing import NamedTuple

MIN_FRAMES = 8


class Segment(NamedTuple):
    """Frames [i0, i1), encoded on their own."""

    i0: int
    i1: int

    @property
    def name(self) -> str:
        """File name: first frame and one past the last, counted from the start of the song."""
        return f"{self.i0:07d}-{self.i1:07d}.mp4"


def partition(i0: int, i1: int, length: int) -> list[Segment]:
    """Cuts [i0, i1) at multiples of ``length`` counted from the start of the song.

    A first or last piece below `MIN_FRAMES` frames joins its neighbour: a closed group of pictures of one or
    two frames wastes bits, and encoders reorder across it badly.
    """
    cuts = [i0, *range((i0 // length + 1) * length, i1, length), i1]
    if len(cuts) > 2 and cuts[1] - cuts[0] < MIN_FRAMES:
        del cuts[1]
    if len(cuts) > 2 and cuts[-1] - cuts[-2] < MIN_FRAMES:
        del cuts[-2]
    return [Segment(a, b) for a, b in itertools.pairwise(cuts)]
