"""What is sung or said, on the song's clock: a transcript is lines, a line is words.

A line always has its times. A word has some where the file told them; `spoken` gives times to all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_IDEOGRAPHS = "\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_OPENING = "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\uff08"
_PIECE = re.compile(
    rf"[{_OPENING}]*[{_IDEOGRAPHS}][^\s{_IDEOGRAPHS}{_OPENING}A-Za-z0-9]*\s*|[^\s{_IDEOGRAPHS}{_OPENING}]+\s*|\S\s*"
)
"""A word with the blanks behind it. Scripts without blanks are divided at each sign, closing marks stay with it."""
_VOWELS = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœαεηιουωаеёиоуыэюя]+")
_PAUSE = 0.35  # of a syllable, between words
_PACE = 0.42  # seconds: a syllable is not spread over more; slow songs hold about so long


class Word(NamedTuple):
    """A word or a syllable of a line.

    Attributes:
        text: with the blanks behind it; joined, the words are the line.
        start: when it begins, seconds; None: not told.
        end: when it ends; None: not told.
    """

    text: str
    start: float | None = None
    end: float | None = None


class Spoken(NamedTuple):
    """A word with times, told or spread over its line, seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Line:
    """A line of lyrics, a subtitle, a sentence.

    Attributes:
        start: when it begins, seconds.
        end: when it ends, > start.
        words: in order; never none.
        speaker: who says it; empty: not told.
    """

    start: float
    end: float
    words: tuple[Word, ...]
    speaker: str = ""

    @property
    def text(self) -> str:
        """The line without times."""
        return "".join(word.text for word in self.words).strip()

    @property
    def has_word_times(self) -> bool:
        """Whether the file told when each word begins."""
        return all(word.start is not None for word in self.words)


@dataclass(frozen=True)
class Transcript:
    """All lines of a song, ascending by start.

    Attributes:
        lines: what is sung or said.
        name: of the file that it is from.
    """

    lines: tuple[Line, ...]
    name: str = field(default="", compare=False)

    @property
    def spoken(self) -> tuple[Spoken, ...]:
        """The words of all lines, in the order of the lines."""
        return tuple(word for line in self.lines for word in spoken(line))


def pieces(text: str) -> tuple[str, ...]:
    """A text cut into words, each with the blanks behind it: ``"Oh, my"`` → ``("Oh, ", "my")``."""
    return tuple(_PIECE.findall(" ".join(text.split()) + (" " if text[-1:].isspace() and text.strip() else "")))


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text without times."""
    return tuple(Word(piece) for piece in pieces(text.strip()))


def weight(text: str) -> float:
    """About how long a word takes to say, in syllables: groups of vowels, or signs where a script has none."""
    bare = "".join(letter for letter in text.casefold() if letter.isalnum())
    return max(1.0, len(_VOWELS.findall(bare)) if _VOWELS.search(bare) else len(bare) / 2) + _PAUSE


def spoken(line: Line) -> tuple[Spoken, ...]:
    """The words of a line with times: those told, the rest spread between them as long as they take to say.

    Starts never descend and lie in the line; a word ends where the next begins at the latest.
    """
    words = line.words
    starts: list[float | None] = [word.start for word in words]
    if starts[0] is None:
        starts[0] = line.start
    found: list[float] = []
    k = 0
    while k < len(words):
        stop = next((j for j in range(k + 1, len(words)) if starts[j] is not None), len(words))
        begin = float(starts[k] or 0.0)
        weights = [weight(word.text) for word in words[k:stop]]
        until = float(starts[stop] or 0.0) if stop < len(words) else _spread_end(line, begin, weights)
        share = max(0.0, until - begin) / sum(weights)
        for each in weights:
            found.append(begin)
            begin += share * each
        k = stop
    last = _spread_end(line, found[-1], [weight(words[-1].text)]) if words[-1].start is None else line.end
    made = []
    for word, start, following in zip(words, found, [*found[1:], last], strict=True):
        end = following if word.end is None else min(word.end, following)
        made.append(Spoken(word.text, start, max(start, end)))
    return tuple(made)


def _spread_end(line: Line, begin: float, weights: Sequence[float]) -> float:
    """Where words without times end: with the line, or before it where nobody sings that slowly."""
    return min(line.end, begin + _PACE * sum(weights))


def split_words(words: Iterable[Word]) -> Iterator[Word]:
    """Words with times, where those that hold several words are cut, and their time is shared out among them."""
    for word in words:
        cut = pieces(word.text)
        if len(cut) < 2:
            yield word
        elif word.start is None:
            yield from (Word(piece) for piece in cut)
        elif word.end is None:
            yield word._replace(text=cut[0])
            yield from (Word(piece) for piece in cut[1:])
        else:
            whole = Line(word.start, max(word.end, word.start), tuple(Word(piece) for piece in cut))
            share = (whole.end - whole.start) / sum(weight(piece) for piece in cut)
            at = word.start
            for piece in cut:
                end = at + share * weight(piece)
                yield Word(piece, at, end)
                at = end
