"""Sound that is speech to the cutter, and a recogniser that says what it is told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.speech.transcriber import Segment, Transcription
from avwalk.words.transcript import words_of

RATE = 16_000


def syllables(seconds: float, rate: int = RATE, level: float = 0.2) -> NDArray[np.float32]:
    """Like a voice: harmonics of 120 Hz under formants, four syllables a second."""
    t = np.arange(round(seconds * rate)) / rate
    tone = sum(np.exp(-(((120 * k - 600) / 700) ** 2)) * np.sin(2 * np.pi * 120 * k * t) for k in range(1, 25))
    rhythm = 0.35 + 0.65 * np.abs(np.sin(2 * np.pi * 2 * t))
    return (level * np.asarray(tone) / 3 * rhythm).astype(np.float32)


def room(seconds: float, rate: int = RATE, level: float = 0.002, seed: int = 0) -> NDArray[np.float32]:
    """A quiet room."""
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * rate))).astype(np.float32)


class Reciter:
    """Recognises one text after the other, whatever is said."""

    identity: Mapping[str, Any] = {"model": "reciter"}

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self.heard = list(texts), list[float]()

    def transcribe(self, samples: NDArray[np.float32], language: str | None, translate: bool) -> Transcription:
        self.heard.append(len(samples) / RATE)
        text = self.texts.pop(0) if self.texts else ""
        seconds = len(samples) / RATE
        words = [word._replace(start=0.0, end=seconds) for word in words_of(text)]
        return Transcription("en", (Segment(tuple(words), 0.9),) if words else ())
