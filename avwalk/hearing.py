"""What is heard in a song: its analysis from the cache, corrected by the cues file beside it."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Collection
from fractions import Fraction
from pathlib import Path

from avwalk import presets
from avwalk.audio.decode import read_song
from avwalk.config import EFFECTS, Walk
from avwalk.contracts import Analysis, Song
from avwalk.errors import CuesError
from avwalk.features.cache import cached_analysis
from avwalk.features.classic_chroma import Rows, cached_classic_chroma
from avwalk.features.signals import Grid, musical_time
from avwalk.generators.palette import PALETTES
from avwalk.score.correction import correct
from avwalk.score.cue_table import read_table
from avwalk.score.cues import Cues, read_bytes, read_cues
from avwalk.score.findings import findings, merged
from avwalk.video.files import whole_file


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


def corrected(analysis: Analysis, cues: Cues) -> Analysis:
    """The same sound with the artist's score: the score, and the signals that follow from it.

    Args:
        analysis: as found.
        cues: the artist's.

    Raises:
        CuesError: times that this song does not have, a line each.
    """
    if not cues:
        return analysis
    score, problems = correct(analysis, cues)
    if problems:
        raise CuesError("\n".join(problems))
    signals = {**analysis.signals, **musical_time(score, Grid(analysis.fps, analysis.n_frames))}
    return dataclasses.replace(analysis, score=score, signals=signals)


def hear(
    song: Song,
    fps: Fraction,
    *,
    bpm: float | None = None,
    first_beat: float | None = None,
    walk: Walk | None = None,
    cues: Cues | None = None,
) -> Analysis:
    """A song's analysis, made once and kept in the cache, corrected by cues.

    Args:
        song: probed.
        fps: frames per second.
        bpm: overrules the tempo found.
        first_beat: overrules where the beats begin, seconds.
        walk: how the bands are summarised; None for the defaults.
        cues: the artist's.

    Raises:
        SongError: the song cannot be read.
        CuesError: the cues name times that it does not have.
    """
    names = ("classic", "extra_detail", "max_frequency_level", "low_frequency_skip", "frequency_band_growth_rate")
    bands = {name: getattr(walk, name) for name in names} if walk else {}
    found = cached_analysis(song, lambda: read_song(song), fps, bpm=bpm, first_beat=first_beat, **bands)
    return corrected(found, cues or Cues())


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


def classic_rows(song: Song, walk: Walk) -> Rows | None:
    """What Deep Music Visualizer hears in a song, if the walk is its classic one."""
    if not (walk.classic and walk.kind == "chroma"):
        return None
    return cached_classic_chroma(song, lambda: read_song(song))


def unused(cues: Cues, effects: Collection[str], generator: str, *, restyled: bool) -> list[str]:
    """A line about each kind of rows, and about effects, that change nothing in this film."""
    lines = []
    if cues.of("prompt") and generator != "sd" and not restyled:
        lines.append(f"cues: {generator} takes no prompts; rows 'prompt' need --generator sd or --restyle")
    if cues.of("class") and generator != "biggan":
        lines.append(f"cues: {generator} knows no classes; rows 'class' need --generator biggan")
    missing = [name for name in EFFECTS if name not in effects and cues.of(f"{name}.amount")]
    if missing:
        lines.append(f"cues: the preset has no effect {', '.join(missing)}; add it to its list of effects")
    return lines
