"""Plot of the scene graph: scenes as rings of thumbnails, transitions by state, and the film's path."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avwalk.files.atomic import write_file
from avwalk.files.png_text import origin_text, with_text
from avwalk.scenes.graph.gexf import COLOURS
from avwalk.scenes.graph.graph import Graph, counted
from avwalk.scenes.graph.inventory import state
from avwalk.scenes.graph.path_csv import Hop
from avwalk.scenes.graph.ring_layout import GAP, positions, rings
from avwalk.scenes.graph.thumbnails import shown, thumbnail
from avwalk.scenes.nodes import Edge, Node

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project

GROUND, PANEL, INK, FAINT = "#121316", "#1b1d22", "#e4e2dc", "#8a8d96"
UNIT = 0.95  # inches for a picture's share of a ring
MAX_INCHES = 40.0
MANY = 120  # with more pictures than this they are dots
NUMBERED = 80  # with more hops than this they have no numbers
_ORDER = ("missing", "partial", "whole")  # existing ones are drawn on top
_STATE_NAMES = ("existing", "begun", "missing")
_STROKES = {"missing": (0.7, 0.3), "partial": (1.5, 0.9), "whole": (1.7, 0.85)}  # width in points, opacity


def draw_graph(project: Project, graph: Graph, hops: Sequence[Hop], out: Path) -> Path:
    """Draws the graph as a PNG: existing transitions green, partial ones amber, missing ones red, the path blue.

    Args:
        project: whose pictures are shown, where they exist.
        graph: of its sequence.
        hops: the film's path; may be empty.
        out: the file, written atomically.

    Raises:
        OutputError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    circles = rings(graph)
    left, right = (pick(x + s * (r + GAP) for x, _, r in circles.values()) for pick, s in ((min, -1), (max, 1)))
    low, high = (pick(y + s * (r + GAP) for _, y, r in circles.values()) for pick, s in ((min, -1), (max, 1)))
    high, low = high + 0.9, low - 1.1  # the head and the legend
    unit = min(UNIT, MAX_INCHES / max(right - left, high - low))
    width = max(right - left, 7.5 / unit)  # the legend needs so much
    middle = (left + right) / 2
    figure = Figure(figsize=(width * unit, (high - low) * unit), dpi=100, facecolor=GROUND)
    FigureCanvasAgg(figure)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_xlim(middle - width / 2, middle + width / 2)
    axis.set_ylim(low, high)
    axis.axis("off")
    _draw_rings(axis, circles, unit)
    _draw_transitions(axis, graph, min(1.0, unit / UNIT))
    _draw_pictures(axis, project, graph, {node for hop in hops for node in (hop.edge.a, hop.edge.b)}, unit)
    _draw_path(axis, graph, hops, unit)
    x = middle - width / 2 + 0.35
    axis.text(x, high - 0.55, shown(project.name), color=INK, fontsize=17, weight="bold", parse_math=False)
    _draw_legend(axis, graph, hops, x, low + 0.4, unit)
    data = io.BytesIO()
    figure.savefig(data, format="png", facecolor=GROUND)
    text = origin_text("graph of scenes", project=project.name)
    write_file(out, with_text(data.getvalue(), text), parents=True)
    return out


def _draw_rings(axis: Any, circles: dict[str, tuple[float, float, float]], unit: float) -> None:
    from matplotlib.patches import Circle

    for number, (scene, (x, y, radius)) in enumerate(circles.items(), 1):
        axis.add_patch(Circle((x, y), radius + 0.62, facecolor=PANEL, edgecolor="none", zorder=0))
        look = {"color": FAINT, "fontsize": 11 if unit > 0.5 else 8, "ha": "center", "va": "top", "parse_math": False}
        axis.text(x, y - radius - 0.68, f"{number}  {shown(scene, 28)}", zorder=6, **look)


def _draw_transitions(axis: Any, graph: Graph, size: float) -> None:
    """Transitions by state; the path is drawn beside them."""
    from matplotlib.collections import LineCollection

    at = positions(graph)
    lines: dict[str, list[Any]] = {name: [] for name in _ORDER}
    for edge in graph.edges:
        lines[state(graph, edge)].append((at[edge.a], at[edge.b]))
    thin = min(1.0, (400 / max(1, len(graph.edges))) ** 0.5)  # thousands of red lines would hide all else
    for order, name in enumerate(_ORDER, 1):
        wide, solid = _STROKES[name]
        if name == "missing":
            solid = max(0.16, solid * thin)
        axis.add_collection(
            LineCollection(lines[name], colors=[_tone(name)], linewidths=wide * size, alpha=solid, zorder=order)
        )


