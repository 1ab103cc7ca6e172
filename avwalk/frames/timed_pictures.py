"""A folder of pictures with a timeline: each is seen on its time under a slow camera, and mixed with the next.

    picture,start,seed
    0001_1f2e3d4c5b6a.png,0.000,3928387822
    0002_9a8b7c6d5e4f.png,7.860,2826852714

The first is seen from the start, each until the next begins, the last one on. The table is ``timeline.csv``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import threading
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from avwalk.arrays.fit import Fit
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.atomic import write_file
from avwalk.files.csv_table import below_header, open_table
from avwalk.files.image_meta import read
from avwalk.files.names import is_bare
from avwalk.frames.still_camera import Move, camera_move, for_camera, view_of

TIMELINE = "timeline.csv"
_START, _SEED = re.compile(r"-?\d{1,7}(?:\.\d{1,9})?"), re.compile(r"\d{1,19}")
COLUMNS = ("picture", "start", "seed")
FADE = Fraction(1, 2)
"""Seconds over which two pictures are mixed, around the time of the second one."""
LAST = Fraction(10)
"""Seconds in which the camera goes over the last picture, where the film does not say when it ends."""
MOST = 5000
_MAX_BYTES = 1 << 20
_KEPT = 3  # pictures in memory
_BLOCK = 1 << 20


class Shown(NamedTuple):
    """A picture and when it begins.

    Attributes:
        picture: name of a file of the folder.
        start: seconds.
        seed: of the camera's way over it.
    """

    picture: str
    start: Fraction
    seed: int = 0


class TimedPictures:
    """Pictures of a folder by its timeline; frames are functions of their time alone. Thread-safe.

    Args:
        path: of the folder.
        size: width and height of the film.
        fps: of the film.
        fit: how pictures of another shape fill the frame, see `avwalk.arrays.fit.Fit`.

    Attributes:
        read_as: empty: pictures need nothing but being read.
        notes: none.

    Raises:
        VideoError: the timeline or a picture is missing or wrong.
    """

    failed_frames: tuple[int, ...] = ()
    read_as = ""
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, size: tuple[int, int], fps: Fraction, *, fit: str = "crop") -> None:
        self._path, self._size, self._fps = path, size, fps
        self._wide = None if fit == "crop" else Fit(size, fit)  # a crop is the camera's own
        self.shown = read_timeline(path)
        self._starts = [each.start for each in self.shown]
        self._moves = [self._move(k) for k in range(len(self.shown))]
        self._pictures: dict[str, Frames] = {}
        self._lock = threading.Lock()
        self._picture(self.shown[0].picture)

    @cached_property
    def sha256(self) -> str:
        """Of the timeline's times and the contents of its pictures."""
        digest = hashlib.sha256()
        for each in self.shown:
            digest.update(f"{each.start}\0{each.seed}\0".encode())
            with (self._path / each.picture).open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        return digest.hexdigest()

    @property
    def duration(self) -> Fraction:
        """Seconds until the camera has gone over the last picture."""
        return self._starts[-1] + LAST

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        return self.frames_at([i / self._fps for i in range(i0, i1)])

    def frames_at(self, times: Sequence[Fraction]) -> Frames:
        """What is seen at some times, seconds: (n, H, W, 3) float32 in [0, 1]."""
        return np.stack([self._frame(time) for time in times])

    def shares_at(self, time: Fraction) -> list[tuple[int, float]]:
        """Which pictures are seen at a time, and how much: the second over the first. At the time of a picture it has
        half of the frame; pictures that are seen shortly are mixed over half of their time at most."""
        k = max(0, bisect_right(self._starts, time) - 1)
        for coming in (k + 1, k):
            if not 0 < coming < len(self.shown):
                continue
            fade = self._fade(coming)
            if abs(time - self._starts[coming]) < fade / 2:
                return [(coming - 1, 1.0), (coming, float((time - self._starts[coming]) / fade + Fraction(1, 2)))]
        return [(k, 1.0)]

    def _frame(self, time: Fraction) -> Frames:
        (first, _), *over = self.shares_at(time)
        frame = self._view(first, time)
        for k, share in over:  # evenly, so that both have half of the frame at the time of the second
            frame += np.float32(share) * (self._view(k, time) - frame)
        return frame

    def _view(self, k: int, time: Fraction) -> Frames:
        begin, end = self._span(k)
        view = self._moves[k].at(float((time - begin) / (end - begin)))
        return np.ascontiguousarray(view_of(self._picture(self.shown[k].picture), view, self._size))

    def _span(self, k: int) -> tuple[Fraction, Fraction]:
        """Seconds in which a picture is seen, mixed ones included."""
        begin = self._starts[k] - (self._fade(k) / 2 if k else 0)
        last = k + 1 == len(self.shown)
        return begin, self._starts[k] + LAST if last else self._starts[k + 1] + self._fade(k + 1) / 2

    def _fade(self, k: int) -> Fraction:
        """Seconds over which picture k ≥ 1 comes in."""
        before = self._starts[k] - self._starts[k - 1]
        after = self._starts[k + 1] - self._starts[k] if k + 1 < len(self._starts) else before
        return min(FADE, before / 2, after / 2)

    def _move(self, k: int) -> Move:
        begin, end = self._span(k)
        return camera_move(self.shown[k].seed, k + 1, float(end - begin))

    def _picture(self, name: str) -> Frames:
        with self._lock:
            found = self._pictures.get(name)
        if found is None:
            found = read(self._path / name)
            if self._wide is not None:
                found = self._wide.apply(found[None])[0]
            found = for_camera(found, self._size)
            with self._lock:
                self._pictures[name] = found
                for old in list(self._pictures)[:-_KEPT]:
                    del self._pictures[old]
        return found


