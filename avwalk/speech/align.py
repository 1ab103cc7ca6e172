"""Finds when the lines of a known text are said: block after block, with a confidence for each line.

A forced aligner lays any text over any sound. So each line has a fit (see `avwalk.speech.sphinx.Span`), from it a
confidence; lines below `PLACED` count as not placed and stand between their neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Song
from avwalk.speech.match_words import bare, match_words
from avwalk.speech.sound import RATE, pause_in, speech_sound
from avwalk.speech.sphinx import Span
from avwalk.words.transcript import Line, Word, weight

LONGEST, SEARCH = 60.0, 15.0
"""Seconds of a block, and where in it the pause is looked for."""
PLACED = 0.5
"""Confidence from which a line counts as placed."""
NOT_PLACED = "not placed"
"""What the table says of a line between its neighbours."""
MIDDLE, WIDTH = -24e-4, 4e-4
"""Mean fit of a line at which it is as likely right as wrong, and the logistic's width: `tests/benchmarks/words.py`."""
_WORDS_A_SECOND = 3.2  # of candidates for a block: nobody sings faster for a minute
_CUT = 1.0  # seconds: a line that ends so near the end of a block may go on behind it
_LEAD = 0.2  # seconds before a line at which a block begins
_STEP = 5.0  # seconds that a block goes on at least
_BRIDGED = 0.2  # seconds between two words that are no pause
_SYLLABLE = 0.2  # seconds: of words beside those that were matched
_SPOKEN = 0.42  # seconds a syllable: so long are lines held that stand alone
Report = Callable[[float, float], None]


class Token(NamedTuple):
    """A word of the text.

    Attributes:
        text: as it is written, with the blanks behind it.
        pronunciations: in ARPAbet; none: it is silent, such as a dash; None: nobody knows.
    """

    text: str
    pronunciations: list[str] | None


class Aligner(Protocol):
    """Lays lines of words over a sound; see `avwalk.speech.sphinx.SphinxAligner.align`."""

    def align(self, samples: NDArray[np.float32], lines: Sequence[Sequence[Sequence[str]]]) -> list[list[Span] | None]:
        """Spans of each line's words."""
        ...


@dataclass(frozen=True)
class Alignment:
    """A text on a song's clock.

    Attributes:
        lines: in the order of the text.
        confidence: of each line, 0 to 1; 0: it fits nowhere.
        placed: whether each line's times are from the sound.
    """

    lines: tuple[Line, ...]
    confidence: tuple[float, ...]
    placed: tuple[bool, ...]


def align_lines(
    song: Song, lines: Sequence[Sequence[Token]], aligner: Aligner, report: Report | None = None
) -> Alignment:
    """When the words of a text are said or sung.

    Args:
        song: probed; best the stem of its vocals.
        lines: of the text, each of one token at least.
        aligner: for blocks of a minute.
        report: called with seconds done, and seconds in all.
    """
    seconds = song.n_samples / song.sample_rate
    found: dict[int, list[Span]] = {}
    known = [
        k for k, line in enumerate(lines) if _sounds(line) and all(token.pronunciations is not None for token in line)
    ]
    start = 0.0
    while known and start < seconds:
        if report:
            report(start, seconds)
        samples, is_last = _block(song, start, seconds)
        laid = dict(_laid(aligner, samples, start, lines, known))
        end = start + len(samples) / RATE
        latest = max(laid, default=None, key=lambda k: laid[k][-1].end)
        following = end
        if latest is not None and not is_last:
            following = laid[latest][-1].end
            if following > end - _CUT and laid[latest][0].start - _LEAD > start + _STEP:
                following = laid[latest][0].start - _LEAD  # it may go on behind the block: once more
                del laid[latest]
            if end - following > SEARCH:
                following = end  # nothing is said there
        found |= laid
        known = [k for k in known if k > max(laid, default=-1)]
        start = seconds if is_last else max(following, start + _STEP)
    return _alignment(lines, found, seconds)


def align_by_words(lines: Sequence[Sequence[Token]], recognised: Sequence[Word], seconds: float) -> Alignment:
    """The same by recognised words: a line's confidence is the share of its words that were recognised in their order.

    Args:
        lines: of the text; pronunciations are not looked at.
        recognised: words with times, ascending.
        seconds: length of the song.
    """
    matched = iter(match_words([token.text for line in lines for token in line], recognised))
    made, shares = dict[int, Line](), list[float]()
    for k, line in enumerate(lines):
        words = [next(matched) for _ in line]
        loud = [word for token, word in zip(line, words, strict=True) if bare(token.text)]
        shares.append(sum(word is not None for word in loud) / max(1, len(loud)))
        if shares[-1] >= PLACED:
            made[k] = _matched_line(line, words)
    return _whole(lines, made, shares, seconds)


