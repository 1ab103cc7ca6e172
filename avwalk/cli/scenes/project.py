"""``avwalk scenes new``, ``check``, ``auto``, ``pack`` and ``unpack``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.scenes.options import MediaDir, MetaDir, Name, Sequence, Settings, Track, loaded
from avwalk.cli.terminal import echo, echo_error

if TYPE_CHECKING:
    from avwalk.scenes.archive.pack import Packed
    from avwalk.scenes.archive.unpack import Unpacked
    from avwalk.scenes.project.project import Project


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(new)
    app.command()(check)
    app.command()(auto)
    app.command()(pack)
    app.command()(unpack)


def new(
    song: Path = typer.Argument(..., metavar="SONGFILE", help="Any audio file, or a video with sound."),
    name: str = typer.Option(None, "--name", metavar="NAME", help="default the file's, without its ending"),
    empty: bool = typer.Option(False, "--empty", help="no example in it: tables with their columns alone"),
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """Lay out a project for a song: prompts, seeds, settings, a sequence. Nothing is overwritten."""
    from avwalk.cli.progress import say
    from avwalk.scenes.project.create import new_project

    laid = new_project(song, name, meta_dir=meta_dir, media_dir=media_dir, empty=empty)
    for file in laid.wrote:
        echo(str(file))
    for file in laid.changed:
        say(f"{file} was there, with changes of yours: it stays as it is")
    for file in laid.unchanged:
        say(f"{file} was there, unchanged since it was laid out")
    if not laid.wrote:
        say(f"nothing is new in project '{laid.name}'")
    say(f"pictures and films will be in {laid.media}")
    if laid.example:
        say(f"prompts and scenes in it are an example, not of your song: change them in {laid.meta}")
        say("(`avwalk scenes new --empty` lays out tables without rows)")
        say(f"next: `avwalk scenes build {_word(laid.name)}` makes the film")
    elif empty and laid.wrote:
        word = _word(laid.name)
        say(f'next: `avwalk explore --project {word} --prompt "TEXT" --name NAME` shows seeds, --keep keeps some;')
        say(f"then `avwalk scenes auto {word}` writes a sequence of them")
    else:
        say(f"next: `avwalk scenes build {_word(laid.name)}` makes the film; change {laid.meta} as you like")


def check(
    songs: list[str] = typer.Argument(None, metavar="[SONG]...", help="Names or song files; default every project."),
    sequence: str = typer.Option(None, "--sequence", "--ss", metavar="X", help="only this one; default all there are"),
    settings: Settings = "default",
    track: Track = None,
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """Every problem of a project's files, all at once; exit code 1 if there is any."""
    from avwalk.cli.progress import say
    from avwalk.errors import AvwalkError, ScenesError
    from avwalk.scenes.project.check import check_project
    from avwalk.scenes.project.places import meta_root, projects

    names = songs or projects(meta_root(meta_dir))
    if not names:
        raise ScenesError(f"no projects in '{meta_root(meta_dir)}'; `avwalk scenes new SONGFILE` makes one")
    bad = False
    for name in names:
        try:
            found = check_project(
                name, sequence=sequence, profile=settings, meta_dir=meta_dir, media_dir=media_dir, track=track
            )
        except AvwalkError as error:
            bad = True
            echo_error(error)
            continue
        for note in dict.fromkeys(note for project in found for note in project.notes):
            say(f"note: {note}")
        first = found[0]
        pictures = {node for scene in first.scenes for node in first.members(scene)}
        parts = [_count(len(first.definitions), "prompt"), _count(len(pictures), "picture")]
        parts += [_sequence(p.sequence_name, len(p.sequence)) for p in found if p.sequence]
        missing = "" if first.sequence else "; no sequence yet: `avwalk scenes auto` writes one"
        echo(f"{first.name}: fine, {', '.join(parts)}{missing}")
    if bad:
        raise typer.Exit(1)


