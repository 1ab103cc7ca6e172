"""The words of a film: those beside the song, of a file, or that an earlier film stores; and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from avwalk.config.options import RenderOptions
from avwalk.contracts import Song
from avwalk.errors import OptionError, WordsError
from avwalk.features.signals import WORD_SIGNALS
from avwalk.files.names import as_there
from avwalk.plan.lyrics import check_letters
from avwalk.presets import LoadedPreset
from avwalk.spec import WordsSpec
from avwalk.spec.encoder import Encoder
from avwalk.words.files import transcript_of, words_beside
from avwalk.words.stored import lines_of, rows_of_words
from avwalk.words.transcript import Line

SHOWN = ("lyrics", "all")
"""Values of ``--text`` that write lyrics over the film."""


def film_words(
    options: RenderOptions,
    song: Song,
    presets: Iterable[LoadedPreset],
    encoder: Encoder,
    stored: Mapping[str, Any] | None,
) -> tuple[WordsSpec | None, list[str]]:
    """The words of a film, None where it neither shows them nor moves with them; and notes.

    Args:
        options: of the render.
        song: of the film.
        presets: all that it is made in.
        encoder: of the film.
        stored: words of a film that is made again.

    Raises:
        WordsError: the file is not there, or wrong; or the font lacks their letters.
        OptionError: they are asked for, and there are none.
    """
    looks = list(presets)
    routes = [str(route) for each in looks for route in each.routes if route.signal in WORD_SIGNALS]
    why = f"--text {options.text}" if options.text in SHOWN else ""
    why = why or (f"--subtitles {options.subtitles}" if options.subtitles != "none" else "")
    lines, name, notes = _read(options, song, stored)
    if lines is None:
        if why:
            raise OptionError(
                f"{why}: no words of '{song.path.name}' are here; put {song.path.stem}.lrc or .srt beside it, or say "
                "--words FILE"
            )
        return None, [f"no words are here for the route '{route}': it does nothing" for route in routes[:1]]
    timed = sum(line.has_word_times for line in lines)
    told = f"words: {len(lines)} line{'s' * (len(lines) != 1)} from '{name}', {timed or 'none'} with times of words"
    if not (why or routes):
        return None, [f"{told}; --text lyrics writes them over the film"]
    if options.text in SHOWN:
        for font in dict.fromkeys(each.values.text.font for each in looks[:1]):
            notes += check_letters(lines, font)
    if options.subtitles == "soft" and encoder.suffix not in (".mp4", ".mov"):
        notes.append(f"--subtitles soft: {encoder.suffix} holds no subtitle track; they are written beside it, as .srt")
    return WordsSpec(rows_of_words(lines)), [told, *notes]


def _read(
    options: RenderOptions, song: Song, stored: Mapping[str, Any] | None
) -> tuple[tuple[Line, ...] | None, str, list[str]]:
    """Lines, the name of what they are from, and notes; None: there are none."""
    if stored is not None and not (options.words or options.no_words):
        return lines_of(stored.get("rows", ())) or None, "the film", []
    if options.no_words:
        if options.words:
            raise OptionError("--words and --no-words exclude each other; leave one out")
        return None, "", []
    file = as_there(Path(options.words)) if options.words else words_beside(song.path)
    if file is None:
        return None, "", []
    if not file.exists():
        raise WordsError(f"file of words '{options.words}' does not exist; check its name")
    transcript, notes = transcript_of(file, song.n_samples / song.sample_rate)
    return transcript.lines, transcript.name, notes
