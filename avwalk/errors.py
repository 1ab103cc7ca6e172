"""Every error that avwalk raises on purpose.

    AvwalkError                 one line: what happened, the value, what to do next
    ├── SongError               the song cannot be read, or holds nothing to read
    ├── PresetError             a preset (or --set) is wrong; carries every problem found
    ├── OptionError             an option of a command is out of range or contradicts another
    ├── CuesError               a cues file is wrong; carries every problem found
    ├── ScenesError             a project of scenes is wrong; carries every problem found
    ├── OutputError             the result cannot be written, or is there already
    ├── PlanError               a plan, work folder or segment does not fit the film asked for
    ├── GeneratorError          a generator cannot run here
    │   └── FailedPicture       one of its pictures is invalid
    ├── ModelError              weights are missing, broken, or not what they should be
    └── VideoError              a video cannot be encoded, joined, opened or verified

Command line: the message on stderr, exit code 1, a traceback only with ``AVWALK_DEBUG=1``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class AvwalkError(Exception):
    """What happened, the value, and what to do next, in one line."""


class SongError(AvwalkError):
    """The song cannot be read, or holds nothing to read."""


class PresetError(AvwalkError):
    """A preset or ``--set`` is wrong. The message holds one line for each problem found."""


class OptionError(AvwalkError):
    """An option is out of range, or contradicts another."""


class CuesError(AvwalkError):
    """A cues file is wrong. The message holds one line for each problem, ``file:line:column: …``."""


class ScenesError(AvwalkError):
    """A project of scenes is wrong, or lacks something. One line for each problem, ``file:line:column: …``."""


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


class ModelError(AvwalkError):
    """Weights are missing, broken, or not what they should be."""


class VideoError(AvwalkError):
    """A video cannot be encoded, joined, opened or verified."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A hint such as ``" (did you mean 'lsd'?)"``, or an empty string when nothing is near."""
    near = difflib.get_close_matches(word.lower(), sorted(candidates), n=1, cutoff=0.5)
    return f" (did you mean '{near[0]}'?)" if near else ""
