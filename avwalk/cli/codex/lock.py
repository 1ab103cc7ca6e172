"""``avwalk codex lock``."""

from __future__ import annotations

from pathlib import Path

import typer

from avwalk.cli.terminal import echo


def add(app: typer.Typer) -> None:
    """Adds the command to the group."""
    app.command()(lock)


def lock(
    directory: str = typer.Argument(".", metavar="[DIR]", help="of a codex; the lock goes there, as lock.toml"),
    picture: str = typer.Option(
        None, "--from", metavar="PICTURE", help="PNG whose prompt, negative and colours are taken: 00012.png"
    ),
    prompt: str = typer.Option(
        None,
        "--prompt",
        metavar="TEXT|NAME",
        help="the prompt by hand, with <SCENE> where the scene goes; or one of [overrides] in codex.toml",
    ),
    scene: str = typer.Option(
        "", "--scene", metavar="TEXT", help="the part of the picture's prompt that is the scene, if it does not say"
    ),
    style: str = typer.Option(None, "--style", metavar="TEXT", help="said behind it: CINEMATIC, or words of your own"),
    negative: str = typer.Option(None, "--negative", metavar="TEXT", help="what is not to be seen"),
    painter: str = typer.Option(None, "--painter", metavar="KIND", help="what paints in it: worlds, sd, sd@MODEL"),
    colours: bool = typer.Option(
        True, "--colours/--no-colours", help="take the picture's colours too, for the worlds of a song"
    ),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE.toml", help="default DIR/lock.toml"),
    force: bool = typer.Option(False, "--force", help="replace a lock that is there"),
) -> None:
    """Lock a style: one prompt around every scene, out of a picture or by hand; presets new NAME --codex uses it."""
    from avwalk.codex.lock import changed, lock_by_hand, lock_of_picture, write_lock
    from avwalk.errors import OptionError

    if picture is None and prompt is None:
        raise OptionError("say what is locked: --from PICTURE, or --prompt 'oil on canvas, <SCENE>'")
    words = {"prompt": prompt, "style": style, "negative": negative, "painter": painter}
    values = {name: value for name, value in words.items() if value is not None}
    if picture is not None:
        found = lock_of_picture(_picture(Path(directory), picture), scene)
        found = changed(found, values) if values else found
        found = found if colours else found.model_copy(update={"palette": None})
    else:
        found = lock_by_hand(_override(Path(directory), values))
    path = write_lock(Path(out) if out else Path(directory), found, force=force)
    echo(str(path))
    echo(f"prompt    {found.template}")
    for name in ("negative", "painter"):
        if value := getattr(found, name):
            echo(f"{name:<9} {value}")
    place = path if out else directory
    echo(f"use it: avwalk presets new NAME --codex {place}")


def _picture(folder: Path, name: str) -> Path:
    """A picture by its path, or by its name in the codex."""
    from avwalk.codex.folder import CodexFolder

    path = Path(name)
    inner = CodexFolder(folder).file_of(path.name)
    return inner if not path.exists() and path.name == name and inner.is_file() else path


def _override(folder: Path, values: dict[str, str]) -> dict[str, str]:
    """The words of a lock; a named override of the codex gives the prompt, the codex style and negative."""
    from avwalk.codex.folder import CodexFolder
    from avwalk.codex.settings_file import read_settings

    file = CodexFolder(folder).settings
    if not file.is_file() or values["prompt"] not in (settings := read_settings(file)).overrides:
        return values
    usual = {"style": settings.style, "negative": settings.negative}
    return {**usual, **values, "prompt": settings.overrides[values["prompt"]]}
