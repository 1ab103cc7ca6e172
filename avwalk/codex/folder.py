"""The folder of a codex: its tables and settings, its pictures, and what was said of them.

codex.toml      settings: cycles, variations, inclusion, universe, style, negative, painter, seed, sizes
scene.csv       what is seen, a row each
structure.csv   attributes: a column for each category
pictures/       00000.png, 00001.png, …: by the index of the picture
thumbnails/     the same, small: what the page shows, and what is shared
marks.jsonl     what was liked: {"picture": "00012.png", "mark": "good", "at": "2026-01-31T12:00:00Z"}, a line each
delivered/      scaled copies, if they are asked for
failed.json     pictures that could not be painted, and why; the next run tries them again
good/, bad/     copies of pictures that somebody has sorted by hand
index.html      all pictures to look through
sheet.png       all pictures at a glance
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from avwalk.codex.record import Record, read_record
from avwalk.errors import CodexError, OutputError, clipped
from avwalk.files.atomic import output_error
from avwalk.files.bounded import parse_json

Mark = Literal["good", "bad", "none"]
"""What somebody thinks of a picture; ``none`` takes back what was said before."""
MARKS: tuple[Mark, ...] = get_args(Mark)
MAX_MARK_BYTES = 64 << 20
MAX_PICTURES = 100_000
"""Pictures that are read of one folder."""
_IMAGES = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True)
class CodexPicture:
    """A picture of a codex that is there.

    Attributes:
        path: of the file.
        record: how it came about.
    """

    path: Path
    record: Record


@dataclass(frozen=True)
class LeftOut:
    """A picture, or a line of the marks, that could not be used.

    Attributes:
        name: of the file, as ``good/holiday.jpg``; or ``marks.jsonl:3``.
        reason: why.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class SortedPictures:
    """What was liked and what was not.

    Attributes:
        good: pictures that were liked; each once.
        bad: pictures that were not.
        left_out: what could not be used.
    """

    good: tuple[CodexPicture, ...]
    bad: tuple[CodexPicture, ...]
    left_out: tuple[LeftOut, ...] = ()


