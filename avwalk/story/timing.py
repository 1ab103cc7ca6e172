"""When each storylet is told and its picture shown: by the voice, at reading speed, or by the bars of a song."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.clock import round_half_up, seconds_to_fraction
from avwalk.errors import StoryError
from avwalk.speech.voice import Speech
from avwalk.story.storylets import Storylet
from avwalk.words.transcript import Line, Word, pieces, weight

CARD_SECONDS = 3.2
"""How long the title is there before the first word."""
TAIL_SECONDS = 2.2
"""How long the last picture stays behind the last word."""
PAUSE, PARAGRAPH_PAUSE, HEADING_PAUSE = 0.35, 0.75, 1.3
"""Seconds between two storylets: within a paragraph, behind one, before what stands under a heading."""
LETTERS_PER_SECOND = 13.0
"""Of silent reading beside a picture; subtitles for adults count 17 (Netflix, Timed Text Style Guide)."""
LEAST_SECONDS = 2.5
"""Of a storylet that is read."""
ROW_LETTERS = 42
"""Of a row of a subtitle, of which two are shown (same guide)."""


class Span(NamedTuple):
    """When a storylet's picture is shown, seconds of the film.

    Attributes:
        number: of the storylet.
        start: when its first word is said.
        end: when the next one's is; of the last one the film's end.
    """

    number: int
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """The clock of a story's film.

    Attributes:
        spans: of all storylets, ascending, without gaps.
        lines: subtitles, with the times of their words.
        seconds: length of the film.
        voice_starts: storylet → when its sound begins, seconds; empty where nothing is said.
    """

    spans: tuple[Span, ...]
    lines: tuple[Line, ...]
    seconds: float
    voice_starts: Mapping[int, float]

    def frames(self, fps: Fraction) -> list[int]:
        """The frame on which each storylet's first word is said."""
        return [round_half_up(seconds_to_fraction(round(span.start, 6)) * fps) for span in self.spans]


def narrated(storylets: Sequence[Storylet], speeches: Sequence[Speech], card: bool) -> Timeline:
    """The clock of a voice.

    Args:
        storylets: in order.
        speeches: of each, its text said.
        card: whether a title comes first.
    """
    at = CARD_SECONDS if card else 0.3
    starts, voice_starts, lines, end = list[float](), dict[int, float](), list[Line](), 0.0
    for k, (storylet, speech) in enumerate(zip(storylets, speeches, strict=True)):
        at += _pause_before(storylets, k)
        voice_starts[storylet.number] = at
        words = _words_of(storylet, speech, at)
        starts.append(next((word.start for word in words[0] if word.start is not None), at))
        end = at + speech.seconds
        lines += _lines(words, end)
        at = end
    seconds = end + TAIL_SECONDS
    return Timeline(_spans(storylets, starts, seconds), tuple(lines), seconds, voice_starts)


def silent(storylets: Sequence[Storylet], card: bool) -> Timeline:
    """The clock of somebody who reads."""
    at = CARD_SECONDS if card else 0.0
    starts, lines = list[float](), list[Line]()
    for storylet in storylets:
        starts.append(at)
        long = max(LEAST_SECONDS, 0.6 + _width(storylet.text) / LETTERS_PER_SECOND)
        lines += _spread(storylet, at, at + long)
        at += long
    seconds = at + TAIL_SECONDS
    return Timeline(_spans(storylets, starts, seconds), tuple(lines), seconds, {})


def on_bars(storylets: Sequence[Storylet], bars: NDArray[np.float64], seconds: float, card: bool) -> Timeline:
    """The clock of a song: a storylet begins on a bar, and lasts as many as its share of the text.

    Args:
        storylets: in order.
        bars: times of the bars, seconds; where there are too few, storylets begin between them.
        seconds: length of the song.
        card: whether a title comes first.

    Raises:
        StoryError: the song is too short for the story.
    """
    n = len(storylets)
    first = min(CARD_SECONDS, seconds / (n + 1)) if card else 0.0
    if (seconds - first) / n < 1.0:
        raise StoryError(
            f"{n} storylets do not fit into a song of {seconds:.0f} s; give a longer one, or more --sentences"
        )
    weights = np.array([sum(weight(word) for word in pieces(storylet.text)) for storylet in storylets])
    ideal = first + (seconds - first) * np.concatenate([[0.0], np.cumsum(weights)[:-1]]) / weights.sum()
    marks = bars[(bars > 0.2) & (bars < seconds - 1.0)] if len(bars) else bars
    while 0 < len(marks) < 2 * n and len(marks) > 1:
        marks = np.sort(np.concatenate([marks, (marks[1:] + marks[:-1]) / 2]))
    starts, used = list[float](), -1.0
    for k, time in enumerate(ideal.tolist()):
        free = marks[marks > used + 0.5] if len(marks) else marks
        near = float(free[np.argmin(np.abs(free - time))]) if len(free) else time
        at = near if abs(near - time) < (seconds - first) / n and (k or card) else max(time, used + 0.5)
        starts.append(at)
        used = at
    ends = [*starts[1:], seconds]
    lines = [line for each, a, b in zip(storylets, starts, ends, strict=True) for line in _spread(each, a, b - 0.2)]
    return Timeline(_spans(storylets, starts, seconds), tuple(lines), seconds, {})


