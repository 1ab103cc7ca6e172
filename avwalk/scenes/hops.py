"""The path of a film through the pictures, hop by hop, and the two tables that hold it.

``transition_sequence_gen.csv`` is the path that ``scenes plan`` chose, for the transitions still to be rendered;
``transition_sequence.csv`` the path that the film shows: that of the plan, until a story takes its place.
Columns as AI-Art has them; the columns ``row`` and ``transition`` are ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avwalk.errors import ScenesError
from avwalk.scenes.nodes import Edge, Node
from avwalk.score.cue_table import Cell, Record, header_problems, read_table
from avwalk.video.files import whole_file

PLANNED = ("transition_sequence_gen.csv", "trans_sequence_gen.csv")
"""Names of the planned path's table; the first is written, both are read."""
SHOWN = ("transition_sequence.csv", "trans_sequence.csv")
"""Names of the film's table; the first is written, both are read."""
MAX_BYTES = 16 << 20
_PLANNED_COLUMNS = ("scene_from", "c1", "c2", "section", "reversed", "input_image_folder", "row", "transition")
_SHOWN_COLUMNS = (
    "path_section",
    "section",
    "scene_from",
    "c1",
    "c2",
    "reversed",
    "input_image_folder",
    "row",
    "transition",
)
TRANSITIONS = ("melt", "cut", "whip")
"""Ways from scene to scene that are made when the film is assembled, not rendered."""
_NEEDED = ("scene_from", "c1", "c2")
_TRUTH = {"true": True, "1": True, "y": True, "yes": True, "false": False, "0": False, "n": False, "no": False}


@dataclass(frozen=True)
class Hop:
    """One way of the path, from picture to picture.

    Attributes:
        edge: the way as it is walked.
        scene: where it begins.
        section: of the film; hops with one number come into one file.
        reversed: the folder's frames are shown backwards.
        folder: name of the folder with the frames, in ``transition_images``; it may have seeds of four digits. Empty
            where there is nothing to render.
        row: of the sequence, from 0, that it begins in. A hop leaves its row where the next one has another.
        transition: ``melt``, ``cut`` or ``whip`` where the next row asks for it: the two pictures follow each other so,
            and nothing is rendered. Empty: the folder's frames.
        path_section: stretch of the path, from 0; a new one begins where the sequence gives a start.
    """

    edge: Edge
    scene: str
    section: int
    reversed: bool
    folder: str
    row: int = 0
    transition: str = ""
    path_section: int = field(default=0, compare=False)

    @property
    def drawn(self) -> Edge:
        """The way in the direction of its frames."""
        return self.edge.back if self.reversed else self.edge


def write_planned(folder: Path, hops: Sequence[Hop]) -> Path:
    """Writes the planned path into a story folder; whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    return _write(folder / PLANNED[0], _PLANNED_COLUMNS, hops)


def write_shown(folder: Path, hops: Sequence[Hop]) -> Path:
    """Writes the film's path into a story folder; whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    return _write(folder / SHOWN[0], _SHOWN_COLUMNS, hops)


def planned_path(folder: Path) -> Path | None:
    """The table of the planned path in a story folder, if there is one."""
    return next((folder / name for name in PLANNED if (folder / name).is_file()), None)


def shown_path(folder: Path) -> Path | None:
    """The table of the film's path in a story folder, else of the planned one, if there is any."""
    found = next((folder / name for name in SHOWN if (folder / name).is_file()), None)
    return found or planned_path(folder)


