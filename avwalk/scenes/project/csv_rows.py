"""Typed access to the CSV files of a project, collecting all problems with file, line and column."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from avwalk.errors import OptionError, ScenesError
from avwalk.files.csv_table import Cell, Record, Table, header_problems, read_table, with_point

MAX_BYTES = 16 << 20
_NEAR = 0.8  # similarity to a missing column from which a name is a misspelling
_INDEX = re.compile(r"unnamed: ?\d+|index|level_\d+", re.I)  # columns that pandas writes

_T = TypeVar("_T")


@dataclass
class Findings:
    """Problems and notes of a project's files, collected to be reported at once.

    Attributes:
        problems: (file, line, column, text); line 0 where a file as a whole is meant.
        notes: warnings.
        doubtful: names of prompts with faulty rows, about which no follow-up problems are reported.
        no_prompts: no prompt could be read.
    """

    problems: list[tuple[str, int, int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    no_prompts: bool = False

    def add(self, file: Path, cell: Cell | None, text: str) -> None:
        """A problem at a cell, or of a whole file."""
        self.problems.append((str(file), cell.line if cell else 0, cell.column if cell else 0, text))

    def note(self, file: Path, cell: Cell | None, text: str) -> None:
        """A warning at a cell, or about a whole file."""
        self.notes.append(f"{file}:{cell.line}:{cell.column}: {text}" if cell else f"{file}: {text}")

    def check(self) -> None:
        """Raises all problems, by file and line.

        Raises:
            ScenesError: there are any.
        """
        if self.problems:
            files = list(dict.fromkeys(problem[0] for problem in self.problems))
            ordered = sorted(self.problems, key=lambda problem: (files.index(problem[0]), problem[1], problem[2]))
            lines = [f"{f}:{line}:{column}: {text}" if line else f"{f}: {text}" for f, line, column, text in ordered]
            raise ScenesError("\n".join(dict.fromkeys(lines)))


@dataclass(frozen=True)
class Row:
    """A row that is neither blank nor comment.

    Attributes:
        record: the row as it is in the file.
        cells: column name → cell, for columns of the file.
        file: its file.
    """

    record: Record
    cells: Mapping[str, Cell]
    file: Path

    def text(self, column: str) -> str:
        """The cell's text; empty when there is none."""
        return self.cells[column].text if column in self.cells else ""

    def cell(self, column: str) -> Cell:
        """The cell, else the row's first one."""
        return self.cells.get(column, self.record.cells[0])

    def location(self, column: str) -> str:
        """``file:line:column``."""
        cell = self.cell(column)
        return f"{self.file}:{cell.line}:{cell.column}"

    def decimal(self, text: str) -> str:
        """Converts a decimal comma to a point: ``7,5`` → ``7.5``."""
        return with_point(text)

    def read(self, column: str, check: Callable[[str], _T], findings: Findings) -> _T | None:
        """``check`` applied to the cell's text; None and a problem where it raises an `OptionError`."""
        try:
            return check(self.text(column))
        except OptionError as error:
            findings.add(self.file, self.cell(column), str(error))
            return None


def open_table(file: Path) -> Table:
    """The rows of a file, comments and all.

    Raises:
        ScenesError: it cannot be read, is far too large, or no text.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ScenesError(f"{file}: it is larger than {MAX_BYTES >> 20} MiB; that is no table of scenes")
        return read_table(data, file.name)
    except OSError as error:
        raise ScenesError(f"{file}: it cannot be read: {error.strerror}; is it there, and open to you?") from None
    except ValueError as error:
        raise ScenesError(f"{file}: it is not text: {error}") from None


def read_rows(
    file: Path,
    columns: Sequence[str],
    needed: Sequence[str],
    findings: Findings,
    aliases: Mapping[str, str] | None = None,
) -> list[Row]:
    """The rows below the header; problems of the table go to ``findings``.

    Args:
        file: a CSV file in any encoding and with any delimiter.
        columns: known names; others are ignored, unless they look like misspellings.
        needed: required names.
        findings: receives problems and notes.
        aliases: other spellings of columns → the name.
    """
    try:
        table = open_table(file)
    except ScenesError as error:
        findings.add(file, None, str(error).removeprefix(f"{file}: "))
        return []
    header: list[str] = []
    rows: list[Row] = []
    for record in table.records:
        if record.open_quote:
            findings.add(file, record.cells[0], "a quotation mark is never closed; close it, or take it out")
        elif record.blank or record.comment:
            continue
        elif not header:
            header = _header(record, columns, aliases or {})
            for cell, text in header_problems(header, record, columns, needed):
                findings.add(file, cell, text)
            if not set(needed) <= set(header):
                return []
        else:
            extra = [cell for cell in record.cells[len(header) :] if cell.text]
            if extra:
                findings.add(file, extra[0], f"'{extra[0].text}' is in no column; put text with commas in quotes")
            cells = {name: cell for name, cell in zip(header, record.cells, strict=False) if name}
            rows.append(Row(record, cells, file))
    if not header:
        findings.add(file, None, f"it holds no rows; its columns are {','.join(columns)}")
    return rows


def header_of(table: Table, columns: Sequence[str], aliases: Mapping[str, str] | None = None) -> list[str]:
    """Names of a table's columns; empty for unknown ones."""
    for record in table.records:
        if not (record.blank or record.comment):
            return _header(record, columns, aliases or {})
    return []


def _header(record: Record, columns: Collection[str], aliases: Mapping[str, str]) -> list[str]:
    """Names of the columns: empty for an index, and for unknown ones that are no misspelling of a missing one."""
    names = []
    for cell in record.cells:
        name = cell.text.lower().replace(" ", "_") if not _INDEX.fullmatch(cell.text) else ""
        names.append(aliases.get(name, name))
    missing = [column for column in columns if column not in names]
    near = {name for name in names if difflib.get_close_matches(name, missing, n=1, cutoff=_NEAR)}
    return [name if name in columns or name in near else "" for name in names]


def number(name: str, text: str, low: float, high: float) -> float | None:
    """A number from ``low`` to ``high``; None for an empty text.

    Raises:
        OptionError: not such a number.
    """
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise OptionError(f"{name} '{text}' is not a number; give {low:g} to {high:g}") from None
    if not (math.isfinite(value) and low <= value <= high):
        raise OptionError(f"{name} {text} is out of range; give {low:g} to {high:g}")
    return value


def integer(name: str, text: str, low: int, high: int) -> int | None:
    """An integer from ``low`` to ``high``, ``3.0`` too; None for an empty text.

    Raises:
        OptionError: not such a number.
    """
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,18})(?:\.0*)?", text)
    if not match or not low <= int(match[1]) <= high:
        raise OptionError(f"{name} '{text}' is no whole number from {low} to {high}")
    return int(match[1])
