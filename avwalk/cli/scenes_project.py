"""``avwalk scenes check``, ``auto``, ``pack`` and ``unpack``."""

from __future__ import annotations

import typer

from avwalk.cli.scenes_options import MediaDir, MetaDir, Name, Sequence, Settings


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(check)
    app.command()(auto)


def check(
    songs: list[str] = typer.Argument(None, metavar="[SONG]...", help="Names or song files; default every project."),
    sequence: str = typer.Option(None, "--sequence", "--ss", metavar="X", help="only this one; default all there are"),
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """Every problem of a project's files, all at once; exit code 1 if there is any."""
    from avwalk.cli.console import say
    from avwalk.errors import AvwalkError, ScenesError
    from avwalk.scenes.checking import check_project
    from avwalk.scenes.places import meta_root, projects

    names = songs or projects(meta_root(meta_dir))
    if not names:
        raise ScenesError(f"no projects in '{meta_root(meta_dir)}'; `avwalk project new SONGFILE` makes one")
    bad = False
    for name in names:
        try:
            found = check_project(name, sequence=sequence, profile=settings, meta_dir=meta_dir, media_dir=media_dir)
        except AvwalkError as error:
            bad = True
            typer.echo(str(error), err=True)
            continue
        for note in dict.fromkeys(note for project in found for note in project.notes):
            say(f"note: {note}")
        first = found[0]
        pictures = {node for scene in first.scenes for node in first.members(scene)}
        parts = [_count(len(first.definitions), "prompt"), _count(len(pictures), "picture")]
        parts += [_sequence(p.sequence_name, len(p.sequence)) for p in found if p.sequence]
        missing = "" if first.sequence else "; no sequence yet: `avwalk scenes auto` writes one"
        typer.echo(f"{first.name}: fine, {', '.join(parts)}{missing}")
    if bad:
        raise typer.Exit(1)


def auto(
    song: Name,
    sequence: Sequence = "",
    force: bool = typer.Option(False, "--force", help="replace a sequence that is there"),
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """A sequence of one scene per prompt, in the order of the prompts, then one per folder filled by hand."""
    from avwalk.scenes.making import auto_sequence
    from avwalk.scenes.project import load_project

    project = load_project(song, sequence=None, meta_dir=meta_dir, media_dir=media_dir)
    typer.echo(str(auto_sequence(project, sequence, force=force)))


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'s' * (n != 1)}"


def _sequence(name: str, n: int) -> str:
    return f"sequence{f' {name}' if name else ''} of {_count(n, 'scene')}"
