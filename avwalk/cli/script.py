"""``avwalk script FILE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from avwalk.cli.progress import say
from avwalk.cli.terminal import echo, json_text

if TYPE_CHECKING:
    from avwalk.screenplay.scene import Scene

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def script(
    file: str = typer.Argument(
        ..., metavar="FILE", help="A text (.txt, .md), a chat log, or words on a clock: .srt, .lrc, .words.csv, …"
    ),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE.csv", help="default FILE.scenes.csv beside it"),
    length: str = typer.Option(
        None, "--length", metavar="8s|3", help="of a scene: seconds, or sentences; default 8s with a clock, else 3"
    ),
    universe: str = typer.Option("", "--universe", metavar="TEXT", help="where all of it plays: before each prompt"),
    style: str = typer.Option("", "--style", metavar="TEXT", help="how all of it is made: behind each prompt"),
    negative: str = typer.Option("", "--negative", metavar="TEXT", help="what is not to be seen"),
    chat: str = typer.Option(
        None,
        "--chat",
        metavar="URL[?model=NAME]",
        help="an endpoint as OpenAI has it writes scenes and prompts, http://127.0.0.1:8080/v1; default rules, offline",
    ),
    templates: str = typer.Option(
        None, "--templates", metavar="DIR", help="your define.txt, prompt.txt, shot.txt; written there if they are not"
    ),
    fresh: bool = typer.Option(False, "--fresh", help="ask the endpoint anew for what is kept"),
    estimate: bool = typer.Option(False, "--estimate", help="say how much it is and how often is asked, no more"),
    language: str = typer.Option("", "--language", metavar="en|fr|…", help="of the text; default found out"),
    seed: int = typer.Option(0, "--seed", metavar="N", help="of all pictures; each scene has its own of it"),
    most: int = typer.Option(300, "--most", metavar="N", help="scenes that are allowed"),
    encoding: str = typer.Option(
        None, "--encoding", metavar="NAME", help="of a text that is not UTF-8, such as cp1251"
    ),
    as_json: bool = typer.Option(False, "--json", help="the scenes as one JSON object a line, and no file"),
) -> None:
    """Words become scenes and prompts: a table FILE.scenes.csv to be corrected in a spreadsheet; your rows stay."""
    from pathlib import Path

    from avwalk.events import warnings_as_events
    from avwalk.files.text_encoding import reading_as
    from avwalk.screenplay.chat import ChatEndpoint
    from avwalk.screenplay.grouping import parse_length
    from avwalk.screenplay.language import checked_language
    from avwalk.screenplay.prompting import Style
    from avwalk.screenplay.screenplay import ScreenplayOptions, estimate_of, screenplay_of
    from avwalk.screenplay.source import read_telling
    from avwalk.screenplay.table import read_screenplay, table_file, write_screenplay
    from avwalk.screenplay.templates import write_templates

    source, folder = Path(file), Path(templates) if templates else None
    _check(seed, most, out)
    language = checked_language(language) if language else ""
    endpoint = ChatEndpoint(chat, fresh=fresh) if chat else None
    wanted = parse_length(length) if length else None
    common = Style(universe, style, negative)
    options = ScreenplayOptions(wanted, common, language, seed, most=most, chat=endpoint, templates=folder)
    with reading_as(encoding), warnings_as_events(lambda event: say(f"note: {event['message']}")):
        telling = read_telling(source)
        for note in telling.notes:
            say(f"note: {note}")
        if estimate:
            echo(estimate_of(telling, options))
            return
        target = Path(out) if out else table_file(source)
        for path in write_templates(folder) if folder else ():
            say(f"wrote {path}")
        scenes = screenplay_of(telling, options)
        if not as_json:
            said = write_screenplay(target, scenes)
            scenes = read_screenplay(target, options.style)
    for scene in scenes:
        echo(json_text(vars(scene)) if as_json else _line(scene))
    if not as_json:
        say(said)


def _check(seed: int, most: int, out: str | None) -> None:
    from avwalk.errors import OptionError, clipped
    from avwalk.screenplay.scene import MAX_SCENES, MAX_SEED

    if not 0 <= seed <= MAX_SEED:
        raise OptionError(f"--seed {seed} is out of range; give 0 to {MAX_SEED}")
    if not 1 <= most <= MAX_SCENES:
        raise OptionError(f"--most {most} is out of range; give 1 to {MAX_SCENES}")
    if out and not out.lower().endswith(".csv"):
        raise OptionError(f"--out '{clipped(out)}' is no table; name it .csv")


def _line(scene: Scene) -> str:
    from avwalk.words.entries import stamp

    at = f"{stamp(scene.start_s, 1):>8}  " if scene.start_s is not None else ""
    return f"{scene.index + 1:>4}  {at}{scene.prompt}"
