"""``avwalk scenes check``, ``auto``, ``pack`` and ``unpack``."""

from __future__ import annotations

import typer

from avwalk.cli.scenes_options import MediaDir, MetaDir, Name, Sequence, Settings


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(check)


def check(
    song: Name,
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """Every problem of a project's files; exit code 1 if there is any."""
    from avwalk.scenes.project import load_project

    project = load_project(song, sequence=sequence, profile=settings, meta_dir=meta_dir, media_dir=media_dir)
    typer.echo(f"{project.name}: fine, {len(project.definitions)} prompts, {len(project.sequence)} scenes")
