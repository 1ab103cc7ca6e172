"""``scene.csv`` and ``structure.csv``: scenes, and attributes by category, in any encoding and delimiter.

scene.csv       Scene Description            structure.csv    Prefix,Ambiance,Camera
                a lighthouse, in a storm                      ink drawing,fog,"close, from below"
                a meadow                                      ,night,
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from avwalk.codex.record import MAX_CATEGORIES, MAX_NAME
from avwalk.errors import CodexError, clipped
from avwalk.files.csv_table import Record, Table, open_table

PREFIX = "Prefix"
"""The category whose value stands before the scene."""
MAX_BYTES = 4 << 20
MAX_SCENES = 10_000
MAX_VALUES = 1_000
"""Values of a category."""
MAX_CHARACTERS = 2_000
"""Of a scene or a value."""
SCENE_NAMES = ("scene description", "scene", "scenes", "description")
_MAX_PROBLEMS = 20


@dataclass(frozen=True)
class Matrix:
    """What pictures are made of.

    Attributes:
        scenes: each once, in the order of the file.
        categories: name → values, each once; in the order of the columns. Those without values are left out.
        notes: what was left out or is worth a look, a line each.
    """

    scenes: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_prefixed(self) -> bool:
        """Whether a category stands before the scene."""
        return PREFIX in self.categories

    def combinations(self, rates: Mapping[str, float] | None = None) -> int:
        """How many different prompts there are.

        Args:
            rates: category → share of the pictures that have a value of it; where it is below 1, none is one more.
        """
        rates = rates or {}
        choices = []
        for name, values in self.categories.items():
            rate = rates.get(name, 1.0)
            choices.append(1 if rate <= 0 else len(values) + (rate < 1))
        return len(self.scenes) * math.prod(choices)


def read_matrix(scenes: Path, structure: Path | None) -> Matrix:
    """Reads both tables.

    Args:
        scenes: the file of scenes.
        structure: that of attributes; None: scenes alone.

    Raises:
        CodexError: one cannot be read, or is wrong; a line for each problem.
    """
    found, notes = read_scenes(scenes)
    categories: Mapping[str, tuple[str, ...]] = {}
    if structure is not None:
        categories, more = read_structure(structure)
        notes += more
    notes += _shared(found, categories)
    return Matrix(tuple(found), categories, tuple(notes))


def read_scenes(file: Path) -> tuple[list[str], list[str]]:
    """The scenes of a file, and notes. A line is a scene, commas and all; of a wider table, the column of scenes.

    Raises:
        CodexError: it cannot be read, holds none, or one that is too long.
    """
    table = open_table(file, "scenes", MAX_BYTES, kind=CodexError)
    rows = _rows(table)
    if not rows:
        raise CodexError(f"scenes '{file}' are empty; write Scene Description into the first line, then a scene a line")
    head = [cell.text.lower() for cell in rows[0].cells]
    column = next((k for k, name in enumerate(head) if name in SCENE_NAMES), None)
    wide = column is not None and sum(map(bool, head)) > 1
    problems, scenes = [], list[str]()
    for record in rows[1:] if column is not None else rows:
        cells = [cell.text for cell in record.cells]
        text = "".join(cells[column : (column or 0) + 1]) if wide else _whole(cells, table.delimiter)
        if problem := _text_problem(text):
            problems.append(f"{file.name}:{record.cells[0].line}: the scene {problem}")
        elif text:
            scenes.append(text)
    unique = list(dict.fromkeys(scenes))
    if len(unique) > MAX_SCENES:
        problems.append(f"{file.name}: it has {len(unique)} scenes; at most {MAX_SCENES} are taken")
    if not unique and not problems:
        problems.append(f"{file.name}: it holds no scene; write one a line below '{rows[0].first}'")
    if problems:
        raise CodexError("\n".join(problems[:_MAX_PROBLEMS]))
    notes = [] if column is not None else [f"{file.name} has no heading 'Scene Description'; its first line is a scene"]
    return unique, notes + _repeated(file.name, "scene", scenes)


def read_structure(file: Path) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Categories with their values, and notes. Each column is a list of its own; cells may be missing.

    Raises:
        CodexError: it cannot be read; names that are there twice; cells beyond the header; far too many.
    """
    table = open_table(file, "structure", MAX_BYTES, kind=CodexError)
    rows = _rows(table)
    if not rows:
        return {}, [f"{file.name} is empty: pictures are of scenes alone"]
    header = [cell.text for cell in rows[0].cells]
    problems = list(_header_problems(file.name, rows[0]))
    columns: dict[str, list[str]] = {name: [] for name in header if name}
    for record in rows[1:]:
        for k, cell in enumerate(record.cells):
            if not cell.text:
                continue
            where = f"{file.name}:{cell.line}:{cell.column}"
            if k >= len(header) or not header[k]:
                problems.append(
                    f"{where}: '{clipped(cell.text, 40)}' is in column {k + 1}, which has no name; "
                    "put a value that holds commas in quotes, or name the column"
                )
            elif problem := _text_problem(cell.text):
                problems.append(f"{where}: the value {problem}")
            else:
                columns[header[k]].append(cell.text)
    notes = []
    categories = {}
    for name, values in columns.items():
        unique = tuple(dict.fromkeys(values))
        if len(unique) > MAX_VALUES:
            problems.append(f"{file.name}: '{clipped(name)}' has {len(unique)} values; at most {MAX_VALUES} are taken")
        notes += _repeated(file.name, f"value of '{clipped(name)}'", values)
        if unique:
            categories[name.title() if name.lower() == PREFIX.lower() else name] = unique
        else:
            notes.append(f"{file.name}: column '{clipped(name)}' is empty; it is left out")
    if problems:
        raise CodexError("\n".join(problems[:_MAX_PROBLEMS]))
    return categories, notes


