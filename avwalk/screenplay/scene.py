"""A scene: a few sentences that share one picture, what is seen in it, and the prompt that says so to a painter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

MAX_SCENES = 2000
MAX_SEED = 2**32 - 1
MAX_PROMPT_WORDS = 45
"""Words of a prompt, where a painter's own limit is not known: the 77 tokens of CLIP hold about as many."""


@dataclass(frozen=True)
class Passage:
    """A piece of what is told, as it was read.

    Attributes:
        text: with single blanks.
        start: when it begins, seconds; None: it has no clock.
        end: when it ends; None: it has no clock.
        speaker: who says it; empty: not told.
        paragraph: number of the paragraph that it is in.
    """

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str = ""
    paragraph: int = 0


@dataclass(frozen=True)
class Scene:
    """A scene, and what is seen in it.

    Attributes:
        index: from 0.
        start_s: when it begins, seconds; None: there is no clock.
        end_s: when it ends, where the next begins; None: there is no clock.
        text: what is told, in its own language.
        speaker: who says it; empty: not told, or several.
        language: ISO 639-1, ``"en"``.
        happening: what is seen to happen, in one phrase.
        cast: names of who is in it.
        place: where it is.
        time: of day.
        weather: what the air does.
        light: what shines, and how.
        camera: how near it is, and how it moves.
        mood: what it feels like.
        aesthetic: how it is made: the style.
        prompt: one picture, for a painter.
        negative: what is not to be seen.
        seed: of its picture, 0 to 2³² − 1.
    """

    index: int
    text: str
    start_s: float | None = None
    end_s: float | None = None
    speaker: str = ""
    language: str = ""
    happening: str = ""
    cast: tuple[str, ...] = ()
    place: str = ""
    time: str = ""
    weather: str = ""
    light: str = ""
    camera: str = ""
    mood: str = ""
    aesthetic: str = ""
    prompt: str = ""
    negative: str = ""
    seed: int = 0


DEFINED = ("happening", "place", "time", "weather", "light", "camera", "mood", "aesthetic")
"""Attributes, beside the cast, that the first pass fills in: each one line of text."""


def seed_of(text: str, film: int = 0) -> int:
    """The seed of a scene's picture: of its text alone, so that no other scene moves it."""
    return int.from_bytes(hashlib.sha256(f"{film}\0{' '.join(text.split())}".encode()).digest()[:4], "big")


def count_words(text: str) -> int:
    """Words of a text; where a script has no blanks, two signs count as one."""
    from avwalk.words.transcript import pieces

    cut = pieces(text)
    signs = sum(
        1 for piece in cut if len(piece.strip()) <= 2 and not piece.strip().isascii() and piece.strip().isalpha()
    )
    return len(cut) - signs + (signs + 1) // 2


LINE_END = " / "
"""Between lines of verse that no mark divides."""


def joined(texts: Sequence[str]) -> str:
    """Texts as one: with blanks, with `LINE_END` where none of the two has a mark, as lyrics have none; in scripts
    without blanks with nothing behind a mark."""
    out = ""
    for text in texts:
        if not out:
            out = text
        elif out[-1].isalnum() and text[:1].isalnum():
            out += LINE_END + text
        else:
            wide = "\u3000" <= out[-1] <= "\u9fff" or "\uff00" <= out[-1] <= "\uffef"
            out += text if wide else f" {text}"
    return out
