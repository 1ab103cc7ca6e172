"""CSV tables in any delimiter and encoding, every cell with its line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avwalk.errors import AvwalkError, OptionError, did_you_mean
from avwalk.files.names import name_problem
from avwalk.files.text_encoding import decoded

DELIMITERS = ",;\t"

_FAILED = re.compile(r"#(N/A|N/D|NV|[^\W\d_a-z]+(/0)?[!?])")
"""What a spreadsheet shows in place of a result, in whatever language: ``#REF!``, ``#BEZUG!``, ``#DIV/0!``."""


@dataclass(frozen=True)
class Cell:
    """A cell's stripped text and its position: line and column of the file, from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Record:
    """A row.

    Attributes:
        raw: its text in the file, including the newline.
        cells: parsed cells.
        open_quote: the row has an unclosed quotation mark.
    """

    raw: str
    cells: tuple[Cell, ...]
    open_quote: bool = False

    @property
    def blank(self) -> bool:
        """Nothing in it."""
        return not any(cell.text for cell in self.cells)

    @property
    def first(self) -> str:
        """The text of its first cell that has one."""
        return next((cell.text for cell in self.cells if cell.text), "")

    @property
    def comment(self) -> bool:
        """No row but a remark, or the line ``sep=;`` by which Excel tells the delimiter.

        ``# remark, with commas`` is one, quoted too if nothing is beside it (spreadsheets pad it with empty cells);
        ``#remark`` is one by itself. ``#9 Dream.wav,lsd`` and ``"#9 Dream.wav"`` are rows, and ``#N/A`` and ``#REF!``
        are what a spreadsheet puts in place of a value.
        """
        if re.fullmatch(r"sep=.?", self.raw.strip(), re.I):
            return True
        texts = [cell.text for cell in self.cells if cell.text]
        if not texts or not texts[0].startswith("#"):
            return False
        alone, quoted = len(texts) == 1, self.raw.lstrip(f"{DELIMITERS} ").startswith('"')
        if re.match(r"#(#|\s|$)", texts[0]):
            return alone or not quoted
        return alone and not quoted and not _FAILED.fullmatch(texts[0])


@dataclass(frozen=True)
class Table:
    """A file's rows, encoding and delimiter.

    Attributes:
        records: every row, comments and blank ones too; their ``raw`` joined is the whole text.
        encoding: of the file.
        bom: the bytes before the text.
        delimiter: between cells.
        newline: at the end of a line.
    """

    records: tuple[Record, ...]
    encoding: str = "utf-8"
    bom: bytes = b""
    delimiter: str = ","
    newline: str = "\n"

    def encoded(self, records: tuple[Record, ...] | list[Record]) -> bytes:
        """The bytes of a file written like this one, with these rows."""
        return self.bom + "".join(record.raw for record in records).encode(self.encoding)

    def record(self, cells: list[str]) -> Record:
        """A new row, quoted where need be."""
        special = f'"{self.delimiter}\r\n'
        texts = ['"' + t.replace('"', '""') + '"' if any(c in t for c in special) else t for t in cells]
        return Record(self.delimiter.join(texts) + self.newline, tuple(Cell(text, 0, 0) for text in cells))


def read_table(data: bytes, name: str = "") -> Table:
    """The rows of a CSV file.

    The encoding is that of the byte-order mark, else what was told, else UTF-8, UTF-16 (every other byte 0), or
    Windows' cp1252, see `avwalk.files.text_encoding`. The delimiter is the one that is most frequent in the first row
    that is no comment, or what ``sep=`` says.

    Args:
        data: the file's bytes.
        name: of the file, for the warning that it was read as cp1252; empty: none.

    Raises:
        ValueError: the bytes are no text, or text in an encoding that nobody told.
    """
    text, encoding, bom = decoded(data, name)
    newline = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
    told = re.match(r"sep=([,;\t])\s*?$", text, re.M | re.I)
    delimiter = told[1] if told else _delimiter(text)
    return Table(tuple(_records(text, delimiter)), encoding, bom, delimiter, newline)


def open_table(
    file: Path, what: str, max_bytes: int, advice: str = "check its name", kind: type[AvwalkError] = OptionError
) -> Table:
    """The rows of a file, see `read_table`.

    Args:
        file: the table.
        what: it is, for messages: ``cues file``.
        max_bytes: more is none.
        advice: where it cannot be opened.
        kind: of error.

    Raises:
        AvwalkError: of that kind: it cannot be opened, is far too large, or no text.
    """
    if problem := name_problem(file):
        raise kind(f"{what} {problem}")
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe would be waited for
            raise kind(f"{what} '{file}' is no file; name a CSV file")
        with file.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise kind(f"{what} '{file}' cannot be read: {error.strerror}; {advice}") from None
    if len(data) > max_bytes:
        raise kind(f"{what} '{file}' is larger than {max_bytes >> 20} MiB; that is too much for one")
    try:
        return read_table(data, file.name)
    except ValueError as error:
        raise kind(f"{what} '{file}' is not text: {error}") from None


def with_point(text: str) -> str:
    """A number or time whose decimal comma became a point: ``7,5`` → ``7.5``.

    A comma between digits is one in any table: where commas divide cells, it was in quotes.
    """
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def _delimiter(text: str) -> str:
    """The most frequent one in the first row that says something."""
    for line in text.splitlines():
        words = line.strip().lstrip('"')
        if words and not words.startswith("#") and words.strip(DELIMITERS):
            return max(DELIMITERS, key=line.count)
    return ","


def _records(text: str, delimiter: str) -> list[Record]:
    """Splits a text into rows and cells; a quotation mark quotes only at the start of a cell."""
    records: list[Record] = []
    at, line = 0, 1
    while at < len(text):
        begin, cells, open_quote = at, list[Cell](), False
        line_begin = at
        while True:
            cell_at, cell_line, cell_column = at, line, at - line_begin + 1
            if text[at : at + 1] == '"':
                value, at = _quoted(text, at)
                open_quote = open_quote or value is None
                breaks = list(re.finditer(r"\r\n|\n|\r", text[cell_at:at]))
                line += len(breaks)
                line_begin = cell_at + breaks[-1].end() if breaks else line_begin
            else:
                value = ""
            rest = at
            while at < len(text) and text[at] not in delimiter + "\r\n":
                at += 1
            cells.append(Cell(((value or "") + text[rest:at]).strip(), cell_line, cell_column))
            if text[at : at + 1] != delimiter:
                break
            at += 1
        end = re.compile(r"\r\n|\n|\r|\Z").match(text, at)
        at = end.end() if end else len(text)
        line += 1
        records.append(Record(text[begin:at], tuple(cells), open_quote))
    return records


def _quoted(text: str, at: int) -> tuple[str | None, int]:
    """A quoted text that begins at ``at``, and where it ends; None if its end is missing: its line is skipped."""
    match = re.compile(r'"((?:[^"]|"")*)"').match(text, at)
    if match:
        return match[1].replace('""', '"'), match.end()
    end = re.compile(r"[^\r\n]*").match(text, at)
    return None, end.end() if end else len(text)


def below_header(
    table: Table, is_value: Callable[[str], bool] = lambda text: False
) -> tuple[Record | None, list[Record], list[tuple[Cell, str]]]:
    """The header row, the rows below it, and a problem for every unclosed quotation mark.

    Blank rows and comments are left out; None without a header.

    Args:
        table: the rows.
        is_value: whether a text that begins with ``#`` is a value for all that, and its row no comment.
    """
    open_rows = [record for record in table.records if record.open_quote]
    problems = [(r.cells[0], "a quotation mark is never closed; close it, or take it out") for r in open_rows]
    rows = [r for r in table.records if not (r.open_quote or r.blank or (r.comment and not is_value(r.first)))]
    return (rows[0] if rows else None), rows[1:], problems


def header_problems(
    header: Sequence[str], record: Record, columns: Sequence[str], needed: Sequence[str]
) -> list[tuple[Cell, str]]:
    """Problems of the column names.

    Args:
        header: the names.
        record: the header row.
        columns: known names.
        needed: required names.
    """
    problems = []
    for name in needed:
        if name not in header:
            text = f"no column '{name}'; the first row must name the columns: {','.join(columns)}"
            problems.append((record.cells[0], text))
    for k, (name, cell) in enumerate(zip(header, record.cells, strict=True)):
        if name in columns and name in header[:k]:
            problems.append((cell, f"column '{name}' is there twice; take one out"))
        missing = [column for column in columns if column not in header]
        if name and name not in columns and (near := did_you_mean(name, missing)):
            problems.append((cell, f"unknown column '{name}'{near}"))
    return problems


def with_cell(table: Table, record: Record, k: int, text: str) -> Record:
    """A row with the text of cell k replaced and every other byte unchanged; missing cells before it are added."""
    body = record.raw.rstrip("\r\n")
    newline = record.raw[len(body) :]
    cell = table.record([text]).raw.removesuffix(table.newline)
    if k >= len(record.cells):
        body += table.delimiter * (k - len(record.cells) + 1) + cell
    else:
        begins = _begins(record, body)
        stop = begins[k + 1] - 1 if k + 1 < len(begins) else len(body)
        old = body[begins[k] : stop]
        if old.startswith('"') and not cell.startswith('"'):
            cell = f'"{cell}"'
        body = body[: begins[k]] + cell + body[stop:]
    return Record(body + newline, record.cells)


def _begins(record: Record, body: str) -> list[int]:
    """Where each cell of a row begins in its text."""
    lines = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", body))]
    first = record.cells[0].line
    return [lines[cell.line - first] + cell.column - 1 for cell in record.cells]
