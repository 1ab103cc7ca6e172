"""``avwalk codex share``, ``avwalk codex add``."""

from __future__ import annotations

import sys

import typer

from avwalk.cli.terminal import echo


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(share)
    app.command("add")(add_shared)


def share(
    names: list[str] = typer.Argument(..., metavar="DIR|LOCK|TASTE... FILE.codex", help="what is shared, and its file"),
    preset: list[str] = typer.Option(
        [], "--preset", metavar="NAME|FILE", help="a preset that goes along, with all its values; repeatable"
    ),
    force: bool = typer.Option(False, "--force", help="replace a file that is there"),
) -> None:
    """Write a codex, locks and presets as one file: tables, marks, taste, small pictures; no path, no key."""
    from pathlib import Path

    from avwalk.codex.share.pack import SUFFIX
    from avwalk.codex.share.pack import share as pack
    from avwalk.errors import OptionError

    *places, out = names
    if not out.endswith(SUFFIX):
        raise OptionError(f"say last which file it becomes: avwalk codex share {' '.join(names)} mine{SUFFIX}")
    packed = pack([Path(place) for place in places], preset, Path(out), force=force)
    small = sum(name.startswith("thumbnails/") for name in packed.names)
    others = [name for name in packed.names if not name.startswith("thumbnails/")]
    for name in packed.left_out[:5]:
        echo(f"left out, it cannot be read: {name}", err=True)
    echo(f"{packed.path}: {', '.join(others)}; {small} small pictures; {packed.size / 2**20:.1f} MiB")


def add_shared(
    file: str = typer.Argument(..., metavar="FILE.codex", help="of avwalk codex share"),
    into: str = typer.Option(None, "--into", metavar="DIR", help="default a folder of its name, here"),
    force: bool = typer.Option(False, "--force", help="replace files that differ; yours become .bak"),
) -> None:
    """Add a shared codex as a folder; all of it is checked before anything is written."""
    from pathlib import Path

    from avwalk.codex.share.unpack import Differs, add

    place = Path(into) if into else None
    try:
        added = add(Path(file), place, force=force)
    except Differs as error:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise
        n = len(error.names)
        if not typer.confirm(f"{n} file{'s' * (n != 1)} there differ ({', '.join(error.names[:3])}); replace them?"):
            raise
        added = add(Path(file), place, force=True)
    if not added.wrote and not added.replaced:
        echo(f"{added.folder}: it is there already, nothing differs")
        return
    told = f", {len(added.replaced)} replaced (yours are .bak)" if added.replaced else ""
    echo(f"{added.folder}: {len(added.wrote)} files added{told}, {len(added.same)} were there")
    for name in added.wrote:
        if name == "lock.toml":
            echo(f"locked style: avwalk presets new NAME --codex {added.folder}")
        elif name.startswith("locks/"):
            echo(f"locked style: avwalk presets new NAME --codex {added.folder / name}")
        elif name.startswith("presets/"):
            echo(f"preset: avwalk render song.wav --preset {added.folder / name}")
