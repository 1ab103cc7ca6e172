"""``avwalk scenes plan``, ``story``, ``inventory`` and ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from avwalk.cli.scenes.options import MediaDir, MetaDir, Name, Sequence, Settings, loaded
from avwalk.cli.terminal import echo

if TYPE_CHECKING:
    from avwalk.scenes.graph.graph import Graph
    from avwalk.scenes.graph.inventory import Inventory, TransitionCount
    from avwalk.scenes.graph.path_store import WrittenPath
    from avwalk.scenes.project.project import Project

MOST = 20  # lines of a list, before the rest is only counted


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (plan, story, inventory, report):
        app.command()(command)


def plan(
    song: Name,
    seed: int = typer.Option(0, "--seed", min=0, metavar="N", help="another path, where several are as good"),
    random: bool = typer.Option(False, "--random", help="chance alone, however much is to be rendered"),
    path: str = typer.Option(None, "--path", metavar="A-1,A-2,…", help="this path: pictures divided by commas"),
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """A path through the scenes that needs the fewest new transitions."""
    from avwalk.cli.progress import say
    from avwalk.errors import OptionError
    from avwalk.scenes.graph import plan_path
    from avwalk.scenes.graph.graph import counted
    from avwalk.scenes.graph.path_store import write_plan

    if path and random:
        raise OptionError("--path and --random: give one of them")
    project, graph = _loaded(song, sequence, settings, meta_dir, media_dir)
    if path:
        chosen = plan_path.path_through(graph, [project.find(word) for word in path.split(",") if word.strip()])
    else:
        chosen = plan_path.plan(graph, seed, thrifty=not random)
    for note in chosen.notes:
        say(f"note: {note}")
    told = write_plan(project, graph, chosen)
    begun = sum(graph.is_partial(edge) for edge in chosen.new)
    started = f" ({begun} of them begun)" if begun else ""
    say(f"{counted(len(chosen.hops), 'hop')}, {counted(len(chosen.new), 'transition')} to render{started}")
    _say_kept(told)
    echo(str(told.file))


def story(
    song: Name,
    seed: int = typer.Option(0, "--seed", min=0, metavar="N", help="another story"),
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """A new path of existing transitions only, some of them backwards."""
    from avwalk.cli.progress import say
    from avwalk.scenes.graph import story as stories
    from avwalk.scenes.graph.graph import counted
    from avwalk.scenes.graph.path_store import write_story

    project, graph = _loaded(song, sequence, settings, meta_dir, media_dir)
    chosen = stories.story(graph, seed)
    for note in chosen.notes:
        say(f"note: {note}")
    back = sum(hop.reversed for hop in chosen.hops)
    say(f"{counted(len(chosen.hops), 'hop')}, {back} of them backwards")
    told = write_story(project, chosen)
    _say_kept(told)
    echo(str(told.file))


def inventory(
    song: Name,
    picture: bool = typer.Option(True, "--picture/--no-picture", help="draw the graph too"),
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """What is there, begun and missing: a table, CSV files, the graph as a picture and for Gephi."""
    from avwalk.cli.progress import say
    from avwalk.scenes.graph.gexf import write_gexf
    from avwalk.scenes.graph.inventory import inventory, write_existing, write_transitions
    from avwalk.scenes.graph.path_csv import read_path
    from avwalk.scenes.graph.path_store import on_graph, path_shown
    from avwalk.scenes.graph.plot import draw_graph

    project, graph = _loaded(song, sequence, settings, meta_dir, media_dir)
    file = path_shown(project)
    told = read_path(file) if file else []
    hops = on_graph(project, graph, told)
    if len(hops) < len(told):
        left = f"{len(told) - len(hops)} of {len(told)} hops"
        say(f"note: {file}: {left} are between pictures that are not in the sequence")
    for line in _table(inventory(project, graph, hops), file):
        echo(line)
    place = project.story_dir
    written = [*write_transitions(project, graph, hops), write_existing(project, graph)]
    written.append(write_gexf(graph, hops, place / "graph_existing_transitions.gexf"))
    written.append(write_gexf(graph, hops, place / "graph_only_existing_transitions.gexf", existing=True))
    if picture:
        written.append(draw_graph(project, graph, hops, place / "graph_existing_transitions.png"))
    for one in written:
        echo(str(one))


def report(
    song: Name,
    out: Path = typer.Option(None, "--out", metavar="FILE", help=".pdf or .png; default scene_report.pdf in story/"),
    force: bool = typer.Option(False, "--force", help="replace a file named by --out that is there"),
    sequence: Sequence = "",
    settings: Settings = "default",
    meta_dir: MetaDir = None,
    media_dir: MediaDir = None,
) -> None:
    """Scenes with their pictures, prompts and dominant colours, as PDF or PNG."""
    from avwalk.errors import OptionError
    from avwalk.scenes.graph.report import write_report

    if out and out.exists() and not force:
        raise OptionError(f"'{out}' exists; --force replaces it, --out names another")
    project = loaded(song, sequence=sequence, settings=settings, meta_dir=meta_dir, media_dir=media_dir)
    echo(str(write_report(project, out or project.story_dir / "scene_report.pdf")))


def _say_kept(told: WrittenPath) -> None:
    """Where an earlier path is now; a film of it can be made by its name."""
    from avwalk.cli.progress import say

    for kept in told.backups:
        say(f"note: the path that was there is kept as {kept}; `--story {kept}` of assemble shows it")


def _loaded(
    song: str, sequence: str, settings: str, meta_dir: Path | None, media_dir: Path | None
) -> tuple[Project, Graph]:
    from avwalk.scenes.graph.graph import graph_of

    project = loaded(song, sequence=sequence, settings=settings, meta_dir=meta_dir, media_dir=media_dir)
    return project, graph_of(project)


def _table(found: Inventory, file: Path | None) -> list[str]:
    """Lines: scenes, ways between them, the path, and what belongs to none of it."""
    wide = max(28, *(len(name) + 2 for name, *_ in found.scenes), *(len(a + b) + 6 for a, b, _ in found.between))
    lines = [f"{'':<{wide}}{'pictures':>10}  {'whole':>6} {'begun':>6} {'missing':>8}"]
    for scene, pictures, there, count in found.scenes:
        lines.append(f"{scene:<{wide}}{f'{there}/{pictures}':>10}  {_numbers(count)}")
    for before, after, count in found.between:
        lines.append(f"{f'  {before} to {after}':<{wide}}{'':>10}  {_numbers(count)}")
    if found.path and file:
        lines.append(f"{'the path: ' + file.name:<{wide + 10}}  {_numbers(found.path)}")
    else:
        lines.append("no path yet: `avwalk scenes plan` makes one")
    for what, names in (
        ("not of this sequence", [way.folder for way in found.others]),
        ("of no pictures of this project", list(found.unrecognised)),
    ):
        if names:
            lines.append(f"{what}: {len(names)}")
            lines += [f"  {name}" for name in names[:MOST]]
            lines += [f"  and {len(names) - MOST} more"] if len(names) > MOST else []
    return lines


def _numbers(count: TransitionCount) -> str:
    return f"{count.complete:>6} {count.partial:>6} {count.missing:>8}"
