"""CSV tables in any delimiter and encoding, every cell with its line and column."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from avwalk.errors import did_you_mean

DELIMITERS = ",;\t"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


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
    def comment(self) -> bool:
        """Its first words begin with ``#``, or it is the line ``sep=;`` by which Excel tells the delimiter."""
        first = next((cell.text for cell in self.cells if cell.text), "")
        return first.startswith("#") or bool(re.fullmatch(r"sep=.?", self.raw.strip()))


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


def read_table(data: bytes) -> Table:
    """The rows of a CSV file.

    The encoding is that of the byte-order mark, else UTF-8, else UTF-16 (every other byte 0), else Windows'
    cp1252, which reads anything. The delimiter is the one that is most frequent in the first row that is no
    comment, or what ``sep=`` says.

    Raises:
        ValueError: the bytes are no text.
    """
    text, encoding, bom = _decoded(data)
    newline = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
    told = re.match(r"sep=([,;\t])\s*?$", text, re.M)
    delimiter = told[1] if told else _delimiter(text)
    return Table(tuple(_records(text, delimiter)), encoding, bom, delimiter, newline)


def _decoded(data: bytes) -> tuple[str, str, bytes]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding), encoding, bom
    if data[1:200:2].count(0) > 3 * len(data[1:200:2]) / 4:
        return data.decode("utf-16-le"), "utf-16-le", b""
    if b"\0" in data:
        raise ValueError("it holds bytes that are no text")
    try:
        return data.decode("utf-8"), "utf-8", b""
    except UnicodeDecodeError:
        return data.decode("cp1252"), "cp1252", b""


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


def below_header(table: Table) -> tuple[Record | None, list[Record], list[tuple[Cell, str]]]:
    """The header row, the rows below it, and a problem for every unclosed quotation mark.

    Blank rows and comments are left out; None without a header.
    """
    open_rows = [record for record in table.records if record.open_quote]
    problems = [(r.cells[0], "a quotation mark is never closed; close it, or take it out") for r in open_rows]
    rows = [r for r in table.records if not (r.open_quote or r.blank or r.comment)]
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
