"""The detected score as rows of a cues file, merged into the file without touching the artist's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from avwalk.contracts import Score
from avwalk.errors import CuesError
from avwalk.files.csv_table import Record, Table
from avwalk.files.marked_table import comment, end_with_newline, with_marks_listed, written_marks
from avwalk.score.cue_cells import SCORE
from avwalk.score.cues import COLUMNS, Row, mark_of, read_rows
from avwalk.score.musical_time import clock, parse_moment
from avwalk.score.stretches import is_same_metre, is_same_tempo

_NEAR = 0.1  # seconds: an artist's row so near to what was found says it already
HELP = (
    "# Corrections and wishes for this song. Change or add or take out rows. Those marked auto: say what was found.",
    "# at and until: 83.5  1:23.5  bar:17  beat:64  section:A#2  drop:1-2bars    "
    "what: tempo beat downbeat section drop build and parameters such as camera.zoom",
    "# tempo: its value is beats per minute. downbeat: a bar begins there; its value is the beats of a bar from there "
    "on, such as 3 or 7.",
)


@dataclass(frozen=True)
class Finding:
    """A cue row that documents a detection.

    Attributes:
        what: tempo, downbeat, section, build or drop.
        index: which tempo, metre, section, build or drop of the score, from 0.
        seconds: where it begins.
        at, until, value: the cells; times end in ``s``, which spreadsheets leave alone.
    """

    what: str
    index: int
    seconds: float
    at: str
    until: str = ""
    value: str = ""

    @property
    def mark(self) -> str:
        """Eight letters derived from the row's content."""
        return mark_of(self.at, self.until, self.what, self.value)


def findings(score: Score) -> list[Finding]:
    """The rows of a score, in the order of the song: tempos, the first downbeat of each metre, sections, build-ups,
    drops."""

    def row(what: str, index: int, start: float, end: float | None = None, value: str = "") -> Finding:
        return Finding(what, index, start, _cell(start), "" if end is None else _cell(end), value)

    rows = []
    tempos = _tempos(score)
    for k, (start, bpm) in enumerate(tempos):
        end = tempos[k + 1][0] if k + 1 < len(tempos) else None
        rows.append(row("tempo", k, start if k else 0.0, end, f"{bpm:.2f}"))
    rows += [row("downbeat", k, at, value=str(meter or "")) for k, (at, meter) in enumerate(_meters(score))]
    rows += [row("section", k, section.start, value=section.label) for k, section in enumerate(score.sections)]
    rows += [row("build", k, start, end) for k, (start, end) in enumerate(score.builds)]
    rows += [row("drop", k, float(drop)) for k, drop in enumerate(score.drops)]
    order = {what: k for k, what in enumerate(SCORE)}
    return sorted(rows, key=lambda found: (found.seconds, order[found.what]))


def _tempos(score: Score) -> list[tuple[float, float]]:
    """(where it begins, BPM) of each tempo; of a song in one tempo that of the whole."""
    found: list[tuple[float, float]] = []
    for stretch in score.stretches:
        if not found or not is_same_tempo(found[-1][1], stretch.tempo_bpm):
            found.append((stretch.start, stretch.tempo_bpm))
    if len(found) > 1:
        return found
    return [(0.0, score.tempo_bpm)] if score.tempo_bpm > 0 else []


def _meters(score: Score) -> list[tuple[float, int]]:
    """(its first downbeat, beats of a bar) of each metre; 0: not told."""
    if len(score.bars) == 0:
        return []
    first = score.stretches[0] if score.stretches else None
    found = [(float(score.bars[0]), first.meter if first else 0)]
    for before, stretch in pairwise(score.stretches):
        bars = score.bars[(score.bars >= stretch.start - 1e-6) & (score.bars < stretch.end)]
        if len(bars) and not is_same_metre(before, stretch) and float(bars[0]) > found[-1][0]:
            found.append((float(bars[0]), stretch.meter))
    return found


