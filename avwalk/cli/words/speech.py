"""``avwalk words SONG --recognise`` and ``--align``: what is said, and when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from avwalk.cli.progress import LINE_SECONDS, clock_text, say

if TYPE_CHECKING:
    from avwalk.contracts import Song
    from avwalk.words.entries import Reading
    from avwalk.words.transcript import Line


class SpeechOptions(NamedTuple):
    """Options of recognition and alignment.

    Attributes:
        recognise: find out what is said.
        align: file of the text whose times are looked for; empty: none.
        model: of the recogniser; empty: the one that is here.
        language: ISO 639-1; empty: found out.
        translate: an English translation beside each line.
        stem: ``vocals=FILE``: the voice alone; empty: the song as it is.
    """

    recognise: bool
    align: str
    model: str
    language: str
    translate: bool
    stem: str

    def check(self, source: str | None) -> None:
        """Raises where options contradict each other.

        Raises:
            OptionError: so they do.
        """
        from avwalk.errors import OptionError

        if sum(map(bool, (self.recognise, self.align, source))) > 1:
            raise OptionError("--recognise, --align and --from each say where the words are from; give one of them")
        if self.translate and not self.recognise:
            raise OptionError("--translate belongs to --recognise")
        if (self.model or self.language or self.stem) and not (self.recognise or self.align):
            raise OptionError("--model, --language and --stem belong to --recognise or --align")


def voice_of(song: Song, stem: str) -> Song:
    """What is listened to: the stem of the vocals if one is given, else the song.

    Raises:
        OptionError: another stem, or no such form.
        SongError: a file that cannot be read.
    """
    from avwalk.errors import OptionError
    from avwalk.plan.stems import read_stems

    if not stem:
        return song
    ((name, voice),) = read_stems([stem]).items()
    if name != "vocals":
        raise OptionError(f"--stem {name}: words are heard in the vocals alone; write --stem vocals=FILE")
    return voice


def recognised(song: Song, options: SpeechOptions) -> Reading | None:
    """The words recognised in a song; None: nobody says anything, which is said in one line.

    Raises:
        AvwalkError: options, model or sound are wrong.
    """
    from avwalk.speech.recognise import recognise
    from avwalk.speech.whisper import WhisperTranscriber, default_model
    from avwalk.words.entries import Reading

    voice = voice_of(song, options.stem)
    transcriber = WhisperTranscriber(options.model or default_model())
    language = options.language.lower() or None
    transcriber.check_language(language, options.translate)
    found = recognise(
        voice, transcriber, language=language, translate=options.translate, report=ProgressLines("recognised")
    )
    if not found.entries:
        say(f"no speech was recognised in '{voice.path.name}' by {transcriber.name}; the words stay as they are")
        return None
    say(f"recognised by {transcriber.name}, language: {', '.join(found.languages)}; correct it in the table")
    return Reading(found.entries)


def aligned(song: Song, options: SpeechOptions) -> tuple[Sequence[Line], list[str]]:
    """A text laid over a song, and a remark for each line: ``not placed``, or nothing.

    Raises:
        AvwalkError: options, text, model or sound are wrong.
    """
    from avwalk.speech.text_alignment import align_text

    voice = voice_of(song, options.stem)
    found = align_text(
        voice,
        Path(options.align),
        seconds=song.n_samples / song.sample_rate,
        language=options.language.lower() or None,
        model=options.model or None,
        report=ProgressLines("aligned"),
    )
    for note in found.notes:
        say(f"note: {note}")
    n, placed = len(found.alignment.lines), sum(found.alignment.placed)
    sure = [each for each, there in zip(found.alignment.confidence, found.alignment.placed, strict=True) if there]
    mean = f", mean confidence {sum(sure) / len(sure):.2f}" if sure else ""
    say(f"{placed} of {n} line{'s' * (n != 1)} placed{mean}" + ("" if placed == n else
        "; the others stand between their neighbours, their note says: not placed"))  # fmt: skip
    return found.alignment.lines, found.remarks


class ProgressLines:
    """A line now and then: how far, and how long it will take.

    Args:
        done: the participle of what is done.
    """

    def __init__(self, done: str) -> None:
        self._done, self._began, self._last, self._first = done, time.monotonic(), time.monotonic(), 0.0

    def __call__(self, seconds: float, total: float) -> None:
        """Says how far it is."""
        now = time.monotonic()
        if seconds >= total or now - self._last < LINE_SECONDS:
            return
        self._last = now
        to_go = (now - self._began) * (total - seconds) / max(seconds, 1e-9)
        say(f"{clock_text(seconds)} of {clock_text(total)} {self._done}, {clock_text(to_go)} to go")
