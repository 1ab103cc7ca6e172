"""The table of a batch (CSV): one film per row, columns as the options of `avwalk render`.

    song,preset,seed,out,size,set
    one.wav,lsd,,,,
    two.flac,idol,7,films/two.mp4,1920x1080,camera.zoom=1.2;routes=[]

Columns are ``song`` and the options of `avwalk render`, called as on the command line (``av-offset-ms`` or
``av_offset_ms``). Repeatable options are separated by ``;``. Empty cells mean the
default; a column ``note`` is ignored. File paths are relative to the table's folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avwalk import presets
from avwalk.audio.decode import read_header
from avwalk.audio.probe import probe
from avwalk.batch.check import render_problems
from avwalk.clock import parse_fps
from avwalk.config.fields import opt_of, repeats
from avwalk.config.options import RenderOptions
from avwalk.errors import AvwalkError, OptionError, PresetError, SongError, did_you_mean
from avwalk.files.csv_table import Cell, Record, below_header, header_problems, open_table, with_point
from avwalk.files.names import as_there, is_regular, name_problem, same_name
from avwalk.request.output import default_name, safe_stem
from avwalk.request.parse import parse_options
from avwalk.request.seeds import usual_seed
from avwalk.settings import settings
from avwalk.video.profiles import profile

FIELDS = RenderOptions.model_fields
LISTS = tuple(name for name, field in FIELDS.items() if repeats(field))
FILES = ("song", *(name for name, field in FIELDS.items() if opt_of(field).file == "always"))
PERHAPS_FILES = tuple(name for name, field in FIELDS.items() if opt_of(field).file == "perhaps")
NUMBERS = tuple(name for name, field in FIELDS.items() if "float" in f"{field.annotation} {opt_of(field).accepts}")
SINGLE = ("estimate", "price")  # of these comes no film
NEGATED = {f"no_{name}": name for name, field in FIELDS.items() if any("--no-" in f for f in opt_of(field).flags)}
NOTES = ("note", "notes", "comment")
COLUMNS = ("song", *(name for name in FIELDS if name not in SINGLE), *NEGATED)
MAX_BYTES = 4 << 20
MAX_PROBLEMS = 200
"""Behind so many rows are no longer looked at."""

_Problem = tuple[Cell, str]


@dataclass(frozen=True)
class Job:
    """A film to render.

    Attributes:
        song: the song's file.
        options: of `avwalk.render`, as given.
        location: ``file:line`` of its row.
    """

    song: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    location: str = ""


def read_jobs(file: Path, common: Mapping[str, Any] | None = None) -> list[Job]:
    """Reads and checks a table.

    Args:
        file: in any encoding that a spreadsheet writes, delimited by commas, semicolons or tabs.
        common: options of every row that has none of its own.

    Raises:
        OptionError: one line for each problem: ``file:line:column: what, which value, what to do``.
    """
    table = open_table(file, "table", MAX_BYTES)
    head, records, problems = below_header(table, lambda text: _names_a_song(file.parent, text))
    header = [c.text.lower().strip("-").replace("-", "_").replace(" ", "_") for c in head.cells] if head else []
    problems += _header_problems(header, head) if head else []
    rows: list[tuple[Job, Mapping[str, Cell]]] = []
    for record in records if "song" in header else ():
        if len(problems) > MAX_PROBLEMS:
            break
        row, wrong = _row(record, header, file, common or {})
        problems += wrong
        rows += [row] if row else []
    problems += _clashes(rows)
    if problems:
        problems.sort(key=lambda problem: (problem[0].line, problem[0].column))
        raise OptionError("\n".join(f"{file.name}:{cell.line}:{cell.column}: {text}" for cell, text in problems))
    if not rows:
        raise OptionError(f"table '{file}' holds no songs; its columns are song,preset,seed,out and options of render")
    return [job for job, _ in rows]


def song_problems(jobs: Sequence[Job]) -> list[str]:
    """A line for each song that holds no sound, or not the track that its row asks for."""
    problems = []
    for job in jobs:
        try:
            read_header(job.song, parse_options({"track": job.options.get("track")}).track)
        except SongError as error:
            problems.append(f"{job.location}: {error}")
    return problems


def _header_problems(header: list[str], record: Record) -> list[_Problem]:
    """Problems of the column names; unknown names are errors."""
    problems = header_problems(["" if name in NOTES else name for name in header], record, COLUMNS, ("song",))
    told = {id(cell) for cell, _ in problems if cell is not record.cells[0]}
    for name, cell in zip(header, record.cells, strict=True):
        if name in SINGLE:
            problems.append((cell, f"column '{cell.text}' makes no film; use avwalk render --{name}"))
        elif name and name not in (*COLUMNS, *NOTES) and id(cell) not in told and not did_you_mean(name, COLUMNS):
            text = f"unknown column '{cell.text}'; there are song and the options of `avwalk render --help`"
            problems.append((cell, f"{text}; remarks go into a column 'note'"))
    return problems


def _row(
    record: Record, header: list[str], file: Path, common: Mapping[str, Any]
) -> tuple[tuple[Job, Mapping[str, Cell]] | None, list[_Problem]]:
    """A validated row, or its problems."""
    cells = {name: cell for name, cell in zip(header, record.cells, strict=False) if name in COLUMNS}
    problems: list[_Problem] = []
    if extra := [cell for cell in record.cells[len(header) :] if cell.text]:
        problems.append((extra[0], f"'{extra[0].text}' is in no column; put texts with commas in quotes"))
    song = cells["song"].text if "song" in cells else ""
    if not song:
        problems.append((cells.get("song", record.cells[0]), "column 'song' is empty; name a file or take the row out"))
    else:
        problems += [(cells["song"], text) for text in _song_problems(file, song)]
    options: dict[str, Any] = dict(common)
    for name, cell in cells.items():
        if name == "song" or not cell.text:
            continue
        try:
            options |= _option(name, cell.text, file.parent)
        except AvwalkError as error:
            problems.append((cell, str(error)))
    problems += _preset_problems(options, cells) + _out_problems(options, cells)
    if problems:
        return None, problems
    path = as_there(file.parent / song)
    if "out" not in options:
        options["out"] = str((settings().media_dir or file.parent) / _default_out(path, options))
    job = Job(path, options, f"{file.name}:{record.cells[0].line}")
    problems = [(cells.get(name, cells["song"]), text) for name, text in render_problems(path, options)]
    return (None, problems) if problems else ((job, cells), [])


def _names_a_song(folder: Path, text: str) -> bool:
    """Whether what looks like a comment is a song: ``#9 Dream.wav``."""
    return bool(re.fullmatch(r"#\S.*\.\w{2,5}", text)) or is_regular(folder / text)


