"""``avwalk codex new``, ``avwalk codex list``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer

from avwalk.cli.help import GroupedCommand
from avwalk.cli.options import with_options
from avwalk.cli.progress import say
from avwalk.cli.terminal import echo, json_text
from avwalk.config.codex_options import CodexOptions


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command("new", cls=GroupedCommand)(with_options(CodexOptions, into="given")(new))
    app.command("list")(list_)


def new(
    folder: str = typer.Argument(..., metavar="DIR", help="Folder of the codex; scene.csv in it is taken."),
    codex: str = typer.Option(None, "--codex", metavar="NAME", help="one that comes with avwalk, see codex list"),
    echoai: str = typer.Option(None, "--from", metavar="DIR", help="a folder of EchoAI; nothing in it is changed"),
    scenes: str = typer.Option(None, "--scenes", metavar="FILE", help="a table of scenes, a line each"),
    structure: str = typer.Option(None, "--structure", metavar="FILE", help="a table of attributes, beside it"),
    *,
    given: dict[str, Any],
    yes: bool = typer.Option(False, "--yes", "-y", help="ask nothing"),
    force: bool = typer.Option(False, "--force", help="replace tables and settings that are there"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object, on stdout; asks nothing"),
) -> None:
    """Make a codex: scenes × attributes and settings, in a folder. Nothing is drawn yet."""
    from avwalk.codex.create import CodexSource, numbers, prepare_codex, write_codex
    from avwalk.codex.folder import CodexFolder
    from avwalk.errors import OutputError

    place = CodexFolder(Path(folder))
    if place.settings.exists() and not force:
        raise OutputError(f"'{place.settings}' exists; --force replaces it (pictures and marks stay)")
    source = CodexSource(codex or "", _path(echoai), _path(scenes), _path(structure))
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stderr.isatty()
    if asks:
        from avwalk.cli.codex.wizard import ask

        source, given = ask(place, source, given)
    prepared = prepare_codex(place, source, given)
    lines = numbers(prepared.codex)
    for note in prepared.notes if not as_json else ():
        say(f"note: {note}")
    for line in lines if asks else ():
        say(line)
    if asks and not typer.confirm(f"Write it into {folder}?", default=True, err=True):
        raise typer.Exit(1)
    write_codex(place, prepared, force=force)
    if as_json:
        found = prepared.codex
        facts = {"out": str(place.path), "combinations": found.combinations, "pictures": found.total}
        echo(json_text({**facts, "numbers": lines, "notes": list(prepared.notes)}))
        return
    for line in lines if not asks else ():
        echo(line)
    echo(f"codex in {place.path.absolute()}; draw it: avwalk codex run {folder}")


def list_(as_json: bool = typer.Option(False, "--json", help="as one JSON list")) -> None:
    """List the codices that come with avwalk."""
    from avwalk.codex.shipped import about_shipped, shipped_names

    rows = [(name, about_shipped(name)) for name in shipped_names()]
    if as_json:
        echo(json_text([{"name": name, "about": about} for name, about in rows]))
        return
    width = max(len(name) for name, _ in rows)
    for name, about in rows:
        echo(f"{name:<{width}}  {about}")


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
