"""The cues file beside a song: finding it, reading it, writing what was detected into it."""

from __future__ import annotations

import shutil
from pathlib import Path

from avwalk import presets
from avwalk.contracts import Analysis
from avwalk.errors import CuesError
from avwalk.files.atomic import whole_file
from avwalk.files.csv_table import read_table
from avwalk.generators.palette import PALETTES
from avwalk.score.cues import Cues, read_bytes, read_cues
from avwalk.score.findings import findings, merged


def cues_file(song: Path) -> Path:
    """Where a song's cues are: ``song.wav`` → ``song.cues.csv``."""
    return song.with_name(f"{song.stem}.cues.csv")


def cues_of(song: Path, asked: str | None = None, *, ignored: bool = False) -> Cues:
    """The cues of a song: of the file asked for, else of the one beside it, else none.

    Raises:
        CuesError: the file asked for is not there, or there is something wrong in it.
    """
    if ignored:
        return Cues()
    file = Path(asked) if asked else cues_file(song)
    if not file.exists():
        if asked:
            raise CuesError(f"cues file '{asked}' does not exist; `avwalk analyze --write-cues` writes one")
        return Cues()
    return checked_cues(file)


def checked_cues(file: Path) -> Cues:
    """Reads a cues file against the presets and palettes at hand.

    Raises:
        CuesError: one line for each problem.
    """
    return read_cues(file, {"preset": presets.names(), "palette": list(PALETTES)})


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
    found = findings(analysis.score)
    table = None
    if file.exists():
        checked_cues(file)  # a file with problems is not rewritten
        table = read_table(read_bytes(file))
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
