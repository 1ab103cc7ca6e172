"""``avwalk render SONG``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from avwalk.cli.help import RUNNING, GroupedCommand
from avwalk.cli.options import with_options
from avwalk.cli.progress import Bar, reporter, say, stats_text
from avwalk.cli.terminal import echo
from avwalk.config.options import RenderOptions
from avwalk.runners.interrupts import interruptible

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(cls=GroupedCommand)
@with_options(RenderOptions)
def render(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    *,
    options: dict[str, Any],
    again: str = typer.Option(
        None,
        "--again",
        metavar="VIDEO",
        help="as a video made by avwalk was made: its preset, seed and all options that it stores",
        rich_help_panel=RUNNING,
    ),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
    verbose: bool = typer.Option(
        False, "--verbose", "-v", help="also how the picture follows the hits, flicker, limits"
    ),
    as_json: bool = typer.Option(False, "--json", help="one JSON object per event, on stdout"),
) -> None:
    """Render a song to a music video."""
    done = run(song, options, reporter(as_json=as_json, quiet=quiet, verbose=verbose), again=again)
    if options.get("estimate") and not as_json:
        echo(done["line"])
    elif options.get("stats") and not as_json:
        say(stats_text(done["stats"]))


def run(
    song: str, options: dict[str, Any], report: Callable[[Any], None], *, again: str | None = None
) -> dict[str, Any]:
    """Renders; on Ctrl-C, a polite kill or a closed terminal says how to go on; exit codes: 130, 143, 129."""
    from avwalk.pipeline import options_of
    from avwalk.pipeline import render as render_song

    seen: dict[str, Any] = {"kept": 0, "n_frames": 0, "out": ""}

    def watch(event: Any) -> None:
        if event["event"] == "segment":
            seen["kept"] += event["i1"] - event["i0"]
        elif event["event"] == "kept":
            seen["kept"] = event["n_frames"]
        elif event["event"] == "plan":
            seen.update(kept=event["resumed_frames"], n_frames=event["n_frames"])
        elif event["event"] == "resolved":
            seen["out"] = event["out"]
        report(event)

    with interruptible():
        try:
            if again:
                stored = options_of(Path(again))
                if "preset" in options:
                    stored.pop("preset_values")
                if "redo" in options:  # --seed is that of the part
                    stored.pop("seed")
                options = {**stored, **options}
            return render_song(song, on_event=watch, **options)
        except KeyboardInterrupt:
            if isinstance(report, Bar):
                report.close()
            say(f"stopped; {_left(seen)}. To go on:\n  " + shlex.join(["avwalk", *sys.argv[1:]]))
            raise
        finally:
            if isinstance(report, Bar):
                report.close()


def _left(seen: dict[str, Any]) -> str:
    """What an interrupted render leaves."""
    from avwalk.request.output import partial_name

    if not seen["out"]:
        return "nothing was begun yet"
    partial = partial_name(Path(seen["out"]))
    shown = f", {partial} shows how far it came" if partial.exists() else ""
    if not seen["kept"]:
        return f"no frame was kept yet{shown}"
    return f"what is drawn is kept, {seen['kept']} of {seen['n_frames']} frames{shown}"
