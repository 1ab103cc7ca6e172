"""Layout of the scene graph: each scene a ring, rings in boustrophedon reading order."""

from __future__ import annotations

import math

from avwalk.scenes.graph.graph import Graph
from avwalk.scenes.nodes import Node

GAP = 1.1
"""Between rings, in units of a picture's share of a ring."""
WIDE = 1.7  # of the whole, against its height


def rings(graph: Graph) -> dict[str, tuple[float, float, float]]:
    """Scene → middle and radius of its ring; a picture has somewhat more than one unit of the ring.

    Rows of rings go from left to right and back again, so that scenes that follow each other lie side by side.
    """
    radii = {scene: max(0.8, 1.3 * len(nodes) / (2 * math.pi)) for scene, nodes in graph.members.items()}
    pitch = 2 * max(radii.values()) + 2 * GAP
    columns = -(-len(radii) // max(1, round(math.sqrt(len(radii) / WIDE))))
    found = {}
    for k, (scene, radius) in enumerate(radii.items()):
        row, column = divmod(k, columns)
        if row % 2:
            column = columns - 1 - column
        found[scene] = (column * pitch, -row * pitch, radius)
    return found


def positions(graph: Graph) -> dict[Node, tuple[float, float]]:
    """Picture → x to the right and y upwards."""
    found: dict[Node, tuple[float, float]] = {}
    for scene, (x, y, radius) in rings(graph).items():
        nodes = graph.members[scene]
        for k, node in enumerate(nodes):
            turn = 2 * math.pi * (k + 0.5) / len(nodes) + math.pi / 2
            reach = radius if len(nodes) > 1 else 0
            found.setdefault(node, (x + reach * math.cos(turn), y + reach * math.sin(turn)))
    return found
