"""Speech to text, by the recogniser that this installation has."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from avwalk.audio.probe import probe
from avwalk.errors import ModelError, WordsError
from avwalk.models.requirements import speech_problem
from avwalk.speech.recognise import TRANSLATED, recognise
from avwalk.speech.transcriber import Transcriber
from avwalk.speech.whisper import KIND, WhisperTranscriber, default_model
from avwalk.words.entries import Reading
from avwalk.words.timing import arranged
from avwalk.words.transcript import Transcript


class NoRecogniser(ModelError):
    """Nothing here turns speech into text."""


@lru_cache(1)
def recogniser(model: str = "") -> Transcriber:
    """A model, loaded once.

    Args:
        model: its name; empty: the one that is here.

    Raises:
        NoRecogniser: faster-whisper or the model is missing.
        OptionError: there is no such model.
    """
    if problem := speech_problem(KIND):
        raise NoRecogniser(problem)
    try:
        return WhisperTranscriber(model or default_model())
    except ModelError as error:
        raise NoRecogniser(str(error)) from None


def recognised(
    file: Path, language: str = "", translate: bool = False, transcriber: Transcriber | None = None
) -> tuple[Transcript, str]:
    """What is said in a sound file, with its times.

    Args:
        file: any sound, or a video with sound.
        language: ISO 639-1; empty: it is found out.
        translate: to English.
        transcriber: recognises; None: the model that is here.

    Returns:
        The transcript, and the language that was spoken; empty: not known.

    Raises:
        NoRecogniser: nothing here recognises speech.
        SongError: the file cannot be read.
        WordsError: nobody speaks in it.
    """
    song = probe(file)
    made = recognise(song, transcriber or recogniser(), language=language or None, translate=translate)
    entries = made.entries
    if translate and any(entry.speaker == TRANSLATED for entry in entries):
        entries = tuple(entry for entry in entries if entry.speaker == TRANSLATED)
    if not entries:
        raise WordsError(f"nobody speaks in '{file.name}', as far as was understood; give a text: --text FILE")
    lines, _ = arranged(Reading(entries), song.n_samples / song.sample_rate)
    return Transcript(lines, file.name), made.languages[0] if made.languages else ""
