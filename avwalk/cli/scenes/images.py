"""``avwalk scenes images`` and ``transitions``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avwalk.cli.progress import say
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
from avwalk.cli.terminal import echo

if TYPE_CHECKING:
    from avwalk.scenes.nodes import Edge
    from avwalk.scenes.project.project import Project

Fresh = Annotated[bool, typer.Option("--fresh", help="draw anew what is there")]


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(images)
    app.command()(transitions)


def images(
    song: Name,
    name: list[str] = typer.Option([], "--name", metavar="PROMPT", help="only this prompt; may be given again"),
    settings: Settings = "default",
    generator: Generator = None,
    device: Device = "auto",
    fresh: Fresh = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """A picture of every prompt with every seed that was kept; what is there and whole stays."""
    from avwalk.scenes.draw import images as pictures
    from avwalk.scenes.draw.choose import artist_of
    from avwalk.scenes.graph.graph import counted

    folders = {"meta_dir": meta_dir, "media_dir": media_dir}
    project = loaded(song, sequence=None, settings=settings, **folders, quiet=quiet or as_json)
    artist = artist_of(project, generator=generator, device=device)
    tell = Reporter(quiet, as_json)
    with tell:
        drawn = pictures.draw(project, name or None, tell, artist=artist, fresh=fresh)
    said = f"{counted(drawn, 'picture')} drawn in {project.prompt_images}"
    if not drawn:
        said = f"nothing to draw: every picture is there and whole, in {project.prompt_images}"
    tell.done({"drawn": drawn, "out": str(project.prompt_images)}, said)


def transitions(
    song: Name,
    edge: list[str] = typer.Option(
        [], "--edge", metavar="'A-1 to B-2'", help="this one instead of those of the plan; may be given again"
    ),
    steps: int = typer.Option(
        None, "--steps", metavar="N", help="frames of each, at least [default: interpolation_steps of the settings]"
    ),
    settings: Settings = "default",
    sequence: Sequence = "",
    generator: Generator = None,
    device: Device = "auto",
    fresh: Fresh = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """The frames of every way of the plan; what is there and whole stays. Killed, it goes on where it was."""
    from avwalk.errors import OptionError
    from avwalk.scenes.draw import transitions as ways
    from avwalk.scenes.draw.choose import artist_of
    from avwalk.scenes.graph.graph import counted

    if steps is not None and not 2 <= steps <= ways.SCALE + 1:
        raise OptionError(f"--steps {steps} is out of range; give 2 to {ways.SCALE + 1}")
    folders = {"meta_dir": meta_dir, "media_dir": media_dir}
    project = loaded(song, sequence=sequence or None, settings=settings, **folders, quiet=quiet or as_json)
    edges = [_edge(project, text) for text in edge] or _planned(project)
    artist = artist_of(project, generator=generator, device=device)
    tell = Reporter(quiet, as_json)
    with tell:
        drawn = ways.draw(project, edges, steps, tell, artist=artist, fresh=fresh)
    whole = f"{counted(len(edges), 'transition')} {'is' if len(edges) == 1 else 'are'} whole"
    said = f"{counted(drawn, 'frame')} drawn; {whole} in {project.transition_images}"
    if not drawn:
        said = f"nothing to draw: {whole} in {project.transition_images}; next: {project.command_line('assemble')}"
    tell.done({"drawn": drawn, "transitions": len(edges), "out": str(project.transition_images)}, said)


def _edge(project: Project, text: str) -> Edge:
    """A way by the names of its ends."""
    from avwalk.errors import OptionError
    from avwalk.scenes.nodes import Edge

    a, to, b = text.partition(" to ")
    if not to:
        raise OptionError(f"--edge '{text}' names no transition; write 'a-1 to b-2'")
    return Edge(project.find(a), project.find(b))


def _planned(project: Project) -> list[Edge]:
    """The ways of the plan that have frames."""
    from avwalk.errors import ScenesError
    from avwalk.scenes.graph.path_csv import read_path
    from avwalk.scenes.graph.path_store import plan_of

    table = plan_of(project)
    if table is None:
        raise ScenesError(f"no plan in '{project.story_dir}': {project.command_line('plan')} makes one")
    return list(dict.fromkeys(hop.stored_edge.sorted for hop in read_path(table) if not hop.transition))


class Reporter:
    """Passes events on to the bar, lines or JSON, and says the last word."""

    def __init__(self, quiet: bool, as_json: bool) -> None:
        from avwalk.cli.progress import reporter

        self._quiet, self._json, self._report = quiet, as_json, reporter(as_json=as_json, quiet=quiet)

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Shows an event."""
        self._report(event)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Closes the bar; where it was stopped, says how to go on."""
        if hasattr(self._report, "close"):
            self._report.close()
        if kind is KeyboardInterrupt:
            say("stopped; what is drawn is kept. To go on:\n  " + shlex.join(["avwalk", *sys.argv[1:]]))

    def done(self, result: Mapping[str, Any], text: str) -> None:
        """Says what was done."""
        if self._json:
            self._report({"event": "done", **result})
        elif not self._quiet:
            echo(text)
