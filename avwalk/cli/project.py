"""``avwalk project …``."""

from __future__ import annotations

from pathlib import Path

import typer

from avwalk.cli.scenes.options import MediaDir, MetaDir

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Lay out the folders of a song's scenes."
)


@app.callback()
def _project() -> None:
    """Lay out the folders of a song's scenes."""


@app.command()
def new(
    song: Path = typer.Argument(..., metavar="SONGFILE", help="Any audio file, or a video with sound."),
    name: str = typer.Option(None, "--name", metavar="NAME", help="default the file's, without its ending"),
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """Folders and a small example for a song: prompts, seeds, settings, a sequence. Nothing is overwritten."""
    from avwalk.cli.progress import say
    from avwalk.scenes.project.create import new_project

    laid = new_project(song, name, meta_dir=meta_dir, media_dir=media_dir)
    for file in laid.wrote:
        typer.echo(str(file))
    for file in laid.changed:
        say(f"{file} was there, with changes of yours: it stays as it is")
    for file in laid.unchanged:
        say(f"{file} was there, unchanged since it was laid out")
    if not laid.wrote:
        say(f"nothing is new in project '{laid.name}'")
    say(f"pictures and films will be in {laid.media}")
    say(f"next: `avwalk scenes build {_word(laid.name)}` makes the film; change {laid.meta} as you like")


def _word(text: str) -> str:
    return f'"{text}"' if " " in text else text
