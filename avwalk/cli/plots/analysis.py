"""One picture of what avwalk hears in a song."""

from __future__ import annotations

import io
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import targets
from avwalk.contracts import Analysis, Curve
from avwalk.errors import OptionError
from avwalk.features.signals import KINDS
from avwalk.files.atomic import write_file
from avwalk.files.png_text import SIGNATURE, origin_text, with_text
from avwalk.score.stretches import metre_name

COLUMNS = 1400  # more than this cannot be told apart at the picture's width
MAX_TITLE = 80
FORMATS = (".png", ".svg", ".pdf")
LEVELS = {"rms": "#d8d4c8", "low": "#e07a5f", "mid": "#e6b450", "high": "#7fb7d6"}
WORDS = {"words": "#cfe0c3", "voice": "#cfe0c3"}
"""Lanes of a song whose words are known."""
IMPULSES = {"onset": "#b9b4c7", "kick": "#e07a5f", "snare": "#e6b450", "hat": "#7fb7d6", "accent": "#c98fb0"}
PARAMETER = "#9fc9a7"
GROUND, PANEL, INK, FAINT, DROP = "#121316", "#191b1f", "#e4e2dc", "#6d7078", "#ff5d73"
SECTIONS = ("#35506b", "#5b4a72", "#3f6358", "#6f5140", "#5d5f36", "#6a4257", "#3c5f73", "#55555f")
PITCHES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


BAR_NUMBERS = 40  # that are written, at most
BAR_STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)  # bars from one number to the next
LETTERS = 150  # that fit across the picture
STRIP = 0.5  # height of the strip of pictures, against the lanes


def check_suffix(path: Path) -> None:
    """Raises `OptionError` if a picture cannot be written to a file of this name."""
    if path.suffix.lower() not in FORMATS:
        raise OptionError(f"'{path.name}' is no picture file; give a name that ends in {', '.join(FORMATS)}")


def plot_analysis(
    analysis: Analysis,
    waveform: NDArray[np.float32] | None,
    out: Path,
    title: str,
    parameters: Mapping[str, Curve] = MappingProxyType({}),
    pictures: NDArray[np.uint8] | None = None,
) -> None:
    """Draws sections, beats, waveform, bands, the main signals and parameters over one time axis.

    Long songs are brought down to the picture's columns: levels by their mean, impulses and bands by their
    maximum, so that no hit is lost.

    Args:
        analysis: of the whole song.
        waveform: (m, 2) float32 lowest and highest sample of m equal stretches of the song, or None.
        out: ``.png``, ``.svg`` or ``.pdf``. It appears when it is whole.
        title: such as the song's name; what the font lacks is shown as □.
        parameters: target → (n_frames,), a lane for each, with its lowest and highest value.
        pictures: of the film, evenly spread over the song, (n, h, w, 3) sRGB, a strip at the top; None: no strip.

    Raises:
        OptionError: another kind of file.
        OutputError: the file cannot be written.
    """
    check_suffix(out)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lanes = [name for name in (*LEVELS, *IMPULSES, "build", *WORDS) if name in analysis.signals]
    strip = [STRIP] if pictures is not None and pictures.size else []
    changes = [0.34] if len(analysis.score.stretches) > 1 else []
    heights = [0.5, *changes, 0.46, *strip, 1.2, 2.6, *[0.46] * (len(lanes) + len(parameters))]
    figure = Figure(figsize=(16, 2.0 + 1.02 * sum(heights)), dpi=100, facecolor=GROUND)
    FigureCanvasAgg(figure)
    inches = figure.get_figheight()
    left = 0.11 if parameters else 0.07  # their names are longer
    grid = figure.add_gridspec(
        len(heights),
        1,
        height_ratios=heights,
        hspace=0.12,
        left=left,
        right=0.985,
        top=1 - 0.75 / inches,
        bottom=0.5 / inches,
    )
    axes = [figure.add_subplot(grid[k]) for k in range(len(heights))]
    for axis in axes:
        dress(axis, analysis.duration, last=axis is axes[-1])
    draw_sections(axes[0], analysis)
    if changes:
        draw_stretches(axes.pop(1), analysis)
    draw_beats(axes[1], analysis)
    if strip and pictures is not None:
        _draw_pictures(axes.pop(2), analysis, pictures)
    draw_waveform(axes[2], analysis, waveform)
    _draw_bands(axes[3], analysis)
    for axis, name in zip(axes[4:], lanes, strict=False):
        _draw_signal(axis, analysis, name)
    for axis, (name, curve) in zip(axes[4 + len(lanes) :], parameters.items(), strict=True):
        _draw_parameter(axis, name, curve, analysis.fps)
    for axis in axes[1:]:
        for drop in analysis.score.drops:
            axis.axvline(drop, color=DROP, linewidth=1.3, alpha=0.9)
    place = 1 - 0.42 / inches
    head: dict[str, Any] = {"va": "center", "parse_math": False}
    figure.text(left, place, printable(title), color=INK, fontsize=17, weight="bold", **head)
    figure.text(0.985, place, facts(analysis), color=FAINT, fontsize=12, ha="right", **head)
    picture = io.BytesIO()
    figure.savefig(picture, format=out.suffix.lower()[1:], facecolor=GROUND)
    data = picture.getvalue()
    write_file(out, with_text(data, origin_text("analysis", title=title)) if data.startswith(SIGNATURE) else data)


