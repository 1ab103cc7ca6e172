"""Every error that avwalk raises on purpose.

    AvwalkError                 one line: what happened, the value, what to do next
    ├── SongError               the song cannot be read, or holds nothing to read
    ├── PresetError             a preset (or --set) is wrong; carries every problem found
    ├── OptionError             an option of a command is out of range or contradicts another
    ├── CuesError               a cues file is wrong; carries every problem found
    ├── ScenesError             a project of scenes is wrong; carries every problem found
    ├── StoryError              a story or its folder is wrong, or lacks something
    ├── CodexError              a codex, its tables or its folder is wrong, or lacks something
    ├── OutputError             the result cannot be written, or is there already
    ├── PlanError               a plan, work folder or segment does not fit the film asked for
    ├── GeneratorError          a generator cannot run here
    │   ├── FailedPicture       one of its pictures is invalid
    │   └── PainterError        a painter's service cannot be reached, refuses, or answers with what is no picture
    ├── SpeechError             a voice, the recogniser or the aligner is not here, or fails
    ├── ModelError              weights are missing, broken, or not what they should be
    └── VideoError              a video cannot be encoded, joined, opened or verified

Command line: the message on stderr, exit code 1, a traceback only with ``AVWALK_DEBUG=1``.

Messages are written with options as the command line spells them, ``--av-offset-ms``; whoever calls avwalk from Python
reads them as keywords, ``av_offset_ms``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_COMMAND = r"`[^`]*`|\b(?:avwalk [a-z]+ |pip install )[^;,]*"
_FLAG = r"(?<![\w/'\"-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
_OFF = {"no-metadata": "metadata=False", "no-restyle": "restyle=False"}
_at_command_line = False
_LONGEST_WORD = 80  # letters: nothing that has a name here is so long


@contextmanager
def at_command_line(yes: bool = True) -> Iterator[None]:
    """While it lasts, errors spell options as the command line does."""
    global _at_command_line
    before, _at_command_line = _at_command_line, yes
    try:
        yield
    finally:
        _at_command_line = before


def is_at_command_line() -> bool:
    """Whether errors spell options as the command line does."""
    return _at_command_line


def as_keywords(text: str) -> str:
    """A message for Python callers: ``--av-offset-ms`` → ``av_offset_ms``; whole commands stay as they are."""

    def spelled(match: re.Match[str]) -> str:
        flag = match[1]
        return _OFF.get(flag, flag.replace("-", "_")) if flag else match[0]

    return re.sub(f"{_FLAG}|{_COMMAND}", spelled, text)


def clipped(text: object, most: int = 60) -> str:
    """A value for a message: its beginning, where it is longer than ``most`` letters."""
    said = str(text)
    return said if len(said) <= most else f"{said[: most - 1]}…"


class AvwalkError(Exception):
    """What happened, the value, and what to do next, in one line."""

    def __str__(self) -> str:
        """The message, in the words of whoever reads it."""
        text = super().__str__()
        return text if _at_command_line else as_keywords(text)


class SongError(AvwalkError):
    """The song cannot be read, or holds nothing to read."""


class PresetError(AvwalkError):
    """A preset or ``--set`` is wrong. The message holds one line for each problem found."""


class OptionError(AvwalkError):
    """An option is out of range, or contradicts another."""


class CuesError(AvwalkError):
    """A cues file is wrong. The message holds one line for each problem, ``file:line:column: …``."""


class WordsError(AvwalkError):
    """A file of words is wrong: lyrics, subtitles. One line for each problem, ``file:line: …``."""


class ScenesError(AvwalkError):
    """Scenes are wrong, or lack something: a project, a table, a text. One line for each problem."""


class StoryError(AvwalkError):
    """A story or its folder is wrong, or lacks something."""


class CodexError(AvwalkError):
    """A codex is wrong, or lacks something: its tables, its settings, its folder. One line for each problem."""


class OutputError(AvwalkError):
    """The result cannot be written, or is there already."""


class PlanError(AvwalkError):
    """A plan, a work folder or a segment does not fit the film asked for."""


class GeneratorError(AvwalkError):
    """A generator cannot run here."""


class FailedPicture(GeneratorError):
    """A picture is invalid: NaN, of one colour, or blocked by a safety checker.

    Attributes:
        row: its index in the batch.
        fault: the reason.
    """

    def __init__(self, row: int, fault: str, advice: str) -> None:
        super().__init__(f"picture {row} {fault}; {advice}")
        self.row, self.fault = row, fault


class PainterError(GeneratorError):
    """A painter's service cannot be reached, refuses, or answers with what is no picture."""


class SpeechError(AvwalkError):
    """A voice, the recogniser or the aligner is not here, or fails."""


class ModelError(AvwalkError):
    """Weights are missing, broken, or not what they should be."""


class VideoError(AvwalkError):
    """A video cannot be encoded, joined, opened or verified."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A hint such as ``" (did you mean 'lsd'?)"``, or an empty string when nothing is near."""
    if len(word) > _LONGEST_WORD:
        return ""
    near = difflib.get_close_matches(word.lower(), sorted(candidates), n=1, cutoff=0.5)
    return f" (did you mean '{near[0]}'?)" if near else ""
