"""Jobs on disk: a folder for each, with what was asked, how it stands, what happened, and the results.

jobs/<id>/job.json        the job, written in one step whenever its state changes
jobs/<id>/events.jsonl    a line for each event, the newest last
jobs/<id>/out/            results
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from avwalk.errors import OutputError
from avwalk.files.atomic import make_folder, write_file
from avwalk.files.names import is_bare

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Job:
    """A job.

    Attributes:
        id: 16 hexadecimal digits.
        kind: ``"paint"``, ``"render"`` or ``"story"``.
        options: as they were asked for, and checked.
        state: ``"queued"``, ``"running"``, ``"done"``, ``"failed"`` or ``"cancelled"``.
        created: Unix time, seconds.
        started: Unix time; None: not yet.
        ended: Unix time; None: not yet.
        error: why it failed, one line.
        results: names of files that can be fetched.
    """

    id: str
    kind: str
    options: Mapping[str, Any]
    state: str = QUEUED
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    error: str = ""
    results: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """As it is stored and sent."""
        return {**asdict(self), "options": dict(self.options), "results": list(self.results)}


class JobStore:
    """The jobs of a folder.

    Args:
        folder: is made if it is not there.

    Raises:
        OutputError: it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder

    def add(self, kind: str, options: Mapping[str, Any]) -> Job:
        """A new job, queued.

        Raises:
            OutputError: it cannot be written.
        """
        job = Job(secrets.token_hex(8), kind, options, created=round(time.time(), 3))
        make_folder(self.folder_of(job.id) / "out")
        self.write(job)
        return job

    def write(self, job: Job) -> None:
        """Writes how a job stands, in one step.

        Raises:
            OutputError: it cannot be written.
        """
        text = json.dumps(job.as_json(), ensure_ascii=False, indent=1)
        write_file(self.folder_of(job.id) / "job.json", text + "\n")

    def find(self, name: str) -> Job | None:
        """A job by its id; None: there is none, or its record cannot be read."""
        if not _ID.fullmatch(name):
            return None
        try:
            stored = json.loads((self.folder_of(name) / "job.json").read_text(encoding="utf-8"))
            return Job(**{**stored, "results": tuple(stored["results"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def all(self) -> list[Job]:
        """Every job, the oldest first."""
        jobs = [job for path in self._folder.iterdir() if path.is_dir() and (job := self.find(path.name))]
        return sorted(jobs, key=lambda job: (job.created, job.id))

    def folder_of(self, name: str) -> Path:
        """The folder of a job.

        Raises:
            OutputError: it is no id.
        """
        if not _ID.fullmatch(name):
            raise OutputError(f"'{name[:40]}' is no job")
        return self._folder / name

    def result(self, job: Job, name: str) -> Path | None:
        """A result's file; None: the job has none of that name."""
        path = self.folder_of(job.id) / "out" / name
        return path if name in job.results and is_bare(name) and path.is_file() else None

    def remove(self, job: Job) -> None:
        """Deletes a job and its results."""
        shutil.rmtree(self.folder_of(job.id), ignore_errors=True)

    def append(self, job: Job, event: Mapping[str, Any]) -> None:
        """Writes down what happened."""
        with (self.folder_of(job.id) / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def events(self, job: Job, after: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """What happened, numbered from 1; those behind number ``after``. A last line that is not whole is left out."""
        try:
            data = (self.folder_of(job.id) / "events.jsonl").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for number, line in enumerate(data.split("\n")[:-1], 1):
            if number > after:
                try:
                    yield number, json.loads(line)
                except ValueError:  # of a server that was killed while it wrote
                    continue


def outcome(job: Job, **changes: Any) -> Job:
    """The job with other values."""
    return replace(job, **changes)
