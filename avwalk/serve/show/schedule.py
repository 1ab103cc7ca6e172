"""Which picture is on which screen at which time, so that screens that ask at different times show the same."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

LEAD_S = 1.2
"""So long before a change it is decided what comes: pages load it meanwhile, and what is new has not long to wait."""
_KEPT = 4
"""Changes that are remembered, for screens whose clock is late."""


class Schedule:
    """Pictures in turn, in steps of the clock; new ones come first. Thread-safe.

    Args:
        screens: that show the same order, each the next picture of it.
        seconds: that a picture stays.
    """

    def __init__(self, screens: int, seconds: float) -> None:
        self.screens, self.seconds = screens, seconds
        self._steps: dict[int, tuple[str, ...]] = {}
        self._known: set[str] | None = None
        self._new: deque[str] = deque()
        self._last = ""
        self._lock = threading.Lock()

    def steps(self, now: float, names: Sequence[str]) -> dict[int, tuple[str, ...]]:
        """Number of a step → picture of each screen: of those lately, of this one, and of the next if it is near.

        Step k lasts from k × seconds to (k + 1) × seconds of the clock. What was decided stays.

        Args:
            now: seconds of the clock.
            names: pictures that are there, in order.
        """
        with self._lock:
            step = int(now // self.seconds)
            self._decide(step, names)
            if (step + 1) * self.seconds - now <= LEAD_S:
                self._decide(step + 1, names)
            return dict(self._steps)

    def _decide(self, step: int, names: Sequence[str]) -> None:
        if self._known is not None:
            self._new.extend(name for name in names if name not in self._known)
        self._known = set(names)
        if any(self._steps.get(step, ())) or not names:
            return
        order = {name: k for k, name in enumerate(names)}
        chosen: list[str] = []
        while self._new and len(chosen) < self.screens:
            if (name := self._new.popleft()) in order:
                chosen.append(name)
        following = order.get(chosen[-1] if chosen else self._last, -1)
        while len(chosen) < self.screens:
            following = (following + 1) % len(names)
            chosen.append(names[following])
        self._last = chosen[-1]
        self._steps[step] = tuple(chosen)
        for old in sorted(self._steps)[:-_KEPT]:
            del self._steps[old]
