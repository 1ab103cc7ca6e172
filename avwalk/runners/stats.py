"""Where the time of a render went, for whoever wants to know."""

from __future__ import annotations

import time
from typing import Any

from avwalk.runners.stages import Stages


class Stopwatch:
    """Seconds of the steps of a run, one after the other.

    Attributes:
        laps: step → seconds.
    """

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        """A step ends now, and the next begins."""
        now = time.perf_counter()
        self.laps[step], self._last = now - self._last, now

    @property
    def total(self) -> float:
        """Seconds from the beginning to now."""
        return time.perf_counter() - self._began


def stats(watch: Stopwatch, stages: Stages, *, n_frames: int, n_resumed: int) -> dict[str, Any]:
    """Where the time went, as JSON values; seconds but for ``n_…``.

    Args:
        watch: with a step ``draw``.
        stages: of the workers.
        n_frames: of the film.
        n_resumed: those that were there before.

    Returns:
        ``n_frames``, ``n_resumed``, ``n_workers``; ``wall_s`` of all; ``steps``, name → seconds; and of the workers, of
        whose time there is ``n_workers`` × ``steps["draw"]``: ``picture_s`` and ``encoder_s``, which each spent at
        work; ``picture_waited_s`` and ``encoder_waited_s``, for each other; ``idle_s``, in which no picture was drawn
        nor waited with: loading, the last frames of segments, and when there were fewer segments than workers.
    """
    spent = stages.times
    idle = stages.n_workers * watch.laps["draw"] - spent.drawing - spent.drawing_waited
    return {
        "n_frames": n_frames,
        "n_resumed": n_resumed,
        "n_workers": stages.n_workers,
        "wall_s": round(watch.total, 3),
        "steps": {step: round(seconds, 3) for step, seconds in watch.laps.items()},
        "picture_s": round(spent.drawing, 3),
        "picture_waited_s": round(spent.drawing_waited, 3),
        "encoder_s": round(spent.encoding, 3),
        "encoder_waited_s": round(spent.encoding_waited, 3),
        "idle_s": round(max(0.0, idle), 3),
    }
