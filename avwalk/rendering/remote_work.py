"""Work in progress at a URL, for machines that share no disk: the plan goes there, and segments come back.

A segment counts when its record is there, which is written last. Whoever joins the film has the segments in a work
folder of its own, as always; what is at the URL is a copy, and goes when the film is whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from avwalk.contracts import Frames
from avwalk.errors import OutputError
from avwalk.files.checksums import files_of, record_of
from avwalk.files.remote_folder import RemoteFolder, is_inside
from avwalk.rendering.draw import Runner
from avwalk.rendering.song_segments import SongWorker
from avwalk.rendering.work_folder import plan_folder, segment_file
from avwalk.runners.segment_work import Drawing, SegmentWriter, Tail
from avwalk.runners.segments import Segment
from avwalk.runners.stages import Stages

LOCK = "lock.json"
BEAT = 20.0  # s from one sign of life to the next
DEAD = 120.0  # s without any, after which a lock is taken over: clocks need not agree better than that


class RemoteWork:
    """The copy of a film's work folder at a URL. As a context it is locked.

    Args:
        folder: where.
        work: the work folder here.

    Raises:
        OutputError: another avwalk works there, or it cannot be used.
    """

    def __init__(self, folder: RemoteFolder, work: Path) -> None:
        self._folder, self._work = folder, work
        self._done = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> RemoteWork:
        if not self._folder.create(LOCK, _sign()):
            self._take_over()
        self._beating.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Segments stay until the film is whole."""
        self._done.set()
        self._beating.join()
        if error is None:
            self._folder.remove()
        else:
            with contextlib.suppress(OutputError):
                self._folder.remove(LOCK)

    def _take_over(self) -> None:
        try:
            holder = json.loads(self._folder.read(LOCK) or b"{}")
            age, host = time.time() - float(holder["at"]), str(holder["host"])
        except (ValueError, LookupError, TypeError):
            age, host = DEAD, "?"
        if age < DEAD:
            raise OutputError(
                f"'{self._folder.url}' is used by another avwalk, on {host}; wait for it, or {DEAD - age:.0f} s if it "
                "is dead, or choose another --work"
            )
        self._folder.write(LOCK, _sign())

    def _beat(self) -> None:
        while not self._done.wait(BEAT):
            with contextlib.suppress(OutputError):  # a network comes and goes
                self._folder.write(LOCK, _sign())

    def fetching(self, run: Runner) -> Runner:
        """The same runner; each segment is copied from the URL when it is whole."""

        def fetched(
            todo: Sequence[Segment],
            *,
            on_frames: Callable[[Segment, int, Stages], None],
            on_segment: Callable[[Segment], None],
            on_tail: Callable[[Tail], None],
        ) -> None:
            def on_fetched(segment: Segment) -> None:
                self.fetch(segment)
                on_segment(segment)

            run(todo, on_frames=on_frames, on_segment=on_fetched, on_tail=on_tail)

        return fetched

    def send_plan(self) -> None:
        """Copies the plan there; its JSON comes last.

        Raises:
            OutputError: it cannot be written.
        """
        there = self._folder.names("plan")
        files = [path for path in plan_folder(self._work).rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda path: path.name == "plan.json"):
            name = path.relative_to(self._work).as_posix()
            if path.name == "plan.json" or name not in there:  # arrays are named by what is in them
                self._folder.put(name, path)

    def fetch_all(self, segments: Sequence[Segment]) -> None:
        """Copies from there what an earlier run drew and has not copied.

        Raises:
            OutputError: it cannot be read there, or written here.
        """
        there = self._folder.names("segments")
        for segment in segments:
            record = record_of(segment_file(self._work, segment))
            if not record.exists() and record.relative_to(self._work).as_posix() in there:
                self.fetch(segment)

    def fetch(self, segment: Segment) -> None:
        """Copies a segment from there, with its record. Whether they fit is for whoever reads them.

        Raises:
            OutputError: it cannot be read there, or written here.
        """
        record = record_of(segment_file(self._work, segment))
        name = record.relative_to(self._work).as_posix()
        text = (self._folder.read(name) or b"").decode(errors="replace")
        for each in files_of(text, "segments"):
            if is_inside(each):
                self._folder.get(each, self._work / each)
        self._folder.get(name, record)


def _sign() -> bytes:
    return json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "at": time.time()}).encode()


@dataclass(frozen=True)
class RemoteWorker:
    """As `SongWorker`, on a machine that sees the URL alone: it draws into a folder of its own, and copies.

    Attributes:
        worker: what draws; its work folder is of no account.
        url: where the plan is, and segments go.
    """

    worker: SongWorker
    url: str

    def __call__(self) -> Drawing[Frames]:
        """The plan is copied from there, and read; models are loaded."""
        folder, own = RemoteFolder(self.url), tempfile.TemporaryDirectory(prefix="avwalk-")
        work = Path(own.name)
        for name in folder.names("plan"):
            if is_inside(name):
                folder.get(name, work / name)
        (work / "segments").mkdir()
        drawing = replace(self.worker, work=work)()

        def open_writer(segment: Segment) -> _Copied:
            return _Copied(drawing.open_writer(segment), folder, segment_file(work, segment), own)

        return Drawing(drawing.source, open_writer, drawing.frame_bytes)


class _Copied:
    """A writer whose files are copied to a URL when they are whole, the record last, and deleted here."""

    n_done = 0

    def __init__(
        self,
        writer: SegmentWriter[Frames],
        folder: RemoteFolder,
        file: Path,
        own: tempfile.TemporaryDirectory[str],  # goes with the last that has it
    ) -> None:
        self._writer, self._folder, self._file, self._own = writer, folder, file, own
        self.write, self.abort = writer.write, writer.abort

    def close(self) -> None:
        """Completes the segment here, then there."""
        self._writer.close()
        record, work = record_of(self._file), self._file.parent.parent
        files = [work / name for name in files_of(record.read_text(encoding="utf-8"), "segments")]
        for file in (*files, record):
            self._folder.put(file.relative_to(work).as_posix(), file)
            file.unlink()

    def cut(self) -> None:
        """What there is of a segment stays on this machine, and goes with it."""
        self._writer.abort()
