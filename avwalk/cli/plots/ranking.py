"""How much each attribute of a codex is liked, in one picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from avwalk.cli.plots import analysis as style
from avwalk.codex.ranking.ranking import Rank, Ranking
from avwalk.files.atomic import write_file
from avwalk.files.png_text import SIGNATURE, origin_text, with_text

COLOURS = {"liked": "#8fd19e", "disliked": "#ff7a85", "complex": "#d9b36a", "open": "#7d818a"}
WORDS = {
    "liked": "liked: a finding",
    "disliked": "disliked: a finding",
    "complex": "liked and disliked",
    "open": "seen too seldom to tell",
}
MOST_ROWS, TOP_ROWS = 16, 11
"""Rows of a panel; of more, the best and the worst."""
PANELS = 3
"""Panels in a row."""
LETTERS = 30
ROW, HEAD, TOP, BOTTOM = 0.26, 0.62, 1.0, 0.75
"""Inches."""


def plot_ranking(ranking: Ranking, out: Path, title: str) -> None:
    """Draws a panel for each category: posterior mean and 90 % interval of each value, likes of how many at the right.

    Args:
        ranking: of a codex.
        out: ``.png``, ``.svg`` or ``.pdf``. It appears when it is whole.
        title: such as the codex's name.

    Raises:
        OptionError: another kind of file.
        OutputError: the file cannot be written.
    """
    style.check_suffix(out)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = [_shown(ranks) for ranks in _by_category(ranking)]
    bands = [panels[k : k + PANELS] for k in range(0, len(panels), PANELS)]
    heights = [HEAD + ROW * max(len(panel) for panel in band) for band in bands]
    width, inches = 5.9 * min(PANELS, len(panels)), TOP + sum(heights) + BOTTOM
    width = max(width, 9.5)
    figure = Figure(figsize=(width, inches), dpi=100, facecolor=style.GROUND)
    FigureCanvasAgg(figure)
    top = inches - TOP
    for band, height in zip(bands, heights, strict=True):
        for k, panel in enumerate(band):
            left, tall = (k + 0.43) / min(PANELS, len(panels)), ROW * len(panel)
            share = 0.42 / min(PANELS, len(panels))
            place = (left, (top - HEAD - tall + 0.2) / inches, share, tall / inches)
            _draw_panel(figure.add_axes(place), panel, ranking)
        top -= height
    said = f"{ranking.good} good, {ranking.bad} bad; bars hold nine in ten; dashed: the whole codex"
    head: dict[str, Any] = {"va": "center", "parse_math": False}
    edge, high = 0.3 / width, 1 - 0.4 / inches
    figure.text(edge, high, style.printable(title), color=style.INK, fontsize=17, weight="bold", **head)
    figure.text(1 - edge, high, said, color=style.FAINT, fontsize=12, ha="right", **head)
    for k, (verdict, colour) in enumerate(COLOURS.items()):
        at = (0.3 + k * 2.35) / width
        figure.text(at, 0.3 / inches, f"●  {WORDS[verdict]}", color=colour, fontsize=10.5, **head)
    picture = io.BytesIO()
    figure.savefig(picture, format=out.suffix.lower()[1:], facecolor=style.GROUND)
    data = picture.getvalue()
    write_file(out, with_text(data, origin_text("ranking", title=title)) if data.startswith(SIGNATURE) else data)


def _by_category(ranking: Ranking) -> list[list[Rank]]:
    """Attributes by category, scenes last, and categories of one value left out: there is nothing to compare."""
    order = list(dict.fromkeys(rank.category for rank in ranking.ranks))
    order = sorted(order, key=lambda category: category is None)
    groups = [[rank for rank in ranking.ranks if rank.category == category] for category in order]
    return [group for group in groups if len(group) > 1] or groups


def _shown(ranks: Sequence[Rank]) -> list[Rank | int]:
    """The rows of a panel; a number stands for so many that are left out."""
    if len(ranks) <= MOST_ROWS:
        return list(ranks)
    bottom = MOST_ROWS - TOP_ROWS - 1
    return [*ranks[:TOP_ROWS], len(ranks) - TOP_ROWS - bottom, *ranks[len(ranks) - bottom :]]


def _draw_panel(axis: Any, rows: Sequence[Rank | int], ranking: Ranking) -> None:
    axis.set_facecolor(style.PANEL)
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.set_xlim(0, 100)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_yticks([])
    axis.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    axis.tick_params(axis="x", colors=style.FAINT, labelsize=8.5, length=0)
    axis.grid(axis="x", color="#2a2d33", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.axvline(100 * ranking.prior.mean, color=style.FAINT, linewidth=1, linestyle=(0, (4, 3)))
    text: dict[str, Any] = {"va": "center", "parse_math": False, "transform": axis.get_yaxis_transform()}
    for y, row in enumerate(rows):
        if isinstance(row, int):
            axis.text(0.5, y, f"… {row} between …", color=style.FAINT, fontsize=9, ha="center", **text)
            continue
        colour, sure = COLOURS[row.verdict], row.verdict in ("liked", "disliked")
        axis.plot([100 * row.low, 100 * row.high], [y, y], color=colour, linewidth=2, alpha=0.9 if sure else 0.55)
        axis.plot([100 * row.mean], [y], "o", color=colour, markersize=6)
        ink = style.INK if sure else "#a9acb3"
        axis.text(-0.03, y, _clipped(row.value), color=ink, fontsize=10, ha="right", **text)
        said = f"{row.likes} of {row.likes + row.dislikes}"
        axis.text(1.02, y, said, color=style.FAINT, fontsize=8.5, ha="left", **text)
    name = next(row.category for row in rows if isinstance(row, Rank))
    axis.set_title(style.printable(name or "Scenes"), color=style.INK, fontsize=12, loc="left", parse_math=False)


def _clipped(value: str) -> str:
    shown = style.printable(value)
    return shown if len(shown) <= LETTERS else shown[: LETTERS - 1] + "…"
