"""Speech to text, where this installation can."""

from __future__ import annotations

from pathlib import Path

from avwalk.errors import AvwalkError
from avwalk.words.transcript import Transcript

INSTALL = "speech cannot be recognised here; install it with: pip install 'avwalk[voice]'"


class NoRecogniser(AvwalkError):
    """Nothing here turns speech into text."""


def check() -> None:
    """Looks whether speech can be recognised here.

    Raises:
        NoRecogniser: it cannot.
    """
    raise NoRecogniser(INSTALL)


def recognised(file: Path, language: str = "", translate: bool = False) -> Transcript:
    """What is said in a sound file, with its times.

    Args:
        file: any sound, or a video with sound.
        language: ISO 639-1; empty: it is found out.
        translate: to English.

    Raises:
        NoRecogniser: nothing here recognises speech.
        AvwalkError: the file cannot be read, or nobody speaks in it.
    """
    raise NoRecogniser(INSTALL)
