"""From what is said, written or chatted to the pictures that are to be painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from avwalk.errors import OptionError
from avwalk.screenplay.grouping import Length
from avwalk.screenplay.prompting import Style, clean, merged
from avwalk.screenplay.scene import count_words, seed_of
from avwalk.screenplay.screenplay import ScreenplayOptions, screenplay_of
from avwalk.screenplay.source import Telling, telling_of

TURN = Length(1.0, "sentences")
"""Of a conversation: what somebody says before the next one does, mostly."""


@dataclass(frozen=True)
class Utterance:
    """What becomes one picture.

    Attributes:
        text: what was said, in its own language.
        prompt: for the painter.
        negative: what is not to be seen.
        seed: of the picture.
        speaker: who says it; empty: not known.
        language: ISO 639-1; empty: not known.
        start_s: when it begins in its source, seconds; None: there is no clock.
        end_s: when it ends.
    """

    text: str
    prompt: str
    negative: str = ""
    seed: int = 0
    speaker: str = ""
    language: str = ""
    start_s: float | None = None
    end_s: float | None = None


def utterances_of(words: str | Telling, style: Style, seed: int = 0, length: Length | None = None) -> list[Utterance]:
    """Pictures of what is told: a short text is its own prompt, word for word; a longer one becomes scenes.

    Args:
        words: a text, a conversation (``speaker: text``), or what was read of a file.
        style: what all prompts share, and how long they may be.
        seed: goes into that of each picture, with its text.
        length: of what one picture shows; None: a sentence of a conversation, else as scenes are.

    Raises:
        ScenesError: there is no word in it.
    """
    telling = telling_of(words) if isinstance(words, str) else words
    if length is None and any(passage.speaker for passage in telling.passages):
        length = TURN
    scenes = screenplay_of(telling, ScreenplayOptions(length=length, style=style, seed=seed))
    found = [
        Utterance(
            scene.text,
            scene.prompt,
            scene.negative,
            scene.seed,
            scene.speaker,
            scene.language,
            scene.start_s,
            scene.end_s,
        )
        for scene in scenes
    ]
    if len(found) == 1 and count_words(found[0].text) <= style.words:
        return [replace(found[0], prompt=spoken_prompt(found[0].text, style))]
    return found


def spoken_prompt(text: str, style: Style) -> str:
    """What was said, as a prompt, within the style's limits."""
    return merged(clean(text), style)


def spoken(text: str, style: Style, seed: int = 0) -> Utterance:
    """One utterance, which becomes one picture whatever it says.

    Raises:
        OptionError: there is no word in it.
    """
    said = clean(text)
    if not any(letter.isalnum() for letter in said):
        raise OptionError(f"'{said[:40]}' holds no word; say what is to be seen")
    return Utterance(said, spoken_prompt(said, style), clean(style.negative), seed_of(said, seed))


def text_of(utterances: Sequence[Utterance]) -> str:
    """What was said, a line for each utterance."""
    return "\n".join(f"{each.speaker}: {each.text}" if each.speaker else each.text for each in utterances)