class CodexFolder:
    """Where a codex is.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings = path / "codex.toml"
        self.scenes = path / "scene.csv"
        self.structure = path / "structure.csv"
        self.pictures = path / "pictures"
        self.delivered = path / "delivered"
        self.failed = path / "failed.json"
        self.thumbnails = path / "thumbnails"
        self.marks = path / "marks.jsonl"
        self.good = path / "good"
        self.bad = path / "bad"
        self.page = path / "index.html"
        self.sheet = path / "sheet.png"

    def picture(self, index: int) -> Path:
        """The file of a picture, by its index from 0."""
        return self.pictures / f"{index:05d}.png"

    def file_of(self, name: str) -> Path:
        """The file of a picture by its name; the small one, where a codex was shared and it is not drawn here."""
        small = self.thumbnails / name
        return small if not (self.pictures / name).is_file() and small.is_file() else self.pictures / name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While it lasts no other avwalk draws into the codex; the folder is made if it is not there.

        Raises:
            OutputError: one does; or the folder cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / ".lock")
            lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(f"'{self.path}' is being changed by another avwalk; wait for it") from None
        except OSError as error:
            raise output_error(self.path, error) from None
        try:
            yield
        finally:
            lock.release()

    def add_mark(self, picture: str, mark: Mark) -> None:
        """Adds a line to the marks.

        Args:
            picture: name of a file in `pictures`.
            mark: what is thought of it.

        Raises:
            CodexError: there is no such picture.
            OutputError: it cannot be written.
        """
        if Path(picture).name != picture or not self.file_of(picture).is_file():
            raise CodexError(f"'{clipped(picture)}' is no picture of '{self.path}'; name one of pictures/")
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = json.dumps({"picture": picture, "mark": mark, "at": at}, ensure_ascii=False)
        try:
            with self.marks.open("a", encoding="utf-8", newline="\n") as file:
                file.write(line + "\n")
        except OSError as error:
            raise output_error(self.marks, error) from None

    def read_marks(self) -> tuple[dict[str, Mark], list[LeftOut]]:
        """Picture → mark, by the last line for each; and the lines that are none. ``none`` is not among the marks."""
        marks: dict[str, Mark] = {}
        left_out = []
        try:
            with self.marks.open("rb") as file:
                data = file.read(MAX_MARK_BYTES + 1)
        except OSError:
            return {}, []
        if len(data) > MAX_MARK_BYTES:
            return {}, [LeftOut(self.marks.name, f"it is larger than {MAX_MARK_BYTES >> 20} MiB")]
        for number, line in enumerate(data.splitlines(), 1):
            if not line.strip():
                continue
            said = _mark_of(line)
            if said is None:
                left_out.append(LeftOut(f"{self.marks.name}:{number}", "it is no mark"))
                continue
            marks.pop(said[0], None)
            if said[1] != "none":
                marks[said[0]] = said[1]
        return marks, left_out

    def read_pictures(self) -> tuple[list[CodexPicture], list[LeftOut]]:
        """The codex's own pictures by name, and those that carry no record."""
        return read_pictures(self.pictures)

    def sorted_pictures(self, good: Path | None = None, bad: Path | None = None) -> SortedPictures:
        """What was liked and what was not: by the marks, and by the folders ``good/`` and ``bad/`` together.

        Args:
            good: another folder of pictures that were liked; None: the codex's own.
            bad: another folder of those that were not; None: the codex's own.

        Raises:
            CodexError: a picture is both liked and not; names it and where it was said.
        """
        marks, left_out = self.read_marks()
        groups: dict[Mark, dict[Any, tuple[CodexPicture, str]]] = {"good": {}, "bad": {}}
        for name, mark in marks.items():
            try:
                picture = CodexPicture(self.file_of(name), read_record(self.file_of(name)))
            except CodexError as error:
                left_out.append(LeftOut(f"{self.pictures.name}/{name}", str(error)))
                continue
            groups[mark].setdefault(picture.record.identity, (picture, f"{self.marks.name} ({name})"))
        for side, folder in (("good", good or self.good), ("bad", bad or self.bad)):
            pictures, problems = read_pictures(folder)
            left_out += problems
            for picture in pictures:
                at = f"{folder.name}/{picture.path.name}"
                groups[side].setdefault(picture.record.identity, (picture, at))  # type: ignore[index]
        both = [(groups["good"][key][1], groups["bad"][key][1]) for key in groups["good"] if key in groups["bad"]]
        if both:
            more = f" (and {len(both) - 1} more)" if len(both) > 1 else ""
            raise CodexError(f"the same picture is good in {both[0][0]} and bad in {both[0][1]}{more}; take one out")
        return SortedPictures(
            tuple(picture for picture, _ in groups["good"].values()),
            tuple(picture for picture, _ in groups["bad"].values()),
            tuple(left_out),
        )


def read_pictures(folder: Path) -> tuple[list[CodexPicture], list[LeftOut]]:
    """The pictures of a folder by name, and those that carry no record; neither where it is not there."""
    names: Sequence[Path] = []
    if folder.is_dir():
        names = sorted(path for path in folder.iterdir() if path.suffix.lower() in _IMAGES and path.is_file())
    found, left_out = [], []
    for path in names[:MAX_PICTURES]:
        try:
            found.append(CodexPicture(path, read_record(path)))
        except CodexError as error:
            left_out.append(LeftOut(f"{folder.name}/{path.name}", str(error)))
    if len(names) > MAX_PICTURES:
        left_out.append(LeftOut(folder.name, f"it holds {len(names)} pictures; {MAX_PICTURES} were read"))
    return found, left_out


def _mark_of(line: bytes) -> tuple[str, Mark] | None:
    """Picture and mark of a line; None: it says none."""
    try:
        tree: Mapping[str, Any] = parse_json(line)
    except ValueError:
        return None
    if not isinstance(tree, dict) or not isinstance(tree.get("picture"), str) or tree.get("mark") not in MARKS:
        return None
    name = tree["picture"]
    if not name or Path(name).name != name or "\\" in name or len(name) > 255:
        return None
    return name, tree["mark"]
