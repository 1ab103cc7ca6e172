"""Worlds by a taste: ``avwalk explore SONG --like taste.json``."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from avwalk import presets
from avwalk.errors import OptionError
from avwalk.explore.features import world_features
from avwalk.explore.proposals import Proposal, candidates, propose
from avwalk.explore.taste import read_taste
from avwalk.explore.world_sheet import SheetRow, draw_world_sheet
from avwalk.explore.worlds import MAX_WORLDS, SIZE
from avwalk.request.metadata import metadata
from avwalk.request.output import safe_stem
from avwalk.request.resolve import resolve

Tick = Callable[[str, int, int], None]


def explore_liked(
    song: str | Path,
    taste_file: str | Path,
    *,
    count: int = 12,
    out: str | Path | None = None,
    force: bool = False,
    on_world: Tick | None = None,
    **options: Any,
) -> tuple[Path, Path, list[Proposal], str | None]:
    """Draws a sheet of worlds that somebody may like, one in four of them outside of the taste.

    Args:
        song: any audio file.
        taste_file: what was learnt, see `avwalk.explore.taste`.
        count: how many worlds.
        out: a PNG file; default ``<song>_liked.png``, or ``<song>_<preset>_liked.png``.
        force: replace a file that is there.
        on_world: called with ``looked at`` or ``drawn``, worlds done and worlds in all.
        **options: as in `avwalk.render`. With ``preset``: worlds of that one; else of all built-in ones.

    Returns:
        The sheet, its page, what is on it, and why it is guesswork (None: it is not).

    Raises:
        OptionError: the taste is none, an option is out of range, or the file is there.
    """
    if not 1 <= count <= MAX_WORLDS:
        raise OptionError(f"--count {count} is out of range; give 1 to {MAX_WORLDS}")
    if (generator := options.get("generator", "auto")) not in ("auto", "cppn"):
        raise OptionError(f"--like proposes worlds of the built-in generator, not of {generator}; use --generator cppn")
    taste = read_taste(Path(taste_file))
    if not taste.marks:
        raise OptionError(f"taste '{taste_file}' holds no marks; mark worlds on the page of `avwalk explore SONG`")
    first = int(options.pop("seed", None) or 0)
    options = {"size": SIZE, **options, "generator": "cppn"}
    request = resolve(song, options)
    only = options.get("preset")
    part = f"_{request.preset.name}" if only else ""
    path = Path(out) if out else Path(f"{safe_stem(request.song.path.stem)}{part}_liked.png")
    if path.exists() and not force:
        raise OptionError(f"'{path}' exists; --force replaces it, --out names another")
    files = {request.preset.name: only} if only else {name: name for name in _built_in()}

    def of(preset: str, seed: int) -> dict[str, Any]:
        return {**options, "preset": files[preset], "seed": seed}

    seen = _tick("looked at", on_world)
    worlds = candidates(tuple(files), count, first, taste, lambda *each: world_features(song, of(*each)), seen)
    proposals = propose(worlds, taste, count)
    rows = []
    for each in proposals:
        world = each.world
        name = str(world.seed) if only else world.name
        keep = f"avwalk explore --preset {shlex.quote(files[world.preset])}"
        label = f"{name}   {'outside' if each.outside else 'like'} {each.score:.0%}"
        rows.append(SheetRow(name, label, world.name, of(world.preset, world.seed), world.seed, keep, world.features))
    drawn = _tick("drawn", on_world)
    beside = draw_world_sheet(song, rows, path, metadata(request), taste=str(taste_file), on_row=drawn)
    return path, beside, proposals, taste.caveat


def _tick(what: str, on_world: Tick | None) -> Callable[[int, int], None] | None:
    return (lambda done, total: on_world(what, done, total)) if on_world else None


def _built_in() -> list[str]:
    """Presets that come with avwalk: those that were kept from exploring are worlds already."""
    folder = presets.folders()[-1]
    return sorted(file.stem for file in folder.glob("*.toml") if not file.stem.startswith("_"))
