"""Passages cut into sentences, with the times of their words, and sentences put together that are too short for one.

English is cut by nupunkt, nineteen more languages by the models of Punkt (Kiss and Strunk 2006), what neither knows at
its full stops.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from avwalk.screenplay.language import language_of, name_of
from avwalk.screenplay.scene import LINE_END, Passage, count_words, joined
from avwalk.screenplay.vocabulary import word_set

SHORT = 6
"""Words below which a sentence goes with its neighbour."""
SHORT_SECONDS = 2.5
"""On a clock it must not last as long: lines of songs have few words."""
LONGEST = 60
"""Words of a sentence above which it is cut at commas, and without any, between words."""
PUNKT = word_set("cs da nl et fi fr de el it ml no pl pt ru sl es sv tr")
"""Languages whose sentences Punkt has learnt, beside English."""
_STOPS = re.compile(r"[^.!?…。！？।؟]*(?:[.!?…。！？।؟]+[\"'»”’)\]」』]*|$)", re.S)
_MISSED = re.compile(r"(?<=[a-z]{4}\.)(?<!\b[Pp]rof\.)(?<!\b[Cc]apt\.)(?<!\b[Dd]ept\.)\s+(?=[\"“]?[A-Z])")
"""Behind a whole word in lower case nupunkt, which learnt from law, sees abbreviations: ``hand.``"""
_CLAUSE = re.compile(r"[^,;:–—،、，；]*[,;:–—،、，；]*\s*")


def sentences_of(passages: Iterable[Passage], language: str) -> list[Passage]:
    """Passages of one sentence each, at least `SHORT` words long where they have neighbours to join.

    Args:
        passages: as read.
        language: of the text, ISO 639-1.
    """
    cut = [piece for passage in passages for sentence in _cut(passage, language) for piece in _bounded(sentence)]
    return _without_short(cut)


def split(text: str, language: str) -> list[str]:
    """A text cut into sentences, without the blanks between them."""
    if LINE_END in text:
        return [sentence for line in text.split(LINE_END) for sentence in split(line, language)]
    own = language_of(text, language)
    if own == "en":
        from nupunkt import sent_tokenize  # late: most commands read no text

        found: Sequence[str] = [part for each in sent_tokenize(text) for part in _MISSED.split(str(each))]
    elif own in PUNKT:
        from punkt import sent_tokenize as by_punkt

        found = by_punkt(text, name_of(own).lower())
    else:
        found = _STOPS.findall(text)
    return [sentence.strip() for sentence in found if sentence.strip()]


def _cut(passage: Passage, language: str) -> Iterator[Passage]:
    """The sentences of a passage; times are shared out by their length."""
    found = split(passage.text, language)
    yield from _shared(passage, found)


def _bounded(sentence: Passage) -> Iterator[Passage]:
    """A sentence, in several where it is longer than `LONGEST` words."""
    if len(sentence.text) <= 10 * LONGEST and count_words(sentence.text) <= LONGEST:
        yield sentence
        return
    parts: list[str] = []
    for clause in _pieces(sentence.text):
        short = parts and len(parts[-1]) + len(clause) <= 5 * LONGEST
        if short and count_words(parts[-1]) + count_words(clause) <= LONGEST // 2:
            parts[-1] = f"{parts[-1]} {clause}"
        else:
            parts.append(clause)
    yield from _shared(sentence, parts)


def _pieces(text: str) -> Iterator[str]:
    """Clauses of a text, none longer than half of `LONGEST` words or letters that make them."""
    for clause in (each.strip() for each in _CLAUSE.findall(text)):
        words = clause.split() or [clause]
        for k in range(0, len(words), LONGEST // 2):
            piece = " ".join(words[k : k + LONGEST // 2])
            yield from (piece[j : j + 5 * LONGEST] for j in range(0, len(piece), 5 * LONGEST))


def _shared(passage: Passage, texts: Sequence[str]) -> Iterator[Passage]:
    """Parts of a passage; its time is shared out among them by their letters."""
    if passage.start is None or passage.end is None or len(texts) < 2:
        yield from (replace(passage, text=text) for text in texts)
        return
    whole, at = sum(map(len, texts)) or 1, passage.start
    for text in texts:
        end = at + (passage.end - passage.start) * len(text) / whole
        yield replace(passage, text=text, start=at, end=end)
        at = end


def _without_short(sentences: Sequence[Passage]) -> list[Passage]:
    """Sentences in which short ones went with the next, or the one before, of the same speaker and paragraph."""
    found: list[Passage] = []
    for sentence in sentences:
        before = found[-1] if found else None
        short = before is not None and (_is_short(before) or _is_short(sentence))
        fits = before is not None and len(before.text) + len(sentence.text) <= 10 * LONGEST
        if before is not None and short and fits and _near(before, sentence) and count_words(before.text) < 3 * SHORT:
            found[-1] = replace(before, text=joined([before.text, sentence.text]), end=sentence.end)
        else:
            found.append(sentence)
    return found


def _is_short(sentence: Passage) -> bool:
    if sentence.start is not None and sentence.end is not None and sentence.end - sentence.start >= SHORT_SECONDS:
        return False
    return count_words(sentence.text) < SHORT


def _near(before: Passage, after: Passage) -> bool:
    """Whether two sentences may be one."""
    if (before.speaker, before.paragraph) != (after.speaker, after.paragraph):
        return False
    return before.end is None or after.start is None or after.start - before.end < 1.0
