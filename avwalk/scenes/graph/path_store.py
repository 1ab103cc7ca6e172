"""Paths of a project on disk: writing plans and stories with backups, and reusing a plan that still fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from avwalk.errors import OptionError, ScenesError
from avwalk.scenes.graph.graph import Graph
from avwalk.scenes.graph.inventory import write_transitions
from avwalk.scenes.graph.path_csv import (
    PLANNED,
    SHOWN,
    Hop,
    differs,
    planned_path,
    read_path,
    rename_to_backup,
    shown_path,
    write_planned,
    write_shown,
)
from avwalk.scenes.graph.plan_path import ChosenPath
from avwalk.scenes.nodes import Edge

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project


@dataclass(frozen=True)
class WrittenPath:
    """Result of writing a path.

    Attributes:
        file: the film's table.
        backups: earlier, different tables, under their new names.
    """

    file: Path
    backups: tuple[Path, ...]


def write_plan(project: Project, graph: Graph, chosen: ChosenPath) -> WrittenPath:
    """Writes a plan, as the path to render and as the path of the film.

    Raises:
        OutputError: a file cannot be written.
    """
    folder, hops = project.story_dir, chosen.hops
    write_transitions(project, graph, hops)
    kept = _aside(folder, (PLANNED[0], SHOWN[0]), hops)
    write_planned(folder, hops)
    return WrittenPath(write_shown(folder, hops), kept)


def write_story(project: Project, chosen: ChosenPath) -> WrittenPath:
    """Writes a story as the path of the film; the plan stays.

    Raises:
        OutputError: the file cannot be written.
    """
    kept = _aside(project.story_dir, (SHOWN[0],), chosen.hops)
    return WrittenPath(write_shown(project.story_dir, chosen.hops), kept)


def _aside(folder: Path, names: Sequence[str], hops: Sequence[Hop]) -> tuple[Path, ...]:
    return tuple(rename_to_backup(folder / name) for name in names if differs(folder / name, hops))


def plan_of(project: Project) -> Path | None:
    """The table of a project's planned path, if there is one; see `_table_of`."""
    return _table_of(project, planned_path)


def path_shown(project: Project) -> Path | None:
    """The table of the film's path, else of the planned one, if there is any; see `_table_of`."""
    return _table_of(project, shown_path)


def _table_of(project: Project, find: Callable[[Path], Path | None]) -> Path | None:
    """The table of the sequence.

    Formerly all sequences shared one table: a named sequence uses it if its rows match.
    """
    if (own := find(project.story_dir)) or not project.sequence_name:
        return own
    if not (shared := find(project.media / "story")):
        return None
    try:
        hops = read_path(shared)
    except ScenesError:
        return None
    rows = project.sequence
    fits = all(
        hop.row < len(rows) and (rows[hop.row].scene, rows[hop.row].section) == (hop.scene, hop.section) for hop in hops
    )
    return shared if fits and hops[-1].row >= len(rows) - 2 else None


def current_plan(project: Project, graph: Graph) -> list[Hop] | None:
    """The stored plan, if it still fits the sequence; else None.

    To be preferred after an interruption: with some of its transitions rendered, another plan may
    need as few.
    """
    file = plan_of(project)
    if file is None:
        return None
    try:
        hops = read_path(file)
    except ScenesError:
        return None
    return hops if fits(graph, hops) else None


def on_graph(project: Project, graph: Graph, hops: Sequence[Hop]) -> list[Hop]:
    """The hops between pictures of the graph; abbreviated seeds are matched by prefix."""
    known, found = set(graph.nodes), []
    for hop in hops:
        try:
            edge = Edge(*(end if end in known else project.find(end.id) for end in (hop.edge.a, hop.edge.b)))
        except OptionError:
            continue
        if edge.a in known and edge.b in known:
            found.append(replace(hop, edge=edge))
    return found


def fits(graph: Graph, hops: Sequence[Hop]) -> bool:
    """Whether a path is a valid plan of this sequence."""
    rows, last = graph.rows, len(graph.rows) - 1
    wanted = [(k, hop) for k, row in enumerate(rows) for hop in range(row.duration + (k < last))]
    if [hop.row for hop in hops] != [k for k, _ in wanted]:
        return False
    before = hops[0].edge.a
    for hop, (k, number) in zip(hops, wanted, strict=True):
        row, after = rows[k], rows[min(last, k + (number == rows[k].duration))]
        a, b = hop.edge.a, hop.edge.b
        entered = number == 0 and isinstance(row.start, tuple) and a not in row.start
        if a != before or a == b or entered or (hop.scene, hop.section) != (row.scene, row.section):
            return False
        if a not in graph.members[row.scene] or b not in graph.members[after.scene]:
            return False
        if hop.transition != ((after.transition or "") if number == row.duration else ""):
            return False
        before = b
    end = rows[last].start
    return not (rows[last].duration == 0 and isinstance(end, tuple) and before not in end)
