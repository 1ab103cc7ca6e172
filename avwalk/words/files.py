"""Files of words: finding those beside a song, reading any of them, writing one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from avwalk.errors import WordsError, clipped
from avwalk.files.atomic import write_file
from avwalk.files.names import as_there, name_problem
from avwalk.files.text_encoding import decoded
from avwalk.words.entries import MAX_BYTES, Reading, check_size
from avwalk.words.lrc import format_lrc, parse_lrc
from avwalk.words.other_formats import parse_text, parse_whisper
from avwalk.words.subtitles import format_srt, format_vtt, parse_ass, parse_subtitles
from avwalk.words.table import parse_table
from avwalk.words.timing import arranged
from avwalk.words.transcript import Transcript

TABLE = ".words.csv"
READERS: dict[str, Callable[[str, str], Reading]] = {
    ".lrc": parse_lrc,
    ".srt": parse_subtitles,
    ".vtt": parse_subtitles,
    ".ass": parse_ass,
    ".ssa": parse_ass,
    ".json": parse_whisper,
    ".txt": parse_text,
    ".csv": parse_table,
    ".tsv": parse_table,
}
"""Suffix → reads a text, given the file's name for messages."""
WRITERS: dict[str, Callable[[Transcript], str]] = {".lrc": format_lrc, ".srt": format_srt, ".vtt": format_vtt}
"""Suffix → writes a transcript as text."""
BESIDE = (TABLE, ".lrc", ".srt", ".vtt", ".ass")
"""Ends of names that are looked for beside a song, the first that is there counts."""


def table_file(song: Path) -> Path:
    """Where a song's table of words is: ``song.wav`` → ``song.words.csv``."""
    return as_there(song.with_name(f"{song.stem}{TABLE}"))


def words_beside(song: Path, ends: Sequence[str] = BESIDE) -> Path | None:
    """The file of words beside a song: the first whose name is the song's with one of these ends; None: no such."""
    for end in ends:
        path = as_there(song.with_name(f"{song.stem}{end}"))
        if path.is_file() and path != song:
            return path
    return None


def read_words(file: Path) -> Reading:
    """What a file of words says, with its own times.

    Raises:
        WordsError: it cannot be read, is of no known kind, too large, no text, or says nothing.
    """
    suffix = file.suffix.lower()
    if suffix not in READERS:
        raise WordsError(f"'{file.name}' is of no known kind; words are read from {', '.join(READERS)}")
    reading = READERS[suffix](_text_of(file), file.name)
    check_size(reading.entries, file.name)
    return reading


def transcript_of(file: Path, seconds: float) -> tuple[Transcript, list[str]]:
    """The words of a song from a file, in the song's order, and a note for each thing that was wrong with it.

    Args:
        file: of any kind that `READERS` has.
        seconds: length of the song.

    Raises:
        WordsError: see `read_words`; or no line is inside the song.
    """
    try:
        lines, notes = arranged(read_words(file), seconds)
    except WordsError as error:
        text = str(error)
        raise error if file.name in text else WordsError(f"'{file.name}': {text}") from None
    return Transcript(lines, file.name), [f"{file.name}: {note}" for note in notes]


def write_words(transcript: Transcript, file: Path) -> None:
    """Writes a transcript as LRC, SubRip or WebVTT, as the name of the file says.

    Raises:
        WordsError: another kind of file.
        OutputError: it cannot be written.
    """
    if file.suffix.lower() not in WRITERS:
        raise WordsError(f"'{file.name}' cannot be written; words are written as {', '.join(WRITERS)}")
    write_file(file, WRITERS[file.suffix.lower()](transcript).encode("utf-8"))


def _text_of(file: Path) -> str:
    """The text of a file, within bounds.

    Raises:
        WordsError: it cannot be read, is too large, or no text.
    """
    if problem := name_problem(file):
        raise WordsError(f"file of words {problem}")
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe would be waited for
            raise WordsError(f"'{file}' is no file of words; name one")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise WordsError(f"file of words '{file}' cannot be read: {error.strerror}; check its name") from None
    if len(data) > MAX_BYTES:
        raise WordsError(f"'{file}' is larger than {MAX_BYTES >> 20} MiB; that is too much for the words of a song")
    if not data.strip():
        raise WordsError(f"'{file.name}' is empty")
    try:
        return decoded(data, file.name)[0]
    except ValueError as error:
        raise WordsError(f"'{file.name}' is not text: {clipped(error, 200)}") from None
