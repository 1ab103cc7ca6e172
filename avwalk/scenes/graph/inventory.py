"""Inventory of a project: pictures and transitions that are complete, partial or missing; CSV tables of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from avwalk.scenes.graph.graph import ExistingTransition, Graph
from avwalk.scenes.graph.path_csv import Hop, write_rows
from avwalk.scenes.nodes import Edge

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project

INNER, BETWEEN, EXISTING = "intrascene_transitions.csv", "interscene_transitions.csv", "existing_transitions.csv"
_ENDS = ("from_name", "from_seed", "to_name", "to_seed")
_SECONDS = "5"  # AI-Art has this column and does not use it


@dataclass(frozen=True)
class TransitionCount:
    """Number of transitions with all, some, or no frames."""

    complete: int
    partial: int
    missing: int

    @property
    def all(self) -> int:
        """Total number."""
        return self.complete + self.partial + self.missing


@dataclass(frozen=True)
class Inventory:
    """Counts of existing pictures and transitions.

    Attributes:
        scenes: scene, its pictures, those of them that have a file, and the transitions inside of it.
        between: scene, the next one, and the transitions from the one to the other.
        path: transitions of the film's path, each once; None: there is no path.
        others: existing transitions that the sequence does not use.
        unrecognised: folders that name no two pictures of the project.
    """

    scenes: tuple[tuple[str, int, int, TransitionCount], ...]
    between: tuple[tuple[str, str, TransitionCount], ...]
    path: TransitionCount | None
    others: tuple[ExistingTransition, ...]
    unrecognised: tuple[str, ...]


def state(graph: Graph, edge: Edge) -> str:
    """``whole``, ``partial`` or ``missing``."""
    return "whole" if graph.is_complete(edge) else "partial" if graph.is_partial(edge) else "missing"


def inventory(project: Project, graph: Graph, hops: Sequence[Hop] = ()) -> Inventory:
    """Counts existing pictures and transitions.

    Args:
        project: whose files are counted.
        graph: of its sequence.
        hops: the film's path; none: there is none.
    """
    inside: dict[str, list[Edge]] = {scene: [] for scene in graph.members}
    for edge, scene in graph.inner.items():
        inside[scene].append(edge)
    across: dict[tuple[str, str], list[Edge]] = {}
    for edge, pair in graph.between.items():
        across.setdefault(pair, []).append(edge)
    scenes = [
        (scene, len(nodes), sum(_there(project.picture(node)) for node in nodes), _count(graph, inside[scene]))
        for scene, nodes in graph.members.items()
    ]
    from avwalk.scenes.draw.transitions import folders

    known = set(graph.edges)
    named = {path.name for path in folders(project).values()}
    return Inventory(
        tuple(scenes),
        tuple((*pair, _count(graph, edges)) for pair, edges in across.items()),
        _count(graph, {hop.edge.sorted for hop in hops if not hop.transition}) if hops else None,
        tuple(way for edge, way in graph.existing.items() if edge not in known),
        tuple(name for name in _folders(project.transition_images) if name not in named),
    )


def write_transitions(project: Project, graph: Graph, hops: Iterable[Hop]) -> list[Path]:
    """Writes every transition of the sequence, with ``y`` under ``compute`` for those that the path still needs.

    Raises:
        OutputError: a file cannot be written.
    """
    needed = {hop.edge.sorted: hop.stored_edge for hop in hops if not hop.transition}

    def cells(number: int, edge: Edge, *more: str) -> list[str]:
        drawn = graph.existing.get(edge)
        way = drawn.edge if drawn else needed.get(edge, edge)
        compute = "y" if edge in needed and not graph.is_complete(edge) else "n"
        return [str(number), *_ends(way), compute, _SECONDS, *more, state(graph, edge)]

    inner = [cells(k, edge, scene) for k, (edge, scene) in enumerate(graph.inner.items())]
    between = [cells(k, edge, *pair) for k, (edge, pair) in enumerate(graph.between.items())]
    header = ["", *_ENDS, "compute", "duration"]
    return [
        write_rows(project.transition_meta / INNER, [*header, "scene", "state"], inner),
        write_rows(project.transition_meta / BETWEEN, [*header, "scene_from", "scene_to", "state"], between),
    ]


def write_existing(project: Project, graph: Graph) -> Path:
    """Writes the transitions that have frames, complete ones first.

    Raises:
        OutputError: the file cannot be written.
    """
    ways = sorted(graph.existing.values(), key=lambda way: (not way.complete, way.edge))
    rows = [[str(k), *_ends(way.edge), state(graph, way.edge), way.folder] for k, way in enumerate(ways)]
    return write_rows(project.transition_meta / EXISTING, ["", *_ENDS, "state", "folder"], rows)


def _ends(edge: Edge) -> list[str]:
    return [edge.a.name, edge.a.key, edge.b.name, edge.b.key]


def _count(graph: Graph, edges: Iterable[Edge]) -> TransitionCount:
    found = Counter(state(graph, edge) for edge in edges)
    return TransitionCount(found["whole"], found["partial"], found["missing"])


def _there(path: Path) -> bool:
    from avwalk.files.image_meta import image_info

    return image_info(path) is not None


def _folders(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if path.is_dir()) if place.is_dir() else []