def _draw_pictures(axis: Any, project: Project, graph: Graph, on_path: set[Node], unit: float) -> None:
    """Framed thumbnails; dots where there are many, or no picture yet."""
    from matplotlib.patches import Rectangle

    few = len(graph.nodes) <= MANY
    for node, (x, y) in positions(graph).items():
        frame = _tone("path") if node in on_path else FAINT
        picture = thumbnail(project.picture(node), 160) if few else None
        if picture is None:
            axis.plot(
                [x],
                [y],
                "o",
                color=frame if node in on_path else GROUND,
                markeredgecolor=frame,
                markersize=max(4.0, 11 * unit),
                zorder=5,
            )
            continue
        tall, broad = picture.shape[:2]
        half = 0.43 / max(tall, broad)
        box = (x - broad * half, x + broad * half, y - tall * half, y + tall * half)
        axis.imshow(picture, extent=box, aspect="auto", interpolation="bilinear", zorder=5)
        axis.add_patch(
            Rectangle(
                (box[0], box[2]),
                box[1] - box[0],
                box[3] - box[2],
                fill=False,
                edgecolor=frame,
                linewidth=2.0 if node in on_path else 0.8,
                zorder=5.5,
            )
        )
        axis.text(
            x,
            box[2] - 0.05,
            shown(node.key, 9),
            color=INK,
            fontsize=6.5,
            ha="center",
            va="top",
            zorder=6,
            parse_math=False,
        )


def _draw_path(axis: Any, graph: Graph, hops: Sequence[Hop], unit: float) -> None:
    """Arrows from picture to picture, numbered; those still to be rendered are dashed."""
    from matplotlib.patches import FancyArrowPatch

    at, numbers = positions(graph), dict[Edge, list[str]]()
    for number, hop in enumerate(hops, 1):
        numbers.setdefault(hop.edge, []).append(str(number))
    for hop in {hop.edge: hop for hop in hops}.values():
        a, b = at[hop.edge.a], at[hop.edge.b]
        missing = not hop.transition and not graph.is_complete(hop.edge)
        stroke = (0, (4, 2)) if missing else (0, (1, 1.5)) if hop.transition else "-"
        axis.add_patch(
            FancyArrowPatch(
                a,
                b,
                arrowstyle="-|>",
                mutation_scale=13 * min(1, 0.4 + unit),
                linewidth=2.4 if unit > 0.5 else 1.4,
                linestyle=stroke,
                color=_tone("path"),
                zorder=4.5,
                connectionstyle="arc3,rad=0.12",
                shrinkA=16 * unit,
                shrinkB=16 * unit,
            )
        )
        if len(hops) <= NUMBERED:
            x, y = (  # not in the middle, where ways cross
                0.6 * a[i] + 0.4 * b[i] + 0.058 * (b[1 - i] - a[1 - i]) * (1 if i == 0 else -1) for i in (0, 1)
            )
            axis.text(
                x,
                y,
                ", ".join(numbers[hop.edge]),
                color=INK,
                fontsize=7.5,
                ha="center",
                va="center",
                zorder=7,
                bbox={"boxstyle": "round,pad=0.15", "facecolor": _tone("path"), "linewidth": 0},
            )


def _draw_legend(axis: Any, graph: Graph, hops: Sequence[Hop], x: float, y: float, unit: float) -> None:
    count = {name: sum(state(graph, edge) == name for edge in graph.edges) for name in _ORDER}
    lines = [[(name, f"{count[name]:,} {word}") for name, word in zip(_ORDER[::-1], _STATE_NAMES, strict=True)]]
    if hops:
        new = len({hop.edge.sorted for hop in hops if not hop.transition and not graph.is_complete(hop.edge)})
        dotted = "; cuts, whips and melts are dotted" if any(hop.transition for hop in hops) else ""
        lines.append([("path", f"the film's path, {counted(len(hops), 'hop')}, {new} to render (dashed){dotted}")])
    for words in lines[::-1]:
        left = x
        for name, text in words:
            axis.plot([left, left + 0.3 / unit], [y, y], color=_tone(name), linewidth=3, zorder=6)
            axis.text(left + 0.38 / unit, y, text, color=INK, fontsize=10, va="center", zorder=6)
            left += (0.38 + 0.085 * len(text) + 0.3) / unit
        y += 0.26 / unit


def _tone(name: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*COLOURS[name])
