"""Contact sheet of a preset's worlds: one row per seed or child, one column per section of the song."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from avwalk import presets
from avwalk.config.options import RenderOptions
from avwalk.errors import OptionError
from avwalk.explore.family import Family, family
from avwalk.explore.world_sheet import SheetRow, draw_world_sheet
from avwalk.registry import GENERATORS
from avwalk.request.metadata import metadata
from avwalk.request.output import safe_stem
from avwalk.request.resolve import resolve

MAX_WORLDS = 100
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
    that knows classes the columns are the preset's classes. A page beside the sheet takes marks.

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
    rows, keep = _rows(options, lineage, range(first, first + count)), _keep_command(options, vary, breed, amount)
    lines = [SheetRow(label, label, f"{request.preset.name}-{label}", row, number, keep) for label, number, row in rows]
    built_in = request.film.look.generator.name == "cppn"
    kind = "classes" if by_class else "worlds" if built_in else "other"
    draw_world_sheet(song, lines, path, metadata(request), kind=kind, on_row=on_row)
    return path


def _rows(
    options: dict[str, Any], lineage: Family | None, seeds: Iterable[int]
) -> list[tuple[str, int, dict[str, Any]]]:
    """Name, number and render options of each row; parents come first."""
    rows = [(str(seed), seed, {**options, "seed": seed}) for seed in (lineage.parents if lineage else ())]
    for seed in seeds:
        born = (lineage.child(seed), seed, _born(options, lineage, seed)) if lineage else None
        rows.append(born or (str(seed), seed, {**options, "seed": seed}))
    return rows


def _keep_command(options: dict[str, Any], vary: int | None, breed: Sequence[int] | None, amount: float | None) -> str:
    """The command that keeps rows of the sheet, up to ``--keep``."""
    words = ["avwalk", "explore", "--preset", str(options.get("preset", RenderOptions().preset))]
    words += ["--vary", str(vary)] if vary is not None else []
    words += ["--breed", ",".join(map(str, breed))] if breed else []
    words += ["--amount", f"{amount:g}"] if amount is not None else []
    return shlex.join(words)


def _born(options: dict[str, Any], lineage: Family, seed: int) -> dict[str, Any]:
    """Render options of a child world, as in its preset."""
    before = tuple(options.get("set") or ())
    ancestors = lineage.ancestors(presets.load(options.get("preset", "lsd"), before).values)
    lines = f"cppn.parents={presets.toml_value(ancestors)}", f"cppn.variation={lineage.amount}"
    return {**options, "seed": seed, "set": (*before, *lines)}


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
