"""The table of scenes, ``<name>.scenes.csv``: read, and scenes merged into it without touching the artist's rows.

    scene,start,end,text,speaker,language,happening,cast,place,time,weather,…,prompt,negative,seed,note
    1,0:00.000s,0:07.860s,Anna lived alone …,,en,Anna lit the lamp,Anna,the old lighthouse,…,auto:1f2e3d4c of:9a8b7c6d

Rows whose note is ``auto:`` and eight letters were written by avwalk. While such a row is unchanged it follows the
text; once edited it is the artist's, as are rows without a mark. ``of:`` names the words that a row is of: a row that
is taken out stays out.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from avwalk.errors import ScenesError, clipped
from avwalk.files.atomic import whole_file
from avwalk.files.csv_table import (
    Cell,
    Record,
    Table,
    below_header,
    header_problems,
    open_table,
    read_table,
    with_cell,
    with_point,
)
from avwalk.files.marked_table import MARK, comment, end_with_newline, with_marks_listed, written_marks
from avwalk.files.names import as_there
from avwalk.screenplay.prompting import Style, clean, prompt_by_rules
from avwalk.screenplay.scene import DEFINED, MAX_SCENES, MAX_SEED, Scene, seed_of
from avwalk.words.entries import TIME, seconds_of, stamp

TABLE = ".scenes.csv"
COLUMNS = (
    "scene", "start", "end", "text", "speaker", "language", "happening", "cast", "place", "time", "weather", "light",
    "camera", "mood", "aesthetic", "prompt", "negative", "seed", "note",
)  # fmt: skip
MAX_BYTES = 8 << 20
MAX_LETTERS = 8000
"""Of a cell."""
ALIKE = 0.5
"""Share of words that a text has in common with what has become of it, at least."""
MAX_PROBLEMS = 200
"""Behind so many rows are no longer looked at."""
HELP = (
    "# Scenes: a row each. Change or add or take out rows: yours stay when the words are read again.",
    "# An empty prompt is made of the cells beside it. Times: 12.3  0:12.300s; a scene without one lasts as it reads.",
)
_OF = re.compile(r"\bof:([0-9a-f]{8})\b", re.I)
_TIME = re.compile(rf"(?:{TIME}|(?P<plain>\d{{1,9}}(?:\.\d{{0,9}})?))\s*s?", re.I)
_FORMULA = re.compile(r"[=+@\-]")  # at the beginning of a cell: what spreadsheets calculate


@dataclass(frozen=True)
class Row:
    """A row of the table below its header.

    Attributes:
        record: as it is in the file.
        cells: column name → cell.
        key: of the words that it is of; empty: it has no mark.
        unchanged: it says what avwalk wrote.
    """

    record: Record
    cells: Mapping[str, Cell]
    key: str
    unchanged: bool

    def text(self, column: str) -> str:
        """The cell's text; empty when there is none."""
        return self.cells[column].text if column in self.cells else ""


def table_file(source: Path) -> Path:
    """Where the scenes of a text or a song are: ``tale.txt``, ``talk.wav`` or ``talk.words.csv`` → ``….scenes.csv``."""
    stem = source.name.removesuffix(".words.csv") if source.name.endswith(".words.csv") else source.stem
    return as_there(source.with_name(f"{stem}{TABLE}"))


def read_screenplay(file: Path, style: Style | None = None) -> list[Scene]:
    """The scenes of a table, in its order. A row without a prompt gets one of its other cells.

    Args:
        file: the table.
        style: of prompts that are made here.

    Raises:
        ScenesError: one line for each problem, ``file:line:column: …``; or it holds no scene.
    """
    return parse_screenplay(open_scenes(file), file.name, style)


