"""What every recogniser does: sound becomes words with times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from avwalk.words.transcript import Word


@dataclass(frozen=True)
class Segment:
    """A stretch of speech.

    Attributes:
        words: never none; times in seconds from the first sample.
        probability: mean over its words that they are right, as the recogniser believes, 0 to 1.
    """

    words: tuple[Word, ...]
    probability: float

    @property
    def text(self) -> str:
        """What was said."""
        return "".join(word.text for word in self.words).strip()


@dataclass(frozen=True)
class Transcription:
    """What was recognised in a block of sound.

    Attributes:
        language: ISO 639-1, as asked for or found.
        segments: ascending; none: there is no speech.
    """

    language: str
    segments: tuple[Segment, ...]


class Transcriber(Protocol):
    """Recognises speech. The same sound gives the same words.

    Attributes:
        identity: all that its answers depend on beside the sound and the options, as JSON values.
    """

    identity: Mapping[str, Any]

    def transcribe(self, samples: NDArray[np.float32], language: str | None, translate: bool) -> Transcription:
        """What is said.

        Args:
            samples: (n,) float32, 16,000 a second, one channel.
            language: ISO 639-1; None: found out.
            translate: into English.

        Raises:
            SpeechError: it cannot.
        """
        ...