def _matched_line(line: Sequence[Token], words: Sequence[Word | None]) -> Line:
    """A line whose matched words have times; it begins and ends as much further out as the others take to say."""
    known = [k for k, word in enumerate(words) if word is not None]
    first, last = words[known[0]], words[known[-1]]
    before = sum(weight(token.text) for token in line[: known[0]]) * _SYLLABLE
    behind = sum(weight(token.text) for token in line[known[-1] + 1 :]) * _SYLLABLE
    start = max(0.0, (first.start if first and first.start is not None else 0.0) - before)
    end = (last.end if last and last.end is not None else start) + behind
    timed = (
        Word(token.text, word.start if word else None, word.end if word else None)
        for token, word in zip(line, words, strict=True)
    )
    return Line(round(start, 3), round(max(end, start + 1e-3), 3), tuple(timed))


def confidence(spans: Sequence[Span]) -> float:
    """How likely a line is said where it was laid, 0 to 1: the logistic of its mean fit, each word by its length."""
    weights = [span.end - span.start for span in spans]
    fit = sum(span.fit * each for span, each in zip(spans, weights, strict=True)) / sum(weights)
    return 1 / (1 + math.exp(min(50.0, (MIDDLE - fit) / WIDTH)))


def _sounds(line: Sequence[Token]) -> bool:
    return any(token.pronunciations != [] for token in line)


def _block(song: Song, start: float, seconds: float) -> tuple[NDArray[np.float32], bool]:
    """A block of the song that ends at a pause, and whether it is the last."""
    samples = speech_sound(song, start, start + LONGEST)
    if start + LONGEST >= seconds:
        return samples, True
    return samples[: pause_in(samples, len(samples) - round(SEARCH * RATE))], False


def _laid(
    aligner: Aligner,
    samples: NDArray[np.float32],
    start: float,
    lines: Sequence[Sequence[Token]],
    known: Sequence[int],
) -> Iterator[tuple[int, list[Span]]]:
    """Lines that are said in a block, with the spans of their words on the song's clock."""
    most, candidates = _WORDS_A_SECOND * len(samples) / RATE, list[int]()
    for k in known:
        if candidates and most < len(lines[k]):
            break
        candidates.append(k)
        most -= len(lines[k])
    words = [[token.pronunciations for token in lines[k] if token.pronunciations] for k in candidates]
    for k, spans in zip(candidates, aligner.align(samples, words), strict=True):
        if spans and confidence(spans) >= PLACED:
            yield k, [span._replace(start=span.start + start, end=span.end + start) for span in spans]


def _alignment(lines: Sequence[Sequence[Token]], found: dict[int, list[Span]], seconds: float) -> Alignment:
    made = {k: _line(lines[k], spans) for k, spans in found.items()}
    sure = [confidence(found[k]) if k in found else 0.0 for k in range(len(lines))]
    return _whole(lines, made, sure, seconds)


def _whole(lines: Sequence[Sequence[Token]], made: dict[int, Line], sure: Sequence[float], seconds: float) -> Alignment:
    """All lines: those placed that follow each other, the others between them."""
    ascending = list[int]()
    for k in sorted(made):  # blocks overlap: no line begins before the one before it
        if not ascending or made[k].start >= made[ascending[-1]].start:
            ascending.append(k)
    kept = {k: made[k] for k in ascending}
    for k, following in pairwise(ascending):
        if kept[k].end > kept[following].start:
            kept[k] = replace(kept[k], end=max(kept[following].start, kept[k].start + 1e-3))
    whole = kept | _spread(lines, kept, seconds)
    order = range(len(lines))
    return Alignment(
        tuple(whole[k] for k in order),
        tuple(sure[k] if k in kept else 0.0 for k in order),
        tuple(k in kept for k in order),
    )


def _line(line: Sequence[Token], spans: Sequence[Span]) -> Line:
    """A line with the times of its words, which last through short gaps; silent tokens have none."""
    following = [*(span.start for span in spans[1:]), spans[-1].end]
    ends = [after if after - span.end < _BRIDGED else span.end for span, after in zip(spans, following, strict=True)]
    times, words = iter(zip(spans, ends, strict=True)), list[Word]()
    for token in line:
        span, end = next(times) if token.pronunciations else (None, 0.0)
        words.append(Word(token.text, round(span.start, 3), round(end, 3)) if span else Word(token.text))
    return Line(round(spans[0].start, 3), round(spans[-1].end, 3), tuple(words))


def _spread(lines: Sequence[Sequence[Token]], made: dict[int, Line], seconds: float) -> dict[int, Line]:
    """Lines that were not placed, between those that were, as long as they take to say."""
    spread, k = dict[int, Line](), 0
    while k < len(lines):
        if k in made:
            k += 1
            continue
        stop = next((j for j in range(k, len(lines)) if j in made), len(lines))
        begin = made[k - 1].end if k else 0.0
        end = made[stop].start if stop < len(lines) else seconds
        sizes = [sum(weight(token.text) for token in lines[j]) for j in range(k, stop)]
        pace = max(0.0, end - begin) / sum(sizes)
        for j, size in zip(range(k, stop), sizes, strict=True):
            until = begin + min(pace, _SPOKEN) * size
            words = tuple(Word(token.text) for token in lines[j])
            spread[j] = Line(round(begin, 3), round(max(until, begin + 1e-3), 3), words)
            begin += pace * size
        k = stop
    return spread
