"""Draws a sheet of worlds, and the page on which they are marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avwalk.contracts import Frames
from avwalk.explore.classes import class_row
from avwalk.explore.features import world_features
from avwalk.explore.marked_sheet import TASTE, SheetWorld, learn_command, worlds_text
from avwalk.explore.page import PageCell, page
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from avwalk.video.contact_sheet import contact_sheet

MAX_COLUMNS = 6


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet.

    Attributes:
        name: of the row, as the command that learns takes it.
        label: beside its pictures.
        world: its name anywhere, such as ``lsd-7``.
        options: of its film, as in `avwalk.render`.
        number: of it, as ``--keep`` takes it.
        keep: the command that keeps it, up to ``--keep``.
        features: of the world; None: to be measured.
    """

    name: str
    label: str
    world: str
    options: dict[str, Any]
    number: int
    keep: str
    features: Mapping[str, float] | None = None


def draw_world_sheet(
    song: str | Path,
    rows: Sequence[SheetRow],
    out: Path,
    texts: Mapping[str, str],
    *,
    kind: str = "worlds",
    taste: str = TASTE,
    on_row: Callable[[int, int], None] | None = None,
) -> Path:
    """Draws a row for each world, a column for each of the song's longest sections, and a page beside the sheet.

    Args:
        song: any audio file.
        rows: at least one.
        out: the PNG; the page has its name with ``.html``.
        texts: PNG metadata of the sheet.
        kind: ``worlds``, of the built-in generator; ``classes``, a column for each; or ``other``, of other generators.
        taste: the file that marks are learnt into.
        on_row: called with rows done and rows in all.

    Returns:
        The page.

    Raises:
        OutputError: a file cannot be written.
    """
    pictures: list[tuple[str, Frames]] = []
    cells, worlds = [], []
    for k, row in enumerate(rows):
        made = class_row(song, row.options, row.label) if kind == "classes" else world_row(song, row.options, row.label)
        pictures += made
        shown = [picture for _, picture in made]
        cells.append(PageCell(row.name, row.label.removeprefix(row.name).strip(), shown, row.number, row.keep))
        if kind == "worlds":
            features = world_features(song, row.options) if row.features is None else row.features
            worlds.append(SheetWorld(row.name, row.world, features))
        if on_row:
            on_row(k + 1, len(rows))
    contact_sheet(pictures, len(pictures) // len(rows), out, {**texts, **worlds_text(worlds)})
    beside = out.with_suffix(".html")
    page(f"{out.stem}: worlds of a song", cells, learn_command(out, taste) if worlds else "", beside)
    return beside


def world_row(song: str | Path, options: dict[str, Any], name: str) -> list[tuple[str, Frames]]:
    """A picture of each of a song's longest sections, in order, labelled with a name, section and time."""
    request = resolve(song, options)
    plan, worlds, analysis = plan_of(request)
    sections = sorted(analysis.score.sections, key=lambda s: s.start - s.end)[:MAX_COLUMNS]
    source = source_of(plan, worlds)
    row = []
    for section in sorted(sections, key=lambda s: s.start):
        at = (section.start + section.end) / 2
        i = min(plan.i1 - 1, max(plan.i0, round(at * float(plan.fps))))
        row.append((f"{name}   {section.label} {int(at // 60)}:{at % 60:04.1f}", source.frames(i, i + 1)[0]))
    return row
