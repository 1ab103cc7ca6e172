"""Score and cues of a song on its waveform, in one picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.cli.plots import analysis as look
from avwalk.config.preset import targets
from avwalk.contracts import Analysis
from avwalk.files.atomic import write_file
from avwalk.files.png_text import SIGNATURE, origin_text, with_text
from avwalk.score.automation import Automation, apply_automations, automations, timeline
from avwalk.score.cue_cells import CONTENT
from avwalk.score.cues import Cues

PIN, TEXT = "#e6b450", "#7fb7d6"


def plot_cues(analysis: Analysis, cues: Cues, waveform: NDArray[np.float32] | None, out: Path, title: str) -> None:
    """Draws sections, bars, waveform with drops and build-ups, and a lane for each thing that is pinned.

    Args:
        analysis: corrected by the cues.
        cues: the artist's.
        waveform: (m, 2) float32 lowest and highest sample of m equal stretches of the song, or None.
        out: ``.png``, ``.svg`` or ``.pdf``. It appears when it is whole.
        title: such as the song's name.

    Raises:
        OptionError: another kind of file.
        OutputError: the file cannot be written.
    """
    look.check_suffix(out)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lanes = {what: automations(cues, analysis, what) for what in targets()}
    lanes |= {what: timeline(cues, analysis, what) for what in CONTENT}
    lanes = {what: found for what, found in lanes.items() if found}
    changes = [0.34] if len(analysis.score.stretches) > 1 else []
    heights = [0.5, *changes, 0.46, 1.8, *(0.7 if what in targets() else 0.42 for what in lanes)]
    figure = Figure(figsize=(16, 2.0 + 1.02 * sum(heights)), dpi=100, facecolor=look.GROUND)
    FigureCanvasAgg(figure)
    inches = figure.get_figheight()
    grid = figure.add_gridspec(
        len(heights),
        1,
        height_ratios=heights,
        hspace=0.16,
        left=0.1,
        right=0.985,
        top=1 - 1.0 / inches,
        bottom=0.5 / inches,
    )
    axes = [figure.add_subplot(grid[k]) for k in range(len(heights))]
    for axis in axes:
        look.dress(axis, analysis.duration, last=axis is axes[-1])
    look.draw_sections(axes[0], analysis)
    if changes:
        look.draw_stretches(axes.pop(1), analysis)
    look.draw_beats(axes[1], analysis)
    look.draw_waveform(axes[2], analysis, waveform)
    for axis, (what, found) in zip(axes[3:], lanes.items(), strict=True):
        (_draw_values if what in targets() else _draw_words)(axis, analysis, cues, what, found)
    for k, axis in enumerate(axes[1:]):
        for drop in analysis.score.drops:
            axis.axvline(drop, color=look.DROP, linewidth=1.3, alpha=0.9 if k < 2 else 0.3, zorder=1)
    place = 1 - 0.42 / inches
    head: dict[str, Any] = {"va": "center", "parse_math": False}
    figure.text(0.1, place, look.printable(title), color=look.INK, fontsize=17, weight="bold", **head)
    figure.text(0.985, place, look.facts(analysis), color=look.FAINT, fontsize=12, ha="right", **head)
    picture = io.BytesIO()
    figure.savefig(picture, format=out.suffix.lower()[1:], facecolor=look.GROUND)
    data = picture.getvalue()
    write_file(out, with_text(data, origin_text("cues", title=title)) if data.startswith(SIGNATURE) else data)


def _draw_values(axis: Any, analysis: Analysis, cues: Cues, what: str, found: list[Automation]) -> None:
    """A parameter: its pinned value with its eases, over the default (without routes)."""
    target = targets()[what]
    n = analysis.n_frames
    rest = {name: np.full(n, t.default, np.float32) for name, t in targets().items()}
    rest |= {"walk.phase": np.zeros(n, np.float32)}
    curve = apply_automations(rest, cues, analysis)[what]
    values = [target.default, *(float(automation.value) for automation in found)]
    low, high = min(values), max(values)
    room = 0.12 * (high - low or 1.0)
    look.name_lane(axis, what, PIN)
    axis.set_ylim(low - room, high + 4 * room)
    times = np.arange(n) / float(analysis.fps)
    axis.axhline(target.default, color=look.FAINT, linewidth=0.8)
    axis.plot(times, curve, color=PIN, linewidth=1.6)
    for automation in found:
        _label(axis, analysis, automation, f"{float(automation.value):g}", 0.8)


def _draw_words(axis: Any, analysis: Analysis, cues: Cues, what: str, found: list[Automation]) -> None:
    """Words over time: a strip for each, with the ease as its slope."""
    look.name_lane(axis, what, TEXT)
    axis.set_ylim(0, 1)
    axis.grid(False)
    fps = float(analysis.fps)
    for automation in found:
        start, end = automation.i0 / fps, automation.i1 / fps
        corner = min(end, start + automation.ease_seconds)
        axis.fill([start, corner, end, end], [0, 1, 1, 0], color=TEXT, alpha=0.35, linewidth=0)
        axis.axvline(start, color=TEXT, linewidth=1)
        _label(axis, analysis, automation, automation.value, 0.5)


def _label(axis: Any, analysis: Analysis, automation: Automation, text: str, height: float) -> None:
    """A pin's value at its start, in a share of the lane's height; cut to what fits, or left out."""
    start, end = automation.i0 / float(analysis.fps), automation.i1 / float(analysis.fps)
    letters = int((end - start) / max(analysis.duration, 1e-3) * look.LETTERS)
    shown = look.printable(text)
    shown = shown if len(shown) <= letters else shown[: letters - 1] + "…" if letters > 3 else ""
    axis.text(
        start,
        height,
        f" {shown}",
        transform=axis.get_xaxis_transform(),
        color=look.INK,
        fontsize=10,
        va="center",
        parse_math=False,
    )