def _pause_before(storylets: Sequence[Storylet], k: int) -> float:
    if k == 0:
        return 0.0
    if storylets[k].heading:
        return HEADING_PAUSE
    return PARAGRAPH_PAUSE if storylets[k - 1].sentences[-1].ends_paragraph else PAUSE


def _spans(storylets: Sequence[Storylet], starts: Sequence[float], seconds: float) -> tuple[Span, ...]:
    ends = [*starts[1:], seconds]
    return tuple(Span(each.number, a, b) for each, a, b in zip(storylets, starts, ends, strict=True))


def _words_of(storylet: Storylet, speech: Speech, at: float) -> list[list[Word]]:
    """The words of each sentence with the times at which they are said, seconds of the film."""
    begins = {word.begin: at + word.start for word in speech.words}
    found, offset = list[list[Word]](), 0
    for sentence in storylet.sentences:
        words, cursor = list[Word](), offset
        for piece in pieces(sentence.text):
            size = len(piece.rstrip())
            inside = [begins[k] for k in range(cursor, cursor + size) if k in begins]
            words.append(Word(piece, min(inside) if inside else None))
            cursor += len(piece)
        found.append(words)
        offset += len(sentence.text) + 1
    return found


def _lines(sentences: Sequence[Sequence[Word]], end: float) -> list[Line]:
    """Subtitles of sentences: each is one, or several where it is too long to be read in two rows."""
    parts = [part for words in sentences for part in _rows(words)]
    starts = [next((word.start for word in part if word.start is not None), None) for part in parts]
    lines = list[Line]()
    for k, part in enumerate(parts):
        start = starts[k]
        if start is None:
            if lines:  # nothing of it is said, as of a dash: it stays with what was before
                lines[-1] = Line(lines[-1].start, lines[-1].end, (*_spaced(lines[-1].words), *part))
            continue
        stop = next((later for later in starts[k + 1 :] if later is not None), end)
        lines.append(Line(start, max(stop, start + 0.05), _ended(part)))
    return lines


def _spaced(words: Sequence[Word]) -> list[Word]:
    return [*words[:-1], words[-1]._replace(text=words[-1].text.rstrip() + " ")]


def _ended(words: Sequence[Word]) -> tuple[Word, ...]:
    return (*words[:-1], words[-1]._replace(text=words[-1].text.rstrip()))


def _rows(words: Sequence[Word]) -> list[list[Word]]:
    """A sentence's words in parts of at most two rows, as even as can be, rather behind a comma."""
    letters = sum(_width(word.text) for word in words)
    n = -(-letters // (2 * ROW_LETTERS))
    if n < 2:
        return [list(words)]
    parts, part, done = list[list[Word]](), list[Word](), 0
    for k, word in enumerate(words):
        part.append(word)
        done += _width(word.text)
        due = (len(parts) + 1) * letters / n
        comma = word.text.rstrip()[-1:] in ",;:–—…"
        near = due - done
        if k + 1 < len(words) and len(parts) < n - 1 and (near <= 0 or (comma and near < ROW_LETTERS / 2)):
            parts.append(part)
            part = []
    return [*parts, part]


def _width(text: str) -> int:
    """Letters of a text; a sign of the scripts of China, Japan and Korea says and takes as much as two and a half."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + 3 * wide // 2


def _spread(storylet: Storylet, start: float, end: float) -> list[Line]:
    """Subtitles over a time, each as long as it takes to say; words without times of their own."""
    parts = [
        part for sentence in storylet.sentences for part in _rows([Word(piece) for piece in pieces(sentence.text)])
    ]
    weights = [sum(weight(word.text) for word in part) for part in parts]
    edges = start + (end - start) * np.concatenate([[0.0], np.cumsum(weights)]) / sum(weights)
    return [
        Line(float(a), max(float(b), float(a) + 0.05), _ended(part))
        for part, a, b in zip(parts, edges[:-1], edges[1:], strict=True)
    ]