def columns_of(curve: Curve, columns: int, how: str) -> Curve:
    """A curve (n,) or (n, k) in at most so many equal stretches: their ``"max"`` or ``"mean"``; float32."""
    n = len(curve)
    if n <= columns:
        return np.asarray(curve, np.float32)
    starts = np.arange(columns) * n // columns
    if how == "max":
        return np.maximum.reduceat(curve, starts, axis=0).astype(np.float32)
    sizes = np.diff(np.append(starts, n))
    return (np.add.reduceat(curve, starts, axis=0, dtype=np.float64).T / sizes).T.astype(np.float32)


def facts(analysis: Analysis) -> str:
    """Tempo, key and length, for the head of a picture."""
    tempo = analysis.score.tempo_bpm
    parts = [f"{tempo:.1f} BPM" if tempo else "no steady beat"]
    if len(analysis.score.stretches) == 1 and (metre := metre_name(analysis.score.stretches[0])):
        parts.append(metre)
    keys = np.asarray(analysis.signals.get("key", ()), np.float64)
    keys = keys[np.isfinite(keys) & (keys >= 0) & (keys < 24)].astype(int)
    if len(keys):
        key = int(np.bincount(keys).argmax())
        parts.append(f"{PITCHES[key % 12]} {'minor' if key >= 12 else 'major'}")
    parts.append(_clock(analysis.duration))
    return "  ·  ".join(parts)


def _clock(seconds: float) -> str:
    """``m:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def printable(text: str) -> str:
    """Text that the font can show without a warning: other letters as □; cut at MAX_TITLE."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known = get_font(findfont(FontProperties(weight="bold"))).get_charmap()
    text = " ".join(text.split())
    text = "".join(c if ord(c) in known and c.isprintable() else "□" for c in text)
    return text if len(text) <= MAX_TITLE else text[: MAX_TITLE - 1] + "…"


def dress(axis: Any, duration: float, last: bool) -> None:
    """Dark panel without frame or y ticks; the last one has the time axis."""
    from matplotlib.ticker import FixedLocator, FuncFormatter

    axis.set_facecolor(PANEL)
    for spine in axis.spines.values():
        spine.set_visible(False)
    end = max(duration, 1e-3)
    axis.set_xlim(0, end)
    axis.set_yticks([])
    steps = (0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200)
    step = next((s for s in steps if end / s <= 16), 3600)
    axis.xaxis.set_major_locator(FixedLocator(np.arange(0, end + 1e-9, step).tolist()))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda t, _: _clock(t) if step >= 1 else f"{t:.1f} s"))
    axis.tick_params(axis="x", colors=FAINT, labelsize=11, length=4 if last else 0, labelbottom=last)
    axis.grid(axis="x", color="#2a2d33", linewidth=0.6)
    axis.set_axisbelow(True)


def name_lane(axis: Any, text: str, colour: str = INK) -> None:
    """What a lane shows, to its left."""
    axis.text(-0.008, 0.5, text, transform=axis.transAxes, ha="right", va="center", color=colour, fontsize=11)


