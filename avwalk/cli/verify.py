"""``avwalk verify VIDEO [SONG]``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from avwalk.cli.options import with_options
from avwalk.cli.progress import sync_text
from avwalk.cli.terminal import echo, json_text
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
        echo(json_text(result))
    else:
        _print(result, bool(song))
    if not result["ok"]:
        raise typer.Exit(1)


def _print(result: dict[str, Any], against_song: bool) -> None:
    echo("fine" if result["ok"] else "not fine")
    for problem in result["problems"]:
        echo(f"problem   {problem}")
    echo(f"picture   {result['n_frames']} frames at {result['fps']} fps, {_seconds(result['duration'])}")
    echo(f"sound     {_seconds(result['audio_duration'])}")
    if not against_song:
        echo("song      not compared; give it as the second argument")
        return
    if result["audio_lag_ms"] is not None:
        echo(f"song      {result['audio_lag_ms']:+.1f} ms from where it belongs")
    if result["lag_frames"] is None:
        echo("sync      too few hits to tell")
    else:
        echo(f"sync      {sync_text(result)}; brightness alone r = {result['luma_pump']:.2f}")
    if found := result["salience"]:
        echo(f"hits      {salience_text(found)}")
    for start, end in result["empty"] or ():
        echo(f"empty     {start:.1f}–{end:.1f} s: nearly no contrast or light, though the song is loud")


def salience_text(measured: Mapping[str, Any]) -> str:
    """What hits make of the picture, for people."""
    rest = "at other times" if measured["shifted"] else "at rest"
    return (
        f"{measured['busiest']:.1f} times the change {rest} in the busiest ninth, {measured['busiest_levels']:.1f} "
        f"levels a frame; {measured['whole']:.1f} times in the whole picture, {measured['levels']:.1f} levels"
    )


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f} s"
