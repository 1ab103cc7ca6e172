"""Parts of a film that are rolled again: rows ``seed`` of the cues, laid over those that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from avwalk.contracts import Analysis
from avwalk.errors import OptionError, clipped
from avwalk.score.cue_cells import MAX_SEED
from avwalk.score.cues import Cue, Cues
from avwalk.score.musical_time import Moment, parse_moment, resolve

DASHES = "-–"


def parse_span(text: str) -> tuple[Moment, Moment]:
    """Two times with a dash between them; a bare number behind a bar or beat counts these, too.

    Raises:
        OptionError: it is something else.
    """
    for k in reversed([k for k, letter in enumerate(text) if letter in DASHES]):
        first, last = text[:k].strip(), text[k + 1 :].strip()
        try:
            begin = parse_moment(first)
            if begin.kind in ("bar", "beat") and last.replace(".", "", 1).isdecimal():
                last = f"{begin.kind}:{last}"
            return begin, parse_moment(last)
        except OptionError:
            continue
    raise OptionError(f"--redo '{clipped(text)}' is not understood; write FROM-TO, such as bar:33-bar:40 or 1:10-1:25")


def redone(
    cues: Cues, spans: Sequence[str], analysis: Analysis, film_seed: int, seed: int | None = None
) -> tuple[Cues, list[str]]:
    """The cues with a row ``seed`` for each part that is rolled again, which wins over such rows that are there.

    Args:
        cues: of the film.
        spans: as `parse_span` reads them.
        analysis: of the song, corrected by the cues.
        film_seed: what is there where no row is.
        seed: of the new parts; None: for each the one after what is there.

    Returns:
        The cues, and a line for each part whose seed was not given, that overlaps another, or that changes nothing.

    Raises:
        OptionError: no times, times that the song does not have, an empty part, or an end before the beginning.
    """
    notes, done = [], list[tuple[float, float, str]]()
    for text in spans:
        begin, end = parse_span(text)
        at, until = (_seconds(moment, analysis, text) for moment in (begin, end))
        if until == at:
            raise OptionError(f"--redo {clipped(text)} is empty: it ends where it begins; {_longer(begin)}")
        if until < at:
            raise OptionError(f"--redo {clipped(text)} ends before it begins; write the earlier time first")
        notes += [
            f"--redo {clipped(text)} overlaps --redo {clipped(other)}: where both are, the later one is seen"
            for a, b, other in done
            if a < until and at < b
        ]
        done.append((at, until, text))
        rows = _closed(cues.of("seed"), analysis)
        now = _there(rows, at, film_seed, analysis)
        if seed is not None and _seeds(rows, at, until, film_seed, analysis) == {seed}:
            notes.append(
                f"--redo {clipped(text)} changes nothing: seed {seed} is there already; --seed N takes another"
            )
        new = (now + 1) % (MAX_SEED + 1) if seed is None else seed
        if seed is None:
            notes.append(f"--redo {clipped(text)}: seed {new}, it was {now}; --seed N takes another")
        kept = [row for old in rows if (row := _around(old, at, (until, end), analysis)) is not None]
        others = [row for row in cues.rows if row.what != "seed"]
        cues = replace(cues, rows=(*others, *kept, Cue(begin, end, "seed", str(new), "")))
    return cues, notes


def _seconds(moment: Moment, analysis: Analysis, text: str) -> float:
    try:
        return resolve(moment, analysis)
    except OptionError as error:
        raise OptionError(f"--redo {clipped(text)}: {error}") from None


def _closed(rows: Sequence[Cue], analysis: Analysis) -> list[Cue]:
    """Rows that last until the next one say so: a new one between them must not end the first for good."""
    ordered = sorted(rows, key=lambda row: resolve(row.at, analysis))
    later = [*(row.at for row in ordered[1:]), parse_moment("end")]
    return [row if row.until else replace(row, until=after) for row, after in zip(ordered, later, strict=False)]


def _there(rows: Sequence[Cue], at: float, film_seed: int, analysis: Analysis) -> int:
    """The seed of a time: the row that begins last is on top."""
    for row in reversed(rows):
        assert row.until is not None
        if resolve(row.at, analysis) <= at < resolve(row.until, analysis, beyond=True):
            return int(row.value)
    return film_seed


def _seeds(rows: Sequence[Cue], at: float, until: float, film_seed: int, analysis: Analysis) -> set[int]:
    """All seeds of a span of time."""
    edges = [resolve(time, analysis, beyond=True) for row in rows for time in (row.at, row.until) if time]
    return {_there(rows, time, film_seed, analysis) for time in (at, *edges) if at <= time < until}


def _longer(begin: Moment) -> str:
    """What to write instead of an empty part."""
    if begin.kind in ("bar", "beat") and not begin.offsets:
        return f"write {begin.kind}:{begin.number:g}-{begin.kind}:{begin.number + 1:g}"
    return "write a later end"


def _around(row: Cue, at: float, end: tuple[float, Moment], analysis: Analysis) -> Cue | None:
    """What of a row is left beside a new one, under which it may go on; None: nothing."""
    until, moment = end
    assert row.until is not None
    if resolve(row.at, analysis) < at or resolve(row.at, analysis) >= until:
        return row
    return replace(row, at=moment) if resolve(row.until, analysis, beyond=True) > until else None
