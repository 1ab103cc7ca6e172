"""PocketSphinx as a forced aligner: words whose pronunciations are known are laid over the sound.

Huggins-Daines et al., "PocketSphinx" (ICASSP 2006); its package holds an acoustic model of American English and CMU's
dictionary. A word's score is compared with that of a free loop of phonemes over the same frames: the "goodness of
pronunciation" (Witt & Young, Speech Communication 30, 2000).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import ModelError
from avwalk.speech.sound import RATE

FRAME = 0.01
"""Seconds."""
_BEAM = 1e-300  # as wide as a double says: narrower ones lose the way where the sound and the text differ
_MOST_WAYS = 6  # pronunciations of a word
_FILLER = 1e-40  # probability of a noise between words: else noises take the place of words
_STOPS = 1e-3  # probability of a text ending behind a word before its last


class Span(NamedTuple):
    """Where a word was laid.

    Attributes:
        start: seconds from the first sample.
        end: seconds.
        fit: mean log score a frame, less that of a free loop of phonemes there; 0: as good; below: worse.
    """

    start: float
    end: float
    fit: float


class SphinxAligner:
    """A decoder with its model and dictionary, loaded.

    Raises:
        ModelError: pocketsphinx is not installed.
    """

    def __init__(self) -> None:
        try:
            import pocketsphinx
        except ImportError:
            raise ModelError("pocketsphinx is not installed; install it with: pip install 'avwalk[voice]'") from None
        same: dict[str, Any] = {"lm": None, "loglevel": "FATAL", "bestpath": False, "compallsen": True}
        self._decoder: Any = pocketsphinx.Decoder(
            beam=_BEAM, pbeam=_BEAM, wbeam=_BEAM, lw=1.0, fillprob=_FILLER, **same
        )
        self._loop: Any = pocketsphinx.Decoder(dict=None, **same)
        self._loop.add_allphone_file("phones", None)
        self._added = 0

    def pronunciations(self, word: str) -> list[str]:
        """The pronunciations of an English word in small letters, as ARPAbet; none: it is not in the dictionary."""
        found = []
        for k in range(1, _MOST_WAYS):
            phones = self._decoder.lookup_word(word if k == 1 else f"{word}({k})")
            if phones is None:
                break
            found.append(phones)
        return found

    def align(
        self, samples: NDArray[np.float32], words: Sequence[Sequence[str]], may_stop: bool = False
    ) -> list[Span] | None:
        """Lays words over a sound, in their order.

        Args:
            samples: (n,) float32, 16,000 a second.
            words: pronunciations of each, in ARPAbet; none of them is empty.
            may_stop: the sound may end before the last words; those that follow have no span.

        Returns:
            The spans of the first words; None: there is no way to lay them.
        """
        names = [self._add(ways) for ways in words]
        last = len(names)
        steps: list[tuple[Any, ...]] = [(k, k + 1, 1.0, name) for k, name in enumerate(names)]
        if may_stop:
            steps += [(k, last, _STOPS) for k in range(last)]
        grammar = self._decoder.create_fsg("words", 0, last, steps)
        self._decoder.add_fsg("words", grammar)
        found = _decoded(self._decoder, "words", samples)
        loop = self._phone_loop(samples)
        spans = []
        for first, end, score, name in found:
            if name.startswith("w"):
                spans.append(Span(first * FRAME, end * FRAME, (score - float(loop[first:end].sum())) / (end - first)))
        return spans if spans and (may_stop or len(spans) == last) else None

    def _add(self, ways: Sequence[str]) -> str:
        """A new word of the dictionary."""
        self._added += 1
        name = f"w{self._added}"
        for k, phones in enumerate(ways[:_MOST_WAYS]):
            self._decoder.add_word(name if k == 0 else f"{name}({k + 1})", phones, False)
        return name

    def _phone_loop(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """The log score of each frame in a free loop of phonemes, (n_frames + 1,)."""
        found = _decoded(self._loop, "phones", samples)
        scores = np.zeros(len(samples) // round(RATE * FRAME) + 8)
        for first, end, score, _ in found:
            scores[first:end] = score / (end - first)
        return scores


def _decoded(decoder: Any, search: str, samples: NDArray[np.float32]) -> list[tuple[int, int, float, str]]:
    """First frame, frame behind the last, log score and name of each segment; none: the search found no way."""
    decoder.activate_search(search)
    decoder.start_utt()
    decoder.process_raw(np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    segments = ((each.start_frame, each.end_frame + 1, each.ascore, each.word) for each in decoder.seg())
    return [(first, end, math.log(max(score, 1e-300)), name) for first, end, score, name in segments]
