"""Which frames are painted, and which painted ones those between come from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from avwalk.errors import OptionError


@dataclass(frozen=True)
class Schedule:
    """Painted frames, the keys: each ``every``-th counted from the start of the song, so that segments align.

    Nothing is carried over a cut. A run between two cuts that no key falls into has one on its first frame; before the
    first key of a run and behind its last, frames come from that key alone.

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

    @property
    def needs(self) -> tuple[int, int]:
        """Source frames before and behind those asked for, at most; fewer at the ends of the film."""
        return self.every, self.every

    @cached_property
    def _runs(self) -> list[int]:
        """First frames of the runs between cuts, and one past the last."""
        return [self.i0, *sorted({cut for cut in self.cuts if self.i0 < cut < self.i1}), self.i1]

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """All painted frames, ascending."""
        found: list[int] = []
        for a, b in zip(self._runs, self._runs[1:], strict=False):
            found.extend(range(-(-a // self.every) * self.every, b, self.every) or [a])
        return tuple(found)

    def run(self, i: int) -> tuple[int, int]:
        """The frames [a, b) around frame ``i`` that no cut parts from it."""
        k = bisect_right(self._runs, i)
        return self._runs[k - 1], self._runs[k]

    def around(self, i: int) -> tuple[int | None, int | None]:
        """The keys that frame ``i`` comes from: the last one up to it, and the next one; None: not in its run."""
        a, b = self.run(i)
        k = bisect_right(self.keys, i)
        before = self.keys[k - 1] if k and self.keys[k - 1] >= a else None
        if before == i:
            return i, i
        after = self.keys[k] if k < len(self.keys) and self.keys[k] < b else None
        return before, after

    def wanted(self, i0: int, i1: int) -> list[int]:
        """Keys that frames [i0, i1) come from, ascending."""
        return sorted({key for i in range(i0, i1) for key in self.around(i) if key is not None})

    def place(self, key: int) -> int:
        """Which of the keys a key is, from 0."""
        return bisect_left(self.keys, key)
