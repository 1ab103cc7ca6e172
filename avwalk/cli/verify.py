"""``avwalk verify VIDEO [SONG]``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from avwalk.cli.options import with_options
from avwalk.cli.progress import sync_text
from avwalk.config.options import RenderOptions

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@with_options(RenderOptions, only=("track",))
def verify(
    video: str = typer.Argument(..., metavar="VIDEO", help="The film to check."),
    song: str = typer.Argument(None, metavar="[SONG]", help="The song it should sound like and move with."),
    *,
    options: dict[str, Any],
    as_json: bool = typer.Option(False, "--json", help="the result as one JSON object"),
) -> None:
    """Check a video: frames, lengths, sound, sync."""
    from avwalk.rendering.finish import check_film
    from avwalk.request.parse import parse_options

    result = check_film(Path(video), Path(song) if song else None, parse_options(options).track)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        _print(result, bool(song))
    if not result["ok"]:
        raise typer.Exit(1)


def _print(result: dict[str, Any], against_song: bool) -> None:
    typer.echo("fine" if result["ok"] else "not fine")
    for problem in result["problems"]:
        typer.echo(f"problem   {problem}")
    typer.echo(f"picture   {result['n_frames']} frames at {result['fps']} fps, {_seconds(result['duration'])}")
    typer.echo(f"sound     {_seconds(result['audio_duration'])}")
    if not against_song:
        typer.echo("song      not compared; give it as the second argument")
        return
    if result["audio_lag_ms"] is not None:
        typer.echo(f"song      {result['audio_lag_ms']:+.1f} ms from where it belongs")
    if result["lag_frames"] is None:
        typer.echo("sync      too few hits to tell")
    else:
        typer.echo(f"sync      {sync_text(result)}; brightness alone r = {result['luma_pump']:.2f}")


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f} s"
