"""``avwalk explore SONG``."""

from __future__ import annotations

import sys

import typer

from avwalk.cli.console import say
from avwalk.cli.help import ModelCommand, given

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=ModelCommand)
def explore(
    song: str = typer.Argument(None, metavar="SONG", help="Any audio file, or a video with sound."),
    preset: str = typer.Option("lsd", "--preset", "-p", metavar="NAME|FILE"),
    count: int = typer.Option(12, "-n", metavar="N", help="how many worlds"),
    seed: int = typer.Option(None, "--seed", metavar="N", help="the first of them [default: 0, of children 1]"),
    vary: int = typer.Option(None, "--vary", metavar="7", help="children of this world: near it"),
    breed: str = typer.Option(None, "--breed", metavar="3,7,9", help="children of these worlds: they mix them"),
    amount: float = typer.Option(
        None, "--amount", metavar="X", help="how far children are from their parents, 0 to 1 [default: 0.3]"
    ),
    keep: str = typer.Option(None, "--keep", metavar="3,7", help="save these rows as presets of your own"),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE.png", help="default SONG_PRESET_worlds.png"),
    generator: str = typer.Option(None, metavar="auto|cppn|biggan|sd|testcard"),
    model: str = typer.Option(None, metavar="NAME|DIR"),
    set_: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="overrules the preset: camera.zoom=1.2"),
    force: bool = typer.Option(False, "--force", help="replace what is there"),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
) -> None:
    """Worlds of a preset on one sheet: a row for each seed or child, a column for each section, or class of BigGAN."""
    from avwalk.errors import OptionError
    from avwalk.explore import worlds

    if keep is None and song is None:
        raise OptionError("explore wants a SONG to draw, or --keep to save worlds as presets")
    parents, kept = _numbers("--breed", breed), _numbers("--keep", keep)
    if song is not None:
        options = given({"preset": preset, "generator": generator, "model": model, "set": set_})
        tick = None if quiet or not sys.stderr.isatty() else lambda done, total: say(f"{done}/{total} worlds")
        made = worlds.explore_worlds(
            song, count=count, seed=seed, vary=vary, breed=parents, amount=amount, out=out, force=force, on_row=tick,
            **options,
        )  # fmt: skip
        typer.echo(str(made))
    if kept is not None:
        if set_:
            say("note: --keep saves worlds, not what --set changes; write that into the presets")
        for path in worlds.keep(preset, kept, vary=vary, breed=parents, amount=amount, force=force):
            typer.echo(f"{path}   avwalk render SONG --preset {path.stem}")


def _numbers(option: str, text: str | None) -> list[int] | None:
    from avwalk.errors import OptionError

    try:
        return None if text is None else [int(number) for number in text.replace(" ", "").split(",") if number]
    except ValueError:
        raise OptionError(f"{option} '{text}' is not understood; write the numbers of rows as 3,7") from None
