"""What every voice does: a text becomes sound, with the times of its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class WordStart(NamedTuple):
    """When a word of a text begins in the sound.

    Attributes:
        start: seconds from the first sample.
        begin: index of its first letter in the text.
        end: index behind its last letter.
    """

    start: float
    begin: int
    end: int


@dataclass(frozen=True)
class Speech:
    """A spoken text.

    Attributes:
        samples: (n,) float32 in [-1, 1], one channel.
        sample_rate: samples per second.
        words: ascending by start; ``text[word.begin : word.end]`` is the word.
        exact: whether the times were told by the synthesizer; else they are spread over the sound.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    words: tuple[WordStart, ...]
    exact: bool = True

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / self.sample_rate


class Voice(Protocol):
    """Speaks texts. The same text gives the same samples.

    Attributes:
        identity: all that its sound depends on beside the text and the language, as JSON values.
    """

    identity: dict[str, str | int | float]

    def speak(self, text: str, language: str = "en") -> Speech:
        """Speaks a text.

        Args:
            text: plain text; nothing in it is a command.
            language: ISO 639-1, with a region if need be: ``en``, ``fr``, ``en-us``.

        Raises:
            SpeechError: the voice is not here, does not know the language, or fails.
        """
        ...
