"""``avwalk listen``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.terminal import echo, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from avwalk.listen.live_run import LiveOptions
    from avwalk.screenplay.source import Telling

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_LIVE = "Live"
"""Heading of the help."""


@app.command()
def listen(
    source: str = typer.Argument(None, metavar="[FILE|-]", help="Any sound, or a video with sound; -: on stdin."),
    text: str = typer.Option(
        None, "--text", metavar="FILE|-", help="what was said, as text: a chat log (speaker: text), subtitles, a story"
    ),
    out: str = typer.Option(
        "heard", "--out", "-o", metavar="FOLDER", help="pictures go there, behind those that are there"
    ),
    painter: str = typer.Option(
        "worlds", "--painter", "-p", metavar="KIND[@URL]", help="what paints, as in avwalk paint"
    ),
    size: str = typer.Option("1024x576", "--size", metavar="WxH", help="of the pictures"),
    seed: int = typer.Option(0, "--seed", metavar="N", help="goes into that of each picture, with its text"),
    preset: str = typer.Option(
        "", "--preset", metavar="NAME|FILE", help="a preset with a locked style, see avwalk codex lock"
    ),
    style: str = typer.Option("", "--style", metavar="TEXT", help="put behind every prompt, or around <SCENE>"),
    negative: str = typer.Option("", "--negative", metavar="TEXT", help="what is not to be seen"),
    language: str = typer.Option("", "--language", metavar="CODE", help="of the speech; default: it is found out"),
    translate: bool = typer.Option(False, "--translate", help="understand it in English"),
    length: str = typer.Option(
        None, "--length", metavar="Ns|N", help="of what one picture shows: 8s, or 2 for two sentences"
    ),
    model: str = typer.Option("", "--model", metavar="NAME", help="that recognises; default: the one that is here"),
    yes: bool = typer.Option(False, "--yes", "-y", help="paint what was understood, without correcting it first"),
    live: bool = typer.Option(
        False, "--live", help="as it is spoken: the microphone, or raw PCM on stdin with -", rich_help_panel=_LIVE
    ),
    device: str = typer.Option("", "--device", metavar="NAME|N", help="microphone", rich_help_panel=_LIVE),
    rate: int = typer.Option(
        16000, "--rate", metavar="HZ", help="of raw PCM, 16 bits, mono, little-endian", rich_help_panel=_LIVE
    ),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object for each picture"),
) -> None:
    """Paint what is said: speech (or a chat) becomes text, you correct it, and it becomes pictures in a folder."""
    from avwalk.cli.values import size_of
    from avwalk.errors import OptionError
    from avwalk.listen.listen_folder import ListenFolder, paint_utterances
    from avwalk.listen.live_run import LiveOptions
    from avwalk.listen.utterances import utterances_of
    from avwalk.painters.registry import open_painter, prompt_limit
    from avwalk.presets.locked import locked_style
    from avwalk.screenplay.grouping import parse_length
    from avwalk.screenplay.prompting import Style

    if (source is None) == (text is None) and not (live and text is None):
        raise OptionError("give a sound or --text FILE, one of them; -: on stdin")
    if live and text is not None:
        raise OptionError("--live and --text contradict each other; give one")
    pixels, long = size_of(size), parse_length(length) if length else None
    style, negative = locked_style(preset, style, negative)
    paint, look = open_painter(painter), Style(style=style, negative=negative, fits=prompt_limit(painter))
    if live:
        from avwalk.listen.recognition import recogniser

        options = LiveOptions(paint, recogniser(model), pixels, look, seed, language, translate)
        _live(options, source, device, rate, ListenFolder(Path(out)), quiet, as_json)
        return
    name = text or source
    telling = _telling(text) if text is not None else _speech(source, language, translate, model)
    for note in telling.notes:
        _say(f"note: {note}")
    telling = telling if yes else _corrected(telling, from_speech=text is None)
    wanted = utterances_of(telling, look, seed, long)
    folder = ListenFolder(Path(out))
    failed = 0
    for record in paint_utterances(wanted, paint, pixels, folder, "stdin" if name == "-" else Path(name).name):
        failed += "error" in record
        _tell(folder.path, record, quiet, as_json)
    if failed:
        raise typer.Exit(1)


def _live(
    options: LiveOptions, source: str | None, device: str, rate: int, folder: Any, quiet: bool, as_json: bool
) -> None:
    from avwalk.errors import OptionError
    from avwalk.listen.live import RATE, device_blocks, pcm_blocks
    from avwalk.listen.live_run import run_live

    if source not in (None, "-"):
        raise OptionError(f"--live listens to the microphone, or to stdin with -; leave '{source}' out")
    if not 8000 <= rate <= 192_000:
        raise OptionError(f"--rate {rate} is out of range; give 8000 to 192000")
    blocks = pcm_blocks(sys.stdin.buffer, rate) if source == "-" else device_blocks(device)
    if not quiet and not as_json:
        _say("listening; Ctrl-C ends it" if source is None else "listening to stdin")

    def told(kind: str, value: Any) -> None:
        if kind == "picture":
            _tell(folder.path, value, quiet, as_json)
        elif kind == "error":
            _say(f"avwalk: {value}")
        elif not quiet and not as_json:
            _say({"overtaken": "overtaken, left out", "spoken": "…"}.get(kind, kind))

    run_live(blocks, rate if source == "-" else RATE, options, folder, told)


def _telling(name: str) -> Telling:
    """What a text says."""
    from avwalk.errors import OptionError
    from avwalk.files.text_encoding import decoded
    from avwalk.screenplay.source import MAX_BYTES, read_telling, telling_of

    if name != "-":
        return read_telling(Path(name))
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OptionError(f"the text is larger than {MAX_BYTES >> 20} MiB; send less of it")
    try:
        return telling_of(decoded(data, "stdin")[0], name="stdin")
    except ValueError as error:
        raise OptionError(f"what came on stdin is no text: {str(error)[:150]}") from None


def _speech(name: str, language: str, translate: bool, model: str) -> Telling:
    """What is said in a sound."""
    from avwalk.listen.recognition import recognised, recogniser
    from avwalk.screenplay.source import telling_of_words

    with _sound_file(name) as file:
        return telling_of_words(recognised(file, language, translate, recogniser(model))[0])


@contextmanager
def _sound_file(name: str) -> Iterator[Path]:
    """The file of a sound, which may come on stdin."""
    import shutil
    import tempfile

    if name != "-":
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="avwalk-") as folder:
        file = Path(folder) / "stdin"
        with file.open("wb") as out:
            shutil.copyfileobj(sys.stdin.buffer, out)
        yield file


def _corrected(telling: Telling, *, from_speech: bool) -> Telling:
    """What was said, corrected by hand where there is somebody who can: a text only in an editor."""
    from avwalk.errors import OptionError
    from avwalk.listen.correction import corrected, editor_of
    from avwalk.screenplay.source import telling_of

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return telling
    editor = editor_of()
    if not from_speech and not editor:
        return telling
    before = "\n".join(f"{each.speaker}: {each.text}" if each.speaker else each.text for each in telling.passages)
    if not editor:
        echo(before)
    after = corrected(before, editor, lambda question: str(typer.prompt(question, "", show_default=False)))
    if not after:
        raise OptionError("the text is empty; nothing was painted")
    return telling if after == before else telling_of(after, name=telling.name)


def _tell(folder: Path, record: dict[str, Any], quiet: bool, as_json: bool) -> None:
    """Says what became of an utterance."""
    from avwalk.errors import clipped

    if as_json:
        echo(json_text({**record, "folder": str(folder)}))
    elif "error" in record:
        _say(f"avwalk: '{clipped(record['text'], 40)}': {record['error']}")
    elif not quiet:
        late = f", {record['latency_s']:.1f} s after it was said" if "latency_s" in record else ""
        echo(f"{folder / record['picture']}  {clipped(record['text'], 80)}  (seed {record['seed']}{late})")


def _say(text: str) -> None:
    from avwalk.cli.progress import say

    say(text)