def parse_screenplay(table: Table, name: str, style: Style | None = None) -> list[Scene]:
    """See `read_screenplay`.

    Args:
        table: as read.
        name: of the file, for messages.
        style: of prompts that are made here.
    """
    rows, problems = _rows(table)
    scenes: list[Scene] = []
    for row in rows:
        if len(problems) > MAX_PROBLEMS:
            break
        scene, wrong = _scene(row, len(scenes), style or Style())
        problems += wrong
        before = scenes[-1].start_s if scenes else None
        if not wrong and scene.start_s is not None and before is not None and scene.start_s <= before:
            problems.append((row.cells["start"], f"start '{row.text('start')}' is not behind that of the row above"))
        scenes.append(scene)
    clocked = [scene.start_s is not None for scene in scenes]
    if any(clocked) and not all(clocked) and not problems:
        at = clocked.index(False)
        problems.append((rows[at].record.cells[0], "column 'start' is empty; say when, or empty that of all rows"))
    if problems:
        problems.sort(key=lambda problem: (problem[0].line, problem[0].column))
        raise ScenesError("\n".join(f"{name}:{cell.line}:{cell.column}: {said}" for cell, said in problems))
    if not scenes:
        raise ScenesError(f"'{name}' holds no scene; its first row must name the columns: {','.join(COLUMNS)}")
    if len(scenes) > MAX_SCENES:
        raise ScenesError(f"'{name}' holds {len(scenes)} scenes, and {MAX_SCENES} is the most; cut it into several")
    ends = [*(scene.start_s for scene in scenes[1:]), None]
    return [
        replace(scene, end_s=end if scene.end_s is None or (end and scene.end_s > end) else scene.end_s)
        for scene, end in zip(scenes, ends, strict=True)
    ]


def write_screenplay(file: Path, scenes: Sequence[Scene]) -> str:
    """Merges scenes into a table, see `merged`. The file as it was becomes ``<file>.bak``.

    Returns:
        What was done, in one line.

    Raises:
        ScenesError: there is something wrong in the file; nothing is written.
        OutputError: it cannot be written.
    """
    table = open_scenes(file) if file.exists() else None
    if table is not None and any(not (record.blank or record.comment) for record in table.records):
        parse_screenplay(table, file.name)  # a file with problems is not rewritten
    data, kept = merged(table, scenes)
    said = f"; {kept} row{'s' * (kept != 1)} of yours stay" if kept else ""
    if table is not None and data == table.encoded(table.records):
        return f"'{file.name}' says all {len(scenes)} scenes already{said}"
    with whole_file(file) as part:
        part.write_bytes(data)
        if table is not None:
            shutil.copy2(file, file.with_name(f"{file.name}.bak"))
    return f"wrote {file}" + (f"{said}; before: {file.name}.bak" if table is not None else "")


def merged(table: Table | None, scenes: Sequence[Scene]) -> tuple[bytes, int]:
    """A table of scenes with scenes merged in.

    Rows without a mark, marked rows that the artist has changed, comments, delimiter, line ends and encoding stay.
    Unchanged marked rows follow the scenes. A row in which the artist has changed something else than the text goes on
    with a text that has become much of it, and keeps what he wrote. What he has edited or taken out is not written
    again, nor what his rows tell already.

    Returns:
        The file's bytes, and how many rows are the artist's.
    """
    if table is None or not any(not (r.blank or r.comment) for r in table.records):
        table = table or Table(tuple(comment(text) for text in HELP))
        records = list(table.records)
        end_with_newline(records, len(records) - 1, table)
        table = replace(table, records=(*records, table.record(list(COLUMNS))))
    table = _followed(table, scenes)
    rows, _ = _rows(table)
    header = _header(table)
    by_record = {id(row.record): row for row in rows}
    own = {row.key: row for row in rows if row.key and not row.unchanged}
    told = [_words(row.text("text")) for row in rows if not row.unchanged and row.text("text")]
    wrote, present = written_marks(table), {row.key for row in rows if row.key}
    fresh: dict[str, Scene] = {}
    for key, scene in zip(keys_of(scenes), scenes, strict=True):
        out = key in wrote and key not in present
        covered = key not in own and any(_covers(words, _words(scene.text)) for words in told)
        if not (out or covered):
            fresh[key] = scene
    records = _in_order(table, header, by_record, fresh)
    marks = [*wrote, *(key for key in keys_of(scenes) if key not in wrote)]
    return table.encoded(with_marks_listed(records, marks, table)), sum(not row.unchanged for row in rows)


