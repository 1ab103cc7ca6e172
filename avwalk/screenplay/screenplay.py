"""From words to scenes and prompts: the whole way, by rules, or with a chat endpoint."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import ScenesError
from avwalk.screenplay.chat import ChatEndpoint
from avwalk.screenplay.foreign import visible_things
from avwalk.screenplay.grouping import WORDS_PER_SECOND, Length, cut_times, grouped, grouped_as_usual
from avwalk.screenplay.language import language_of, name_of
from avwalk.screenplay.passes import TOGETHER, with_chat
from avwalk.screenplay.prompting import Style, with_prompts
from avwalk.screenplay.rules import define_by_rules
from avwalk.screenplay.scene import MAX_SCENES, Passage, Scene, count_words, joined, seed_of
from avwalk.screenplay.sentences import sentences_of
from avwalk.screenplay.source import Telling, telling_of
from avwalk.screenplay.templates import template

_log = logging.getLogger(__name__)
MOST = 300
"""Scenes that are made unless more are allowed."""


@dataclass(frozen=True)
class ScreenplayOptions:
    """How words become scenes.

    Attributes:
        length: of a scene; None: as `avwalk.screenplay.grouping.grouped_as_usual` cuts.
        style: universe, style, negative, looks and limits of the prompts.
        language: of the text, ISO 639-1; empty: it is found out.
        seed: of all pictures, with the text of each.
        bars: times of the music's bars, seconds: cuts go there; None: there is no music.
        most: scenes that are made; more are an error.
        chat: defines and prompts the scenes; None: nobody is asked, the rules do it.
        templates: folder of the artist's templates; None: the usual ones.
    """

    length: Length | None = None
    style: Style = field(default_factory=Style)
    language: str = ""
    seed: int = 0
    bars: NDArray[np.float64] | None = None
    most: int = MOST
    chat: ChatEndpoint | None = None
    templates: Path | None = None


def screenplay_of(words: str | Telling, options: ScreenplayOptions | None = None) -> list[Scene]:
    """Scenes of a text or of words on a clock, defined and with prompts, by rules or the endpoint that is wished for.

    Args:
        words: a text, or what `avwalk.screenplay.source` read.
        options: how; None: as it is usual.

    Raises:
        ScenesError: there is no word in it, or there are more scenes than are wanted.
    """
    options = options or ScreenplayOptions()
    telling = telling_of(words) if isinstance(words, str) else words
    return prompted(cut_scenes(telling, options), options)


def scenes_of(texts: Sequence[str], options: ScreenplayOptions | None = None) -> list[Scene]:
    """Scenes of texts that are cut already, one for each, defined and with prompts.

    Args:
        texts: in order; none empty.
        options: how; length and bars do not count.
    """
    options = options or ScreenplayOptions()
    language = options.language or language_of("\n".join(texts))
    groups = [[Passage(" ".join(text.split()))] for text in texts]
    cut = [_scene(k, group, (None, None), language, options.seed) for k, group in enumerate(groups)]
    return prompted(cut, options)


def prompted(scenes: Sequence[Scene], options: ScreenplayOptions) -> list[Scene]:
    """Scenes through both passes."""
    style = replace(options.style, shot=template("shot.txt", options.templates))
    defined = define_by_rules(scenes)
    if options.chat is not None:
        return with_chat(defined, style, options.chat, options.templates)
    if foreign := [scene for scene in defined if scene.language != "en"]:
        _log.warning("%s", _foreign(foreign, len(scenes)))
    return with_prompts(defined, style)


def _foreign(scenes: Sequence[Scene], n: int) -> str:
    """What the rules do with languages that they do not read."""
    names = " and ".join(name_of(code) for code, _ in Counter(scene.language for scene in scenes).most_common(2))
    listed = sum(bool(visible_things(scene.text, scene.language)) for scene in scenes)
    rest = len(scenes) - listed
    done = [f"{listed} prompts list what the text names"] * bool(listed) + [f"{rest} hold the text as it is"] * bool(
        rest
    )
    return (
        f"{len(scenes)} of {n} scenes are in {names}, and the rules read English: {', '.join(done)}; --chat URL writes "
        "them in English"
    )


def cut_scenes(telling: Telling, options: ScreenplayOptions) -> list[Scene]:
    """The scenes of what is told: their texts, times, speakers, languages and seeds, and nothing else so far.

    Raises:
        ScenesError: there are more than are wanted.
    """
    groups, language = _groups(telling, options)
    limit = min(MAX_SCENES, options.most)
    if len(groups) > limit:
        raise ScenesError(_too_many(telling, len(groups), limit))
    times: Sequence[tuple[float | None, float | None]] = [(None, None)] * len(groups)
    if telling.has_clock:
        times = cut_times(groups, options.bars)
    return [
        _scene(k, group, time, language, options.seed)
        for k, (group, time) in enumerate(zip(groups, times, strict=True))
    ]


def _groups(telling: Telling, options: ScreenplayOptions) -> tuple[list[list[Passage]], str]:
    """Sentences in groups, one for each scene; and the language of the text."""
    language = options.language or language_of(telling.text)
    sentences = sentences_of(telling.passages, language)
    return grouped(sentences, options.length) if options.length else grouped_as_usual(sentences), language


def _too_many(telling: Telling, n: int, limit: int) -> str:
    said = f"{size_text(telling)} make {n} scenes"
    if n > MAX_SCENES:
        return f"{said}, and {MAX_SCENES} is the most; make them longer (--length 60s), or cut the text into several"
    return f"{said}, and {limit} are allowed; make them longer (--length 20s), or allow more: --most {n}"


def estimate_of(telling: Telling, options: ScreenplayOptions) -> str:
    """How much a text is, in one line: words, scenes, questions to the endpoint."""
    n = len(_groups(telling, options)[0])
    said = f"{size_text(telling)}: {n} scene{'s' * (n != 1)}"
    if options.chat is None:
        return f"{said}, by rules: nobody is asked"
    return f"{said}, {2 * -(-n // TOGETHER)} questions to {options.chat.url} at most; what is kept is not asked again"


def size_text(telling: Telling) -> str:
    """How much it is, for people: words, and minutes to say them."""
    words = sum(count_words(passage.text) for passage in telling.passages)
    return f"{words} word{'s' * (words != 1)} ({_minutes(words / WORDS_PER_SECOND)} to say)"


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
