"""The work folder of a film: plan, finished segments and a lock."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from avwalk.errors import OutputError, PlanError
from avwalk.events import warn_once
from avwalk.files.atomic import output_error, raise_if_short_of_files, write_file
from avwalk.files.checksums import is_labelled, record_of, sha256_of, write_record
from avwalk.files.names import name_problem
from avwalk.plan.plan import Plan
from avwalk.rendering.job import Piece
from avwalk.runners.segments import Segment
from avwalk.settings import settings
from avwalk.spec.json_form import Spec

_PLACES = "work_folders.json"
"""In the folder of avwalk's choices."""


def plan_folder(work: Path) -> Path:
    """Where the plan is in a work folder."""
    return work / "plan"


def segment_file(work: Path, segment: Segment) -> Path:
    """Where a segment is in a work folder, or will be."""
    return work / "segments" / segment.name


class WorkFolder:
    """``<out>.work/``, beside the film or elsewhere: its plan and segments, and a lock that dies with its process.

    Everything in it carries checksums, see `avwalk.files.checksums` and `avwalk.plan.plan`: what is damaged is made
    again. ``film.json`` is for people and for telling films apart: all else names its film by hash, so that a damaged
    one is written anew.

    Args:
        out: the film's final name.
        film: everything that decides it; a folder that holds another film is refused.
        fresh: discard what is there.
        place: folder that it lies in; None: that of the film.
        edits: keys of the film that may differ from those of the film in the folder, see `go_on`.

    Raises:
        OutputError: the folder cannot be made, or another avwalk works in it.
        PlanError: it holds another film, of which no frame can be as it is in this one.
    """

    def __init__(
        self, out: Path, film: Spec, *, fresh: bool = False, place: Path | None = None, edits: Collection[str] = ()
    ) -> None:
        self.path = (place or out.parent) / f"{out.name}.work"
        self._film, self._edits = film, edits
        self._edited: list[str] = []
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
                f"cannot work in '{self.path}': {error.strerror or error}; choose another "
                f"--{'work' if place else 'out'}"
            ) from error
        try:
            self._open(fresh)
        except BaseException as error:
            self._lock.release()
            if isinstance(error, OSError):
                raise output_error(self.path, error) from None
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
        wanted = self._film.to_json()
        stored = _stored(inputs)
        if stored is None and inputs.exists():
            logging.getLogger(__name__).warning(f"'{inputs}' is damaged, and is written anew")
        elif stored is None:
            self._clear()  # half a start, from a process that was killed
        elif differences := _differences(stored, wanted):
            if any(stored.get(key) != wanted.get(key) for key in {**stored, **wanted} if key not in self._edits):
                raise self._refusal(differences)
            self._edited = differences
        if stored is None:
            self._write(inputs)
        self.segments.mkdir(exist_ok=True)
        for left in self.path.rglob("*.part"):
            left.unlink(missing_ok=True)
        for left in (*self.segments.glob("*.tail"), *self.segments.glob("*.room")):
            left.unlink(missing_ok=True)
        for left in self.segments.glob("*.frames"):
            if not record_of(left).exists():  # of a process that was killed
                left.unlink(missing_ok=True)

    def _write(self, inputs: Path) -> None:
        text = json.dumps(self._film.to_json(), ensure_ascii=False)
        write_record(inputs, self._film.hash, {inputs: hashlib.sha256(text.encode()).hexdigest()})
        write_file(inputs, text)

    def _refusal(self, differences: Sequence[str]) -> PlanError:
        return PlanError(
            f"'{self.path.name}' holds an unfinished film with other settings ({', '.join(differences[:3])}); "
            "--fresh discards it, another --out keeps it"
        )

    def go_on(self, label: Callable[[Segment], str], segments: Sequence[Segment]) -> None:
        """Goes on with a film that was edited since its folder was made, if segments in it are as they were.

        Args:
            label: of a segment of the film as it is now.
            segments: of the film.

        Raises:
            PlanError: segments are there, and none of them is of this film.
        """
        if not self._edited:
            return
        if not self.is_empty() and not any(is_labelled(self.file(each), label(each)) for each in segments):
            raise self._refusal(self._edited)
        self._write(self.path / "film.json")
        self._edited = []

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

    def plan(self, make: Callable[[], Plan], film: str) -> Plan:
        """The plan kept here, or a new one, kept; also where that kept is damaged, or not of the film with this hash.

        Raises:
            OutputError: it cannot be written, or too many files are open.
        """
        folder = plan_folder(self.path)
        if (folder / "plan.json").exists():
            try:
                kept = Plan.load(folder)
            except PlanError as error:
                logging.getLogger(__name__).warning(f"{str(error).partition('; render')[0]}, and is made again")
            else:
                if kept.hash == film:
                    return kept
            shutil.rmtree(folder, ignore_errors=True)
        make().save(folder)
        return Plan.load(folder)

    def file(self, segment: Segment) -> Path:
        """Where a segment is, or will be."""
        return segment_file(self.path, segment)

    def piece(self, segment: Segment) -> Piece:
        """A segment that is whole."""
        return Piece(self.file(segment), segment.i1 - segment.i0)

    def is_empty(self) -> bool:
        """Whether no segment is finished, nor begun: then there is nothing to keep."""
        return not any(any(self.segments.glob(f"*{suffix}")) for suffix in (".mp4", ".frames"))

    def remove(self) -> None:
        """Deletes the folder; the lock goes last."""
        self._clear()
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def remember_place(out: Path, place: Path) -> None:
    """Stores where the work of a film is that is not beside it; `left_elsewhere` finds it in a later run."""
    known = {film: folder for film, folder in _places().items() if (Path(folder) / f"{Path(film).name}.work").is_dir()}
    text = json.dumps({**known, str(out.absolute()): str(place)}, indent=1)
    try:
        write_file(settings().state_dir / _PLACES, text, parents=True, sync="no")
    except OutputError as error:  # a read-only home must not stop a render
        warn_once(f"where the work of this film lies is not remembered: {error}")


