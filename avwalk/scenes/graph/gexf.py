"""Export of the scene graph for Gephi: GEXF 1.3 (https://gexf.net)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from avwalk.files.atomic import write_file
from avwalk.scenes.graph.graph import Graph
from avwalk.scenes.graph.inventory import state
from avwalk.scenes.graph.path_csv import Hop
from avwalk.scenes.graph.ring_layout import positions
from avwalk.scenes.nodes import Node

NAMESPACE, VIZ = "http://gexf.net/1.3", "http://gexf.net/1.3/viz"
COLOURS = {"whole": (79, 176, 108), "partial": (226, 170, 60), "missing": (200, 72, 72), "path": (74, 144, 226)}
"""Red, green and blue of a transition by its state, and of the film's path."""
_NODE, _EDGE = ("scene", "key", "on_path"), ("state", "folder", "on_path")


def write_gexf(graph: Graph, hops: Sequence[Hop], out: Path, *, existing: bool = False) -> Path:
    """Writes pictures and transitions, with scene, state and the film's path as attributes, colours and positions.

    Args:
        graph: of the sequence.
        hops: the film's path; may be empty.
        out: the file, written atomically.
        existing: only complete transitions.

    Raises:
        OutputError: the file cannot be written.
    """
    ET.register_namespace("", NAMESPACE)
    ET.register_namespace("viz", VIZ)
    root = ET.Element(f"{{{NAMESPACE}}}gexf", version="1.3")
    meta = _sub(root, "meta")
    _sub(meta, "creator").text = "avwalk"
    body = _sub(root, "graph", defaultedgetype="undirected", mode="static")
    for kind, names in (("node", _NODE), ("edge", _EDGE)):
        holder = _sub(body, "attributes", **{"class": kind})
        for k, name in enumerate(names):
            _sub(holder, "attribute", id=str(k), title=name, type="boolean" if name == "on_path" else "string")
    walked = {hop.edge.sorted for hop in hops}
    seen = {node for hop in hops for node in (hop.edge.a, hop.edge.b)}
    scenes: dict[Node, str] = {}
    for scene, members in graph.members.items():
        for node in members:
            scenes.setdefault(node, scene)
    nodes = _sub(body, "nodes")
    for node, (x, y) in positions(graph).items():
        one = _sub(nodes, "node", id=_legal(node.id), label=_legal(node.id))
        _values(one, (scenes[node], node.key, str(node in seen).lower()))
        _viz(one, "position", x=f"{100 * x:.2f}", y=f"{100 * y:.2f}", z="0")
        if node in seen:
            _colour(one, "path")
    edges = _sub(body, "edges")
    for k, edge in enumerate(edge for edge in graph.edges if graph.is_complete(edge) or not existing):
        way = graph.existing.get(edge)
        told = state(graph, edge)
        one = _sub(edges, "edge", id=str(k), source=_legal(edge.a.id), target=_legal(edge.b.id))
        _values(one, (told, way.folder if way else "", str(edge in walked).lower()))
        _colour(one, "path" if edge in walked else told)
    ET.indent(root)
    write_file(out, ET.tostring(root, encoding="utf-8", xml_declaration=True), parents=True)
    return out


def _sub(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def _viz(parent: ET.Element, tag: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{VIZ}}}{tag}", attributes)


def _values(parent: ET.Element, values: Sequence[str]) -> None:
    holder = _sub(parent, "attvalues")
    for k, value in enumerate(values):
        _sub(holder, "attvalue", **{"for": str(k), "value": _legal(value)})


def _colour(parent: ET.Element, name: str) -> None:
    r, g, b = COLOURS[name]
    _viz(parent, "color", r=str(r), g=str(g), b=str(b))


def _legal(text: str) -> str:
    """Text without characters illegal in XML: control characters and lone surrogates."""
    return "".join(c if c.isprintable() else "�" for c in text)
