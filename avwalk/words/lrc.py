"""Lyrics in LRC: ``[1:23.45]text``, ``<1:23.45>`` before a word, tags such as ``[ti:title]`` and ``[offset:+100]``."""

from __future__ import annotations

import re

from avwalk.errors import WordsError
from avwalk.words.entries import TIME, Entry, Reading, clean, seconds_of, stamp, tagged_text, tagged_words
from avwalk.words.transcript import Transcript, Word

_STAMPS = re.compile(rf"\s*\[{TIME}\]")
_TAG = re.compile(r"\s*\[(?P<name>[A-Za-z#_][\w#]*)\s*:(?P<value>.*)\]\s*$")
_OFFSET = re.compile(r"[+-]?\d{1,7}(?:\.\d{1,3})?")
_SINGERS = {"F": "she", "M": "he", "D": "both"}  # Walaoke's letters before a line
_SINGER = re.compile(r"\s*([FMD]):\s")


def parse_lrc(text: str, name: str) -> Reading:
    """The lines of an LRC file. A line without text says that nothing is sung from there on.

    Args:
        text: of the file.
        name: of the file, for messages.

    Raises:
        WordsError: it holds tags alone, or an offset that is no number.
    """
    entries: list[Entry] = []
    pauses: list[float] = []
    offset, tags, untimed = 0.0, 0, list[Entry]()
    for k, row in enumerate(text.splitlines(), 1):
        stamps, at = [], 0
        while match := _STAMPS.match(row, at):
            stamps.append(seconds_of(*match.groups()))
            at = match.end()
        if not stamps:
            if tag := _TAG.match(row):
                tags += 1
                offset = _offset(tag["value"], f"{name}:{k}") if tag["name"].lower() == "offset" else offset
            elif clean(row):
                untimed.append(Entry(None, None, tagged_words(row), place=k))
            continue
        said = row[at:]
        singer = _SINGER.match(said)
        said, who = (said[singer.end() :], _SINGERS[singer[1]]) if singer else (said, "")
        words = tagged_words(said, stamps[0])
        if not words:
            pauses += stamps
            continue
        entries += [Entry(each, None, _later(words, each - stamps[0]), who, k) for each in stamps]
    if not entries and not untimed:
        what = "only tags such as [ti:]" if tags else "no line of text"
        raise WordsError(f"'{name}' holds {what}; a line of lyrics is [0:12.30] and its words")
    notes = []
    if entries and untimed:
        notes.append(f"{_count(len(untimed), 'line')} without a time left out, the first in line {untimed[0].place}")
    moved = [_shifted(entry, -offset) for entry in entries] or untimed
    return Reading(tuple(moved), tuple(at - offset for at in pauses), tuple(notes))


def format_lrc(transcript: Transcript, *, with_words: bool = True) -> str:
    """A transcript as LRC: times to a hundredth, an empty line where a pause begins.

    Args:
        transcript: what is sung.
        with_words: whether the times of words that were told go in.
    """
    rows = []
    lines = transcript.lines
    for k, line in enumerate(lines):
        has_times = with_words and any(word.start is not None for word in line.words)
        text = tagged_text(line.words, line.end) if has_times else line.text
        rows.append(f"[{_lrc_stamp(line.start)}]{text}")
        following = lines[k + 1].start if k + 1 < len(lines) else None
        if following is None or following - line.end > 5e-4:
            rows.append(f"[{_lrc_stamp(line.end)}]")
    return "\n".join(rows) + "\n"


def _lrc_stamp(seconds: float) -> str:
    return stamp(seconds).rjust(9, "0")


def _offset(value: str, place: str) -> float:
    """Seconds by which the lines come earlier: players subtract a positive one."""
    text = value.strip()
    if not text:
        return 0.0
    if not _OFFSET.fullmatch(text):
        raise WordsError(f"{place}: offset '{text[:20]}' is no number; it is milliseconds, such as [offset:+250]")
    return float(text) / 1000


def _later(words: tuple[Word, ...], seconds: float) -> tuple[Word, ...]:
    """The same words, so much later."""
    if not seconds:
        return words
    return tuple(
        Word(w.text, None if w.start is None else w.start + seconds, None if w.end is None else w.end + seconds)
        for w in words
    )


def _shifted(entry: Entry, seconds: float) -> Entry:
    start = None if entry.start is None else entry.start + seconds
    return Entry(start, None, _later(entry.words, seconds), entry.speaker, entry.place)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
