"""``avwalk scenes assemble`` and ``build``."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from avwalk.cli.console import Bar, reporter, say
from avwalk.cli.help import given
from avwalk.cli.scenes_options import MediaDir, MetaDir, Name, Sequence, Settings

Out = Annotated[str | None, typer.Option("--out", "-o", metavar="NAME", help="version, a folder in stories/ [film]")]
Stories = Annotated[
    list[str] | None,
    typer.Option("--story", metavar="NAME|FILE", help="path of an earlier film, or a table; repeated: one by one"),
]
Fps = Annotated[str | None, typer.Option("--fps", metavar="FPS", help="frames per second [30]")]
Size = Annotated[str | None, typer.Option("--size", metavar="WxH", help="of the film; default that of the frames")]
Fit = Annotated[str | None, typer.Option("--fit", metavar="crop|mirror|blur", help="frames of another shape [crop]")]
Arrive = Annotated[
    str | None, typer.Option("--arrive", metavar="auto|bars|beats|given", help="where pictures are reached [auto]")
]
Pace = Annotated[
    str | None, typer.Option("--pace", metavar="flow|even|rest", help="rest: stand still at each picture [flow]")
]
EncoderProfile = Annotated[
    str | None, typer.Option("--profile", metavar="youtube|vertical|square|master|vj", help="what the video is for")
]
Bpm = Annotated[float | None, typer.Option("--bpm", metavar="X", help="overrules the tempo found")]
Workers = Annotated[int | None, typer.Option("--workers", metavar="N", help="pieces made side by side [all cores]")]
Smooth = Annotated[
    str | None,
    typer.Option("--smooth", metavar="FPS", help="another film at this rate, by motion interpolation"),
]
Force = Annotated[bool, typer.Option("--force", help="replace another film of this name")]
Generator = Annotated[
    str | None, typer.Option(metavar="auto|cppn|biggan|sd", help="of all prompts, whatever the project says")
]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="what is drawn on")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="only problems")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object per event, on stdout")]


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(assemble)
    app.command()(build)


def assemble(
    song: Name,
    out: Out = None,
    story: Stories = None,
    fps: Fps = None,
    size: Size = None,
    fit: Fit = None,
    arrive: Arrive = None,
    pace: Pace = None,
    profile: EncoderProfile = None,
    bpm: Bpm = None,
    workers: Workers = None,
    smooth: Smooth = None,
    force: Force = False,
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """The film with its song, whole and by section, from the frames that are there."""
    from avwalk.clock import parse_fps
    from avwalk.scenes.assemble import FilmOptions, song_of
    from avwalk.scenes.assemble import assemble as assemble_film
    from avwalk.scenes.project import load_project

    options = FilmOptions(**given({
        "out": out, "stories": story, "fps": fps, "size": size, "fit": fit, "arrive": arrive, "pace": pace,
        "profile": profile, "bpm": bpm, "workers": workers, "force": force or None,
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
    out: Out = None,
    fps: Fps = None,
    size: Size = None,
    fit: Fit = None,
    arrive: Arrive = None,
    pace: Pace = None,
    profile: EncoderProfile = None,
    bpm: Bpm = None,
    workers: Workers = None,
    force: Force = False,
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Pictures, path, transitions and film in one go. It stops at the first failure; called again, it goes on."""
    from avwalk.scenes.assemble import FilmOptions
    from avwalk.scenes.build import Places
    from avwalk.scenes.build import build as build_film

    options = FilmOptions(**given({
        "out": out, "fps": fps, "size": size, "fit": fit, "arrive": arrive, "pace": pace,
        "profile": profile, "bpm": bpm, "workers": workers, "force": force or None,
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
