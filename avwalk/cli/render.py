"""``avwalk render SONG``."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from avwalk.cli.model_command import ModelCommand, given
from avwalk.cli.progress import Bar, reporter, say

app = typer.Typer(rich_markup_mode=None, add_completion=False)

Text = str | None
Whole = int | None
Number = float | None


@app.command(cls=ModelCommand)
def render(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    preset: Text = typer.Option(None, "--preset", "-p", metavar="NAME|FILE"),
    out: Text = typer.Option(None, "--out", "-o", metavar="FILE"),
    generator: Text = typer.Option(None, metavar="auto|cppn|biggan|sd|testcard"),
    model: Text = typer.Option(None, metavar="NAME|DIR"),
    prompt: list[str] = typer.Option([], "--prompt", metavar="TEXT"),
    restyle: bool = typer.Option(None, "--restyle/--no-restyle"),
    restyle_model: Text = typer.Option(None, metavar="NAME|DIR"),
    source: Text = typer.Option(None, metavar="VIDEO|FOLDER"),
    keep_source: bool = typer.Option(False, "--keep-source"),
    side_by_side: bool = typer.Option(False, "--side-by-side"),
    device: Text = typer.Option(None, metavar="auto|cpu|cuda|mps"),
    compile: bool = typer.Option(False, "--compile"),
    size: Text = typer.Option(None, metavar="WxH"),
    fps: Text = typer.Option(None, metavar="FPS"),
    start: Text = typer.Option(None, metavar="TIME"),
    duration: Text = typer.Option(None, metavar="TIME"),
    seed: Whole = typer.Option(None, metavar="N"),
    set_: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="overrules the preset: camera.zoom=1.2"),
    profile: Text = typer.Option(None, metavar="youtube|vertical|square|master|vj"),
    bpm: Number = typer.Option(None, metavar="X"),
    first_beat: Text = typer.Option(None, metavar="TIME"),
    cues: Text = typer.Option(None, metavar="FILE"),
    no_cues: bool = typer.Option(False, "--no-cues"),
    av_offset_ms: Number = typer.Option(None, metavar="MS"),
    loop: Text = typer.Option(None, metavar="N_bars"),
    allow_flashes: bool = typer.Option(False, "--allow-flashes", help="do not hold flashes back to three a second"),
    audio: Text = typer.Option(None, metavar="auto|copy"),
    encoder: Text = typer.Option(None, metavar="NAME"),
    stem: list[str] = typer.Option([], "--stem", metavar="NAME=FILE"),
    title: Text = typer.Option(None, metavar="TEXT"),
    artist: Text = typer.Option(None, metavar="TEXT"),
    text: Text = typer.Option(None, metavar="none|card|credit|both"),
    estimate: bool = typer.Option(False, "--estimate"),
    price: Number = typer.Option(None, metavar="PER_HOUR"),
    poster: bool = typer.Option(False, "--poster"),
    explain: bool = typer.Option(False, "--explain"),
    passes: Text = typer.Option(None, metavar="NAME,NAME"),
    workers: Whole = typer.Option(None, metavar="N"),
    again: Text = typer.Option(None, "--again", metavar="VIDEO", help="the plan stored in a video made by avwalk"),
    fresh: bool = typer.Option(False, "--fresh", help="start anew, discard the work folder"),
    force: bool = typer.Option(False, "--force", help="replace a finished file"),
    no_metadata: bool = typer.Option(False, "--no-metadata", help="store nothing about the render in the video"),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object per event, on stdout"),
) -> None:
    """Render a song to a music video."""
    options = {
        "preset": preset, "out": out, "generator": generator, "model": model, "device": device, "size": size,
        "compile": compile or None,
        "prompt": prompt, "restyle": restyle, "restyle_model": restyle_model, "source": source,
        "keep_source": keep_source or None, "side_by_side": side_by_side or None,
        "fps": fps, "start": start, "duration": duration, "seed": seed, "set": set_, "profile": profile, "bpm": bpm,
        "first_beat": first_beat, "av_offset_ms": av_offset_ms, "audio": audio, "encoder": encoder, "workers": workers,
        "stem": stem, "explain": explain or None, "title": title, "artist": artist, "text": text,
        "passes": passes, "poster": poster or None, "estimate": estimate or None, "price": price,
        "allow_flashes": allow_flashes or None, "loop": loop,
        "cues": cues, "no_cues": no_cues or None,
        "fresh": fresh or None, "force": force or None, "metadata": False if no_metadata else None,
    }  # fmt: skip
    done = run(song, given(options), reporter(as_json=as_json, quiet=quiet), again=again)
    if estimate and not as_json:
        typer.echo(done["line"])


def run(
    song: str, options: dict[str, Any], report: Callable[[Any], None], *, again: str | None = None
) -> dict[str, Any]:
    """Renders; on Ctrl-C or a polite kill says how to go on and exits with 130."""
    from avwalk.pipeline import options_of
    from avwalk.pipeline import render as render_song

    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    seen: dict[str, Any] = {"kept": 0, "n_frames": 0, "out": ""}

    def watch(event: Any) -> None:
        if event["event"] == "segment":
            seen["kept"] += event["i1"] - event["i0"]
        elif event["event"] == "plan":
            seen.update(kept=event["resumed_frames"], n_frames=event["n_frames"])
        elif event["event"] == "resolved":
            seen["out"] = event["out"]
        report(event)

    try:
        if again:
            stored = options_of(Path(again))
            if "preset" in options:
                stored.pop("preset_values")
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
        signal.signal(signal.SIGTERM, previous)


def _left(seen: dict[str, Any]) -> str:
    """What an interrupted render leaves."""
    from avwalk.request.output import partial_name

    if not seen["out"]:
        return "nothing was begun yet"
    partial = partial_name(Path(seen["out"]))
    shown = f", {partial} shows how far it came" if partial.exists() else ""
    if not seen["kept"]:
        return f"no segment was finished yet{shown}"
    return f"the finished segments are kept, {seen['kept']} of {seen['n_frames']} frames{shown}"
