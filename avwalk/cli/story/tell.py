"""``avwalk story tell``, or ``avwalk story FILE``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import typer

from avwalk.cli.help import GroupedCommand
from avwalk.cli.options import with_options
from avwalk.cli.progress import Bar, clock_text, reporter, say
from avwalk.cli.terminal import echo, echo_error, json_text
from avwalk.config.story_options import StoryOptions
from avwalk.runners.interrupts import interruptible


def add(app: typer.Typer) -> None:
    """Adds the command to the group."""
    app.command(cls=GroupedCommand)(with_options(StoryOptions, into="given")(tell))


def tell(
    files: list[str] = typer.Argument(None, metavar="FILE...", help="Stories (.txt, .md, .epub), or folders of some."),
    *,
    given: dict[str, Any],
    forget: bool = typer.Option(
        False, "--forget", help="take no options from the story's folder, as it was told before"
    ),
    estimate: bool = typer.Option(False, "--estimate", help="say what it will take and cost, and make nothing"),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object per event, on stdout"),
) -> None:
    """Tell a story: storylets, a picture each, a voice, a film. Called again, it makes what is missing."""
    from avwalk.errors import AvwalkError, OptionError

    if not files:
        raise OptionError("no story is given; name a file: avwalk story tale.txt")
    if len(files) > 1 and given.get("out"):
        raise OptionError(f"--out is the folder of one story, and {len(files)} are given; leave it away")
    _check_first(Path(files[0]))
    failed = 0
    for name in files:
        try:
            _tell(Path(name), given, Call(forget, estimate, quiet, as_json))
        except AvwalkError as error:
            if len(files) == 1:
                raise
            failed += 1
            echo_error(type(error)(f"avwalk: {name}: {error}"))
    if failed:
        say(f"{failed} of {len(files)} stories failed; the same command makes what is missing")
        raise typer.Exit(1)


class Call(NamedTuple):
    """What is asked for beside the options of the story, see `tell`."""

    forget: bool
    estimate: bool
    quiet: bool
    as_json: bool


def _tell(path: Path, given: Mapping[str, Any], call: Call) -> None:
    from avwalk.errors import StoryError
    from avwalk.story.build import estimate_story, folder_of, tell_story
    from avwalk.story.folder import StoryFolder, continued, story_options

    file = None if path.is_dir() else path
    folder = StoryFolder(path) if file is None else folder_of(file, story_options(given))
    if file is None:
        folder.load()  # there must be one
    values, lines = (dict(given), []) if call.forget else continued(folder, given)
    for line in () if call.quiet or call.as_json else lines:
        say(line)
    options = story_options({**values, "out": str(folder.path)})
    if call.estimate:
        if file is None:
            raise StoryError("--estimate looks at a story's file; give that")
        found = estimate_story(file, options)
        echo(json_text(found) if call.as_json else found["line"])
        return
    watched(lambda report: tell_story(file, options, report), as_json=call.as_json, quiet=call.quiet)


def _check_first(path: Path) -> None:
    """What stands where a command may stand is a story that is there, or a command was meant.

    Raises:
        StoryError: it is neither.
    """
    from avwalk.errors import StoryError, did_you_mean
    from avwalk.files.names import as_there

    if not as_there(path).exists():
        near = did_you_mean(path.name, ("redo", "edit", "board", "export", "like", "dislike", "note", "tell"))
        raise StoryError(f"'{path}' is neither a story that is there nor a command of avwalk story{near}")


def watched(work: Callable[[Callable[[Any], None]], Any], *, as_json: bool, quiet: bool) -> None:
    """Does something with progress; on Ctrl-C or a polite kill says how to go on."""
    report = reporter(as_json=as_json, quiet=quiet)

    def watch(event: Any) -> None:
        if as_json or quiet or event["event"] in ("warning", "progress"):
            report(event)
        elif text := _sentence(event):
            if isinstance(report, Bar):
                report.close()
            say(text)

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


def _sentence(event: Mapping[str, Any]) -> str:
    """What is said of an event of a story; empty: nothing."""
    kind = event["event"]
    if kind == "step" and event["name"] == "pictures" and event["done"] == event["total"]:
        return f"pictures: all {event['total']} are there"
    if kind == "step":
        return {"pictures": "", "sound": "sound: narrating and mixing", "film": ""}[event["name"]]
    if kind == "picture" and not event["error"]:
        return (
            f"picture {event['number']} ({event['done']}/{event['total']}): {event['file']}, {event['seconds']:.1f} s"
        )
    if kind == "plan":
        there = f", {event['resumed_frames']} are there already" if event["resumed_frames"] else ""
        return f"film: {event['n_frames']} frames in {event['n_segments']} pieces{there}"
    if kind != "done":
        return ""
    out = Path(event["out"]).absolute()
    failed = f"; failed pictures: {', '.join(map(str, event['failed']))}" if event["failed"] else ""
    told = f"{event['storylets']} storylet{'s' * (event['storylets'] != 1)}"
    return (
        f"done in {clock_text(event['wall_s'])}: {told}, {out}\n"
        f"page: {(Path(event['folder']) / 'index.html').absolute()}{failed}"
    )
