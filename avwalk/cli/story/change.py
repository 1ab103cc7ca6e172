"""``avwalk story redo`` and ``edit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from avwalk.cli.story.tell import watched

Folder = Annotated[str, typer.Argument(metavar="DIR", help="Folder of the story.")]
Number = Annotated[int, typer.Argument(metavar="N", help="Number of the storylet, from 1.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="only problems")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object per event, on stdout")]


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(redo)
    app.command()(edit)


def redo(
    folder: Folder,
    number: Number,
    seed: int = typer.Option(None, "--seed", metavar="N", help="of the picture; default the next"),
    prompt: str = typer.Option("", "--prompt", metavar="TEXT", help="what is to be seen; default as it was"),
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Paint one picture anew. No other picture is touched; of the film only what shows it is drawn again."""
    from avwalk.story.folder import StoryFolder
    from avwalk.story.redo import redo as redo_picture

    story = StoryFolder(Path(folder))
    watched(
        lambda report: redo_picture(story, number, seed=seed, prompt=prompt, on_event=report),
        as_json=as_json,
        quiet=quiet,
    )


def edit(
    folder: Folder,
    number: Number,
    mask: str = typer.Option(..., "--mask", metavar="FILE", help="a picture, white where it is to change"),
    prompt: str = typer.Option(..., "--prompt", metavar="TEXT", help="what is to be seen there"),
    seed: int = typer.Option(None, "--seed", metavar="N", help="of the change; default that of the picture"),
    strength: float = typer.Option(0.75, "--strength", metavar="X", min=0, max=1, help="how far from what is there"),
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Change a part of a picture, by a painter that inpaints (a1111). Outside of the mask every pixel stays."""
    from avwalk.story.folder import StoryFolder
    from avwalk.story.redo import edit as edit_picture

    story, where = StoryFolder(Path(folder)), Path(mask)
    watched(
        lambda report: edit_picture(story, number, where, prompt, seed=seed, strength=strength, on_event=report),
        as_json=as_json,
        quiet=quiet,
    )
