"""Keyframe schedule: which frames are painted, and between which keyframes the others lie."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from avwalk.errors import OptionError


@dataclass(frozen=True)
class Schedule:
    """Keyframes (painted frames): every ``every``-th counted from the start of the song, so that segments align.

    Nothing is warped over a cut: the first and the last frame of a run between two cuts are keys too, and so are those
    of the film, so that every frame has a key on both sides.

    Attributes:
        i0: first frame of the film, counted from the start of the song.
        i1: one past its last.
        every: frames from key to key: DIGCREA's ``interpolation_steps`` + 1; ≥ 1.
        cuts: frames that have nothing to do with the one before.

    Raises:
        OptionError: no frames, or ``every`` < 1.
    """

    i0: int
    i1: int
    every: int
    cuts: Sequence[int] = ()

    def __post_init__(self) -> None:
        if self.every < 1:
            raise OptionError(f"interpolation_steps {self.every - 1} is below 0; give 0 or more")
        if self.i0 >= self.i1:
            raise OptionError(f"frames {self.i0} to {self.i1} are none; give a longer film")

    @cached_property
    def _runs(self) -> list[int]:
        """First frames of the runs between cuts, and one past the last."""
        return [self.i0, *sorted({cut for cut in self.cuts if self.i0 < cut < self.i1}), self.i1]

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """All painted frames, ascending."""
        found: set[int] = set()
        for a, b in zip(self._runs, self._runs[1:], strict=False):
            found |= {a, b - 1, *range(-(-a // self.every) * self.every, b, self.every)}
        return tuple(sorted(found))

    def run(self, i: int) -> tuple[int, int]:
        """The run [a, b) between cuts that holds frame ``i``."""
        k = bisect_right(self._runs, i)
        return self._runs[k - 1], self._runs[k]

    def around(self, i: int) -> tuple[int, int]:
        """The keyframes around frame ``i``: the last one up to it, and the next one, or the same."""
        k = bisect_left(self.keys, i)
        return (i, i) if self.keys[k] == i else (self.keys[k - 1], self.keys[k])

    def index(self, key: int) -> int:
        """Index of a keyframe, from 0."""
        return bisect_left(self.keys, key)
