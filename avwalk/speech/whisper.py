"""Whisper by faster-whisper, on the processor, from the folder of a pulled model: nothing is looked for elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import ModelError, OptionError, SpeechError, clipped, did_you_mean
from avwalk.models.package_files import find_files, is_here, names_of, package_files
from avwalk.models.requirements import speech_problem
from avwalk.speech.transcriber import Segment, Transcription
from avwalk.words.transcript import Word

KIND = "whisper"
MODEL = "whisper-base"
"""The model that is used unless another is named."""
_BEAM = 5
_MAX_THREADS = 4
_REPEATED = 2.4  # compression ratio above which a text repeats itself: Whisper's own limit (Radford et al. 2022, 4.5)
_UNLIKELY = -1.0  # mean log probability below which a segment without much speech is dropped: likewise
_SILENT = 0.6


class WhisperTranscriber:
    """A Whisper model, loaded.

    Args:
        model: a name of the catalogue.

    Raises:
        OptionError: no such model.
        ModelError: it is not here, or faster-whisper is not installed.
    """

    def __init__(self, model: str = MODEL) -> None:
        check_model(model)
        folder = find_files(model)
        import faster_whisper

        self.name, self.only_english = model, model.endswith(".en")
        self.identity: Mapping[str, Any] = {
            "model": package_files()[model][0].sha256,
            "faster_whisper": faster_whisper.__version__,
            "beam": _BEAM,
        }
        threads = min(_MAX_THREADS, os.cpu_count() or 1)
        self._model = faster_whisper.WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )

    def transcribe(self, samples: NDArray[np.float32], language: str | None, translate: bool) -> Transcription:
        """What is said; see `avwalk.speech.transcriber.Transcriber`.

        Raises:
            OptionError: the model does not know the language, or cannot translate.
        """
        self.check_language(language, translate)
        try:
            segments, info = self._model.transcribe(
                samples,
                language="en" if self.only_english else language,
                task="translate" if translate else "transcribe",
                beam_size=_BEAM,
                temperature=0.0,  # above it words are drawn by lot
                condition_on_previous_text=False,  # or one mistake goes on for ever
                word_timestamps=True,
                vad_filter=True,
                compression_ratio_threshold=None,  # judged below: there is no second try
                log_prob_threshold=None,
                no_speech_threshold=None,
            )
            found = [_segment(each) for each in segments if _is_speech(each)]
        except (RuntimeError, ValueError) as error:
            raise SpeechError(f"{self.name} fails: {clipped(error, 200)}") from None
        return Transcription(info.language, tuple(each for each in found if each))

    def check_language(self, language: str | None, translate: bool) -> None:
        """Raises if the model does not know a language, or cannot translate.

        Raises:
            OptionError: so it is.
        """
        if self.only_english and (translate or language not in (None, "en")):
            raise OptionError(f"{self.name} knows English alone; say --model {MODEL}")
        known = self._model.supported_languages
        if language is not None and language not in known:
            raise OptionError(f"--language '{clipped(language)}' is none that {self.name} knows: en, fr, de, ja …"
                              f"{did_you_mean(language, known)}")  # fmt: skip


def check_model(model: str) -> None:
    """Raises unless a model can be used here; loads nothing.

    Raises:
        OptionError: no such model.
        ModelError: it is not here, or faster-whisper is not installed.
    """
    names = names_of(KIND)
    if model not in names:
        raise OptionError(f"--model '{clipped(model)}' is no model that hears speech; there are: {', '.join(names)}")
    if problem := speech_problem(KIND):
        raise ModelError(problem)
    if not is_here(model):
        find_files(model)  # says what is missing


def default_model() -> str:
    """The model that is here, the better one first; `MODEL` where none is."""
    return next((name for name in names_of(KIND) if is_here(name)), MODEL)


def _is_speech(segment: Any) -> bool:
    """Whether a segment is likely to have been said: Whisper hears words in music."""
    if not segment.words or segment.compression_ratio > _REPEATED:
        return False
    return not (segment.no_speech_prob > _SILENT and segment.avg_logprob < _UNLIKELY)


def _segment(segment: Any) -> Segment | None:
    """A segment of faster-whisper, whose words have the blank before them."""
    words, probabilities = list[Word](), []
    for each in segment.words:
        text = each.word
        if words and text[:1].isspace():
            words[-1] = words[-1]._replace(text=words[-1].text + " ")
        if text.strip():
            words.append(Word(text.strip(), float(each.start), float(each.end)))
            probabilities.append(float(each.probability))
    return Segment(tuple(words), float(np.mean(probabilities))) if words else None
