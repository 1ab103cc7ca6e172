"""The cues file: the artist's corrections of the score, automation and content over time; read and checked.

    at,until,what,value,ease,note
    0:00.000,,tempo,126.02,,
    bar:1,bar:17,section,verse,,
    bar:17,,drop,,,
    2:10.5,2:14,camera.zoom,1.3,smoothstep:2beats,

Rows whose note is ``auto:`` and eight letters were written by avwalk. While such a row is unchanged it documents a
detection and has no effect; once edited it is the artist's, and replaces that detection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avwalk.errors import CuesError, OptionError, clipped
from avwalk.files.csv_table import Cell, Record, Table, below_header, header_problems, open_table, with_point
from avwalk.files.marked_table import MARK, written_marks
from avwalk.files.names import is_bare
from avwalk.score.cue_cells import check_until, ease_of, value_of, what_of
from avwalk.score.musical_time import Moment, parse_moment

COLUMNS = ("at", "until", "what", "value", "ease", "note")
BROKEN = ""
"""What a row of `examined` is about whose cells are not fine: its times can be checked; its value is what it said."""
MAX_BYTES = 4 << 20
MAX_PROBLEMS = 200
"""Behind so many rows are no longer looked at."""


@dataclass(frozen=True)
class Cue:
    """A row of the cues file, checked.

    Attributes:
        at: where it begins.
        until: where it ends; None: at the next of its kind.
        what: one of `SCORE` or `CONTENT` of `avwalk.score.cue_cells`, or a parameter.
        value: normalised text; empty where there is none.
        ease: curve and length, such as ``"smoothstep:2beats"``; empty for the default.
        locations: column name → ``file:line:column``, for messages.
    """

    at: Moment
    until: Moment | None
    what: str
    value: str
    ease: str
    locations: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Cues:
    """The contents of a cues file.

    Attributes:
        rows: the artist's rows, in the file's order.
        removed: marks of rows that avwalk wrote and the artist has edited or deleted.
        unchanged: marks of rows as avwalk wrote them at which the artist's end: of sections, and of downbeats with
            their metre.
        name: of the file; empty when there is none.
    """

    rows: tuple[Cue, ...] = ()
    removed: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    name: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.rows or self.removed)

    def of(self, *what: str) -> list[Cue]:
        """The rows that concern these, in the file's order."""
        return [cue for cue in self.rows if cue.what in what]

    def as_json(self) -> dict[str, Any]:
        """Everything that affects the film: no notes, no file locations, times in canonical spelling."""
        rows = [[c.at.canonical, c.until.canonical if c.until else "", c.what, c.value, c.ease] for c in self.rows]
        return {"rows": rows, "removed": sorted(self.removed), "kept": sorted(self.unchanged)}

    @classmethod
    def from_json(
        cls,
        stored: Mapping[str, Any],
        name: str = "the film's cues",
        names: Mapping[str, Collection[str]] | None = None,
    ) -> Cues:
        """The inverse of `as_json`; every row passes the checks of a file's rows.

        Args:
            stored: from anywhere.
            name: of it, for messages.
            names: available ``"preset"`` and ``"palette"`` names; None: they are not looked up.

        Raises:
            CuesError: it is something else.
        """
        try:
            rows = [_stored(row, f"{name}, row {k}", names or {}) for k, row in enumerate(stored["rows"], 1)]
            removed, kept = frozenset(stored["removed"]), frozenset(stored["kept"])
            if not all(isinstance(mark, str) for mark in removed | kept):
                raise ValueError("marks are texts")
            return cls(tuple(rows), removed, kept, name if rows or removed else "")
        except (KeyError, ValueError, TypeError, OptionError) as error:
            raise CuesError(f"{name} cannot be read ({clipped(error, 200)}); --no-cues leaves them out") from None


@dataclass(frozen=True)
class Row:
    """A row of the file that is neither blank nor comment: its cells by column name.

    Attributes:
        record: the row as it is in the file.
        cells: column name → cell; columns that the file lacks are not in it.
        mark: the eight letters behind ``auto:``, or empty.
        unchanged: the row says what avwalk wrote.
    """

    record: Record
    cells: Mapping[str, Cell]
    mark: str
    unchanged: bool

    def text(self, column: str) -> str:
        """The cell's text; empty when there is none."""
        return self.cells[column].text if column in self.cells else ""


def mark_of(at: str, until: str, what: str, value: str) -> str:
    """Eight letters that tell whether a row still says what avwalk wrote, however a spreadsheet spells it."""
    words = [_respelled(at), _respelled(until), what.strip().lower(), _number(value)]
    return hashlib.sha256("\t".join(words).encode()).hexdigest()[:8]


def read_rows(table: Table) -> tuple[Sequence[str], list[Row], list[tuple[Cell, str]]]:
    """Column names, the rows below the header, and the problems of the table as such."""
    head, records, problems = below_header(table)
    header = [cell.text.lower() for cell in head.cells] if head else []
    problems += header_problems(header, head, COLUMNS, ("at", "what")) if head else []
    rows: list[Row] = []
    for record in records if {"at", "what"} <= set(header) else ():
        cells = {name: cell for name, cell in zip(header, record.cells, strict=False) if name}
        extra = [cell for cell in record.cells[len(header) :] if cell.text]
        if extra and header[-1] != "note":
            problems.append((extra[0], f"'{extra[0].text}' is in no column; put text with commas in quotes"))
        words = [cells[name].text if name in cells else "" for name in ("at", "until", "what", "value")]
        found = MARK.search(cells["note"].text) if "note" in cells else None
        mark = found[1].lower() if found else ""
        rows.append(Row(record, cells, mark, bool(mark) and mark_of(*words) == mark))
    return header, rows, problems


