"""Storylets: a story cut into runs of a few sentences, each of which gets one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from avwalk.errors import OptionError
from avwalk.screenplay.scene import count_words
from avwalk.story.story_text import Paragraph, StoryText
from avwalk.words.transcript import pieces

SENTENCES = 3
"""Of a storylet."""
FEW_WORDS = 8
"""A paragraph with fewer is told with its neighbour: it is too short for a picture of its own."""
MANY_WORDS = 120
"""A storylet with more is cut after a sentence: nobody looks at one picture for a minute."""

LONG_SENTENCE = 80
"""Words of a sentence; a longer one is cut into parts."""

Splitter = Callable[[str], Sequence[str]]


class Sentence(NamedTuple):
    """A sentence, and whether a paragraph ends with it."""

    text: str
    ends_paragraph: bool


@dataclass(frozen=True)
class Storylet:
    """A few sentences with one picture.

    Attributes:
        number: from 1.
        sentences: in order; never none.
        heading: what stands above it in the story; empty: nothing.
    """

    number: int
    sentences: tuple[Sentence, ...]
    heading: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(sentence.text for sentence in self.sentences)


def storylets_of(story: StoryText, split: Splitter, per: int = SENTENCES) -> tuple[Storylet, ...]:
    """The storylets of a story. A paragraph's sentences are shared out evenly: four make two and two.

    Args:
        story: its text.
        split: cuts a paragraph into sentences.
        per: sentences of a storylet, at most; 1 to 20.

    Raises:
        OptionError: ``per`` is out of range.
    """
    if not 1 <= per <= 20:
        raise OptionError(f"--sentences {per} is out of range; give 1 to 20")
    runs = list[tuple[str, list[Sentence]]]()
    for paragraph in story.paragraphs:
        sentences = _sentences(paragraph, split)
        short = count_words(paragraph.text) < FEW_WORDS
        if runs and short and not paragraph.heading and len(runs[-1][1]) < per:
            runs[-1][1].extend(sentences)
            continue
        if runs and _words(runs[-1][1]) < FEW_WORDS and not paragraph.heading and len(runs[-1][1]) < per:
            heading, before = runs.pop()
            sentences = [*before, *sentences]
            runs += _shared(sentences, per, heading)
            continue
        runs += _shared(sentences, per, paragraph.heading)
    return tuple(Storylet(k, tuple(run), heading) for k, (heading, run) in enumerate(runs, 1))


def _words(sentences: Sequence[Sentence]) -> int:
    return sum(count_words(sentence.text) for sentence in sentences)


def _sentences(paragraph: Paragraph, split: Splitter) -> list[Sentence]:
    whole = [text.strip() for text in split(paragraph.text) if text.strip()] or [paragraph.text]
    texts = [part for text in whole for part in _clauses(text)]
    return [Sentence(text, k == len(texts) - 1) for k, text in enumerate(texts)]


def _clauses(text: str) -> list[str]:
    """A sentence, or its parts where it is longer than anybody's breath: behind commas, else between words."""
    if count_words(text) <= LONG_SENTENCE:
        return [text]
    parts, part = list[str](), list[str]()
    for word in pieces(text):
        part.append(word)
        if len(part) >= LONG_SENTENCE or (len(part) >= LONG_SENTENCE // 3 and word.rstrip()[-1:] in ",;:–—，、；"):
            parts.append("".join(part).strip())
            part = []
    return [*parts, *(["".join(part).strip()] if part else [])]


def _shared(sentences: Sequence[Sentence], per: int, heading: str) -> list[tuple[str, list[Sentence]]]:
    """A paragraph's sentences in runs of nearly equal length."""
    n = -(-len(sentences) // per)
    runs, at = list[list[Sentence]](), 0
    for k in range(n):
        size = (len(sentences) - at) // (n - k) + ((len(sentences) - at) % (n - k) > 0)
        runs += _cut(list(sentences[at : at + size]))
        at += size
    return [(heading if k == 0 else "", run) for k, run in enumerate(runs)]


def _cut(run: list[Sentence]) -> list[list[Sentence]]:
    """The same run, in parts where it is very long."""
    parts: list[list[Sentence]] = [[]]
    for sentence in run:
        if parts[-1] and _words(parts[-1]) + count_words(sentence.text) > MANY_WORDS:
            parts.append([])
        parts[-1].append(sentence)
    return parts
