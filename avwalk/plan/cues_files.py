"""The cues file beside a song: finding it, reading it, writing what was detected into it."""

from __future__ import annotations

import dataclasses
import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from avwalk.contracts import Analysis
from avwalk.errors import AvwalkError, CuesError, SongError
from avwalk.files.atomic import whole_file
from avwalk.files.names import as_there
from avwalk.score.cues import BROKEN, Cues, examined, open_cues, read_cues

if TYPE_CHECKING:
    from avwalk.score.musical_time import Moment

FASTEST = 300.0
"""BPM: more is no tempo that anybody counts."""
_RHYTHM = ("beat", "bar")
_FOLLOW = {"tempo": _RHYTHM, "beat": _RHYTHM, "downbeat": _RHYTHM, "section": ("section", "label"), "drop": ("drop",)}
"""Kinds of times that hang on a row that corrects the score."""


def cues_file(song: Path) -> Path:
    """Where a song's cues are: ``song.wav`` → ``song.cues.csv``."""
    return as_there(song.with_name(f"{song.stem}.cues.csv"))


def cues_of(song: Path, file: str | None = None, *, ignored: bool = False) -> Cues:
    """The cues of a song: of the file given, else of the one beside it, else none.

    Raises:
        CuesError: the file given is not there, or there is something wrong in it.
    """
    if ignored:
        return Cues()
    path = as_there(Path(file)) if file else cues_file(song)
    if not path.exists():
        if file:
            raise CuesError(f"cues file '{file}' does not exist; `avwalk analyze --write-cues` writes one")
        return Cues()
    return checked_cues(path)


def checked_cues(file: Path) -> Cues:
    """Reads a cues file against the presets and palettes at hand.

    Raises:
        CuesError: one line for each problem.
    """
    return read_cues(file, _known())


def _known() -> dict[str, list[str]]:
    from avwalk import presets  # late, as what follows: most songs have no cues
    from avwalk.generators.named_palettes import PALETTES

    return {"preset": presets.names(), "palette": list(PALETTES)}


def all_problems(file: Path, analysed: Callable[[], Analysis] | None = None) -> tuple[Cues, list[str]]:
    """Everything that is wrong in a cues file, in the order of its lines: cells, names of classes, times.

    Args:
        file: the cues file.
        analysed: gives the song's analysis without corrections, against which times are checked; None: they are not.

    Returns:
        The rows, and a line for each problem.

    Raises:
        CuesError: the file cannot be read, or is no text.
    """
    from avwalk.models.imagenet import index_of
    from avwalk.score.correction import correct

    cues, problems = examined(file, _known())
    for cue in cues.of("class"):
        try:
            index_of(cue.value)
        except AvwalkError as error:
            problems.append(f"{cue.locations.get('value', file.name)}: {error}")
    if analysed is not None:
        try:
            analysis = analysed()
            problems += correct(analysis, _certain(cues, analysis.duration))[1]
        except SongError as error:
            problems.append(str(error))

    def place(line: str) -> tuple[int, ...]:
        found = re.match(rf"{re.escape(file.name)}:(\d+):(\d+): ", line)
        return (0, int(found[1]), int(found[2])) if found else (1,)

    return cues, sorted(dict.fromkeys(problems), key=place)


def _certain(cues: Cues, seconds: float) -> Cues:
    """The rows whose times can be checked: where a row that corrects the score is broken, those that do not hang on it.

    Whatever a broken row is meant to say, no song has more than `FASTEST` beats, or bars of two of them.
    """
    broken = {cue.value for cue in cues.rows if cue.what == BROKEN}
    kinds = {kind for what in broken for kind in _FOLLOW.get(what, ())}
    most = {"beat": FASTEST * seconds / 60, "bar": FASTEST * seconds / 120}

    def is_certain(time: Moment | None) -> bool:
        if time is None or time.number > most.get(time.kind, math.inf):
            return True
        return not kinds & {time.kind, *(unit for _, unit in time.offsets)}

    rows = tuple(cue for cue in cues.rows if is_certain(cue.at) and is_certain(cue.until))
    return dataclasses.replace(cues, rows=rows)


def write_findings(analysis: Analysis, file: Path) -> str:
    """Writes what was found into a cues file, around what the artist has written there.

    The file as it was becomes ``<file>.bak``; a file that would not change is not touched.

    Args:
        analysis: as found, without corrections.
        file: the cues file; it need not be there.

    Returns:
        What was done, in one line.

    Raises:
        CuesError: there is something wrong in the file; nothing is written.
        OutputError: it cannot be written.
    """
    from avwalk.score.findings import findings, merged

    found = findings(analysis.score)
    table = None
    if file.exists():
        checked_cues(file)  # a file with problems is not rewritten
        table = open_cues(file)
    data = merged(table, found)
    rows = f"{len(found)} row{'s' * (len(found) != 1)}"
    if table is not None and data == table.encoded(table.records):
        return f"'{file.name}' says all {rows} of what was found already"
    with whole_file(file) as part:
        part.write_bytes(data)
        if table is not None:
            shutil.copy2(file, backup_of(file))
    return f"wrote {file}" + (f"; before: {backup_of(file).name}" if table is not None else "")


def backup_of(file: Path) -> Path:
    """Where the file as it was before the last write is kept."""
    return file.with_name(file.name + ".bak")
