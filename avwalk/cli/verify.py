"""``avwalk verify VIDEO [SONG]``."""

from __future__ import annotations

import json
from pathlib import Path

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def verify(
    video: str = typer.Argument(..., metavar="VIDEO", help="The film to check."),
    song: str = typer.Argument(None, metavar="[SONG]", help="The song it should sound like and move with."),
    as_json: bool = typer.Option(False, "--json", help="the result as one JSON object"),
) -> None:
    """Check a video: frames, lengths, sound, sync."""
    from avwalk.finish import check_film

    result = check_film(Path(video), Path(song) if song else None)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        for name, value in result.items():
            if name != "problems":
                typer.echo(f"{name:<18} {value:.4g}" if isinstance(value, float) else f"{name:<18} {value}")
        for problem in result["problems"]:
            typer.echo(f"problem: {problem}")
    if not result["ok"]:
        raise typer.Exit(1)
