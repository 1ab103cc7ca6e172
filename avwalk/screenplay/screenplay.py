"""From words to scenes and prompts: the whole way, by rules, or with a chat endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import ScenesError
from avwalk.screenplay.grouping import SPOKEN, WORDS_PER_SECOND, WRITTEN, Length, cut_times, grouped
from avwalk.screenplay.language import language_of
from avwalk.screenplay.prompting import Style, with_prompts
from avwalk.screenplay.rules import define_by_rules
from avwalk.screenplay.scene import MAX_SCENES, Passage, Scene, count_words, joined, seed_of
from avwalk.screenplay.sentences import sentences_of
from avwalk.screenplay.source import Telling, telling_of

MOST = 300
"""Scenes that are made unless more are allowed."""


@dataclass(frozen=True)
class Wishes:
    """How words become scenes.

    Attributes:
        length: of a scene; None: eight seconds where there is a clock, else three sentences.
        style: universe, style, negative, looks and limits of the prompts.
        language: of the text, ISO 639-1; empty: it is found out.
        seed: of all pictures, with the text of each.
        bars: times of the music's bars, seconds: cuts go there; None: there is no music.
        most: scenes that are made; more are an error.
    """

    length: Length | None = None
    style: Style = field(default_factory=Style)
    language: str = ""
    seed: int = 0
    bars: NDArray[np.float64] | None = None
    most: int = MOST


def screenplay_of(words: str | Telling, wishes: Wishes | None = None) -> list[Scene]:
    """Scenes of a text or of words on a clock, defined and with prompts, by rules alone: nobody is asked.

    Args:
        words: a text, or what `avwalk.screenplay.source` read.
        wishes: how; None: as it is usual.

    Raises:
        ScenesError: there is no word in it, or there are more scenes than are wanted.
    """
    wishes = wishes or Wishes()
    telling = telling_of(words) if isinstance(words, str) else words
    return with_prompts(define_by_rules(cut_scenes(telling, wishes)), wishes.style)


def cut_scenes(telling: Telling, wishes: Wishes) -> list[Scene]:
    """The scenes of what is told: their texts, times, speakers, languages and seeds, and nothing else so far.

    Raises:
        ScenesError: there are more than are wanted.
    """
    language = wishes.language or language_of(telling.text)
    sentences = sentences_of(telling.passages, language)
    groups = grouped(sentences, wishes.length or (SPOKEN if telling.has_clock else WRITTEN))
    limit = min(MAX_SCENES, wishes.most)
    if len(groups) > limit:
        raise ScenesError(_too_many(telling, len(groups), limit))
    times: Sequence[tuple[float | None, float | None]] = [(None, None)] * len(groups)
    if telling.has_clock:
        times = cut_times(groups, wishes.bars)
    return [
        _scene(k, group, time, language, wishes.seed) for k, (group, time) in enumerate(zip(groups, times, strict=True))
    ]


def _too_many(telling: Telling, n: int, limit: int) -> str:
    said = f"{told_size(telling)} make {n} scenes"
    if n > MAX_SCENES:
        return f"{said}, and {MAX_SCENES} is the most; make them longer (--length 60s), or cut the text into several"
    return f"{said}, and {limit} are allowed; make them longer (--length 20s), or allow more: --most {n}"


def told_size(telling: Telling) -> str:
    """How much it is, for people: words, and minutes to say them."""
    words = sum(count_words(passage.text) for passage in telling.passages)
    return f"{words} word{'s' * (words != 1)} ({_minutes(words / WORDS_PER_SECOND)} to say)"


def renumbered(scenes: Sequence[Scene]) -> list[Scene]:
    """Scenes with their indices in order."""
    return [replace(scene, index=k) for k, scene in enumerate(scenes)]


def _scene(
    index: int, group: Sequence[Passage], time: tuple[float | None, float | None], language: str, seed: int
) -> Scene:
    text = joined([sentence.text for sentence in group])
    speakers = list(dict.fromkeys(sentence.speaker for sentence in group))
    return Scene(
        index,
        text,
        None if time[0] is None else round(time[0], 3),
        None if time[1] is None else round(time[1], 3),
        speakers[0] if len(speakers) == 1 else "",
        language_of(text, language),
        seed=seed_of(text, seed),
    )


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
