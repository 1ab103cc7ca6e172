"""``avwalk story board``, ``export``, ``like``, ``dislike`` and ``note``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from avwalk.cli.story.change import Folder, Number
from avwalk.cli.terminal import echo

if TYPE_CHECKING:
    from avwalk.story.folder import Verdict


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (board, export, like, dislike, note):
        app.command()(command)


def board(
    folder: Folder,
    out: str = typer.Option(None, "--out", "-o", metavar="FILE", help=".pdf or .png; default DIR/board.pdf"),
    paper: str = typer.Option("a4", "--paper", metavar="a4|letter", help="of the page"),
    columns: int = typer.Option(2, "--columns", metavar="N", help="pictures beside each other"),
    landscape: bool = typer.Option(False, "--landscape", help="the page lies"),
    force: bool = typer.Option(False, "--force", help="replace a file that is there"),
) -> None:
    """A storyboard for print: thumbnails with their text."""
    from avwalk.cli.files import writable
    from avwalk.story.board import BoardSettings, write_board
    from avwalk.story.folder import StoryFolder
    from avwalk.story.stored import stored_story

    story = stored_story(StoryFolder(Path(folder)))
    path = writable(out or str(Path(folder) / "board.pdf"), force or out is None)
    settings = BoardSettings(paper, columns, landscape)
    for file in write_board(story.folder, story.title, story.storylets, path, settings):
        echo(f"wrote {file}")


def export(
    folder: Folder,
    to: str = typer.Option(..., "--to", metavar="zip|pdf|gif|mp4", help="what it becomes"),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE", help="default NAME.zip beside the folder"),
    force: bool = typer.Option(False, "--force", help="replace a file that is there"),
) -> None:
    """The story as one file: its folder, a book, an animation of its pictures, the film."""
    from avwalk.story.export import export_story
    from avwalk.story.folder import StoryFolder
    from avwalk.story.stored import stored_story

    story = stored_story(StoryFolder(Path(folder)))
    path = export_story(story.folder, story.title, story.storylets, to, Path(out) if out else None, force=force)
    echo(f"wrote {path}")


def like(folder: Folder, number: Number) -> None:
    """Say that a picture is good; it is kept in reviews.jsonl."""
    _review(folder, number, "like")


def dislike(folder: Folder, number: Number) -> None:
    """Say that a picture is not good."""
    _review(folder, number, "dislike")


def note(
    folder: Folder, number: Number, text: str = typer.Argument(..., metavar="TEXT", help="What there is to say.")
) -> None:
    """Say something about a picture."""
    _review(folder, number, "note", text)


def _review(folder: str, number: int, verdict: Verdict, text: str = "") -> None:
    from avwalk.errors import StoryError
    from avwalk.story.folder import StoryFolder
    from avwalk.story.stored import stored_story

    story = stored_story(StoryFolder(Path(folder)))
    if not 1 <= number <= len(story.storylets):
        raise StoryError(f"there is no storylet {number}; the story has 1 to {len(story.storylets)}")
    story.folder.review(verdict, number, text)
    echo(f"{verdict}: storylet {number}, in {story.folder.reviews}")