def _song_problems(file: Path, song: str) -> list[str]:
    if problem := name_problem(Path(song)):
        return [f"song {problem}"]
    try:
        path = as_there(file.parent / song)
    except OptionError as error:
        return [f"song {error}"]
    if is_regular(path):
        return []
    hint = "; a comment begins with '# '" if song.startswith("#") else ""
    return [f"song '{song}' does not exist; names count from the folder of {file.name}{hint}"]


def _default_out(song: Path, options: Mapping[str, Any]) -> str:
    """The default output name. Of a song that cannot be read there is no film, and no seed.

    A preset that is chosen when the song is heard is not known yet, nor whether it has a seed of its own.
    """
    full = parse_options(options)
    if full.preset == presets.AUTO:
        return f"{safe_stem(song.stem)}_{presets.AUTO}{profile(full.profile).suffix}"
    preset = presets.load(full.preset, full.set)
    seed = full.seed
    if seed is None:
        try:
            seed, _ = usual_seed(probe(song, full.track), preset.values.seed)
        except SongError:
            seed = 0
    return f"{default_name(song, preset.name, seed, full)}{profile(full.profile).suffix}"


def _option(name: str, text: str, folder: Path) -> dict[str, Any]:
    """A cell as an option of render, checked by itself.

    Raises:
        OptionError: it is not one.
    """
    if name in NUMBERS:
        text = with_point(text)
    value: Any = [part.strip() for part in text.split(";") if part.strip()] if name in LISTS else text
    if name in NEGATED:
        yes = parse_options({"force": text}).force  # read as yes or no
        return {NEGATED[name]: False} if yes else {}
    if name == "stem":
        value = [_stem(part, folder) for part in value]
    elif name in FILES or (name in PERHAPS_FILES and _exists(folder / text)):
        if problem := name_problem(Path(text)):
            raise OptionError(f"{name} {problem}")
        there = folder / text if name == "out" else as_there(folder / text)
        value = f"{there}{'/' if text.endswith(('/', chr(92))) else ''}"
    parse_options({name: value})
    if name == "fps":
        parse_fps(text)
    return {name: value}


def _exists(path: Path) -> bool:
    try:
        return not name_problem(path) and path.exists()
    except (OSError, ValueError):  # no name that a file can have
        return False


def _stem(text: str, folder: Path) -> str:
    name, mark, path = text.partition("=")
    return f"{name}={as_there(folder / path.strip())}" if mark else text


def _preset_problems(options: Mapping[str, Any], cells: Mapping[str, Cell]) -> list[_Problem]:
    if not {"preset", "set"} & options.keys() or options.get("preset") == presets.AUTO:
        return []
    try:
        presets.load(str(options.get("preset", RenderOptions().preset)), options.get("set", ()))
    except PresetError as error:
        cell = cells["preset"] if "preset" in options else cells["set"]
        return [(cell, line) for line in str(error).splitlines()]
    return []


def _out_problems(options: Mapping[str, Any], cells: Mapping[str, Cell]) -> list[_Problem]:
    if "out" not in options:
        return []
    out, cell = str(options["out"]), cells["out"]
    if problem := name_problem(Path(out)):
        return [(cell, f"out {problem}")]
    parent = Path(out).absolute().parent
    suffix = profile(options.get("profile", RenderOptions().profile)).suffix
    if parent.exists() and not parent.is_dir():
        return [(cell, f"out '{cell.text}': '{parent}' is a file; name a folder")]
    if not out.endswith("/") and not Path(out).is_dir() and Path(out).suffix.lower() != suffix:
        return [(cell, f"out '{cell.text}' must end in {suffix} for this profile, or in / for PNG frames")]
    return []


def _clashes(rows: list[tuple[Job, Mapping[str, Cell]]]) -> list[_Problem]:
    """Problems of rows with the same output file."""
    problems: list[_Problem] = []
    seen: dict[str, str] = {}
    for job, cells in rows:
        out = str(job.options["out"])
        key = same_name(Path(out).absolute())
        if key in seen:
            cell = cells["out"] if cells.get("out") and cells["out"].text else cells["song"]
            problems.append((cell, f"'{Path(out).name}' is the film of {seen[key]} too; give each an out of its own"))
        seen.setdefault(key, job.location)
    return problems
