"""Sentences grouped to scenes of a wanted length, cut where it is least felt: at pauses, speakers, paragraphs, bars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import OptionError, clipped
from avwalk.screenplay.scene import Passage, count_words

WORDS_PER_SECOND = 2.6
"""Of somebody who reads aloud: 156 words a minute."""
PAUSE = 0.6
"""Seconds of silence that are felt as a cut."""
LEAD = 0.2
"""Seconds by which a picture comes before its words, where there is a pause for it."""
_SHARE = 0.6  # of what cuts are worth that is no reason for more of them
_WEIGHT = {"speaker": 0.35, "paragraph": 0.5, "pause": 0.3}


class Length(NamedTuple):
    """How long a scene is to be: so many seconds, or so many sentences.

    Attributes:
        amount: > 0.
        unit: ``"s"`` or ``"sentences"``.
    """

    amount: float
    unit: str


SPOKEN = Length(8.0, "s")
"""Where there is a clock; less where that would give a short text fewer than `FEW` pictures."""
SHORTEST = 4.0
"""Seconds of a scene of a short text, as long as a line of a song."""
FEW = 8
"""Pictures that a text with a clock has, if it is long enough for scenes of `SHORTEST`."""
WRITTEN = Length(3.0, "sentences")
"""Where there is no clock; a conversation has a scene for each turn."""
MANY_TURNS = 60
"""Turns of a conversation above which it is cut as other texts are."""
_SAYS_LITTLE = 6  # words of a turn below which it shares its neighbour's picture


def parse_length(text: str) -> Length:
    """``"8s"``: seconds; ``"3"``: sentences.

    Raises:
        OptionError: it is neither.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|sec|seconds?|sentences?)?\s*", text)
    amount = float(found[1]) if found else 0.0
    unit = "s" if (found and (found[2] or "").startswith("sec")) or (found and found[2] == "s") else "sentences"
    if not found or not (0.5 <= amount <= 600) or (unit == "sentences" and amount != int(amount)):
        raise OptionError(f"--length '{clipped(text)}' is no length of a scene; write 8s, or 3 for three sentences")
    return Length(amount, unit)


def grouped_as_usual(sentences: Sequence[Passage]) -> list[list[Passage]]:
    """Sentences in groups where no length is wished for: by the clock, by turns of a conversation, or by threes.

    Args:
        sentences: at least one.
    """
    if sentences[0].start is not None:
        seconds = sum(_sizes(sentences, SPOKEN))
        return grouped(sentences, Length(min(SPOKEN.amount, max(SHORTEST, seconds / FEW)), "s"))
    turns = _turns(sentences)
    if len({sentence.speaker for sentence in sentences}) < 2 or len(turns) > MANY_TURNS:
        return grouped(sentences, WRITTEN)
    return [
        group for turn in turns for group in ([turn] if len(turn) <= WRITTEN.amount + 1 else grouped(turn, WRITTEN))
    ]


def _turns(sentences: Sequence[Passage]) -> list[list[Passage]]:
    """Runs of one speaker; who says next to nothing is in the run of who speaks next, the last one in that before."""
    runs: list[list[Passage]] = []
    for sentence in sentences:
        goes_on = runs and (runs[-1][-1].speaker == sentence.speaker or _says_little(runs[-1]))
        if goes_on:
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    if len(runs) > 1 and _says_little(runs[-1]):
        last = runs.pop()
        runs[-1] += last
    return runs


def _says_little(run: Sequence[Passage]) -> bool:
    return sum(count_words(sentence.text) for sentence in run) < _SAYS_LITTLE


def grouped(sentences: Sequence[Passage], length: Length) -> list[list[Passage]]:
    """Sentences in order, in groups.

    The cuts are those of the least cost, found by dynamic programming: the squared deviation of each group from the
    wanted length, less what a pause, another speaker or a new paragraph is worth as a cut, beyond what the best cuts
    are worth on average: many short scenes are not better for having many cuts.

    Args:
        sentences: at least one.
        length: wanted.
    """
    n = len(sentences)
    sizes = _sizes(sentences, length)
    worths = [_worth(before, after) for before, after in pairwise(sentences)]
    cuts = max(1, round(sum(sizes) / length.amount) - 1)
    usual = _SHARE * float(np.mean(sorted(worths, reverse=True)[:cuts])) if worths else 0.0
    best = [0.0] + [np.inf] * n
    begin = [0] * (n + 1)
    for stop in range(1, n + 1):
        worth = worths[stop - 1] - usual if stop < n else 0.0
        size = 0.0
        for start in range(stop - 1, -1, -1):
            size += sizes[start]
            cost = best[start] + (size / length.amount - 1) ** 2 - worth
            if cost < best[stop]:
                best[stop], begin[stop] = cost, start
            if size > 3 * length.amount:
                break
    groups: list[list[Passage]] = []
    while n:
        groups.append(list(sentences[begin[n] : n]))
        n = begin[n]
    return groups[::-1]


def cut_times(
    groups: Sequence[Sequence[Passage]], bars: NDArray[np.float64] | None = None
) -> list[tuple[float, float]]:
    """When each group's picture begins and ends, seconds; each ends where the next begins.

    Args:
        groups: with times.
        bars: times of the music's bars, ascending; a cut goes to the nearest one within half a bar. None: there is
            no music.
    """
    firsts = [float(group[0].start or 0.0) for group in groups]
    lasts = [float(group[-1].end or 0.0) for group in groups]
    starts = [firsts[0]]
    for k in range(1, len(groups)):
        gap = max(0.0, firsts[k] - lasts[k - 1])
        at = firsts[k] - min(LEAD, gap / 2)
        starts.append(max(starts[-1] + 0.04, _on_bar(at, bars)))
    return list(zip(starts, [*starts[1:], max(lasts[-1], starts[-1] + 0.04)], strict=True))


def _on_bar(at: float, bars: NDArray[np.float64] | None) -> float:
    if bars is None or len(bars) < 2:
        return at
    k = int(np.argmin(np.abs(bars - at)))
    width = float(np.median(np.diff(bars)))
    return float(bars[k]) if abs(bars[k] - at) <= width / 2 else at


def _sizes(sentences: Sequence[Passage], length: Length) -> list[float]:
    """How long the picture of each sentence is seen, in the unit of a length: with a clock, until the next begins."""
    if length.unit == "sentences":
        return [1.0] * len(sentences)
    found = []
    for k, sentence in enumerate(sentences):
        following = sentences[k + 1].start if k + 1 < len(sentences) else sentence.end
        if sentence.start is None or following is None:
            found.append(count_words(sentence.text) / WORDS_PER_SECOND)
        else:
            found.append(max(0.0, following - sentence.start))
    return found


def _worth(before: Passage, after: Passage) -> float:
    """What a cut between two sentences is worth."""
    found = _WEIGHT["speaker"] * (before.speaker != after.speaker)
    found += _WEIGHT["paragraph"] * (before.paragraph != after.paragraph)
    if before.end is not None and after.start is not None:
        found += _WEIGHT["pause"] * min(2.0, max(0.0, after.start - before.end) / PAUSE)
    return found
