"""A project looked through whole: every sequence, and the times on the song itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from avwalk.contracts import Analysis
from avwalk.errors import OptionError, ScenesError
from avwalk.scenes.places import find_places
from avwalk.scenes.project import Project, load_project
from avwalk.scenes.sequence import SceneRow, sequence_names
from avwalk.score.musical_time import clock, resolve


def check_project(
    name: str,
    *,
    sequence: str | None = None,
    profile: str = "default",
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
) -> list[Project]:
    """Reads a project once for each of its sequences, or for the one asked for.

    Returns:
        The project with each sequence; with none if there is none.

    Raises:
        ScenesError: one line for each problem of all of them.
    """
    meta = find_places(name, meta_dir, media_dir).meta
    projects, problems = [], list[str]()
    named: list[str | None] = [sequence] if sequence is not None else [*sequence_names(meta)]
    for one in named or [None]:
        try:
            project = load_project(name, sequence=one, profile=profile, meta_dir=meta_dir, media_dir=media_dir)
            problems += _song_problems(project)
            projects.append(project)
        except ScenesError as error:
            problems += str(error).splitlines()
    if problems:
        raise ScenesError("\n".join(dict.fromkeys(problems)))
    return projects


def time_problems(rows: Sequence[SceneRow], analysis: Analysis) -> list[str]:
    """Times of a sequence that the song does not have, or that do not follow each other there: a line each."""
    problems: list[str] = []
    latest, shown, of = -1.0, "", ""
    for row in rows:
        for column, moment in (("at", row.at), ("until", row.until)):
            if moment is None:
                continue
            place = row.places.get(column, f"scene '{row.scene}'")
            try:
                seconds = resolve(moment, analysis)
            except OptionError as error:
                problems.append(f"{place}: {error}")
                continue
            if seconds < latest or (seconds == latest and (of, column) != ("until", "at")):
                what = f"{column} '{moment.text}' ({clock(seconds)}) is not after {of} '{shown}' ({clock(latest)})"
                problems.append(f"{place}: {what} in this song; rows stand in the order of the film")
            latest, shown, of = seconds, moment.text, column
    return problems


def _song_problems(project: Project) -> list[str]:
    """The times on the project's song; nothing where it is not there, or no row has a time."""
    if not any(row.at or row.until for row in project.sequence) or not (project.song and project.song.is_file()):
        return []
    import avwalk

    return time_problems(project.sequence, avwalk.analyze(project.song))