def draw_sections(axis: Any, analysis: Analysis) -> None:
    """A strip for each section, one colour for each label; a name where there is room for it."""
    name_lane(axis, "sections")
    axis.set_ylim(0, 1)
    axis.grid(False)
    colours: dict[str, str] = {}
    for section in analysis.score.sections:
        colour = colours.setdefault(section.label, SECTIONS[len(colours) % len(SECTIONS)])
        width = section.end - section.start
        axis.axvspan(section.start, section.end, color=colour, linewidth=0)
        axis.axvline(section.start, color=GROUND, linewidth=2)
        letters = int(width / max(analysis.duration, 1e-3) * LETTERS)  # that fit into the strip
        label = printable(section.label)
        if letters >= min(len(label), 2):
            look: dict[str, Any] = {"ha": "center", "va": "center", "color": INK, "fontsize": 11}
            axis.text(section.start + width / 2, 0.5, label[:letters], parse_math=False, **look)
    labelled = -np.inf
    for drop in analysis.score.drops:
        axis.plot([drop], [1.0], marker="v", color=DROP, markersize=11, clip_on=False, zorder=5)
        if drop - labelled < 0.08 * analysis.duration:
            continue  # its label would run into the one before
        labelled = drop
        side = "right" if drop > 0.95 * analysis.duration else "left"
        text = f"  drop {_clock(float(drop))}  "
        axis.text(drop, 1.12, text, color=DROP, fontsize=10, ha=side, va="bottom")


def draw_stretches(axis: Any, analysis: Analysis) -> None:
    """Tempo and metre of each stretch, where there is room for the words; paler where they are unsure."""
    name_lane(axis, "tempo")
    axis.set_ylim(0, 1)
    axis.grid(False)
    for stretch in analysis.score.stretches:
        width = (stretch.end - stretch.start) / max(analysis.duration, 1e-3)
        axis.axvspan(stretch.start, stretch.end, color=FAINT, alpha=0.15 + 0.35 * stretch.confidence, linewidth=0)
        axis.axvline(stretch.start, color=INK, linewidth=1.2)
        words = (f" {stretch.tempo_bpm:.1f} BPM {metre_name(stretch)}", f" {stretch.tempo_bpm:.0f}", "")
        text = next(word for word in words if len(word) <= width * LETTERS)
        axis.text(stretch.start, 0.5, text, va="center", color=INK, fontsize=10, parse_math=False)


def draw_beats(axis: Any, analysis: Analysis) -> None:
    """Bars as long ticks with their numbers, beats as short ones; what would run together is left out."""
    name_lane(axis, "bars, beats")
    axis.set_ylim(0, 1)
    score = analysis.score
    axis.grid(False)
    if 0 < len(score.beats) <= COLUMNS // 4:
        axis.vlines(score.beats, 0, 0.3, color=FAINT, linewidth=1)
    step = next(n for n in BAR_STEPS if len(score.bars) <= n * BAR_NUMBERS or n == BAR_STEPS[-1])
    numbered = np.arange(len(score.bars)) % step == 0
    if 0 < len(score.bars) <= COLUMNS // 3:
        axis.vlines(score.bars[~numbered], 0, 0.55, color=INK, linewidth=1)
    for k in np.flatnonzero(numbered):
        axis.axvline(score.bars[k], color=INK, linewidth=1.2)
        if score.bars[k] < 0.985 * analysis.duration:
            axis.text(score.bars[k], 0.97, f" {k + 1}", va="top", color=INK, fontsize=8)


def draw_waveform(axis: Any, analysis: Analysis, waveform: NDArray[np.float32] | None) -> None:
    """The outline of the sound, build-ups shaded."""
    name_lane(axis, "waveform")
    peak = 0.0
    if waveform is not None and len(waveform):
        finite = np.nan_to_num(waveform)
        low = -columns_of(-finite[:, 0], COLUMNS, "max")
        high = columns_of(finite[:, 1], COLUMNS, "max")
        peak = float(np.abs(finite).max())
        time = (np.arange(len(low)) + 0.5) * analysis.duration / len(low)
        axis.fill_between(time, low, high, color="#9aa3b2", linewidth=0.3, step="mid")
    axis.set_ylim(-1.05 * (peak or 1.0), 1.05 * (peak or 1.0))
    for start, end in analysis.score.builds:
        axis.axvspan(start, end, color=DROP, alpha=0.16, linewidth=0)