def left_elsewhere(out: Path) -> Path | None:
    """The folder that a run before was told to keep its work in, if there is still work of this film in it."""
    place = _places().get(str(out.absolute()))
    if place is None or not any((Path(place) / f"{out.name}.work" / "segments").glob("*")):
        return None
    return Path(place)


def _places() -> dict[str, str]:
    """Film → folder, as far as that is remembered."""
    try:
        found = json.loads((settings().state_dir / _PLACES).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    found = found if isinstance(found, dict) else {}
    return {film: place for film, place in found.items() if isinstance(place, str) and not name_problem(Path(place))}


def _stored(inputs: Path) -> Any:
    """What film a folder says that it holds; None if it says nothing that can be believed.

    Raises:
        OutputError: it cannot be read.
    """
    try:
        stored = json.loads(inputs.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise_if_short_of_files(inputs, error)
        raise OutputError(f"'{inputs}' cannot be read: {error.strerror}; choose another --out") from None
    except (ValueError, RecursionError):
        return None
    known = record_of(inputs).exists()  # folders of earlier versions have no record
    return stored if isinstance(stored, dict) and (not known or _is_recorded(inputs)) else None


def _is_recorded(inputs: Path) -> bool:
    """Whether a file is what its record says, whatever film it was made for."""
    words = record_of(inputs).read_text(encoding="utf-8", errors="replace").split()
    return sha256_of(inputs) in words


def _differences(stored: Any, wanted: Any, key: str = "") -> list[str]:
    if isinstance(stored, Mapping) and isinstance(wanted, Mapping):
        keys = [*stored, *(k for k in wanted if k not in stored)]
        return [d for k in keys for d in _differences(stored.get(k), wanted.get(k), f"{key}.{k}".lstrip("."))]
    if stored == wanted or json.dumps(stored) == json.dumps(wanted):
        return []
    return [f"{key}: {json.dumps(stored)} → {json.dumps(wanted)}"[:120]]
