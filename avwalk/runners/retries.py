"""The segments that are left to draw; one that failed is tried again, elsewhere first."""

from __future__ import annotations

from collections.abc import Iterable

from avwalk.errors import AvwalkError, GeneratorError
from avwalk.runners.segments import Segment

RETRIES = 2
"""How often a segment is tried again."""


class Line:
    """Segments in order; those that failed come first.

    Args:
        todo: lowest first.
    """

    def __init__(self, todo: Iterable[Segment]) -> None:
        self._left = list(todo)
        self._failures: dict[Segment, list[int]] = {}

    def __len__(self) -> int:
        return len(self._left)

    def take(self, worker: int, n_workers: int) -> Segment | None:
        """The next segment for a worker; None: there is none, or it waits for a worker at which it has not failed."""
        for k, segment in enumerate(self._left):
            failed_at = set(self._failures.get(segment, ()))
            if worker not in failed_at or len(failed_at) >= n_workers:
                return self._left.pop(k)
        return None

    def failed(self, segment: Segment, worker: int, n_workers: int, error: BaseException) -> None:
        """A segment failed; it is the next.

        Raises:
            AvwalkError: it is not tried again: this is an error that has a reason, or it failed too often.
        """
        if isinstance(error, AvwalkError) and not isinstance(error, WorkerDied):
            raise error
        failures = self._failures.setdefault(segment, [])
        failures.append(worker)
        if len(failures) > RETRIES:
            raise GeneratorError(
                f"frames {segment.i0} to {segment.i1 - 1} could not be drawn, {len(failures)} times: "
                f"{' '.join(str(error).split()) or type(error).__name__}; what is finished is kept"
            ) from error
        self._left.insert(0, segment)


class WorkerDied(AvwalkError):
    """A worker ended, or cannot be reached."""
