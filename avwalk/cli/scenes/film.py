"""``avwalk scenes assemble`` and ``build``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from typing import Any

import typer

from avwalk.cli.help import GroupedCommand
from avwalk.cli.options import with_options
from avwalk.cli.progress import Bar, reporter, say
from avwalk.cli.scenes.options import (
    AsJson,
    Device,
    Generator,
    MediaDir,
    MetaDir,
    Name,
    Quiet,
    Sequence,
    Settings,
    loaded,
)
from avwalk.config.film_options import FilmOptions
from avwalk.runners.interrupts import interruptible


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command(cls=GroupedCommand)(with_options(FilmOptions, into="given")(assemble))
    app.command(cls=GroupedCommand)(with_options(FilmOptions, into="given", without=("stories",))(build))


def assemble(
    song: Name,
    given: dict[str, Any],
    smooth: str = typer.Option(None, metavar="FPS", help="another film at this rate, by motion interpolation"),
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """The film with its song, whole and by section, from the frames that are there."""
    from avwalk.clock import parse_fps
    from avwalk.scenes.film.assemble import assemble as assemble_film
    from avwalk.scenes.film.assembly import film_options, song_of

    options = film_options(given)
    folders = {"meta_dir": meta_dir, "media_dir": media_dir}
    project = loaded(song, sequence=sequence, settings=settings, **folders, quiet=quiet or as_json)
    file = song_of(project, song)
    if smooth:
        from avwalk.scenes.film import motion_interpolation as more

        parse_fps(smooth)
        more.check()
    watched(lambda report: assemble_film(project, file, options, report), as_json=as_json, quiet=quiet)
    if smooth:
        watched(lambda report: more.smooth(project, file, options, smooth, report), as_json=as_json, quiet=quiet)


def build(
    song: Name,
    given: dict[str, Any],
    seed: int = typer.Option(0, "--seed", min=0, metavar="N", help="of the path"),
    generator: Generator = None,
    device: Device = "auto",
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Pictures, path, transitions and film in one go. It stops at the first failure; called again, it goes on."""
    from avwalk.scenes.film.assembly import film_options
    from avwalk.scenes.film.build import Places
    from avwalk.scenes.film.build import build as build_film

    options = film_options(given)
    places = Places(song, sequence, settings, meta_dir, media_dir)
    watched(
        lambda report: build_film(places, options, seed=seed, generator=generator, device=device, on_event=report),
        as_json=as_json,
        quiet=quiet,
    )


def watched(work: Callable[[Callable[[Any], None]], Any], *, as_json: bool, quiet: bool) -> None:
    """Does something with progress; on Ctrl-C or a polite kill says how to go on."""
    report = reporter(as_json=as_json, quiet=quiet)

    def watch(event: Any) -> None:
        if event["event"] == "step" and not as_json:
            if isinstance(report, Bar):
                report.close()  # the next step counts anew
            if not quiet:
                say(f"[{event['done'] + 1}/{event['total']}] {event['name']}")
            return
        report(event)

    with interruptible():
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
