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
_NOISE = 30.0  # decibels below the sound
_PASSED = 1e-100  # probability that a line is not in the sound
_PASSED_MORE = 1e-5  # that the next one is not either


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
        same: dict[str, Any] = {"lm": None, "loglevel": "FATAL", "bestpath": False, "compallsen": True, "cmn": "batch"}
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

    def align(self, samples: NDArray[np.float32], lines: Sequence[Sequence[Sequence[str]]]) -> list[list[Span] | None]:
        """Lays lines of words over a sound, in their order; lines that fit nowhere are passed over.

        Args:
            samples: (n,) float32, 16,000 a second.
            lines: of each line the pronunciations of its words, in ARPAbet; none of them is empty.

        Returns:
            Of each line the spans of its words; None: it was passed over.
        """
        steps, names, state = list[tuple[Any, ...]](), dict[str, int](), 0
        edges = [0]
        for k, line in enumerate(lines):
            for ways in line:
                name = self._add(ways)
                names[name] = k
                steps.append((state, state + 1, 1.0, name))
                state += 1
            edges.append(state)
        steps += [
            (edges[i], edges[j], max(_PASSED * _PASSED_MORE ** (j - i - 1), _BEAM))
            for i in range(len(lines))
            for j in range(i + 1, len(edges))
        ]
        samples = _with_noise(samples)
        self._decoder.add_fsg("words", self._decoder.create_fsg("words", 0, state, steps))
        found = _decoded(self._decoder, "words", samples)
        loop = self._phone_loop(samples) if found else np.zeros(0)
        spans: list[list[Span]] = [[] for _ in lines]
        for first, end, score, name in found:
            if (k := names.get(name.partition("(")[0], -1)) >= 0:
                fit = (score - float(loop[first:end].sum())) / (end - first)
                spans[k].append(Span(first * FRAME, end * FRAME, fit))
        return [each if each and len(each) == len(line) else None for each, line in zip(spans, lines, strict=True)]

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


def _with_noise(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """A sound with white noise under it, the same each time.

    The model was trained on recordings: in digital silence its features lie far from all that it knows. With noise the
    90th percentile of the errors fell from 54 to 29 ms on clean speech of en-us (`tests/benchmarks/words.py`, text 1).
    """
    power = float(np.square(samples, dtype=np.float64).mean()) if len(samples) else 0.0
    level = max(np.sqrt(power) * 10 ** (-_NOISE / 20), 1 / 32768)
    noise = np.random.default_rng(0).standard_normal(len(samples), np.float32)
    return samples + np.float32(level) * noise


def _decoded(decoder: Any, search: str, samples: NDArray[np.float32]) -> list[tuple[int, int, float, str]]:
    """First frame, frame behind the last, log score and name of each segment; none: the search found no way."""
    decoder.reinit_feat()  # or the sound before has left its mark on the features
    decoder.activate_search(search)
    decoder.start_utt()
    decoder.process_raw(np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    segments = ((each.start_frame, each.end_frame + 1, each.ascore, each.word) for each in decoder.seg())
    return [(first, end, math.log(max(score, 1e-300)), name) for first, end, score, name in segments]
