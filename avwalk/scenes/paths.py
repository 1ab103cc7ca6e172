"""Paths of a project on disk: a plan or a story is written, and a plan that still fits is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from avwalk.errors import OptionError, ScenesError
from avwalk.scenes.graph import Graph
from avwalk.scenes.hops import Hop, planned_path, read_path, write_planned, write_shown
from avwalk.scenes.inventory import write_wanted
from avwalk.scenes.nodes import Edge
from avwalk.scenes.planner import Chosen

if TYPE_CHECKING:
    from avwalk.scenes.project import Project


def write_plan(project: Project, graph: Graph, chosen: Chosen) -> Path:
    """Writes a plan, as what is to be rendered and as what the film shows; gives the film's table.

    Raises:
        OutputError: a file cannot be written.
    """
    write_wanted(project, graph, chosen.hops)
    write_planned(project.story_dir, chosen.hops)
    return write_shown(project.story_dir, chosen.hops)


def write_story(project: Project, chosen: Chosen) -> Path:
    """Writes a story as what the film shows; the plan stays.

    Raises:
        OutputError: the file cannot be written.
    """
    return write_shown(project.story_dir, chosen.hops)


def kept_plan(project: Project, graph: Graph) -> list[Hop] | None:
    """The plan that was written, if it fits the sequence as it is now; None: there is none that does.

    Whoever goes on after an interruption asks for it first: with some of its transitions rendered, another path may
    need as few.
    """
    file = planned_path(project.story_dir)
    if file is None:
        return None
    try:
        hops = read_path(file)
    except ScenesError:
        return None
    return hops if fits(graph, hops) else None


def on_graph(project: Project, graph: Graph, hops: Sequence[Hop]) -> list[Hop]:
    """The hops between pictures of the graph; seeds that are cut to four digits are those of the one that begins so."""
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
    """Whether a path is one that a plan of this sequence could be."""
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