def merged(table: Table | None, detected: list[Finding]) -> bytes:
    """A cues file with the detections merged in.

    Rows without a mark, marked rows that the artist has changed or annotated, comments, order, delimiter, line
    ends and encoding stay as they are. Unchanged marked rows go when they are no longer detected.
    What the artist has edited or deleted is not written again.

    Args:
        table: the file as it is, without problems; None when there is none.
        detected: from `findings`.

    Raises:
        CuesError: columns are missing, and notes with commas are where they would go.

    Returns:
        The file's bytes; merging the same once more gives the same bytes.
    """
    if table is None:
        table = Table(tuple(comment(text) for text in HELP))
    header, rows, _ = read_rows(table)
    fresh = {finding.mark: finding for finding in detected}
    stale = [row for row in rows if _untouched(row) and row.mark not in fresh]
    records = list(table.records)
    if not header:
        header = COLUMNS
        end_with_newline(records, len(records) - 1, table)
        records.append(table.record(list(COLUMNS)))
    if missing := [name for name in ("until", "value", "note") if name not in header]:
        header = [*header, *missing]
        records = _with_columns(records, rows, missing, table)
    gone = {row.mark for row in stale}
    wrote = [mark for mark in written_marks(table) if mark not in gone]
    known = {row.mark for row in rows if row.mark} | set(wrote)
    for finding in detected:
        if finding.mark not in known and not _is_covered(finding, rows):
            _insert(records, finding, header, table)
    records = [record for record in records if not any(record is row.record for row in stale)]
    wrote += [mark for mark in fresh if mark not in wrote]
    return table.encoded(with_marks_listed(records, wrote, table))


def _cell(seconds: float) -> str:
    return clock(seconds) + "s"


def _untouched(row: Row) -> bool:
    """As avwalk wrote it, without an artist's note."""
    return row.unchanged and row.text("note").lower() == f"auto:{row.mark}"


def _is_covered(finding: Finding, rows: list[Row]) -> bool:
    """Whether a row of the artist's is about the same thing."""
    for row in rows:
        if row.unchanged or row.text("what").lower() != finding.what:
            continue
        moment = parse_moment(row.text("at"))
        if moment.kind == "seconds" and abs(moment.number - finding.seconds) <= _NEAR:
            return True
    return False


def _insert(records: list[Record], finding: Finding, header: Sequence[str], table: Table) -> None:
    """Puts a row before the first of avwalk's that comes later in the song, else behind the last of them."""
    cells = {
        "at": finding.at,
        "until": finding.until,
        "what": finding.what,
        "value": finding.value,
        "note": f"auto:{finding.mark}",
    }
    new = table.record([cells.get(name, "") for name in header])
    place = len(records)
    for row in read_rows(Table(tuple(records), delimiter=table.delimiter))[1]:
        if _untouched(row):
            k = next(k for k, record in enumerate(records) if record is row.record)
            key = (parse_moment(row.text("at")).number, SCORE.index(row.text("what").lower()))
            if key > (finding.seconds, SCORE.index(finding.what)):
                place = k
                break
            place = k + 1
    end_with_newline(records, place - 1, table)
    records.insert(place, new)


def _with_columns(records: list[Record], rows: list[Row], missing: list[str], table: Table) -> list[Record]:
    """The same rows with more columns at their right."""
    head = next(k for k, record in enumerate(records) if not (record.blank or record.comment))
    width, out = len(records[head].cells), list(records)
    for k, record in enumerate(records):
        if k == head or any(record is row.record for row in rows):
            if len(record.cells) > width:
                raise CuesError(f"the cues file has no column {' and '.join(missing)}; name them in its first row")
            body = record.raw.rstrip("\r\n")
            more = missing if k == head else [""] * (width - len(record.cells) + len(missing))
            raw = table.delimiter.join([body, *more]) + (record.raw[len(body) :] or table.newline)
            out[k] = Record(raw, record.cells)
    return out
