"""Contact sheet of a preset's worlds: one row per seed or child, one column per section of the song."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from avwalk import presets
from avwalk.contracts import Frames
from avwalk.errors import OptionError
from avwalk.explore.classes import class_row
from avwalk.explore.family import Family, family
from avwalk.pipeline import plan_of, source_of
from avwalk.registry import GENERATORS
from avwalk.request.metadata import metadata
from avwalk.request.output import safe_stem
from avwalk.request.resolve import resolve
from avwalk.video.contact_sheet import contact_sheet

MAX_WORLDS = 100
MAX_COLUMNS = 6
SIZE = "320x180"


def explore_worlds(
    song: str | Path,
    *,
    count: int = 12,
    vary: int | None = None,
    breed: Sequence[int] | None = None,
    amount: float | None = None,
    out: str | Path | None = None,
    force: bool = False,
    on_row: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Path:
    """Draws a contact sheet of worlds, numbered by their seeds: the film of seed 7 looks like row 7.

    With ``vary`` or ``breed`` the rows are children, numbered from 1, below those that they come from. Of a generator
    that knows classes the columns are the preset's classes.

    Args:
        song: any audio file.
        count: how many worlds, or children: from 0, or 1 (or the option ``seed``) on.
        vary: the seed to show variations of.
        breed: seeds to cross.
        amount: variation of children, up to 1; default 0.3.
        out: a PNG file; default ``<song>_<preset>_worlds.png``, ``…_7v.png`` or ``…_3x7x9.png``.
        force: replace a file that is there.
        on_row: called with rows done and rows in all.
        **options: as in `avwalk.render`: ``preset``, ``size``, ``set``, …

    Raises:
        OptionError: the count or the amount is out of range, options contradict each other, or the file is there.
    """
    if not 1 <= count <= MAX_WORLDS:
        raise OptionError(f"--count {count} is out of range; give 1 to {MAX_WORLDS}")
    lineage = family(vary, breed, amount)
    options = {"size": SIZE, **options}
    first = options.pop("seed", None)
    first = (1 if lineage else 0) if first is None else int(first)
    request = resolve(song, options)
    if lineage and "parents" not in request.film.look.generator.options:
        raise OptionError(
            f"generator {request.film.look.generator.name} has no worlds to vary or breed; use --generator cppn"
        )
    by_class = GENERATORS[request.film.look.generator.name].takes_classes
    what = lineage.name if lineage else "classes" if by_class else "worlds"
    name = f"{safe_stem(request.song.path.stem)}_{request.preset.name}_{what}.png"
    path = Path(out) if out else Path(name)
    if path.exists() and not force:
        raise OptionError(f"'{path}' exists; --force replaces it, --out names another")
    rows = [(str(seed), {**options, "seed": seed}) for seed in (lineage.parents if lineage else ())]
    for seed in range(first, first + count):
        rows.append(
            (lineage.child(seed), _born(options, lineage, seed)) if lineage else (str(seed), {**options, "seed": seed})
        )
    pictures: list[tuple[str, Frames]] = []
    for k, (label, row) in enumerate(rows):
        pictures += class_row(song, row, label) if by_class else world_row(song, row, label)
        if on_row:
            on_row(k + 1, len(rows))
    contact_sheet(pictures, len(pictures) // len(rows), path, metadata(request))
    return path


def _born(options: dict[str, Any], lineage: Family, seed: int) -> dict[str, Any]:
    """Render options of a child world, as in its preset."""
    before = tuple(options.get("set") or ())
    ancestors = lineage.ancestors(presets.load(options.get("preset", "lsd"), before).values)
    lines = f"cppn.parents={presets.toml_value(ancestors)}", f"cppn.variation={lineage.amount}"
    return {**options, "seed": seed, "set": (*before, *lines)}


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


def keep(
    preset: str,
    numbers: Iterable[int],
    *,
    vary: int | None = None,
    breed: Sequence[int] | None = None,
    amount: float | None = None,
    force: bool = False,
) -> list[Path]:
    """Saves worlds as user presets, by their row numbers.

    ``lsd-7`` is ``lsd`` in the world of seed 7, ``lsd-7v2`` its variation 2, ``lsd-3x7x9-4`` a child of three.

    Raises:
        PresetError: one is there already, or cannot be written.
        OptionError: options that contradict each other.
    """
    lineage, loaded = family(vary, breed, amount), presets.load(preset)
    if lineage is None:
        return [presets.create(f"{loaded.name}-{number}", preset, seed=number, force=force) for number in numbers]
    table = {"parents": lineage.ancestors(loaded.values), "variation": lineage.amount}
    return [
        presets.create(f"{loaded.name}-{lineage.child(number)}", preset, seed=number, cppn=table, force=force)
        for number in numbers
    ]
