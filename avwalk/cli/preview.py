"""``avwalk preview SONG``."""

from __future__ import annotations

import typer

from avwalk.cli.model_command import ModelCommand, given
from avwalk.cli.progress import reporter

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(cls=ModelCommand)
def preview(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    at: str = typer.Option(
        "drop",
        "--at",
        metavar="SPOTS",
        help="where, divided by commas: drop, loudest, quietest, section:2, bar:17, 1:05",
    ),
    seconds: float = typer.Option(6.0, "--seconds", metavar="S", help="length of each spot"),
    frames: int = typer.Option(24, "--frames", metavar="N", help="pictures on the contact sheet"),
    preset: str = typer.Option(None, "--preset", "-p", metavar="NAME|FILE"),
    out: str = typer.Option(None, "--out", "-o", metavar="FOLDER", help="where it goes; default the current folder"),
    generator: str = typer.Option(None, metavar="auto|cppn|biggan|sd|testcard"),
    model: str = typer.Option(None, metavar="NAME|DIR"),
    device: str = typer.Option(None, metavar="auto|cpu|cuda|mps"),
    size: str = typer.Option("480x270", metavar="WxH", help="small is quick"),
    fps: str = typer.Option(None, metavar="FPS"),
    seed: int = typer.Option(None, metavar="N"),
    set_: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="overrules the preset: camera.zoom=1.2"),
    stem: list[str] = typer.Option([], "--stem", metavar="NAME=FILE"),
    text: str = typer.Option(None, metavar="none|card|credit|both"),
    title: str = typer.Option(None, metavar="TEXT"),
    artist: str = typer.Option(None, metavar="TEXT"),
    explain: bool = typer.Option(False, "--explain"),
    bpm: float = typer.Option(None, metavar="X"),
    first_beat: str = typer.Option(None, metavar="TIME"),
    cues: str = typer.Option(None, metavar="FILE"),
    no_cues: bool = typer.Option(False, "--no-cues"),
    force: bool = typer.Option(False, "--force", help="replace files that are there"),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
) -> None:
    """Seconds of it, small, and a contact sheet of the whole song: same plan, same look."""
    from avwalk.explore.preview import preview as make

    options = {
        "preset": preset, "generator": generator, "model": model, "size": size, "fps": fps, "seed": seed,
        "set": set_, "bpm": bpm, "first_beat": first_beat, "cues": cues, "no_cues": no_cues or None,
        "force": force or None, "device": device, "stem": stem, "explain": explain or None,
        "text": text, "title": title, "artist": artist,
    }  # fmt: skip
    made = make(
        song,
        at.split(","),
        seconds=seconds,
        pictures=frames,
        folder=out,
        on_event=reporter(as_json=False, quiet=quiet),
        **given(options),
    )
    for path in made:
        typer.echo(str(path))
