"""Small graphs for tests: scenes of numbered pictures, some ways of which have frames."""

from __future__ import annotations

from collections.abc import Iterable

from avwalk.scenes.graph.graph import ExistingTransition, Graph
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.sequence_csv import SceneRow


def node(text: str) -> Node:
    return Node.read(text)


def graph(
    rows: Iterable[SceneRow], seeds: dict[str, int], whole: Iterable[str] = (), partial: Iterable[str] = ()
) -> Graph:
    """Scenes with so many seeds each, from 1; ways as ``a-1 to b-2``."""
    drawn = [ExistingTransition(Edge.read(name), name, True) for name in whole]
    drawn += [ExistingTransition(Edge.read(name), name, False) for name in partial]
    members = {scene: tuple(Node(scene, str(seed)) for seed in range(1, n + 1)) for scene, n in seeds.items()}
    return Graph(tuple(rows), members, {way.edge.sorted: way for way in drawn})
