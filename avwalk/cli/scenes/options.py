"""Arguments and options that the commands on scenes share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
Track = Annotated[
    int | None, typer.Option("--track", metavar="N", min=1, help="which audio track of the song's file, from 1")
]
Generator = Annotated[
    str | None, typer.Option(metavar="auto|cppn|biggan|sd|PAINTER", help="of all prompts, whatever the project says")
]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="what is drawn on")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="only problems")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object per event, on stdout")]

MOST_NOTES = 3


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
