"""What music is asked for: moods with lengths, or the paragraphs of a text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from avwalk.errors import OptionError, did_you_mean
from avwalk.files.text_encoding import decoded
from avwalk.story_music.moods import MOODS, Mood, mood_of

USUAL_S = 12.0
"""Seconds of a part, unless it says its own."""
MAX_BYTES = 1 << 20
MOST_PARTS = 500
_LETTERS_PER_S = 15.0  # 150 words a minute, as narrators read
_SHORTEST_S = 5.0


def parts_of_words(words: Sequence[str], seconds: float | None = None) -> list[tuple[Mood, float]]:
    """Moods and lengths of ``["calm", "tense:8.5"]``.

    Args:
        words: a mood each, with its seconds behind a colon if it has its own.
        seconds: of the others; None: 12.

    Raises:
        OptionError: a mood is not known, or a length is none.
    """
    found = []
    for word in words:
        name, colon, length = word.partition(":")
        mood = mood_of(name)
        if mood.name == "neutral" and name.strip().lower() not in MOODS:
            raise OptionError(
                f"mood '{name[:40]}' is not known{did_you_mean(name, MOODS)}; there are {', '.join(MOODS)}"
            )
        found.append((mood, _seconds(length, word) if colon else (seconds or USUAL_S)))
    return found


def parts_of_file(file: Path, seconds: float | None = None) -> list[tuple[Mood, float]]:
    """A part for each paragraph of a text: the mood of its words, as long as it takes to read aloud.

    A paragraph that names no mood goes on in the mood before it.

    Raises:
        OptionError: the file cannot be read, is no text, too long, or empty.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise OptionError(f"'{file}' is larger than {MAX_BYTES >> 20} MiB; that is too much for one piece of music")
        text = decoded(data, file.name)[0]
    except OSError as error:
        raise OptionError(f"'{file}' cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise OptionError(f"'{file}' is no text: {str(error)[:150]}") from None
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if each.strip()]
    if not any(re.search(r"\w", each) for each in paragraphs):
        raise OptionError(f"'{file}' holds no words; write a paragraph for each part")
    if len(paragraphs) > MOST_PARTS:
        raise OptionError(f"'{file}' has {len(paragraphs)} paragraphs; give at most {MOST_PARTS}")
    found: list[tuple[Mood, float]] = []
    for paragraph in paragraphs:
        mood = mood_of(paragraph)
        mood = found[-1][0] if found and mood.name == "neutral" else mood
        found.append((mood, seconds or max(_SHORTEST_S, math.ceil(len(paragraph) / _LETTERS_PER_S * 10) / 10)))
    return found


def _seconds(text: str, word: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.1 <= value <= 3600:
        raise OptionError(f"'{word[:40]}' has no length; write the seconds behind the colon: calm:12.5")
    return value