def _followed(table: Table, scenes: Sequence[Scene]) -> Table:
    """The table with new texts in the artist's rows whose own are no longer there, but much like one that is new."""
    rows, _ = _rows(table)
    header, records = _header(table), list(table.records)
    places = {id(record): k for k, record in enumerate(records)}
    keyed = dict(zip(keys_of(scenes), scenes, strict=True))
    new = {key: scene for key, scene in keyed.items() if key not in {row.key for row in rows}}
    for row in rows:
        words = _words(row.text("text"))
        as_written = hashlib.sha256(f"{words}\0{0}".encode()).hexdigest()[:8] == row.key
        if row.unchanged or not as_written or row.key in keyed or not new:
            continue
        alike = {key: SequenceMatcher(None, words.split(), _words(new[key].text).split()).ratio() for key in new}
        key = max(new, key=lambda each: alike[each])
        if alike[key] < ALIKE:
            continue
        cells, note = _cells(new.pop(key), 0), row.text("note")
        before = {name: row.text(name) for name in COLUMNS[:-1]} | {"seed": str(seed_of(row.text("text")))}
        mark = MARK.search(note)
        only_seed = mark and _mark(before) == mark[1].lower()
        names = set(COLUMNS) - {"scene", "seed", "note"} if only_seed else {"text", "start", "end"}
        told = {name: cells[name] for name in names & set(header)} | {"note": _OF.sub(f"of:{key}", note)}
        record = row.record
        for name in sorted(told, key=header.index, reverse=True):  # a cell that is changed moves those behind it
            record = with_cell(table, record, header.index(name), told[name])
        records[places[id(row.record)]] = record
    return read_table(table.encoded(records))


def _header(table: Table) -> list[str]:
    """Names of the columns."""
    head, _, _ = below_header(table)
    return [cell.text.lower() for cell in head.cells] if head else list(COLUMNS)


def keys_of(scenes: Sequence[Scene]) -> list[str]:
    """A key for the words of each scene, eight letters: of its text and, where it is told again, how often before."""
    seen: Counter[str] = Counter()
    keys = []
    for scene in scenes:
        words = _words(scene.text)
        keys.append(hashlib.sha256(f"{words}\0{seen[words]}".encode()).hexdigest()[:8])
        seen[words] += 1
    return keys


def open_scenes(file: Path) -> Table:
    """The rows of a table of scenes, comments and all.

    Raises:
        ScenesError: it cannot be read, is far too large, or no text.
    """
    return open_table(file, "table of scenes", MAX_BYTES, "`avwalk script` writes one", ScenesError)


def table_of(data: bytes) -> Table:
    """The rows of a table of scenes in memory."""
    return read_table(data)


def _in_order(
    table: Table, header: Sequence[str], by_record: Mapping[int, Row], fresh: Mapping[str, Scene]
) -> list[Record]:
    """The records of the new table: fresh scenes in their order, the artist's rows behind what they stood behind."""
    places = {key: k for k, key in enumerate(fresh)}
    head: list[Record] = []
    behind: dict[int, list[Record]] = {}
    at = -1
    for record in table.records:
        row = by_record.get(id(record))
        if row is None and not by_record.keys() & {id(r) for r in head} and at < 0 and not behind:
            head.append(record)
        elif row is not None and row.key in places:
            at = places[row.key]
            kept = _same_as(row, fresh[row.key], places[row.key], header, table) if row.unchanged else record
            behind.setdefault(at, []).insert(0, kept)
        elif row is None or not row.unchanged:
            behind.setdefault(at, []).append(record)
    records = [*head, *behind.get(-1, [])]
    there = {row.key for row in by_record.values()}
    for k, (key, scene) in enumerate(fresh.items()):
        if key not in there:
            end_with_newline(records, len(records) - 1, table)
            records.append(_record(scene, k, key, header, table))
        for record in behind.get(k, []):
            end_with_newline(records, len(records) - 1, table)
            records.append(record)
    return records


def _same_as(row: Row, scene: Scene, k: int, header: Sequence[str], table: Table) -> Record:
    """A row that avwalk wrote, as it is if it says so already, else anew."""
    made = _record(scene, k, row.key, header, table)
    same = _mark({name: row.text(name) for name in COLUMNS[:-1]}) == _mark(_cells(scene, k))
    return row.record if same else made


def _record(scene: Scene, k: int, key: str, header: Sequence[str], table: Table) -> Record:
    cells = _cells(scene, k)
    cells["note"] = f"auto:{_mark(cells)} of:{key}"
    texts = [cells.get(name, "") for name in header]
    return table.record([f" {text}" if _FORMULA.match(text) else text for text in texts])


def _cells(scene: Scene, k: int) -> dict[str, str]:
    """Column → text of a scene."""
    times = {
        name: "" if at is None else f"{stamp(at)}s" for name, at in (("start", scene.start_s), ("end", scene.end_s))
    }
    texts = {
        name: clean(getattr(scene, name)) for name in ("text", "speaker", "language", *DEFINED, "prompt", "negative")
    }
    return {"scene": str(k + 1), **times, **texts, "cast": "; ".join(scene.cast), "seed": str(scene.seed)}


