"""The voices of Kokoro-82M (hexgrad, Apache-2.0), by ONNX Runtime; phonemes from espeak-ng's program.

The model tells no times: sentences are spoken one by one, so their onsets are exact, and words are spread over a
sentence by their phonemes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import ModelError, SpeechError, clipped, did_you_mean
from avwalk.models.package_files import find_files, package_files
from avwalk.models.requirements import speech_problem
from avwalk.speech.phonemes import ipa
from avwalk.speech.voice import Speech, WordStart
from avwalk.words.transcript import pieces

MODEL = "kokoro"
RATE = 24_000
MAX_PHONEMES = 500
"""Of a sentence: the voices have a style for each number of phonemes up to 509."""
PAUSE = 0.25
"""Seconds between sentences."""
VOICES = {"en-us": "af_heart", "en": "af_heart", "en-gb": "bf_emma", "es": "ef_dora", "fr": "ff_siwis",
          "hi": "hf_alpha", "it": "if_sara", "pt": "pf_dora", "pt-br": "pf_dora"}  # fmt: skip
"""Language → the voice that speaks it unless another is named."""
_SPOKEN = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br"}  # language → as espeak-ng names it
_WEIGHTS, _CONFIG = "kokoro-v1.0.int8.onnx", "config.json"
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*[\"'”’)»]*\s*|[.!?…]+\s*")
_SILENT = 0.01  # of the loudest sample: below it a sentence has not begun
_PLOSIVE = 0.02  # seconds kept before its first sound


class KokoroVoice:
    """A voice of Kokoro.

    Args:
        name: ``ff_siwis``, …; empty: the language's own.
        speed: 0.5 to 2; 1 is the voice's own.

    Raises:
        ModelError: the model is not here, or onnxruntime is not installed.
    """

    def __init__(self, name: str = "", speed: float = 1.0) -> None:
        if problem := speech_problem("kokoro"):
            raise ModelError(problem)
        names = voice_names()
        if name and name not in names:
            raise SpeechError(f"Kokoro has no voice '{clipped(name)}'{did_you_mean(name, names)}: {', '.join(names)}")
        self.name, self.speed = name, speed
        self.identity: dict[str, str | int | float] = {
            "voice": f"kokoro {name}".strip(),
            "speed": speed,
            "model": package_files()[MODEL][0].sha256,
        }

    def speak(self, text: str, language: str = "en") -> Speech:
        """Speaks a text; see `avwalk.speech.voice.Voice`.

        Raises:
            SpeechError: no voice speaks the language, or espeak-ng, which tells the phonemes, is not here.
            ModelError: the model is not here.
        """
        tongue = language.lower()
        name = self.name or VOICES.get(tongue) or VOICES.get(tongue.partition("-")[0])
        if name is None:
            raise SpeechError(f"Kokoro speaks no '{clipped(language)}'; it speaks {', '.join(sorted(VOICES))}")
        spans = sentences(text)
        phonemes = ipa([text[a:b] for a, b in spans], _SPOKEN.get(tongue, tongue)) if spans else []
        parts, words, at = [np.zeros(0, np.float32)], list[WordStart](), 0
        for (begin, end), said in zip(spans, phonemes, strict=True):
            sound = self._sentence(said, text[begin:end], name)
            words += spread_words(text, begin, end, said, at / RATE, len(sound) / RATE)
            parts += [sound, np.zeros(round(PAUSE * RATE), np.float32)]
            at += len(sound) + len(parts[-1])
        return Speech(np.concatenate(parts[:-1] if len(parts) > 1 else parts), RATE, tuple(words), exact=False)

    def _sentence(self, phonemes: str, written: str, name: str) -> NDArray[np.float32]:
        """The sound of a sentence, without the silence around it."""
        session, table = _loaded()
        marks = "".join(re.findall(r"[.!?…]", written.rstrip()[-2:])[:1])
        tokens = [table[sign] for sign in phonemes.replace("\u200d", "") + marks if sign in table]
        if not tokens:
            return np.zeros(0, np.float32)
        parts = []
        for k in range(0, len(tokens), MAX_PHONEMES):
            some = tokens[k : k + MAX_PHONEMES]
            given = {
                "tokens": np.array([[0, *some, 0]], np.int64),
                "style": _style(name)[len(some)],
                "speed": np.array([self.speed], np.float32),
            }
            parts.append(np.asarray(session.run(None, given)[0], np.float32).ravel())
        sound = np.concatenate(parts)
        loud = np.flatnonzero(np.abs(sound) > _SILENT * np.abs(sound).max())
        keep = round(_PLOSIVE * RATE)
        return sound[max(0, loud[0] - keep) : loud[-1] + keep] if len(loud) else sound[:0]


def voice_names() -> list[str]:
    """The voices of the table of models."""
    names = (file.name for file in package_files()[MODEL])
    return [name.removeprefix("voices/").removesuffix(".bin") for name in names if name.startswith("voices/")]


def sentences(text: str) -> list[tuple[int, int]]:
    """Begin and end of each sentence of a text that has a letter in it; a full stop within a number ends none.

    >>> sentences("It costs 3.50. Yes!")
    [(0, 15), (15, 19)]
    """
    found, begin = list[tuple[int, int]](), 0
    for match in _SENTENCE.finditer(text):
        ends = match.end() == len(text) or match[0][-1:].isspace()
        if ends:
            if any(sign.isalnum() for sign in text[begin : match.end()]):
                found.append((begin, match.end()))
            begin = match.end()
    return found


def spread_words(text: str, begin: int, end: int, phonemes: str, start: float, seconds: float) -> list[WordStart]:
    """Starts of the words of a sentence, in proportion to the phonemes before them.

    Args:
        text: that holds the sentence.
        begin: of the sentence in the text.
        end: of the sentence in the text.
        phonemes: of the sentence, with blanks between words.
        start: of the sentence in the sound, seconds.
        seconds: that the sentence lasts.
    """
    spans, at = list[tuple[int, int]](), begin
    for piece in pieces(text[begin:end]):
        word = piece.strip()
        at = text.index(word, at)
        spans.append((at, at + len(word)))
        at += len(word)
    spans = [span for span in spans if any(sign.isalnum() for sign in text[slice(*span)])]
    groups = phonemes.split()
    sizes = [len(group) for group in groups] if len(groups) == len(spans) else [b - a for a, b in spans]
    edges = np.concatenate([[0.0], np.cumsum(sizes)]) / max(1, sum(sizes))
    return [WordStart(start + seconds * float(edge), *span) for edge, span in zip(edges, spans, strict=False)]


@cache
def _loaded() -> tuple[Any, dict[str, int]]:
    """The network, and the number of each phoneme."""
    import onnxruntime

    folder = find_files(MODEL, (_WEIGHTS, _CONFIG))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(folder / _WEIGHTS), sess_options=options, providers=["CPUExecutionProvider"]
    )
    table = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))["vocab"]
    return session, {str(sign): int(number) for sign, number in table.items()}


@cache
def _style(name: str) -> NDArray[np.float32]:
    """The styles of a voice, (510, 1, 256) float32: one for each number of phonemes."""
    file = f"voices/{name}.bin"
    return np.fromfile(find_files(MODEL, (file,)) / file, np.float32).reshape(-1, 1, 256)


def installed() -> Sequence[str]:
    """The voices that can speak here; none: the model or onnxruntime is missing."""
    from avwalk.models.package_files import is_here

    return voice_names() if is_here(MODEL) and not speech_problem("kokoro") else ()