def auto(
    song: Name,
    sequence: Sequence = "",
    force: bool = typer.Option(False, "--force", help="replace a sequence that is there"),
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """A sequence of one scene per prompt, in the order of the prompts, then one per folder filled by hand."""
    from avwalk.scenes.project.create import auto_sequence

    project = loaded(song, sequence=None, meta_dir=meta_dir, media_dir=media_dir)
    echo(str(auto_sequence(project, sequence, force=force)))


def pack(
    song: Name,
    out: Path = typer.Option(None, "--out", "-o", metavar="FILE.zip", help="default SONG.scenes.zip"),
    frames: bool = typer.Option(False, "--frames", help="frames of transitions too: for the way back"),
    sequence: Sequence = "",
    settings: Settings = "default",
    force: bool = typer.Option(False, "--force", help="replace an archive that is there"),
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """A project and its missing work in one archive for a rented machine; with --frames for the way back."""
    from avwalk.cli.progress import say
    from avwalk.scenes.archive import pack

    project = loaded(song, sequence=sequence, settings=settings, meta_dir=meta_dir, media_dir=media_dir)
    path = out or Path(f"{project.name}.{'frames' if frames else 'scenes'}.zip")
    with _progress() as progress:
        done = pack.pack(project, path, frames=frames, force=force, on_event=progress)
    for file in done.left_out:
        say(f"note: left out '{file}': its name is not legal everywhere, or it is not whole")
    echo(f"{done.path}: {_count(done.files, 'file')}, {done.size / 1e6:.1f} MB")
    for line in _after_packing(project, done, frames):
        say(line)


def unpack(
    archive: Path = typer.Argument(..., metavar="FILE.zip", help="Written by `avwalk scenes pack`."),
    merge: bool = typer.Option(False, "--merge", help="add what is missing to a project that is there"),
    theirs: bool = typer.Option(False, "--theirs", help="replace files that differ; yours are kept as .bak"),
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """What came in an archive, checked by its checksums; what is there and equal is skipped, what differs is told."""
    from avwalk.cli.progress import say
    from avwalk.scenes.archive import unpack

    with _progress() as progress:
        done = unpack.unpack(
            archive, merge=merge, theirs=theirs, meta_dir=meta_dir, media_dir=media_dir, on_event=progress
        )
    for file in done.different:
        say(f"differs: '{file}' is as it was; --theirs takes that of the archive")
    for file, yours in done.replaced.items():
        say(f"replaced: '{file}'; yours is '{yours}'")
    for entry in done.damaged:
        say(f"avwalk: damaged in '{archive}': '{entry}'; pack or fetch it again")
    for line in done.taken_out:
        say(f"note: {line}")
    new = f"{_count(len(done.wrote), 'new file')}, {done.same} there already"
    echo(f"{done.name}: {new}, {len(done.different) + len(done.replaced)} different, {len(done.damaged)} damaged")
    for line in _after_unpacking(done):
        say(line)
    if done.damaged:
        raise typer.Exit(1)


def _after_packing(project: Project, done: Packed, frames: bool) -> list[str]:
    """What is left to be drawn, and who does what next."""
    if frames:
        return [f"next, at home: `avwalk scenes unpack {done.path.name} --merge`"]
    pictures, hops, planned = len(done.work.pictures), len(done.work.hops), done.work.planned
    ways = _count(hops, "transition") if planned else f"transitions as {project.command_line('plan')} will say"
    if planned and not pictures and not hops:
        return [f"nothing is left to be drawn, here or elsewhere; next: {project.command_line('assemble')}"]
    there = [f"`avwalk scenes unpack {done.path.name}`"]
    there += [project.command_line("images")] if pictures else []
    there += [] if planned else [project.command_line("plan")]
    there += [project.command_line("transitions")] if hops or not planned else []
    there += [project.command_line("pack").replace("`avwalk scenes pack", "`avwalk scenes pack --frames")]
    return [
        *(
            f"note: {n} of the {_count(hops, 'transition')} {'is' if n == 1 else 'are'} whole with --settings {other}; "
            f"settings '{project.profile.name}' ask for more"
            for other, n in done.work.whole_with.items()
        ),
        f"still to be drawn: {_count(pictures, 'picture')}, {ways}",
        f"next, on the other machine: {', '.join(there)}",
    ]


def _after_unpacking(done: Unpacked) -> list[str]:
    """What the one who packed it had still to draw, and what to do about it."""
    name = _word(done.name)
    of = f" --sequence {done.sequence}" if done.sequence else ""
    if not (done.pictures or done.transitions):
        if done.planned:
            return [f"nothing was left to be drawn when it was packed; next: `avwalk scenes assemble {name}{of}`"]
        return [f"it has no plan; next: `avwalk scenes plan {name}{of}`"]
    steps = [f"`avwalk scenes images {name}`"] if done.pictures else []
    steps += [f"`avwalk scenes plan {name}{of}`"] if not done.planned else []
    steps += [f"`avwalk scenes transitions {name}{of}`"] if done.transitions or not done.planned else []
    missing = f"{_count(done.pictures, 'picture')} and {_count(done.transitions, 'transition')}"
    return [f"{missing} were missing when it was packed; next: {', '.join(steps)}"]


@contextmanager
def _progress() -> Iterator[Callable[[Any], None]]:
    """A bar of files on a terminal, else a line every ten seconds."""
    from avwalk.cli.progress import LINE_SECONDS, can_animate, say

    if can_animate():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("files", total=None)
            yield lambda event: bar.update(task, completed=event["done"], total=event["total"])
        return
    last = time.monotonic()

    def line(event: Any) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            say(f"{event['done']}/{event['total']} files")

    yield line


def _word(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'s' * (n != 1)}"


def _sequence(name: str, n: int) -> str:
    return f"sequence{f' {name}' if name else ''} of {_count(n, 'scene')}"
