"""Cells of the table of storylets, changed without touching any other byte of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from avwalk.errors import StoryError
from avwalk.files.atomic import whole_file
from avwalk.files.csv_table import below_header, with_cell
from avwalk.screenplay.table import open_scenes

FAILED = re.compile(r"\s*failed: .*$", re.S)
"""In a note: why the picture of a row could not be painted."""


def change_cells(file: Path, changes: Mapping[int, Mapping[str, str]]) -> None:
    """Writes cells of rows.

    Args:
        file: the table.
        changes: number of the row, from 1 → column → text.

    Raises:
        StoryError: there is no such column.
        OutputError: it cannot be written.
    """
    table = open_scenes(file)
    head, rows, _ = below_header(table)
    header = [cell.text.lower() for cell in head.cells] if head else []
    records = list(table.records)
    places = {id(record): k for k, record in enumerate(records)}
    for number, cells in changes.items():
        if missing := [name for name in cells if name not in header]:
            raise StoryError(f"'{file.name}' has no column '{missing[0]}'; add it")
        row = rows[number - 1]
        for name in sorted(cells, key=header.index, reverse=True):  # a cell that is changed moves those behind it
            row = with_cell(table, row, header.index(name), cells[name])
        records[places[id(rows[number - 1])]] = row
    data = table.encoded(records)
    if data != table.encoded(table.records):
        with whole_file(file) as part:
            part.write_bytes(data)


def mark_failures(file: Path, errors: Mapping[int, str]) -> None:
    """Notes in the table which pictures failed, and why; takes out what was noted of those that are there now.

    Args:
        file: the table; one without a column for notes stays as it is.
        errors: number of each row → why its picture failed; empty: it did not.
    """
    head, rows, _ = below_header(open_scenes(file))
    header = [cell.text.lower() for cell in head.cells] if head else []
    if "note" not in header:
        return
    changes = {}
    for number, record in enumerate(rows, 1):
        note = record.cells[header.index("note")].text if header.index("note") < len(record.cells) else ""
        error = " ".join(errors.get(number, "").split())[:200]
        told = FAILED.sub("", note) + (f" failed: {error}" if error else "")
        if told.strip() != note:
            changes[number] = {"note": told.strip()}
    if changes:
        change_cells(file, changes)
