"""``avwalk scenes assemble`` and ``build``."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from avwalk.cli.console import Bar, reporter, say
from avwalk.cli.help import FilmCommand, given
from avwalk.cli.scenes_options import MediaDir, MetaDir, Name, Sequence, Settings

Text = str | None
Whole = int | None
Number = float | None
Yes = Annotated[bool, typer.Option("--force", help="replace another film of this name")]
Stories = Annotated[
    list[str] | None,
    typer.Option("--story", metavar="NAME|FILE", help="path of an earlier film, or a table; repeated: one by one"),
]
Generator = Annotated[
    str | None, typer.Option(metavar="auto|cppn|biggan|sd", help="of all prompts, whatever the project says")
]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="what is drawn on")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="only problems")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object per event, on stdout")]


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command(cls=FilmCommand)(assemble)
    app.command(cls=FilmCommand)(build)


def assemble(
    song: Name,
    out: Text = typer.Option(None, "--out", "-o", metavar="NAME"),
    story: Stories = None,
    fps: Text = typer.Option(None, metavar="FPS"),
    size: Text = typer.Option(None, metavar="WxH"),
    fit: Text = typer.Option(None, metavar="crop|mirror|blur"),
    arrive: Text = typer.Option(None, metavar="auto|bars|beats|given"),
    pace: Text = typer.Option(None, metavar="flow|even|rest"),
    text: Text = typer.Option(None, metavar="none|card|credit|both"),
    title: Text = typer.Option(None, metavar="TEXT"),
    artist: Text = typer.Option(None, metavar="TEXT"),
    profile: Text = typer.Option(None, metavar="youtube|vertical|square|master|vj"),
    bpm: Number = typer.Option(None, metavar="X"),
    first_beat: Text = typer.Option(None, metavar="TIME"),
    workers: Whole = typer.Option(None, metavar="N"),
    smooth: Text = typer.Option(None, metavar="FPS", help="another film at this rate, by motion interpolation"),
    force: Yes = False,
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """The film with its song, whole and by section, from the frames that are there."""
    from avwalk.clock import parse_fps
    from avwalk.scenes.assemble import assemble as assemble_film
    from avwalk.scenes.film import film_options, song_of
    from avwalk.scenes.project import load_project

    options = film_options(given({
        "out": out, "stories": story, "fps": fps, "size": size, "fit": fit, "arrive": arrive, "pace": pace,
        "text": text, "title": title, "artist": artist, "profile": profile, "bpm": bpm,
        "first_beat": first_beat, "workers": workers,
        "force": force or None,
    }))  # fmt: skip
    project = load_project(song, sequence=sequence, profile=settings, meta_dir=meta_dir, media_dir=media_dir)
    file = song_of(project, song)
    if smooth:
        from avwalk.scenes import smooth as more

        parse_fps(smooth)
        more.check()
    watched(lambda report: assemble_film(project, file, options, report), as_json=as_json, quiet=quiet)
    if smooth:
        watched(lambda report: more.smooth(project, file, options, smooth, report), as_json=as_json, quiet=quiet)


def build(
    song: Name,
    seed: int = typer.Option(0, "--seed", min=0, metavar="N", help="of the path"),
    generator: Generator = None,
    device: Device = "auto",
    out: Text = typer.Option(None, "--out", "-o", metavar="NAME"),
    fps: Text = typer.Option(None, metavar="FPS"),
    size: Text = typer.Option(None, metavar="WxH"),
    fit: Text = typer.Option(None, metavar="crop|mirror|blur"),
    arrive: Text = typer.Option(None, metavar="auto|bars|beats|given"),
    pace: Text = typer.Option(None, metavar="flow|even|rest"),
    text: Text = typer.Option(None, metavar="none|card|credit|both"),
    title: Text = typer.Option(None, metavar="TEXT"),
    artist: Text = typer.Option(None, metavar="TEXT"),
    profile: Text = typer.Option(None, metavar="youtube|vertical|square|master|vj"),
    bpm: Number = typer.Option(None, metavar="X"),
    first_beat: Text = typer.Option(None, metavar="TIME"),
    workers: Whole = typer.Option(None, metavar="N"),
    force: Yes = False,
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Pictures, path, transitions and film in one go. It stops at the first failure; called again, it goes on."""
    from avwalk.scenes.build import Places
    from avwalk.scenes.build import build as build_film
    from avwalk.scenes.film import film_options

    options = film_options(given({
        "out": out, "fps": fps, "size": size, "fit": fit, "arrive": arrive, "pace": pace,
        "text": text, "title": title, "artist": artist, "profile": profile, "bpm": bpm,
        "first_beat": first_beat, "workers": workers,
        "force": force or None,
    }))  # fmt: skip
    places = Places(song, sequence, settings, meta_dir, media_dir)
    watched(
        lambda report: build_film(places, options, seed=seed, generator=generator, device=device, on_event=report),
        as_json=as_json,
        quiet=quiet,
    )


def watched(work: Callable[[Callable[[Any], None]], Any], *, as_json: bool, quiet: bool) -> None:
    """Does something with progress; on Ctrl-C or a polite kill says how to go on."""
    report = reporter(as_json=as_json, quiet=quiet)
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)

    def watch(event: Any) -> None:
        if event["event"] == "step" and not as_json:
            if isinstance(report, Bar):
                report.close()  # the next step counts anew
            if not quiet:
                say(f"[{event['done'] + 1}/{event['total']}] {event['name']}")
            return
        report(event)

    try:
        work(watch)
    except KeyboardInterrupt:
        if isinstance(report, Bar):
            report.close()
        say("stopped; what is finished is kept. To go on:\n  " + shlex.join(["avwalk", *sys.argv[1:]]))
        raise
    finally:
        if isinstance(report, Bar):
            report.close()
        signal.signal(signal.SIGTERM, previous)
