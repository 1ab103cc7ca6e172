"""Report of a project's scenes: pictures, prompts and dominant colours; PDF or PNG."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avwalk.errors import OptionError, ScenesError
from avwalk.files.atomic import write_file
from avwalk.files.png_text import origin_text, with_text
from avwalk.scenes.graph.graph import counted
from avwalk.scenes.graph.plot import FAINT, GROUND, INK, PANEL
from avwalk.scenes.graph.thumbnails import dominant, shown, thumbnail
from avwalk.scenes.nodes import Node

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project

FORMATS = (".pdf", ".png")
PAGE = (11.7, 8.3)  # inches: A4, lying
BLOCKS = 3  # scenes on a page
SHOWN = 7  # pictures of a scene; of more only the number
DPI = 120
TOP, PITCH = 0.915, 0.302  # of the first block, and from block to block, in heights of the page


def write_report(project: Project, out: Path) -> Path:
    """Writes a page per three scenes: those of the sequence in order, else all.

    Args:
        project: missing pictures are left blank.
        out: ``.pdf``, or ``.png`` with the pages below each other; written atomically.

    Raises:
        OptionError: another kind of file.
        ScenesError: there are no scenes.
        OutputError: the file cannot be written.
    """
    if out.suffix.lower() not in FORMATS:
        raise OptionError(f"'{out.name}' is no report; give a name that ends in {' or '.join(FORMATS)}")
    scenes = list(dict.fromkeys(row.scene for row in project.sequence)) or list(project.scenes)
    if not scenes:
        raise ScenesError(f"'{project.name}' has no scenes; write prompts, or put pictures into {project.scenes_dir}")
    pages = [_page(project, scenes, first) for first in range(0, len(scenes), BLOCKS)]
    data = _pdf(pages) if out.suffix.lower() == ".pdf" else _png(pages, len(scenes))
    write_file(out, data, parents=True)
    return out


def _page(project: Project, scenes: Sequence[str], first: int) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=PAGE, dpi=DPI, facecolor=GROUND)
    FigureCanvasAgg(figure)
    look: dict[str, Any] = {"color": INK, "parse_math": False, "va": "center"}
    figure.text(0.03, 0.957, shown(project.name, 60), fontsize=16, weight="bold", **look)
    sequence = f"sequence {project.sequence_name}" if project.sequence_name else "scenes"
    last = min(first + BLOCKS, len(scenes))
    number = f"{sequence}   {first + 1}{f'–{last}' if last > first + 1 else ''} of {len(scenes)}"
    figure.text(0.97, 0.957, number, fontsize=10, ha="right", **{**look, "color": FAINT})
    for k, scene in enumerate(scenes[first : first + BLOCKS]):
        _block(figure, project, scene, first + k + 1, TOP - PITCH * k)
    return figure


def _block(figure: Any, project: Project, scene: str, number: int, top: float) -> None:
    """A scene: its name and words, its pictures in a row, its colours below them."""
    from matplotlib.patches import Rectangle

    nodes = project.members(scene)
    height, left, wide = 0.29, 0.03, 0.94
    figure.add_artist(Rectangle((left, top - height), wide, height, facecolor=PANEL, linewidth=0, zorder=-1))
    look: dict[str, Any] = {"color": INK, "parse_math": False, "va": "top"}
    figure.text(left + 0.012, top - 0.014, f"{number}  {shown(scene, 40)}", fontsize=13, weight="bold", **look)
    rows = [row for row in project.sequence if row.scene == scene]
    hops = ", ".join(counted(row.duration, "hop") + f" in section {row.section}" for row in rows[:4])
    facts = "   ·   ".join(filter(None, (counted(len(nodes), "picture"), hops)))
    figure.text(left + wide - 0.012, top - 0.016, facts, fontsize=8.5, ha="right", **{**look, "color": FAINT})
    for line, (words, colour) in enumerate(_words(project, scene)):
        figure.text(left + 0.012, top - 0.048 - 0.021 * line, words, fontsize=8.5, **{**look, "color": colour})
    found = _pictures(figure, project, nodes, left + 0.012, top - 0.118, wide - 0.024)
    _colours(figure, found, left + 0.012, top - height + 0.012, wide - 0.024)


def _words(project: Project, scene: str) -> list[tuple[str, str]]:
    """At most three lines: prompt, negative prompt, settings."""
    prompt = project.definitions.get(scene)
    if prompt is None:
        return [("pictures put there by hand", FAINT)]
    excerpt = textwrap.shorten(prompt.text, 330, placeholder=" …")
    lines = [(shown(line, 180), INK) for line in textwrap.wrap(excerpt, 165)[:2]]
    settings = [f"guidance {prompt.guidance:g}"] if prompt.guidance is not None else []
    settings += [f"mask {prompt.mask}"] if prompt.mask else []
    settings += [f"without: {prompt.negative}"] if prompt.negative else []
    return [*lines, (shown(" · ".join(settings), 180), FAINT)]


def _pictures(figure: Any, project: Project, nodes: Sequence[Node], x: float, top: float, wide: float) -> list[Any]:
    """Draws pictures in a row with their seeds; returns all existing pictures of the scene."""
    every = [thumbnail(project.picture(node), 320) for node in nodes]
    cell, tall = wide / SHOWN, 0.107
    for k, (node, picture) in enumerate(list(zip(nodes, every, strict=True))[:SHOWN]):
        axis = figure.add_axes((x + k * cell, top - tall, cell * 0.94, tall))
        axis.set_axis_off()
        if picture is None:
            axis.text(0.5, 0.5, "not drawn yet", color=FAINT, fontsize=8, ha="center", va="center")
            axis.set_xlim(0, 1)
        else:
            axis.imshow(picture, interpolation="antialiased")
            axis.set_anchor("W")
        more = f"   and {len(nodes) - SHOWN} more" if k == SHOWN - 1 and len(nodes) > SHOWN else ""
        look = {"color": FAINT, "fontsize": 7.5, "va": "top", "parse_math": False}
        figure.text(x + k * cell, top - tall - 0.004, shown(node.key, 20) + more, **look)
    return [picture for picture in every if picture is not None]


def _colours(figure: Any, pictures: list[Any], x: float, y: float, wide: float) -> None:
    """A strip of the scene's dominant colours, widths by share."""
    from matplotlib.patches import Rectangle

    tall = 0.022
    if not pictures:
        figure.text(x, y + tall / 2, "no colours yet", color=FAINT, fontsize=7.5, va="center")
    for colour, share in dominant(pictures):
        figure.add_artist(Rectangle((x, y), wide * share, tall, facecolor=colour / 255, linewidth=0))
        if share > 0.07:
            ink = "#000000" if np.dot(colour, (0.299, 0.587, 0.114)) > 140 else "#ffffff"
            name = "#{:02x}{:02x}{:02x}".format(*colour)
            figure.text(x + wide * share / 2, y + tall / 2, name, color=ink, fontsize=7, ha="center", va="center")
        x += wide * share


def _pdf(pages: Sequence[Any]) -> bytes:
    from matplotlib.backends.backend_pdf import PdfPages

    data = io.BytesIO()
    with PdfPages(data, metadata={"Creator": "avwalk", "CreationDate": None}) as book:
        for page in pages:
            book.savefig(page, facecolor=GROUND, dpi=DPI)
    return data.getvalue()


def _png(pages: Sequence[Any], scenes: int) -> bytes:
    """Pages below each other, the last one as long as its scenes."""
    import cv2

    drawn = []
    for page in pages:
        page.canvas.draw()
        drawn.append(np.asarray(page.canvas.buffer_rgba())[..., 2::-1])
    left = (scenes - 1) % BLOCKS + 1
    drawn[-1] = drawn[-1][: round(len(drawn[-1]) * (1 - TOP + PITCH * left))]
    done, data = cv2.imencode(".png", np.ascontiguousarray(np.concatenate(drawn)))
    assert done, "PNG takes any 8-bit picture"
    return with_text(data.tobytes(), origin_text("report of scenes"))
