"""The work folder of a film: plan, finished segments and a lock."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from avwalk.errors import OutputError, PlanError
from avwalk.files.atomic import write_file
from avwalk.plan.plan import Plan
from avwalk.rendering.job import Piece
from avwalk.runners.segments import Segment
from avwalk.spec import Spec


class WorkFolder:
    """``<out>.work/``: the plan, the finished segments, and a lock that dies with its process.

    A segment is whole when it is there under its final name: encoders write ``*.part`` and rename.

    Args:
        out: the film's final name.
        film: everything that decides it; a folder that holds another film is refused.
        fresh: discard what is there.

    Raises:
        OutputError: the folder cannot be made, or another avwalk works in it.
        PlanError: it holds another film.
    """

    def __init__(self, out: Path, film: Spec, *, fresh: bool = False) -> None:
        self.path = out.with_name(out.name + ".work")
        self._film = film
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self.path / "lock")
            self._lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(
                f"'{out.name}' is being rendered by another avwalk; wait for it or choose another --out"
            ) from None
        except OSError as error:
            raise OutputError(
                f"cannot work in '{self.path}': {error.strerror or error}; choose another --out"
            ) from error
        try:
            self._open(fresh)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> WorkFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def _open(self, fresh: bool) -> None:
        inputs = self.path / "film.json"
        if fresh:
            self._clear()
        if inputs.exists():
            try:
                stored = json.loads(inputs.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                stored = {"film.json": "damaged"}
            wanted = self._film.to_json()
            if stored != wanted:
                names = ", ".join(_differences(stored, wanted)[:3])
                raise PlanError(
                    f"'{self.path.name}' holds an unfinished film with other settings ({names}); "
                    "--fresh discards it, another --out keeps it"
                )
        else:
            self._clear()  # half a start, from a process that was killed
            write_file(inputs, json.dumps(self._film.to_json(), ensure_ascii=False))
        self.segments.mkdir(exist_ok=True)
        for left in self.path.rglob("*.part"):
            left.unlink(missing_ok=True)
        for left in self.segments.glob("*.tail"):
            left.unlink(missing_ok=True)

    def _clear(self) -> None:
        for entry in self.path.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != "lock":
                entry.unlink(missing_ok=True)

    @property
    def segments(self) -> Path:
        """Folder of the encoded segments."""
        return self.path / "segments"

    def plan(self, make: Callable[[], Plan]) -> Plan:
        """The plan kept here, or a new one, kept."""
        folder = self.path / "plan"
        if not (folder / "plan.json").exists():
            make().save(folder)
        return Plan.load(folder)

    def file(self, segment: Segment) -> Path:
        """Where a segment is, or will be."""
        return self.segments / segment.name

    def piece(self, segment: Segment) -> Piece:
        """A segment that is whole."""
        return Piece(self.file(segment), segment.i1 - segment.i0)

    def is_empty(self) -> bool:
        """Whether no segment is finished: then there is nothing to keep."""
        return not any(self.segments.glob("*.mp4"))

    def remove(self) -> None:
        """Deletes the folder; the lock goes last."""
        self._clear()
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def _differences(stored: Any, wanted: Any, key: str = "") -> list[str]:
    if isinstance(stored, Mapping) and isinstance(wanted, Mapping):
        keys = [*stored, *(k for k in wanted if k not in stored)]
        return [d for k in keys for d in _differences(stored.get(k), wanted.get(k), f"{key}.{k}".lstrip("."))]
    if stored == wanted or json.dumps(stored) == json.dumps(wanted):
        return []
    return [f"{key}: {json.dumps(stored)} → {json.dumps(wanted)}"[:120]]
