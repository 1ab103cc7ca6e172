"""CSV tables of a path through the pictures: the planned path, and the path that the film shows.

``transition_sequence_gen.csv`` is the path that ``scenes plan`` chose, for the transitions still to be rendered;
``transition_sequence.csv`` the path that the film shows: that of the plan, until a story takes its place.
Columns as AI-Art has them; the columns ``row`` and ``transition`` are ours. Both are in ``story/``, those of a named
sequence in ``story/<name>/``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avwalk.errors import OptionError, ScenesError, did_you_mean
from avwalk.files.atomic import output_error, write_file
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.csv_rows import Findings, Row, integer, read_rows
from avwalk.scenes.project.names import legal, node_name
from avwalk.scenes.project.sequence_csv import TRANSITIONS

PLANNED = ("transition_sequence_gen.csv", "trans_sequence_gen.csv")
"""Names of the planned path's table; the first is written, both are read."""
SHOWN = ("transition_sequence.csv", "trans_sequence.csv")
"""Names of the film's table; the first is written, both are read."""
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
_NEEDED = ("scene_from", "c1", "c2")
_TRUTH = {"true": True, "1": True, "y": True, "yes": True, "false": False, "0": False, "n": False, "no": False}


@dataclass(frozen=True)
class Hop:
    """One step of a path, a transition from picture to picture.

    Attributes:
        edge: the transition in the direction of the path.
        scene: that it begins in.
        section: of the film; hops with one number come into one file.
        reversed: the folder's frames are shown backwards.
        folder: name of the folder with the frames, in ``transition_images``; may contain seeds abbreviated to four
            digits. Empty where there is nothing to render.
        row: of the sequence, from 0, that it begins in. A hop leaves its row where the next one has another.
        transition: ``melt``, ``cut`` or ``whip`` where the next row requests it: the two pictures follow each other so,
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
    def stored_edge(self) -> Edge:
        """The transition in the direction of its frames."""
        return self.edge.back if self.reversed else self.edge


def write_planned(folder: Path, hops: Sequence[Hop]) -> Path:
    """Writes the planned path into a story folder; atomically.

    Raises:
        OutputError: the file cannot be written.
    """
    return _write(folder / PLANNED[0], _PLANNED_COLUMNS, hops)


def write_shown(folder: Path, hops: Sequence[Hop]) -> Path:
    """Writes the film's path into a story folder; atomically.

    Raises:
        OutputError: the file cannot be written.
    """
    return _write(folder / SHOWN[0], _SHOWN_COLUMNS, hops)


def differs(path: Path, hops: Sequence[Hop]) -> bool:
    """Whether an existing table differs, byte by byte, from the one of these hops."""
    columns = _PLANNED_COLUMNS if path.name in PLANNED else _SHOWN_COLUMNS
    return path.is_file() and path.read_bytes() != _encoded(*_table(columns, hops))


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
    if not path.is_file():
        raise ScenesError(f"there is no path '{path}'; `avwalk scenes plan` or `scenes story` makes one")
    found = Findings()
    hops: list[Hop] = []
    for row in read_rows(path, _SHOWN_COLUMNS, _NEEDED, found):
        hop = _hop(row, hops, found)
        if hop is not None:
            hops.append(hop)
    if not hops and not found.problems:
        found.add(path, None, "the path has no hop; `avwalk scenes plan` makes one")
    found.check()
    return hops


def rename_to_backup(path: Path) -> Path:
    """Renames a table to the first free ``<stem>_old1.csv``, …, as a backup.

    Raises:
        OutputError: it cannot be.
    """
    k = 1
    while (kept := path.with_name(f"{path.stem}_old{k}{path.suffix}")).exists():
        k += 1
    try:
        path.replace(kept)
    except OSError as error:
        raise output_error(kept, error) from None
    return kept


def _hop(row: Row, before: Sequence[Hop], findings: Findings) -> Hop | None:
    """The hop of a row; None, with problems added to the findings, where cells are wrong."""
    wrong = len(findings.problems)

    def read(column: str, convert: Callable[[str], Any], default: Any = None) -> Any:
        if not row.text(column) and column not in _NEEDED:
            return default
        value = row.read(column, convert, findings)
        return default if value is None else value

    def whole_number(column: str, default: int) -> int:
        return int(read(column, lambda text: integer(column, text, 0, 10**9), default))

    nowhere = Node("?", "0")
    edge = Edge(read("c1", _node, nowhere), read("c2", _node, nowhere))
    scene = read("scene_from", lambda text: node_name(text, "scene_from"), "")
    backwards = read("reversed", _truth, False)
    drawn = edge.back if backwards else edge
    transition = read("transition", _transition, "")
    folder = read("input_image_folder", _folder, "" if transition else drawn.folder)
    section = whole_number("section", 1)
    number = whole_number("row", _next_row(before, scene, section))
    part = whole_number("path_section", 0)
    if len(findings.problems) > wrong:
        return None
    return Hop(edge, scene, section, backwards, folder, number, transition, part)


def _next_row(before: Sequence[Hop], scene: str, section: int) -> int:
    if not before:
        return 0
    last = before[-1]
    return last.row + ((last.scene, last.section) != (scene, section))


def _node(text: str) -> Node:
    try:
        node = Node.read(text)
    except ValueError as error:
        raise OptionError(str(error)) from None
    if not legal(node.id):  # it becomes the name of a folder
        raise OptionError(f"'{text}' names no picture: it would be no legal name of a file; write name-seed")
    return node


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise OptionError(f"reversed '{text}' is neither True nor False")
    return _TRUTH[text.lower()]


def _transition(text: str) -> str:
    if text.lower() not in TRANSITIONS:
        near = did_you_mean(text, TRANSITIONS)
        raise OptionError(f"transition '{text}' is not known{near}; it is {', '.join(TRANSITIONS)}, or empty")
    return text.lower()


def _folder(text: str) -> str:
    """The last path component: paths of other machines are meaningless, and no name may leave its folder."""
    name = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    try:
        Edge.read(name)
    except ValueError as error:
        raise OptionError(str(error)) from None
    return name


def _write(path: Path, columns: Sequence[str], hops: Sequence[Hop]) -> Path:
    return write_rows(path, *_table(columns, hops))


def _table(columns: Sequence[str], hops: Sequence[Hop]) -> tuple[list[str], list[list[str]]]:
    rows = [[str(k), *(cells[column] for column in columns)] for k, cells in enumerate(map(_cells, hops))]
    return ["", *columns], rows


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
    write_file(path, _encoded(header, rows), parents=True)
    return path


def _encoded(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