def _rows(table: Table) -> list[Record]:
    return [record for record in table.records if not (record.blank or record.comment)]


def _header_problems(name: str, record: Record) -> Iterator[str]:
    seen: set[str] = set()
    for cell in record.cells:
        where, key = f"{name}:{cell.line}:{cell.column}", cell.text.casefold()
        if cell.text and key in seen:
            yield f"{where}: category '{clipped(cell.text)}' is there twice; rename one, or put their values together"
        if len(cell.text) > MAX_NAME:
            yield f"{where}: the name of a category has {len(cell.text)} characters; at most {MAX_NAME} are taken"
        if not cell.text.isprintable():
            yield f"{where}: the name of a category holds control characters"
        if key in SCENE_NAMES[:1] or key == "scene":
            yield f"{where}: a category '{cell.text}' would be taken for the scenes; those are in scene.csv"
        seen.add(key)
    if len(seen - {""}) > MAX_CATEGORIES:
        yield f"{name}: it has {len(seen)} categories; at most {MAX_CATEGORIES} are taken"


def _text_problem(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        return f"'{clipped(text, 30)}' has {len(text)} characters; at most {MAX_CHARACTERS} are taken"
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text):
        return "holds control characters; type it anew"
    return ""


def _whole(cells: Sequence[str], delimiter: str) -> str:
    """A line of scenes again: its commas were those of the sentence."""
    joint = f"{delimiter} " if delimiter != "\t" else " "
    return joint.join(cell for cell in cells if cell)


def _repeated(file: str, what: str, texts: Sequence[str]) -> list[str]:
    seen: set[str] = set()
    again = [text for text in texts if text in seen or seen.add(text)]  # type: ignore[func-returns-value]
    if not again:
        return []
    return [f"{file}: {what} '{clipped(again[0], 40)}' is repeated ({len(again)} times in all); each is used once"]


def _shared(scenes: Sequence[str], categories: Mapping[str, Sequence[str]]) -> list[str]:
    """Notes about a text that is in several places: all of them are used, and told apart by where they are."""
    places: dict[str, list[str]] = {}
    for name, texts in {"the scenes": scenes, **{f"'{name}'": values for name, values in categories.items()}}.items():
        for text in texts:
            places.setdefault(text.casefold(), []).append(name)
    return [
        f"'{clipped(text, 40)}' is in {' and in '.join(clipped(name) for name in names)}; each counts for itself"
        for text, names in places.items()
        if len(names) > 1
    ][:_MAX_PROBLEMS]