def open_cues(file: Path) -> Table:
    """The file's rows, comments and all.

    Raises:
        CuesError: it cannot be read, is far too large, or no text.
    """
    return open_table(file, "cues file", MAX_BYTES, "--no-cues leaves it out", CuesError)


def read_cues(file: Path, names: Mapping[str, Collection[str]]) -> Cues:
    """Reads and checks a cues file.

    Args:
        file: in any encoding that a spreadsheet writes, delimited by commas, semicolons or tabs.
        names: available ``"preset"`` and ``"palette"`` names.

    Raises:
        CuesError: one line for each problem: ``file:line:column: what, which value, what to do``.
    """
    cues, problems = examined(file, names)
    if problems:
        raise CuesError("\n".join(problems))
    return cues


def examined(file: Path, names: Mapping[str, Collection[str]]) -> tuple[Cues, list[str]]:
    """The cues of a file, and a line for each problem; see `read_cues`. Rows with problems are `BROKEN` cues.

    Raises:
        CuesError: it cannot be read, or is no text.
    """
    table = open_cues(file)
    _, rows, problems = read_rows(table)
    cues, unchanged = [], set()
    for row in rows:
        if row.unchanged:
            unchanged.add(row.mark)
            continue
        if len(problems) > MAX_PROBLEMS:  # a file that is something else has one in each of a million rows
            break
        cue, wrong = _cue(row, names, file.name)
        problems += wrong
        if cue:
            cues.append(cue)
    problems.sort(key=lambda problem: (problem[0].line, problem[0].column))
    lines = [f"{file.name}:{cell.line}:{cell.column}: {text}" for cell, text in problems]
    wrote = {row.mark for row in rows if row.mark} | set(written_marks(table))
    ends = {"section"} if any(cue.what == "section" and cue.until is None for cue in cues) else set()
    ends |= {"downbeat"} if any(cue.what == "downbeat" for cue in cues) else set()
    kept = {row.mark for row in rows if row.unchanged and row.text("what").lower() in ends}
    return Cues(tuple(cues), frozenset(wrote - unchanged), frozenset(kept), file.name), lines


def _cue(row: Row, known: Mapping[str, Collection[str]], name: str) -> tuple[Cue | None, list[tuple[Cell, str]]]:
    """A checked row; or what is wrong with it, and when it is, of which kind (`BROKEN`)."""
    problems: list[tuple[Cell, str]] = []
    first = row.record.cells[0]

    def read(column: str, check: Any) -> Any:
        try:
            return check(row.text(column))
        except OptionError as error:
            problems.append((row.cells.get(column, first), str(error)))
            return None

    def moment(text: str) -> Moment:
        return parse_moment(with_point(text))

    def begin(text: str) -> Moment:
        if not text:
            raise OptionError("column 'at' is empty; say when, such as 0:30 or bar:17")
        return moment(text)

    at = read("at", begin)
    until = read("until", lambda text: moment(text) if text else None)
    what = read("what", what_of)
    if what is not None:
        value = read("value", lambda text: value_of(what, text, known))
        ease = read("ease", lambda text: ease_of(what, text))
        read("until", lambda text: check_until(what, text))
    place = {column: f"{name}:{cell.line}:{cell.column}" for column, cell in row.cells.items()}
    if problems:
        return (Cue(at, until, BROKEN, what or "", "", place) if at is not None else None), problems
    if at.plain and until is not None and until.plain and _seconds(until) <= _seconds(at):
        return None, [(row.cells["until"], f"until '{until.text}' is not after at '{at.text}'; let it end later")]
    return Cue(at, until, what, value, ease, place), []


def _stored(row: Any, place: str, known: Mapping[str, Collection[str]]) -> Cue:
    """A row of JSON, checked as one of a file is."""
    cells = tuple(row) if isinstance(row, list | tuple) else ()
    if len(cells) != 5 or not all(isinstance(cell, str) for cell in cells):
        raise ValueError(f"{place} is not five texts")
    at, until, what, value, ease = cells
    what = what_of(what)
    value, ease = value_of(what, value, known), ease_of(what, ease)
    check_until(what, until)
    if what == "preset" and not is_bare(value):
        raise OptionError(f"preset '{value}' is a path, which is not opened; give your own: --cues FILE")
    begin, end = parse_moment(at), parse_moment(until) if until else None
    if begin.plain and end is not None and end.plain and _seconds(end) <= _seconds(begin):
        raise OptionError(f"until '{until}' is not after at '{at}'")
    return Cue(begin, end, what, value, ease, dict.fromkeys(COLUMNS, place))


def _seconds(moment: Moment) -> float:
    return moment.number + sum(amount for amount, _ in moment.offsets)


def _respelled(text: str) -> str:
    """A time in whole milliseconds if it is plain, so that ``0:30`` and ``00:30.000s`` are the same."""
    try:
        moment = parse_moment(with_point(text))
    except OptionError:
        return text.strip().lower()
    return f"{round(_seconds(moment) * 1000)}" if moment.plain else moment.canonical


def _number(text: str) -> str:
    """A number always spelled the same way; other text as it is."""
    try:
        return repr(float(with_point(text.strip())))
    except ValueError:
        return text.strip()
