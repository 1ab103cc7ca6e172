"""Worlds of a preset side by side: a row for each seed, a column for each section of the song."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from avwalk import presets
from avwalk.contracts import Frames
from avwalk.errors import OptionError
from avwalk.output import safe_stem
from avwalk.render import plan_of, source_of
from avwalk.request import resolve
from avwalk.video.contact_sheet import contact_sheet

MAX_WORLDS = 100
MAX_COLUMNS = 6
SIZE = "320x180"


def explore_worlds(
    song: str | Path,
    *,
    count: int = 12,
    out: str | Path | None = None,
    force: bool = False,
    on_row: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Path:
    """Draws a contact sheet of worlds, numbered by their seeds: the film of seed 7 looks like row 7.

    Args:
        song: any audio file.
        count: how many seeds, from 0 (or the option ``seed``) on.
        out: a PNG file; default ``<song>_<preset>_worlds.png``.
        force: replace a file that is there.
        on_row: called with rows done and rows in all.
        **options: as in `avwalk.render`: ``preset``, ``size``, ``set``, …

    Raises:
        OptionError: the count is out of range, or the file is there.
    """
    if not 1 <= count <= MAX_WORLDS:
        raise OptionError(f"-n {count} is out of range; give 1 to {MAX_WORLDS}")
    options = {"size": SIZE, **options}
    first = int(options.pop("seed", 0) or 0)
    request = resolve(song, options)
    path = Path(out) if out else Path(f"{safe_stem(request.song.path.stem)}_{request.look.name}_worlds.png")
    if path.exists() and not force:
        raise OptionError(f"'{path}' exists; --force replaces it, --out names another")
    pictures: list[tuple[str, Frames]] = []
    columns = 1
    for k in range(count):
        row = world_row(song, {**options, "seed": first + k})
        columns = len(row)
        pictures += row
        if on_row:
            on_row(k + 1, count)
    contact_sheet(pictures, columns, path)
    return path


def world_row(song: str | Path, options: dict[str, Any]) -> list[tuple[str, Frames]]:
    """A picture of each of a song's longest sections, in order, labelled with seed, section and time."""
    request = resolve(song, options)
    plan, worlds, analysis = plan_of(request)
    sections = sorted(analysis.score.sections, key=lambda s: s.start - s.end)[:MAX_COLUMNS]
    source = source_of(plan, worlds)
    row = []
    for section in sorted(sections, key=lambda s: s.start):
        at = (section.start + section.end) / 2
        i = min(plan.i1 - 1, max(plan.i0, round(at * float(plan.fps))))
        row.append((f"{request.seed}   {section.label} {int(at // 60)}:{at % 60:04.1f}", source.frames(i, i + 1)[0]))
    return row


def keep(preset: str, seeds: Iterable[int], *, force: bool = False) -> list[Path]:
    """Presets of the user's own for the seeds that are liked: ``lsd-7`` is ``lsd`` in the world of seed 7.

    Raises:
        PresetError: one is there already, or cannot be written.
    """
    return [presets.create(f"{presets.load(preset).name}-{seed}", preset, seed=seed, force=force) for seed in seeds]
