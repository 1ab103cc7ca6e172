"""Tables that avwalk and an artist both write: rows of avwalk's carry marks, a comment lists all marks ever written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from avwalk.files.csv_table import Record, Table

WROTE = "# avwalk wrote:"
"""Begins the comment that lists the marks of the rows written: a mark without a row is a deleted row."""
MARK = re.compile(r"\bauto:([0-9a-f]{8})\b", re.I)
"""In a note: the row was written by avwalk."""


def written_marks(table: Table) -> list[str]:
    """The marks in the comments that list them."""
    found: list[str] = []
    for record in table.records:
        text = record.raw.strip().strip('"')
        if text.startswith(WROTE):
            found += re.findall(r"\b[0-9a-f]{8}\b", text)
    return list(dict.fromkeys(found))


def comment(text: str, newline: str = "\n") -> Record:
    """A row that is a comment."""
    return Record(text + newline, ())


def end_with_newline(records: list[Record], k: int, table: Table) -> None:
    """Terminates record k with a newline so that another row can follow."""
    if k >= 0 and not records[k].raw.endswith(("\n", "\r")):
        records[k] = Record(records[k].raw + table.newline, records[k].cells)


def with_marks_listed(records: list[Record], marks: Sequence[str], table: Table) -> list[Record]:
    """The rows, with the comment that lists the marks of all rows written: the first comment of its kind."""
    line = comment(f"{WROTE} {' '.join(marks)}", table.newline)
    places = [k for k, record in enumerate(records) if record.raw.strip().strip('"').startswith(WROTE)]
    if places:
        if written_marks(Table((records[places[0]],))) != list(marks):
            records[places[0]] = line
        return [record for k, record in enumerate(records) if k not in places[1:]]
    head = next(k for k, record in enumerate(records) if not (record.blank or record.comment))
    return [*records[:head], line, *records[head:]]
