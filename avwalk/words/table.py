"""The table of a song's words, ``<song>.words.csv``: read, and words merged into it without touching the artist's rows.

    start,end,text,speaker,note
    0:12.300s,0:15.100s,<0:12.300>Hello <0:12.800>world,,auto:1f2e3d4c

Rows whose note is ``auto:`` and eight letters were written by avwalk. While such a row is unchanged it follows the file
that the words are from; once edited it is the artist's, as are rows without a mark. A row that is taken out stays out.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avwalk.errors import WordsError, clipped
from avwalk.files.atomic import whole_file
from avwalk.files.csv_table import (
    Cell,
    Record,
    Table,
    below_header,
    header_problems,
    open_table,
    read_table,
    with_point,
)
from avwalk.files.marked_table import MARK, comment, end_with_newline, with_marks_listed, written_marks
from avwalk.words.entries import MAX_BYTES, TIME, Entry, Reading, seconds_of, stamp, tagged_text, tagged_words
from avwalk.words.transcript import Line

COLUMNS = ("start", "end", "text", "speaker", "note")
MAX_PROBLEMS = 200
"""Behind so many rows are no longer looked at."""
HELP = (
    "# Words of this song: a line each. Change or add or take out rows: yours stay when the words are read again.",
    "# start and end: 12.3  0:12.300s  1:02:03.5  <0:12.800> in a text: the next word begins then.",
)
_TIME = re.compile(rf"(?P<sign>-?)(?:{TIME}|(?P<plain>\d{{1,9}}(?:\.\d{{0,9}})?))\s*s?", re.I)
_OVERLAP = 0.5  # of the shorter one: so far an artist's row stands for a line that is read


@dataclass(frozen=True)
class Row:
    """A row of the table below its header.

    Attributes:
        record: as it is in the file.
        cells: column name → cell.
        mark: the eight letters behind ``auto:``, or empty.
        unchanged: it says what avwalk wrote.
    """

    record: Record
    cells: Mapping[str, Cell]
    mark: str
    unchanged: bool

    def text(self, column: str) -> str:
        """The cell's text; empty when there is none."""
        return self.cells[column].text if column in self.cells else ""


def parse_table(text: str, name: str) -> Reading:
    """The lines of a table of words.

    Args:
        text: of the file.
        name: of the file, for messages.

    Raises:
        WordsError: one line for each problem, ``file:line:column: …``.
    """
    rows, problems = _rows(read_table(text.encode("utf-8")))
    entries = []
    for row in rows:
        if len(problems) > MAX_PROBLEMS:
            break
        entry, wrong = _entry(row)
        problems += wrong
        if entry:
            entries.append(entry)
    if problems:
        problems.sort(key=lambda problem: (problem[0].line, problem[0].column))
        raise WordsError("\n".join(f"{name}:{cell.line}:{cell.column}: {said}" for cell, said in problems))
    if not entries:
        raise WordsError(f"'{name}' holds no row with a text; its first row must name the columns: {','.join(COLUMNS)}")
    return Reading(tuple(entries))


def merged(table: Table | None, lines: Sequence[Line], remarks: Sequence[str] = ()) -> bytes:
    """A table of words with lines merged in.

    Rows without a mark, marked rows that the artist has changed, comments, order, delimiter, line ends and encoding
    stay. Unchanged marked rows go when they are no longer among the lines. What the artist has edited or deleted is not
    written again, nor what a row of the artist's covers by half.

    Args:
        table: as it is, without problems; None when there is none.
        lines: what was read elsewhere.
        remarks: of each line, for its note; none: no line has one.

    Returns:
        The file's bytes; merging the same once more gives the same bytes.
    """
    if table is None or not _rows(table)[0]:
        table = table or Table(tuple(comment(text) for text in HELP))
    if not any(not (record.blank or record.comment) for record in table.records):
        records = list(table.records)
        end_with_newline(records, len(records) - 1, table)
        table = replace(table, records=(*records, table.record(list(COLUMNS))))
    header = [cell.text.lower() for cell in _head(table).cells]
    rows, _ = _rows(table)
    fresh = {_mark(*_cells(line)): line for line in lines}
    said = {_mark(*_cells(line)): remark for line, remark in zip(lines, remarks, strict=False) if remark}
    stale = {id(row.record) for row in rows if row.unchanged and row.mark not in fresh}
    gone = {row.mark for row in rows if id(row.record) in stale}
    wrote = [mark for mark in written_marks(table) if mark not in gone]
    present = {row.mark for row in rows if row.mark} | set(wrote)
    own = [span for row in rows if not row.unchanged and (span := _span(row))]
    records = [record for record in table.records if id(record) not in stale]
    for mark, line in fresh.items():
        if mark not in present and not any(_covers(span, line) for span in own):
            _insert(records, line, f"{mark} {said.get(mark, '')}".rstrip(), header, table)
    wrote += [mark for mark in fresh if mark not in wrote]
    return table.encoded(with_marks_listed(records, wrote, table))


