"""`Graph`: the pictures of a sequence, the transitions between them, and which of these have frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from avwalk.errors import ScenesError
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.sequence_csv import SceneRow, sequence_file

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project


@dataclass(frozen=True)
class ExistingTransition:
    """A transition that has frames.

    Attributes:
        edge: in the direction of its frames.
        folder: name of their folder; may contain abbreviated seeds.
        complete: all frames that the project's settings require exist.
        whole_with: name of other settings of the project that require no more than what exists; empty: of none.
    """

    edge: Edge
    folder: str
    complete: bool
    whole_with: str = ""


@dataclass(frozen=True)
class Graph:
    """Pictures and transitions of a sequence.

    Attributes:
        rows: of the sequence.
        members: scene → its pictures, in the order of first appearance.
        existing: transitions that have frames, by `Edge.sorted`, including ones outside the sequence.
    """

    rows: tuple[SceneRow, ...]
    members: Mapping[str, tuple[Node, ...]]
    existing: Mapping[Edge, ExistingTransition]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every picture once, scene by scene."""
        return tuple(dict.fromkeys(node for nodes in self.members.values() for node in nodes))

    @cached_property
    def inner(self) -> Mapping[Edge, str]:
        """Transitions inside scenes, each in one direction → the scene."""
        found: dict[Edge, str] = {}
        for scene, nodes in self.members.items():
            for a, b in combinations(nodes, 2):
                found.setdefault(Edge(a, b).sorted, scene)
        return found

    @cached_property
    def between(self) -> Mapping[Edge, tuple[str, str]]:
        """Transitions between consecutive scenes, each in one direction → both; none into rows with a transition."""
        found: dict[Edge, tuple[str, str]] = {}
        for before, after in pairwise(self.rows):
            if after.transition is None:
                for a in self.members[before.scene]:
                    for b in self.members[after.scene]:
                        if a != b and Edge(a, b).sorted not in self.inner:
                            found.setdefault(Edge(a, b).sorted, (before.scene, after.scene))
        return found

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All transitions of the sequence, in one direction."""
        return (*self.inner, *self.between)

    def is_complete(self, edge: Edge) -> bool:
        """Whether a transition has all its frames, in either direction."""
        found = self.existing.get(edge.sorted)
        return found is not None and found.complete

    def is_whole(self, edge: Edge) -> bool:
        """Whether a transition has all the frames that any of the project's settings require."""
        found = self.existing.get(edge.sorted)
        return found is not None and (found.complete or bool(found.whole_with))

    @property
    def whole_with(self) -> Mapping[str, int]:
        """Names of other settings → how many transitions of the sequence are whole with them, and not with these."""
        ways = (self.existing.get(edge) for edge in self.edges)
        return Counter(way.whole_with for way in ways if way and not way.complete and way.whole_with)

    def is_partial(self, edge: Edge) -> bool:
        """Whether a transition has some of its frames, in either direction."""
        found = self.existing.get(edge.sorted)
        return found is not None and not found.complete


def graph_of(project: Project) -> Graph:
    """The graph of a project's sequence. Every frame of its transitions is verified.

    Raises:
        ScenesError: there is no sequence, or scenes of it have no pictures: one line for each.
    """
    if not project.sequence:
        file = sequence_file(project.meta, project.sequence_name)
        raise ScenesError(f"'{file}' has no scenes; write them there, or let `avwalk scenes auto` do it")
    members = {row.scene: project.members(row.scene) for row in project.sequence}
    return Graph(project.sequence, members, {way.edge.sorted: way for way in existing_transitions(project)})


def existing_transitions(project: Project) -> list[ExistingTransition]:
    """Transitions of a project that have frames; of two folders for one transition the complete one, else the first."""
    from avwalk.scenes.draw.transitions import complete, folders, frames_of

    steps, size = project.profile.steps_between, (project.profile.width, project.profile.height)
    found: dict[Edge, ExistingTransition] = {}
    for edge, folder in folders(project).items():
        whole = complete(folder, steps, size)
        way = ExistingTransition(edge, folder.name, whole, "" if whole else _whole_with(project, folder))
        before = found.get(edge.sorted)
        if (way.complete or frames_of(folder)) and (before is None or (way.complete and not before.complete)):
            found[edge.sorted] = way
    return list(found.values())


def _whole_with(project: Project, folder: Path) -> str:
    """The first of the project's other settings with which a transition is whole."""
    from avwalk.scenes.draw.transitions import complete

    for name, profile in project.profiles.items():
        if name != project.profile.name and complete(folder, profile.steps_between, (profile.width, profile.height)):
            return name
    return ""


def counted(number: int, what: str) -> str:
    """``1 picture``, ``2 pictures``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(words: Iterable[str], most: int = 5) -> str:
    """The first few, and the number of the others."""
    every = list(words)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