def _mark(cells: Mapping[str, str]) -> str:
    """Eight letters that tell whether a row still says what avwalk wrote, however a spreadsheet spells its times."""
    texts = []
    for name in COLUMNS[1:-1]:
        text = " ".join(cells.get(name, "").split())
        at = _seconds(text) if name in ("start", "end") else None
        texts.append(text if at is None else f"{at:.3f}")
    return hashlib.sha256("\t".join(texts).encode()).hexdigest()[:8]


def _rows(table: Table) -> tuple[list[Row], list[tuple[Cell, str]]]:
    """The rows below the header, and the problems of the table as such."""
    head, records, problems = below_header(table)
    header = [cell.text.lower() for cell in head.cells] if head else []
    needed = ("prompt",) if "prompt" in header else ("text",)
    problems += header_problems(header, head, COLUMNS, needed) if head else []
    rows = []
    for record in records if {"prompt", "text"} & set(header) else ():
        cells = {name: cell for name, cell in zip(header, record.cells, strict=False) if name}
        extra = [cell for cell in record.cells[len(header) :] if cell.text]
        if extra:
            problems.append(
                (extra[0], f"'{clipped(extra[0].text, 40)}' is in no column; put text with commas in quotes")
            )
        note = cells["note"].text if "note" in cells else ""
        mark, of = MARK.search(note), _OF.search(note)
        values = {name: cells[name].text if name in cells else "" for name in COLUMNS}
        same = bool(mark and of and _mark(values) == mark[1].lower())
        rows.append(Row(record, cells, of[1].lower() if of else "", same))
    return rows, problems


def _scene(row: Row, index: int, style: Style) -> tuple[Scene, list[tuple[Cell, str]]]:
    """A row as a scene, and what is wrong with it."""
    problems: list[tuple[Cell, str]] = []
    times: dict[str, float | None] = {}
    for column in ("start", "end"):
        text = row.text(column)
        times[column] = _seconds(text)
        if text and times[column] is None:
            problems.append((row.cells[column], f"{column} '{clipped(text, 40)}' is no time; write 12.3 or 0:12.300"))
    if times["start"] is not None and times["end"] is not None and times["end"] <= times["start"]:
        problems.append((row.cells["end"], f"end '{clipped(row.text('end'), 40)}' is not behind the start"))
    seed = row.text("seed")
    if seed and not (seed.isdigit() and len(seed) <= 10 and int(seed) <= MAX_SEED):
        problems.append((row.cells["seed"], f"seed '{clipped(seed, 40)}' is no whole number from 0 to {MAX_SEED}"))
        seed = ""
    for name, cell in row.cells.items():
        if len(cell.text) > MAX_LETTERS:
            problems.append((cell, f"column '{name}' has more than {MAX_LETTERS} letters; shorten it"))
    texts: dict[str, Any] = {
        n: clean(row.text(n)) for n in ("text", "speaker", "language", *DEFINED, "prompt", "negative")
    }
    cast = tuple(name.strip() for name in re.split(r"[;,]", row.text("cast")) if name.strip())
    scene = Scene(index, start_s=times["start"], end_s=times["end"], cast=cast, **texts)
    scene = replace(scene, seed=int(seed) if seed else seed_of(scene.text or scene.prompt))
    if not scene.prompt:
        scene = replace(scene, prompt=prompt_by_rules(replace(scene, happening=scene.happening or scene.text), style))
    if not scene.prompt and not problems:
        problems.append((row.record.cells[0], "columns 'prompt' and 'text' are empty; fill one, or take the row out"))
    return scene, problems


def _seconds(text: str) -> float | None:
    """Seconds of a cell; None: it is no time, or empty."""
    match = _TIME.fullmatch(with_point(text.strip()))
    if not match:
        return None
    plain = match["plain"]
    return float(plain) if plain else seconds_of(match[1], match[2], match[3])


def _words(text: str) -> str:
    """A text for comparison: its words alone."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _covers(own: str, words: str) -> bool:
    """Whether an artist's row tells what a scene tells, or most of it."""
    return bool(own) and (own == words or (len(own) > 40 and own in words) or (len(words) > 40 and words in own))