def write_table(file: Path, lines: Sequence[Line], remarks: Sequence[str] = ()) -> str:
    """Merges lines into a table of words, see `merged`. The file as it was becomes ``<file>.bak``.

    Returns:
        What was done, in one line.

    Raises:
        WordsError: there is something wrong in the file; nothing is written.
        OutputError: it cannot be written.
    """
    table = open_words(file) if file.exists() else None
    if table is not None and (problems := _rows(table)[1]):
        raise WordsError("\n".join(f"{file.name}:{cell.line}:{cell.column}: {said}" for cell, said in problems))
    data = merged(table, lines, remarks)
    if table is not None and data == table.encoded(table.records):
        return f"'{file.name}' says all {len(lines)} lines already"
    with whole_file(file) as part:
        part.write_bytes(data)
        if table is not None:
            shutil.copy2(file, file.with_name(f"{file.name}.bak"))
    return f"wrote {file}" + (f"; before: {file.name}.bak" if table is not None else "")


def open_words(file: Path) -> Table:
    """The rows of a table of words, comments and all.

    Raises:
        WordsError: it cannot be read, is far too large, or no text.
    """
    return open_table(file, "table of words", MAX_BYTES, "--no-words leaves it out", WordsError)


def _head(table: Table) -> Record:
    return next(record for record in table.records if not (record.blank or record.comment))


def _rows(table: Table) -> tuple[list[Row], list[tuple[Cell, str]]]:
    """The rows below the header, and the problems of the table as such."""
    head, records, problems = below_header(table)
    header = [cell.text.lower() for cell in head.cells] if head else []
    problems += header_problems(header, head, COLUMNS, ("start", "text")) if head else []
    rows = []
    for record in records if {"start", "text"} <= set(header) else ():
        cells = {name: cell for name, cell in zip(header, record.cells, strict=False) if name}
        extra = [cell for cell in record.cells[len(header) :] if cell.text]
        if extra and header[-1] != "note":
            problems.append(
                (extra[0], f"'{clipped(extra[0].text, 40)}' is in no column; put text with commas in quotes")
            )
        found = MARK.search(cells["note"].text) if "note" in cells else None
        mark = found[1].lower() if found else ""
        words = [cells[name].text if name in cells else "" for name in COLUMNS[:4]]
        rows.append(Row(record, cells, mark, bool(mark) and _mark(*words) == mark))
    return rows, problems


def _entry(row: Row) -> tuple[Entry | None, list[tuple[Cell, str]]]:
    problems: list[tuple[Cell, str]] = []

    def time(column: str) -> float | None:
        text = row.text(column)
        at = _seconds(text)
        if text and at is None:
            problems.append((row.cells[column], f"{column} '{clipped(text, 40)}' is no time; write 12.3 or 0:12.300"))
        return at

    start, end = time("start"), time("end")
    words = tagged_words(row.text("text"), start, end)
    if not words and (row.text("start") or row.text("speaker")) and not problems:
        problems.append((row.cells.get("text", row.record.cells[0]), "column 'text' is empty; take the row out"))
    if problems or not words:
        return None, problems
    line = row.record.cells[0].line
    return Entry(start, end, words, " ".join(row.text("speaker").split()), line), []


def _seconds(text: str) -> float | None:
    """Seconds of a cell; None: it is no time, or empty."""
    match = _TIME.fullmatch(with_point(text.strip()))
    if not match:
        return None
    plain = match["plain"]
    at = float(plain) if plain else seconds_of(match[2], match[3], match[4])
    return -at if match["sign"] else at


def _cells(line: Line) -> tuple[str, str, str, str]:
    """Start, end, text and speaker as they are written; times end in ``s``, which spreadsheets leave alone."""
    return f"{stamp(line.start)}s", f"{stamp(line.end)}s", tagged_text(line.words, line.end), line.speaker


def _mark(start: str, end: str, text: str, speaker: str) -> str:
    """Eight letters that tell whether a row still says what avwalk wrote, however a spreadsheet spells its times."""
    times = [_seconds(each) for each in (start, end)]
    words = ["" if at is None else f"{at:.3f}" for at in times] + [" ".join(text.split()), speaker.strip()]
    return hashlib.sha256("\t".join(words).encode()).hexdigest()[:8]


def _span(row: Row) -> tuple[float, float] | None:
    start, end = _seconds(row.text("start")), _seconds(row.text("end"))
    return None if start is None else (start, start if end is None else end)


def _covers(span: tuple[float, float], line: Line) -> bool:
    """Whether an artist's row is about the same thing as a line."""
    if span[0] == span[1]:
        return line.start <= span[0] < line.end
    shared = min(span[1], line.end) - max(span[0], line.start)
    return shared > _OVERLAP * min(span[1] - span[0], line.end - line.start)


def _insert(records: list[Record], line: Line, note: str, header: Sequence[str], table: Table) -> None:
    """Puts a row before the first one that comes later in the song, else at the end."""
    start, end, text, speaker = _cells(line)
    cells = {"start": start, "end": end, "text": text, "speaker": speaker, "note": f"auto:{note}"}
    new = table.record([cells.get(name, "") for name in header])
    place = len(records)
    column = list(header).index("start")
    below = False
    for k, record in enumerate(records):
        if record.blank or record.comment:
            continue
        if below and column < len(record.cells):
            at = _seconds(record.cells[column].text)
            if at is not None and at > line.start:
                place = k
                break
        below = True
    end_with_newline(records, place - 1, table)
    records.insert(place, new)
