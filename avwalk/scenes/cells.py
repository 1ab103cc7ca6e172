"""One cell of a table changed, and nothing else."""

from __future__ import annotations

import re

from avwalk.score.cue_table import Record, Table


def with_cell(table: Table, record: Record, k: int, text: str) -> Record:
    """A row with another text in its cell k, and every other byte as it was; missing cells before it are added."""
    body = record.raw.rstrip("\r\n")
    newline = record.raw[len(body) :]
    cell = _quoted(table, text)
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


def _quoted(table: Table, text: str) -> str:
    return table.record([text]).raw.removesuffix(table.newline)
