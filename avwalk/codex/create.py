"""Makes the folder of a codex: of one that comes with avwalk, of EchoAI's, or of tables of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from avwalk.codex.codex import Codex, load_codex
from avwalk.codex.echoai import read_echoai
from avwalk.codex.folder import MAX_PICTURES, CodexFolder
from avwalk.codex.settings_file import settings_of, write_settings
from avwalk.codex.shipped import shipped_folder, shipped_settings
from avwalk.codex.tables import MAX_BYTES
from avwalk.errors import CodexError, OptionError, OutputError, PainterError
from avwalk.files.atomic import make_folder, write_file
from avwalk.painters.registry import open_painter
from avwalk.painters.times import seconds_each

MANY = 10**12
"""Combinations: with more, it is said how small a part of them is drawn."""


@dataclass(frozen=True)
class CodexSource:
    """Where a codex comes from; one of the three, or nothing: the tables that lie in its folder.

    Attributes:
        shipped: name of one that comes with avwalk.
        echoai: folder of EchoAI.
        scenes: a table of scenes.
        structure: a table of attributes, beside the scenes.
    """

    shipped: str = ""
    echoai: Path | None = None
    scenes: Path | None = None
    structure: Path | None = None


@dataclass(frozen=True)
class PreparedCodex:
    """A codex that is ready to be written.

    Attributes:
        codex: as it will be.
        scenes: bytes of its table; None: the one in the folder stays.
        structure: likewise.
        notes: what is to be said, a line each.
    """

    codex: Codex
    scenes: bytes | None
    structure: bytes | None
    notes: tuple[str, ...]


def prepare_codex(folder: CodexFolder, source: CodexSource, values: Mapping[str, Any]) -> PreparedCodex:
    """Reads and checks everything; writes nothing.

    Args:
        folder: that it will have.
        source: of its tables.
        values: of settings, as given; they go before those of the source.

    Raises:
        OptionError: two sources, or settings out of range.
        CodexError: the source cannot be read, or its tables are wrong.
    """
    named = [bool(source.shipped), source.echoai is not None, source.scenes is not None]
    if sum(named) > 1:
        raise OptionError("--codex, --from and --scenes are three sources of one codex; give one")
    if source.structure is not None and source.scenes is None and sum(named):
        raise OptionError("--structure belongs to --scenes; the other sources have their own")
    scenes, structure, base, notes = _tables(folder, source)
    name = str(values.get("name", "")) or folder.path.absolute().name[:200]
    settings = settings_of({**base, **values, "name": name})
    with TemporaryDirectory() as there:  # the tables as they will be, read as they will be
        trial = CodexFolder(Path(there))
        write_settings(trial.settings, settings)
        write_file(trial.scenes, scenes if scenes is not None else _read(folder.scenes))
        if structure is None and scenes is None and folder.structure.exists():
            write_file(trial.structure, _read(folder.structure))
        elif structure is not None:
            write_file(trial.structure, structure)
        codex = load_codex(trial)
    return PreparedCodex(codex, scenes, structure, (*notes, *codex.matrix.notes))


def write_codex(folder: CodexFolder, prepared: PreparedCodex, *, force: bool = False) -> None:
    """Writes the tables and the settings.

    Raises:
        OutputError: a codex is there and ``force`` is not given; or it cannot be written.
    """
    there = [folder.settings] if folder.settings.exists() else []
    there += [folder.scenes] if prepared.scenes is not None and folder.scenes.exists() else []
    if there and not force:
        raise OutputError(f"'{there[0]}' exists; --force replaces it (pictures and marks stay)")
    make_folder(folder.path)
    if prepared.scenes is not None:
        write_file(folder.scenes, prepared.scenes)
        write_file(folder.structure, prepared.structure or b"")
    write_settings(folder.settings, prepared.codex.settings)


def numbers(codex: Codex) -> list[str]:
    """What a codex will take, before anything is drawn: combinations, pictures, time and cost; a line each.

    Raises:
        OptionError: far more pictures than a codex may have.
    """
    settings, total, scenes = codex.settings, codex.total, len(codex.matrix.scenes)
    if total > MAX_PICTURES:
        raise OptionError(
            f"{scenes} scenes × {settings.cycles} cycles × {codex.each_prompt} are {total} pictures; "
            f"a codex has at most {MAX_PICTURES}: take fewer cycles"
        )
    several = f" × {len(codex.painters)} painters" if settings.several == "all" and len(codex.painters) > 1 else ""
    width, height = settings.size
    lines = [
        f"{_many(scenes, 'scene')}, {_attributes(codex)}",
        f"{_grouped(codex.combinations)} combinations",
        f"{_many(scenes, 'scene')} × {_many(settings.cycles, 'cycle')} × {_many(settings.variations, 'variation')}"
        f"{several} = {_many(total, 'picture')} of {width}x{height}",
    ]
    if codex.combinations > MANY:
        lines[1] += f": nobody draws them all; {total} that cover every attribute evenly are drawn"
    return [*lines, _time_and_cost(codex)]


def _time_and_cost(codex: Codex) -> str:
    """By what was measured here before; painters of one codex work side by side."""
    try:
        opened = [open_painter(name) for name in codex.painters]
    except PainterError as error:  # another machine may draw it
        return f"time and cost not known: {error}"
    each = codex.total / len(opened)
    seconds, cost = [], []
    for painter in opened:
        known = seconds_each(painter, codex.settings.size)
        seconds.append(None if known is None else known * each / min(painter.jobs, codex.settings.concurrency))
        cost.append(None if painter.price is None else painter.price * each)
    times = [value for value in seconds if value is not None]
    costs = [value for value in cost if value is not None]
    time = "time not known yet: the first pictures will say" if len(times) < len(seconds) else _hours(max(times))
    price = "price not known (add ?price=N to the painter)" if len(costs) < len(cost) else f"cost {sum(costs):g}"
    return f"by {', '.join(painter.kind for painter in opened)}: {time}, {price}"


def _tables(
    folder: CodexFolder, source: CodexSource
) -> tuple[bytes | None, bytes | None, dict[str, Any], tuple[str, ...]]:
    """Scenes, structure, settings and notes of a source."""
    if source.shipped:
        place = CodexFolder(shipped_folder(source.shipped))
        values = shipped_settings(source.shipped).model_dump(exclude_defaults=True)
        return place.scenes.read_bytes(), place.structure.read_bytes(), values, ()
    if source.echoai is not None:
        found = read_echoai(source.echoai)
        return found.scenes, found.structure, {**found.values, "overrides": dict(found.overrides)}, found.notes
    if source.scenes is not None:
        structure = None if source.structure is None else _read(source.structure)
        return _read(source.scenes), structure, {}, ()
    if not folder.scenes.is_file():
        raise CodexError(
            f"'{folder.path}' has no {folder.scenes.name}; take a codex that comes with avwalk (--codex NAME, see "
            "`avwalk codex list`), a table (--scenes FILE) or a folder of EchoAI (--from DIR)"
        )
    return None, None, {}, ()


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CodexError(f"'{file}' cannot be read: {error.strerror}; check its name") from None


def _attributes(codex: Codex) -> str:
    if codex.settings.override:
        return "no attributes: the override stands in their place"
    return ", ".join(f"{name} ({len(values)})" for name, values in codex.categories.items()) or "no attributes"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ") if count < 10**15 else f"{count:.3g}"


def _hours(seconds: float) -> str:
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"
