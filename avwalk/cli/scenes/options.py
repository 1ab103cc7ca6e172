"""Arguments and options that the commands on scenes share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avwalk.cli.model_command import given

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project

Name = Annotated[str, typer.Argument(metavar="SONG", help="Name of the project, or its song's file.")]
Sequence = Annotated[
    str, typer.Option("--sequence", "--ss", metavar="X", help="scene_sequence_X.csv instead of scene_sequence.csv")
]
Settings = Annotated[
    str, typer.Option("--settings", "--setting_name", metavar="NAME", help="profile of tgen_settings.json")
]
MetaDir = Annotated[
    Path | None, typer.Option("--meta-dir", metavar="DIR", help="where text files are: META_DIR of .env, else meta")
]
MediaDir = Annotated[
    Path | None, typer.Option("--media-dir", metavar="DIR", help="what is generated: MEDIA_DIR of .env, else media")
]
Generator = Annotated[
    str | None, typer.Option(metavar="auto|cppn|biggan|sd", help="of all prompts, whatever the project says")
]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="what is drawn on")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="only problems")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object per event, on stdout")]

FILM: dict[str, tuple[Any, Any]] = {
    "out": (str | None, typer.Option(None, "--out", "-o", metavar="NAME")),
    "fps": (str | None, typer.Option(None, metavar="FPS")),
    "size": (str | None, typer.Option(None, metavar="WxH")),
    "fit": (str | None, typer.Option(None, metavar="crop|mirror|blur")),
    "arrive": (str | None, typer.Option(None, metavar="auto|bars|beats|given")),
    "pace": (str | None, typer.Option(None, metavar="flow|even|rest")),
    "text": (str | None, typer.Option(None, metavar="none|card|credit|both")),
    "title": (str | None, typer.Option(None, metavar="TEXT")),
    "artist": (str | None, typer.Option(None, metavar="TEXT")),
    "profile": (str | None, typer.Option(None, metavar="youtube|vertical|square|master|vj")),
    "bpm": (float | None, typer.Option(None, metavar="X")),
    "first_beat": (str | None, typer.Option(None, metavar="TIME")),
    "workers": (int | None, typer.Option(None, metavar="N")),
    "force": (bool, typer.Option(False, "--force", help="replace another film of this name")),
}
"""Options of a film, type and declaration: fields of `avwalk.scenes.film.assembly.FilmOptions`, which has the rest."""
MOST_NOTES = 3


def with_film(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a film in place of its parameter ``film``: what was given of them, by name."""
    own = inspect.signature(command, eval_str=True)
    film = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=option, annotation=kind)
        for name, (kind, option) in FILM.items()
    ]
    parameters = [one for each in own.parameters.values() for one in (film if each.name == "film" else [each])]

    @functools.wraps(command)
    def called(**values: Any) -> None:
        film = {name: values.pop(name) for name in FILM}
        command(film=given(film | {"force": film["force"] or None}), **values)

    called.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return called


def loaded(
    song: str,
    *,
    sequence: str | None = "",
    settings: str = "default",
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
    quiet: bool = False,
) -> Project:
    """The project, read and checked; what is odd in it is said, in short, unless only problems are asked for."""
    from avwalk.cli.progress import say
    from avwalk.scenes.project.project import load_project

    project = load_project(song, sequence=sequence, profile=settings, meta_dir=meta_dir, media_dir=media_dir)
    for note in () if quiet else project.short_notes(MOST_NOTES):
        say(f"note: {note}")
    return project
