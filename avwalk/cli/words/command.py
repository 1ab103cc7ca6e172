"""``avwalk words SONG``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.files import writable
from avwalk.cli.options import with_options
from avwalk.cli.progress import say
from avwalk.cli.terminal import echo
from avwalk.cli.words.speech import SpeechOptions, aligned, recognised
from avwalk.config.options import RenderOptions

if TYPE_CHECKING:
    from avwalk.contracts import Song
    from avwalk.words.transcript import Line

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@with_options(RenderOptions, only=("track", "encoding"))
def words(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    *,
    source: str = typer.Option(
        None,
        "--from",
        metavar="FILE",
        help="lyrics or subtitles: .lrc, .srt, .vtt, .ass, Whisper's .json, Audacity's labels or plain text in .txt; "
        "default the file beside the song",
    ),
    to: str = typer.Option(
        None, "--to", metavar=".lrc|.srt|.vtt|FILE", help="also write them as this; a suffix alone: beside the song"
    ),
    recognise: bool = typer.Option(False, "--recognise", help="find out what is said, by a model of speech"),
    align: str = typer.Option(None, "--align", metavar="FILE", help="a text whose times are looked for in the song"),
    model: str = typer.Option(None, "--model", metavar="NAME", help="model of speech; default the best one pulled"),
    language: str = typer.Option(None, "--language", metavar="CODE", help="en, fr, ja …; default: found out"),
    translate: bool = typer.Option(False, "--translate", help="with --recognise: English beside each line"),
    stem: str = typer.Option(None, "--stem", metavar="vocals=FILE", help="listen to the voice alone, in this file"),
    force: bool = typer.Option(False, "--force", help="replace a file that is there"),
    options: dict[str, Any],
) -> None:
    """The words of a song as a table beside it, SONG.words.csv, to be corrected in a spreadsheet; your rows stay."""
    from avwalk.audio.probe import probe
    from avwalk.events import warnings_as_events
    from avwalk.request.parse import parse_options
    from avwalk.words.files import table_file, transcript_of, write_words
    from avwalk.words.table import write_table

    asked = SpeechOptions(recognise, align or "", model or "", language or "", translate, stem or "")
    asked.check(source)
    target = _target(song, to, force)
    with warnings_as_events(lambda event: say(f"note: {event['message']}")):
        probed = probe(Path(song), parse_options(options).track)
        seconds, table = probed.n_samples / probed.sample_rate, table_file(probed.path)
        found = _lines(probed, source, asked)
        if found is None and not table.exists():
            return
        if found is not None:
            say(write_table(table, *found))
        transcript, notes = transcript_of(table, seconds)
    for note in notes:
        say(f"note: {note}")
    timed = sum(line.has_word_times for line in transcript.lines)
    n = len(transcript.lines)
    echo(
        f"{table}: {n} line{'s' * (n != 1)}, {len(transcript.spoken)} words, {timed or 'no'} lines with times of words"
    )
    if target:
        write_words(transcript, target)
        say(f"wrote {target}")


def _lines(song: Song, source: str | None, asked: SpeechOptions) -> tuple[Sequence[Line], Sequence[str]] | None:
    """The lines that go into the table, and remarks on them; None: there are none, or the table itself is meant.

    Raises:
        WordsError: no words are here.
    """
    from avwalk.errors import WordsError
    from avwalk.files.names import as_there
    from avwalk.words.files import BESIDE, TABLE, table_file, transcript_of, words_beside
    from avwalk.words.timing import arranged

    seconds = song.n_samples / song.sample_rate
    if asked.align:
        return aligned(song, asked)
    if asked.recognise:
        reading = recognised(song, asked)
        if reading is None:
            return None
        made, notes = arranged(reading, seconds)
    else:
        found = as_there(Path(source)) if source else words_beside(song.path, (*BESIDE[1:], TABLE))
        if found is None:
            raise WordsError(
                f"no words of '{song.path.name}' are here; put {song.path.stem}.lrc or .srt beside it, or say "
                "--from FILE or --recognise"
            )
        if found.name == table_file(song.path).name:
            return None
        transcript, notes = transcript_of(found, seconds)
        made = transcript.lines
    for note in notes:
        say(f"note: {note}")
    return made, ()


def _target(song: str, to: str | None, force: bool) -> Path | None:
    """Where words are written as well; raises if they cannot be."""
    from avwalk.errors import OptionError
    from avwalk.words.files import WRITERS

    if not to:
        return None
    path = Path(song).with_suffix(to.lower()) if to.lower() in WRITERS else Path(to)
    if path.suffix.lower() not in WRITERS:
        raise OptionError(f"--to '{to}' is not known; words are written as {', '.join(WRITERS)}")
    if path == Path(song):
        raise OptionError(f"--to '{to}' is the song itself; give another name")
    return writable(str(path), force)
