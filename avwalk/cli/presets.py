"""``avwalk presets …``."""

from __future__ import annotations

import json

import typer

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="List, show, check and make presets.")


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="as one JSON list")) -> None:
    """All presets at hand."""
    from avwalk import presets
    from avwalk.errors import PresetError

    rows = []
    for name in presets.names():
        try:
            preset = presets.load(name).preset
        except PresetError as error:
            typer.echo(f"{name}: {str(error).splitlines()[0]}", err=True)
            continue
        rows.append(
            {
                "name": name,
                "title": preset.title or name,
                "description": preset.description,
                "generators": list(preset.generators),
                "reactive": preset.reactive,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['name']:<12} {row['title']:<14} {row['description']}")


@app.command()
def show(name: str = typer.Argument(..., metavar="NAME|FILE")) -> None:
    """A preset with every value resolved, as TOML."""
    from avwalk import presets

    loaded = presets.load(name)
    typer.echo(presets.as_toml(loaded.preset), nl=False)


@app.command()
def check(names: list[str] = typer.Argument(..., metavar="NAME|FILE...")) -> None:
    """Every problem of one or more presets; exit code 1 if there is any."""
    from avwalk import presets
    from avwalk.errors import PresetError

    bad = False
    for name in names:
        try:
            presets.load(name)
            typer.echo(f"{name}: fine")
        except PresetError as error:
            bad = True
            typer.echo(str(error), err=True)
    if bad:
        raise typer.Exit(1)


@app.command()
def new(
    name: str = typer.Argument(..., metavar="NAME", help="of the new preset"),
    base: str = typer.Option("lsd", "--from", metavar="PRESET", help="what it starts from"),
    force: bool = typer.Option(False, "--force", help="replace a preset of yours"),
) -> None:
    """Make a preset of your own that starts from another, and say where it is."""
    from avwalk import presets

    typer.echo(str(presets.create(name, base, force=force)))


@app.command("targets")
def targets_(as_json: bool = typer.Option(False, "--json", help="as one JSON list")) -> None:
    """The parameters that routes can reach."""
    from avwalk.config import targets

    if as_json:
        typer.echo(json.dumps([{"name": n, **t._asdict()} for n, t in targets().items()], ensure_ascii=False))
        return
    from avwalk.generators.palette import PALETTES

    for name, t in targets().items():
        typer.echo(f"{name:<20} {t.low:>7g} … {t.high:<6g} {t.unit:<13} {t.text} [default: {t.default:g}]")
    typer.echo(f"\npalettes: {', '.join(PALETTES)}")
