"""Arguments and options that the commands on scenes share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
