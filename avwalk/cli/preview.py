"""``avwalk preview SONG``."""

from __future__ import annotations

from typing import Any

import typer

from avwalk.cli.help import GroupedCommand
from avwalk.cli.options import with_options
from avwalk.cli.progress import reporter
from avwalk.cli.terminal import echo
from avwalk.config.options import RenderOptions

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(cls=GroupedCommand)
@with_options(
    RenderOptions,
    groups=("Look", "Time", "Text", "Models"),
    also=("fps", "force", "workers"),
    without=("start", "duration", "loop"),
)
def preview(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    *,
    at: str = typer.Option(
        "drop",
        "--at",
        metavar="SPOTS",
        help="where, divided by commas: drop, loudest, quietest, section:2, bar:17, 1:05",
        rich_help_panel="Time",
    ),
    seconds: float = typer.Option(6.0, "--seconds", metavar="S", help="length of each spot", rich_help_panel="Time"),
    frames: int = typer.Option(
        24, "--frames", metavar="N", help="pictures on the contact sheet", rich_help_panel="Output"
    ),
    out: str = typer.Option(
        None,
        "--out",
        "-o",
        metavar="FOLDER",
        help="where it goes; default the current folder",
        rich_help_panel="Output",
    ),
    size: str = typer.Option("480x270", metavar="WxH", help="small is quick", rich_help_panel="Output"),
    options: dict[str, Any],
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
) -> None:
    """Seconds of it, small, and a contact sheet of the whole song: same plan, same look."""
    from avwalk.explore.preview import preview as make

    report = reporter(as_json=False, quiet=quiet)
    made = make(
        song, at.split(","), seconds=seconds, pictures=frames, folder=out, on_event=report, size=size, **options
    )
    for path in made:
        echo(str(path))
