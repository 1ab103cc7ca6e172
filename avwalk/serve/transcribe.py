"""Speech to text for the server and for `avwalk listen`, where this installation can."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from avwalk.errors import AvwalkError

INSTALL = "speech cannot be recognised here; install it with: pip install 'avwalk[voice]'"


class NoRecogniser(AvwalkError):
    """Nothing here turns speech into text."""


class Speech(NamedTuple):
    """What was said.

    Attributes:
        text: in one line.
        language: its code; empty: not known.
    """

    text: str
    language: str = ""


def recognised(file: Path, language: str = "", translate: bool = False) -> Speech:
    """What is said in a sound file.

    Raises:
        NoRecogniser: nothing here recognises speech.
        AvwalkError: the file cannot be read.
    """
    raise NoRecogniser(INSTALL)
