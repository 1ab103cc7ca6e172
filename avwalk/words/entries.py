"""A line as a file has it, before its times are put in order: they may be missing, below 0, or overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from avwalk.errors import WordsError, clipped
from avwalk.words.transcript import Word, split_words, words_of

MAX_BYTES = 4 << 20
MAX_LINES = 20_000
MAX_LETTERS = 2000
"""Of a line."""
MAX_SECONDS = 100 * 3600.0
TIME = r"(?:(\d{1,3}):)?(\d{1,5}):(\d{1,2}(?:[.,]\d{1,9})?)"
"""``m:ss``, ``m:ss.fff``, ``h:mm:ss.fff``; a comma may stand for the point."""
_TAG = re.compile(rf"<{TIME}>")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ufffd\ud800-\udfff]")


@dataclass(frozen=True)
class Entry:
    """A line of a file.

    Attributes:
        start: seconds; None: not told.
        end: seconds; None: not told.
        words: never none; their times are on the same clock.
        speaker: who says it; empty: not told.
        place: number of the line in the file, from 1; 0: the file has none.
    """

    start: float | None
    end: float | None
    words: tuple[Word, ...]
    speaker: str = ""
    place: int = 0


@dataclass(frozen=True)
class Reading:
    """What was read of a file.

    Attributes:
        entries: its lines, in its order.
        pauses: times at which it says that nothing is sung, seconds.
        notes: what was left out or taken otherwise, without the file's name.
    """

    entries: tuple[Entry, ...]
    pauses: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


def seconds_of(hours: str | None, minutes: str, seconds: str) -> float:
    """Seconds of the groups of `TIME`."""
    return round(int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", ".")), 6)


def clean(text: str) -> str:
    """A text without controls and what has no width, with single blanks between words."""
    return " ".join(_CONTROL.sub("", text).split())


def tagged_words(text: str, start: float | None = None, end: float | None = None) -> tuple[Word, ...]:
    """The words of a text with times in it: ``<0:12.30>Oh <0:12.80>my<0:13.10>``.

    Args:
        text: each time stands before its word; one before nothing ends the word before it.
        start: of the line: when what stands before the first time begins.
        end: of the line: when its last word ends.
    """
    marks = [(match, seconds_of(*match.groups())) for match in _TAG.finditer(text)]
    if not marks:
        return words_of(clean(text))
    found: list[Word] = []
    head = clean(text[: marks[0][0].start()])
    if head:
        blank = " " * text[: marks[0][0].start()][-1:].isspace()
        found.append(Word(head + blank, start, marks[0][1] if start is not None else None))
    for k, (match, at) in enumerate(marks):
        following = marks[k + 1] if k + 1 < len(marks) else None
        piece = text[match.end() : following[0].start() if following else len(text)]
        until = following[1] if following else end
        if not clean(piece):
            if found and piece.isspace() and not found[-1].text.endswith(" "):
                found[-1] = found[-1]._replace(text=found[-1].text + " ")
            continue
        if found and piece[:1].isspace() and not found[-1].text.endswith(" "):
            found[-1] = found[-1]._replace(text=found[-1].text + " ")
        found.append(Word(clean(piece) + (" " if piece[-1:].isspace() else ""), at, until))
    if found:
        found[-1] = found[-1]._replace(text=found[-1].text.rstrip())
    return tuple(split_words(found))


def tagged_text(words: Sequence[Word], end: float) -> str:
    """The inverse of `tagged_words`: a text with the times that its words have.

    Args:
        words: of a line.
        end: of the line; the last word ends there without saying so.
    """
    out, until = "", None
    for word in words:
        if word.start is not None:
            if until is not None and round(until, 3) != round(word.start, 3):
                out = f"{out.rstrip()}<{stamp(until)}>{' ' * out.endswith(' ')}"
            out += f"<{stamp(word.start)}>"
        out += word.text
        until = word.end
    closes = until is not None and round(until, 3) != round(end, 3)
    return out.rstrip() + (f"<{stamp(until)}>" if closes and until is not None else "")


def stamp(seconds: float, digits: int = 3) -> str:
    """``m:ss.fff``."""
    scale = 10**digits
    ticks = max(0, round(seconds * scale))
    minutes, rest = divmod(ticks, 60 * scale)
    return f"{minutes}:{rest // scale:02d}.{rest % scale:0{digits}d}"


def check_size(entries: Sequence[Entry], name: str) -> None:
    """Refuses what is no transcript of a song: too many lines, or a line that is a book.

    Raises:
        WordsError: it is so.
    """
    if len(entries) > MAX_LINES:
        raise WordsError(f"'{name}' has {len(entries)} lines; at most {MAX_LINES} are read: cut it into several files")
    for entry in entries:
        if sum(len(word.text) for word in entry.words) > MAX_LETTERS:
            said = clipped("".join(word.text for word in entry.words), 40)
            raise WordsError(
                f"{place_of(name, entry.place)}: the line '{said}' has more than {MAX_LETTERS} letters; break it up"
            )
        for at in (entry.start, entry.end):
            if at is not None and not abs(at) <= MAX_SECONDS:
                raise WordsError(f"{place_of(name, entry.place)}: {at:g} s is no time of a song; correct it")


def place_of(name: str, line: int) -> str:
    """``file:line``, or the file alone."""
    return f"{name}:{line}" if line else name
