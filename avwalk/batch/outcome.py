"""`Outcome`: what became of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from avwalk.batch.table import Job
from avwalk.contracts import Event

Report = Callable[[Event], None]


@dataclass(frozen=True)
class Outcome:
    """Result of a job.

    Attributes:
        job: which.
        what: ``made``; ``there``: the film was there, and is what the table asks for; ``failed``.
        message: of a failure, one line or several; else a note, or empty.
        n_frames: of the film; 0 where it failed.
        wall_s: seconds that it took.
    """

    job: Job
    what: Literal["made", "there", "failed"]
    message: str = ""
    n_frames: int = 0
    wall_s: float = 0.0