def read_timeline(folder: Path) -> tuple[Shown, ...]:
    """The timeline of a folder.

    Raises:
        VideoError: it is missing or wrong, or a picture of it is not there.
    """
    path = folder / TIMELINE
    table = open_table(path, "timeline", _MAX_BYTES, "its columns are picture,start,seed", VideoError)
    head, rows, problems = below_header(table)
    header = [cell.text.lower() for cell in head.cells] if head else []
    if not {"picture", "start"} <= set(header) or problems or not rows or len(rows) > MOST:
        raise VideoError(f"timeline '{path}' is none; its columns are picture,start,seed, and it has 1 to {MOST} rows")
    found: list[Shown] = []
    there = {file.name for file in folder.iterdir() if file.is_file()}
    for record in rows:
        cells = {name: cell.text for name, cell in zip(header, record.cells, strict=False)}
        place = f"{TIMELINE}:{record.cells[0].line}"
        name, start, seed = cells.get("picture", ""), cells.get("start", ""), cells.get("seed") or "0"
        if not (_START.fullmatch(start) and _SEED.fullmatch(seed)):
            raise VideoError(f"{place}: start '{start}' or seed '{seed}' is no number; write 7.86 and 3")
        shown = Shown(name, Fraction(start), int(seed))
        if not is_bare(name) or name not in there:
            raise VideoError(f"{place}: picture '{name}' is not in '{folder.name}'; name a file of that folder")
        if not 0 <= shown.start < 10**6 or shown.seed < 0 or (found and shown.start <= found[-1].start):
            raise VideoError(f"{place}: start {start} is not behind the one before; sort the rows by time")
        found.append(shown)
    return tuple(found)


def write_timeline(folder: Path, shown: Sequence[Shown]) -> None:
    """Writes the timeline of a folder; one that says so already is not touched.

    Raises:
        OutputError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((each.picture, f"{float(each.start):.3f}", each.seed) for each in shown)
    data, path = text.getvalue().encode(), folder / TIMELINE
    if not (path.is_file() and path.read_bytes() == data):
        write_file(path, data)