def _draw_pictures(axis: Any, analysis: Analysis, pictures: NDArray[np.uint8]) -> None:
    """A strip of the film, each picture around its time; so many as fit without being squeezed."""
    name_lane(axis, "film")
    axis.grid(False)
    axis.set_ylim(0, 1)
    n, height, width = pictures.shape[:3]
    wide = STRIP * 1.02 * width / height
    shown = max(1, min(n, round(14 / wide)))
    for k in range(shown):
        row = pictures[int((k + 0.5) * n / shown)]
        edges = (k * analysis.duration / shown, (k + 1) * analysis.duration / shown)
        axis.imshow(row, aspect="auto", extent=(*edges, 0, 1), interpolation="bilinear")
    axis.set_xlim(0, max(analysis.duration, 1e-3))


def _draw_bands(axis: Any, analysis: Analysis) -> None:
    """Heat map of the bands, low ones at the bottom, in decibels below the song's strongest."""
    name_lane(axis, "bands\nlow to high")
    bands = np.nan_to_num(columns_of(analysis.bands, COLUMNS, "max"))
    if not bands.size:
        return
    top = float(np.percentile(bands, 99.8)) or float(bands.max()) or 1.0
    level = 20 * np.log10(np.maximum(bands / top, 1e-6))
    quiet = level[level > -119]
    floor = float(np.clip(np.percentile(quiet, 10), -70, -20)) if quiet.size else -60.0
    axis.imshow(
        level.T,
        aspect="auto",
        origin="lower",
        cmap="magma",
        vmin=floor,
        vmax=0,
        interpolation="auto",
        extent=(0.0, max(analysis.duration, 1e-3), 0.0, float(bands.shape[1])),
    )
    axis.grid(False)


def _draw_signal(axis: Any, analysis: Analysis, name: str) -> None:
    """A lane from 0 to 1: levels as areas, impulses as strokes."""
    curve = np.nan_to_num(np.asarray(analysis.signals[name], np.float32))
    colour = {**LEVELS, **IMPULSES, **WORDS}.get(name, DROP)
    name_lane(axis, name, colour)
    axis.set_ylim(0, 1.08)
    values = columns_of(curve, COLUMNS, "max" if KINDS.get(name) == "impulse" else "mean")
    rate = float(analysis.fps) * len(values) / max(1, len(curve))
    if KINDS.get(name) == "impulse":
        hits = np.flatnonzero(values > 0.02)
        axis.vlines(hits / rate, 0, values[hits], color=colour, linewidth=1.3 if len(hits) < COLUMNS // 5 else 0.8)
    else:
        axis.fill_between(np.arange(len(values)) / rate, 0, values, color=colour, alpha=0.85, linewidth=0)


def _draw_parameter(axis: Any, name: str, curve: Curve, fps: Fraction) -> None:
    """A lane from the lowest to the highest value that a parameter takes; both are written at its left end."""
    name_lane(axis, name, PARAMETER)
    low, high = -columns_of(-curve, COLUMNS, "max"), columns_of(curve, COLUMNS, "max")
    bottom, top = float(low.min()), float(high.max())
    least = max(1e-6, 1e-3 * abs(top))  # what never moves is a line in the middle
    span = max(top - bottom, least)
    axis.set_ylim((bottom + top - span * 1.16) / 2, (bottom + top + span * 1.16) / 2)
    time = np.arange(len(low)) * (len(curve) / len(low) / float(fps))
    axis.fill_between(time, low, high, color=PARAMETER, linewidth=0.9)
    axis.fill_between(time, axis.get_ylim()[0], low, color=PARAMETER, alpha=0.18, linewidth=0)
    unit = targets()[name].unit if name in targets() else ""
    look: dict[str, Any] = {"transform": axis.transAxes, "color": INK, "fontsize": 8, "parse_math": False}
    look["bbox"] = {"facecolor": PANEL, "alpha": 0.7, "linewidth": 0, "pad": 0.8}
    axis.text(0.003, 0.96, f"{round(top, 3):g} {unit}".strip(), va="top", **look)
    axis.text(0.003, 0.04, f"{round(bottom, 3):g}", va="bottom", **look)