def read_path(path: Path) -> list[Hop]:
    """The hops of a table, in its order. Rows without a number of their own count where scene or section change.

    Raises:
        ScenesError: it cannot be read, or cells are wrong: one line for each, ``file:line:column: what, what to do``.
    """
    try:
        data = path.read_bytes()
        table = read_table(data[:MAX_BYTES])
    except OSError as error:
        raise ScenesError(
            f"path '{path}' cannot be read: {error.strerror}; `avwalk scenes plan` or `story` makes one"
        ) from None
    except ValueError as error:
        raise ScenesError(f"path '{path}' is not text: {error}; `avwalk scenes plan` makes a new one") from None
    if len(data) > MAX_BYTES:
        raise ScenesError(f"path '{path}' is larger than {MAX_BYTES >> 20} MiB; that is no path")
    header: list[str] = []
    problems: list[tuple[Cell, str]] = []
    hops: list[Hop] = []
    for record in table.records:
        if record.open_quote:
            problems.append((record.cells[0], "a quotation mark is never closed; close it, or take it out"))
        elif record.blank or record.comment:
            continue
        elif not header:
            header = [cell.text.lower() for cell in record.cells]
            problems += header_problems(header, record, _SHOWN_COLUMNS, _NEEDED)
            if not set(_NEEDED) <= set(header):
                break
        elif (hop := _hop(record, header, hops, problems)) is not None:
            hops.append(hop)
    if not header:
        problems.append((Cell("", 1, 1), "the table is empty; `avwalk scenes plan` makes a path"))
    elif not hops and not problems:
        problems.append((Cell("", 1, 1), "the path has no hop; `avwalk scenes plan` makes one"))
    if problems:
        problems.sort(key=lambda problem: (problem[0].line, problem[0].column))
        lines = [f"{path.name}:{cell.line}:{cell.column}: {text}" for cell, text in problems]
        raise ScenesError("\n".join(lines))
    return hops


def _hop(record: Record, header: Sequence[str], before: Sequence[Hop], problems: list[tuple[Cell, str]]) -> Hop | None:
    """The hop of a row; None, with the reasons put to the problems, where cells are wrong."""
    cells = {name: cell for name, cell in zip(header, record.cells, strict=False) if name}
    wrong = len(problems)

    def read(column: str, convert: Callable[[str], Any], default: Any) -> Any:
        cell = cells.get(column)
        if cell is None or (not cell.text and column not in _NEEDED):
            return default
        try:
            return convert(cell.text)
        except ValueError as error:
            problems.append((cell, f"{column}: {error}"))
            return default

    nowhere = Node("?", "0")
    edge = Edge(read("c1", Node.read, nowhere), read("c2", Node.read, nowhere))
    scene = read("scene_from", _named, "")
    backwards = read("reversed", _truth, False)
    drawn = edge.back if backwards else edge
    transition = read("transition", _transition, "")
    folder = read("input_image_folder", _folder, "" if transition else drawn.folder)
    section = read("section", _whole, 1)
    row = read("row", _whole, _next_row(before, scene, section))
    part = read("path_section", _whole, 0)
    return None if len(problems) > wrong else Hop(edge, scene, section, backwards, folder, row, transition, part)


def _next_row(before: Sequence[Hop], scene: str, section: int) -> int:
    if not before:
        return 0
    last = before[-1]
    return last.row + ((last.scene, last.section) != (scene, section))


def _named(text: str) -> str:
    if not text:
        raise ValueError("the cell is empty; name the scene")
    return text


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError(f"'{text}' is neither True nor False")
    return _TRUTH[text.lower()]


def _whole(text: str) -> int:
    number = text.removesuffix(".0")  # pandas writes whole numbers so where a cell of the column is empty
    if not number.isdecimal():
        raise ValueError(f"'{text}' is no whole number from 0")
    return int(number)


def _transition(text: str) -> str:
    if text.lower() not in TRANSITIONS:
        raise ValueError(f"'{text}' is not known; it is {', '.join(TRANSITIONS)}, or empty")
    return text.lower()


def _folder(text: str) -> str:
    """Its last part: a path from another machine means nothing here, and no name may leave its folder."""
    name = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    Edge.read(name)
    return name


def _write(path: Path, columns: Sequence[str], hops: Sequence[Hop]) -> Path:
    rows = [[str(k), *(cells[column] for column in columns)] for k, cells in enumerate(map(_cells, hops))]
    return write_rows(path, ["", *columns], rows)


def _cells(hop: Hop) -> Mapping[str, str]:
    return {
        "path_section": str(hop.path_section),
        "section": str(hop.section),
        "scene_from": hop.scene,
        "c1": hop.edge.a.id,
        "c2": hop.edge.b.id,
        "reversed": str(hop.reversed),
        "input_image_folder": hop.folder,
        "row": str(hop.row),
        "transition": hop.transition,
    }


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """A CSV file, UTF-8, whole or not at all; its folder is made.

    Raises:
        OutputError: it cannot be written.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    with whole_file(path) as part:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(text.getvalue().encode())
    return path
