"""Puts the times of a file in order: missing, negative, unsorted and overlapping ones become those of a song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from avwalk.errors import WordsError
from avwalk.words.entries import Entry, Reading
from avwalk.words.transcript import Line, Word, weight

SHORTEST = 0.05
"""Seconds: no line is shorter."""
TOGETHER = 0.05
"""Seconds: lines that begin so close to each other are said together."""
LONGEST = 5.0
"""Seconds that a line without an end is held at least, where nothing follows; longer where it has more words."""
_SLOW = 0.6  # seconds a syllable: so long is a line without an end held at most
_LEAD = 0.02  # share of the song before and behind text without any times


def arranged(reading: Reading, seconds: float) -> tuple[tuple[Line, ...], list[str]]:
    """Lines in the order of the song, inside of it, each with a start and an end.

    A line that is not the song's is left out; one that begins before 0 begins there; one that ends behind the begin of
    a later line ends there, unless another speaker says that, or both begin together.

    Args:
        reading: of a file.
        seconds: length of the song.

    Returns:
        The lines, ascending by start, and a note for each thing that was done.

    Raises:
        WordsError: no line is inside the song.
    """
    notes = list(reading.notes)
    entries = list(reading.entries)
    timed = [entry for entry in entries if entry.start is not None]
    if not timed:
        notes.append("it has no times: spread evenly over the song, correct them in the table of words")
        return _spread(entries, reading, seconds), notes
    if len(timed) < len(entries):
        n = len(entries) - len(timed)
        notes.append(f"{_lines(n)} without a time stand{'s' * (n == 1)} between the neighbours")
        entries = _between(entries, seconds)
    if unsorted := sum((b.start or 0.0) < (a.start or 0.0) for a, b in pairwise(entries)):
        notes.append(f"{_lines(unsorted)} out of order: sorted")
    entries.sort(key=lambda entry: entry.start or 0.0)
    if before := [entry for entry in entries if (entry.start or 0.0) < 0]:
        notes.append(f"{_lines(len(before))} begin{'s' * (len(before) == 1)} before the song: moved to its start")
        entries = [replace(entry, start=max(0.0, entry.start or 0.0)) for entry in entries]
    inside = [entry for entry in entries if (entry.start or 0.0) < seconds - SHORTEST]
    if not inside:
        raise WordsError(f"all {_lines(len(entries))} lie behind the end of the song, which has {seconds:.1f} s")
    if outside := len(entries) - len(inside):
        notes.append(f"{_lines(outside)} behind the end of the song left out")
    wrong = sum(entry.end is not None and entry.end <= (entry.start or 0.0) for entry in inside)
    if wrong:
        notes.append(f"{_lines(wrong)} end{'s' * (wrong == 1)} before {'it begins' if wrong == 1 else 'they begin'}: "
                     "held until the next")  # fmt: skip
    made = _ended(inside, reading.pauses, seconds)
    made, cut = _parted(made)
    if cut:
        notes.append(f"{_lines(cut)} overlap{'s' * (cut == 1)} the next: cut where that begins")
    return tuple(_with_words_inside(line) for line in made), notes


def _lines(n: int) -> str:
    return f"{n} line{'s' * (n != 1)}"


def _syllables(words: Sequence[Word]) -> float:
    return sum(weight(word.text) for word in words)


def _spread(entries: Sequence[Entry], reading: Reading, seconds: float) -> tuple[Line, ...]:
    """Lines without any times, over the whole song, as long as they take to say."""
    sizes = np.array([_syllables(entry.words) for entry in entries])
    edges = np.concatenate([[0.0], np.cumsum(sizes)]) / sizes.sum()
    times = (_LEAD + (1 - 2 * _LEAD) * edges) * seconds
    starts, ends = times[:-1].tolist(), times[1:].tolist()
    return tuple(
        Line(a, max(b, a + 1e-3), tuple(Word(word.text) for word in entry.words), entry.speaker)
        for entry, a, b in zip(entries, starts, ends, strict=True)
    )


def _between(entries: list[Entry], seconds: float) -> list[Entry]:
    """Lines without a time, evenly between those that have one."""
    at = np.array([np.nan if entry.start is None else entry.start for entry in entries])
    known = np.flatnonzero(np.isfinite(at))
    places = np.concatenate([[-1], known, [len(entries)]])
    filled = np.interp(np.arange(len(entries)), places, np.concatenate([[0.0], at[known], [seconds]]))
    return [
        replace(entry, start=float(filled[k]), end=None) if entry.start is None else entry
        for k, entry in enumerate(entries)
    ]


def _ended(entries: Sequence[Entry], pauses: Sequence[float], seconds: float) -> list[Line]:
    """Each line with an end: its own, else the next line's start or a pause, but not longer than anybody sings it."""
    starts = np.array([entry.start for entry in entries], np.float64)
    stops = np.unique(np.concatenate([starts, np.asarray(pauses, np.float64), [seconds]]))
    told_pauses, made = set(pauses), []
    for entry in entries:
        start = float(entry.start or 0.0)
        told = [at for word in entry.words for at in (word.start, word.end) if at is not None]
        if entry.end is not None and entry.end > start:
            end = entry.end
        else:
            later = stops[stops > start + TOGETHER]
            following = float(later[0]) if len(later) else seconds
            if following in told_pauses:
                made.append(Line(start, max(following, start + SHORTEST), entry.words, entry.speaker))
                continue
            held = start + max(LONGEST, _SLOW * _syllables(entry.words))
            end = min(following, max([held, *told]))
            if entry.words[-1].end is not None:
                end = min(following, max(told))
        end = min(max(end, start + SHORTEST), seconds)
        made.append(Line(start, end, entry.words, entry.speaker))
    return made


def _parted(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """Lines that end where a later one of the same speaker begins, and how many had to be cut."""
    made, cut = list(lines), 0
    for k, line in enumerate(lines):
        following = next((b for b in lines[k + 1 :] if b.start > line.start + TOGETHER), None)
        if following is None or line.end <= following.start + 1e-6:
            continue
        if line.speaker and following.speaker and line.speaker != following.speaker:
            continue
        made[k] = replace(line, end=following.start)
        cut += line.end > following.start + 1e-3
    return made, cut


def _with_words_inside(line: Line) -> Line:
    """The same line with the times of its words inside of it and not descending, all to the millisecond."""
    begin, stop = round(line.start, 3), round(line.end, 3)
    words, at = list[Word](), begin
    for k, word in enumerate(line.words):
        if word.start is None:
            words.append(Word(word.text))
            continue
        start = round(min(max(word.start, at), stop), 3)
        following = line.words[k + 1].start if k + 1 < len(line.words) else stop
        end = word.end if word.end is not None else following
        words.append(Word(word.text, start, None if end is None else round(min(max(end, start), stop), 3)))
        at = start
    return Line(begin, stop, tuple(words), line.speaker)
