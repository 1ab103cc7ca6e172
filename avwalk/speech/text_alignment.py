"""``avwalk words SONG --align FILE``: chooses how a text is laid over a song, by its language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from avwalk.contracts import Song
from avwalk.errors import ModelError, WordsError
from avwalk.speech.align import NOT_PLACED, Alignment, Token, align_by_words, align_lines
from avwalk.speech.recognise import transcribed
from avwalk.words.files import read_words
from avwalk.words.transcript import Word, split_words

ENGLISH = 0.7
"""Share of the words of a text that are in the English dictionary, from which it counts as English."""
Report = Callable[[float, float], None]


class TextAlignment(NamedTuple):
    """A text laid over a song.

    Attributes:
        alignment: its lines.
        notes: what is to be said of it.
    """

    alignment: Alignment
    notes: list[str]

    @property
    def remarks(self) -> list[str]:
        """For the note of each line."""
        return ["" if placed else NOT_PLACED for placed in self.alignment.placed]


def align_text(
    voice: Song,
    file: Path,
    *,
    seconds: float,
    language: str | None = None,
    model: str | None = None,
    report: Report | None = None,
) -> TextAlignment:
    """When the lines of a file are said or sung. Of a file with times only the text counts.

    Args:
        voice: what is listened to.
        file: of the text: plain, or any file of words.
        seconds: length of the song.
        language: ISO 639-1; None: English if its words are.
        model: of the recogniser, for other languages.
        report: called with seconds done, and seconds in all.

    Raises:
        WordsError: the text cannot be read, or its language is not known.
        ModelError: what the language needs is not here.
    """
    lines = [[word.text for word in entry.words] for entry in read_words(file).entries]
    if language in (None, "en"):
        found = _english(voice, lines, language, report)
        if found:
            return found
        raise WordsError(f"'{file.name}' does not look English; say which language it is: --language fr")
    return _by_whisper(voice, lines, seconds, str(language), model, report)


def _english(
    voice: Song, lines: Sequence[Sequence[str]], language: str | None, report: Report | None
) -> TextAlignment | None:
    """By pronunciations; None: nobody said that it is English, and it does not look so."""
    from avwalk.speech.english import Pronouncer
    from avwalk.speech.sphinx import SphinxAligner

    aligner = SphinxAligner()
    pronouncer = Pronouncer(aligner)
    tokens = [word for line in lines for word in line]
    if language is None and pronouncer.dictionary_share(tokens) < ENGLISH:
        return None
    ways = iter(pronouncer.pronunciations(tokens))
    made = [[Token(word, next(ways)) for word in line] for line in lines]
    unknown = [token.text.strip() for line in made for token in line if token.pronunciations is None]
    notes = []
    if unknown:
        n = sum(any(token.pronunciations is None for token in line) for line in made)
        notes.append(
            f"nobody knows how '{unknown[0]}' is said: {n} line{'s' * (n != 1)} with such words cannot be placed "
            f"({pronouncer.problem or 'it has no sound in English'})"
        )
    return TextAlignment(align_lines(voice, made, aligner, report), notes)


def _by_whisper(
    voice: Song,
    lines: Sequence[Sequence[str]],
    seconds: float,
    language: str,
    model: str | None,
    report: Report | None,
) -> TextAlignment:
    """By recognised words."""
    from avwalk.speech.whisper import WhisperTranscriber, default_model

    try:
        transcriber = WhisperTranscriber(model or default_model())
    except ModelError as error:
        raise ModelError(f"other languages than English are aligned by recognition: {error}") from None
    transcriber.check_language(language, False)
    recognised, total = list[Word](), voice.n_samples / voice.sample_rate
    for block, made in transcribed(voice, transcriber, language, False):
        for segment in made.segments:
            moved = (word._replace(start=(word.start or 0.0) + block.start, end=(word.end or 0.0) + block.start)
                     for word in segment.words)  # fmt: skip
            recognised += split_words(moved)
        if report:
            report(block.end, total)
    tokens = [[Token(word, None) for word in line] for line in lines]
    notes = [] if recognised else [f"no speech was recognised in '{voice.path.name}'"]
    return TextAlignment(align_by_words(tokens, recognised, seconds), notes)
