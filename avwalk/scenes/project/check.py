"""Full check of a project: every sequence, its times against the song, and imported pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from avwalk.audio.probe import probe
from avwalk.contracts import Analysis
from avwalk.errors import OptionError, ScenesError
from avwalk.files.image_meta import ImageInfo, image_info
from avwalk.files.names import is_regular
from avwalk.plan.analysis import analysis_of
from avwalk.plan.cues_files import cues_of
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.places import find_project
from avwalk.scenes.project.project import Project, read_project
from avwalk.scenes.project.sequence_csv import SceneRow, sequence_names
from avwalk.score.musical_time import clock, resolve


def check_project(
    name: str,
    *,
    sequence: str | None = None,
    profile: str = "default",
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
    track: int | None = None,
) -> list[Project]:
    """Reads a project for each of its sequences, or for the requested one.

    Times are those of an audio track of the song's file, from 1; None: the one marked as the default.

    Returns:
        The project with each sequence; with none if there is none. Its notes include pictures of other sizes.

    Raises:
        ScenesError: one line for each problem of all of them.
    """
    meta = find_project(name, meta_dir, media_dir).meta
    projects, problems = [], list[str]()
    named: list[str | None] = [sequence] if sequence is not None else [*sequence_names(meta)]
    for one in named or [None]:
        project, found, timed = read_project(
            name, sequence=one, profile=profile, meta_dir=meta_dir, media_dir=media_dir
        )
        try:
            found.check()
        except ScenesError as error:
            problems += str(error).splitlines()
        problems += _song_problems(project, timed, track)
        projects.append(project)
    broken, sizes = hand_put(projects[0])
    if problems := list(dict.fromkeys([*problems, *broken])):
        raise ScenesError("\n".join(problems))
    return [replace(project, notes=(*project.notes, *sizes)) for project in projects]


def hand_put(project: Project) -> tuple[list[str], list[str]]:
    """Imported pictures in ``scenes/`` that are unreadable or truncated; and those of deviating sizes. One line each.

    Deviating sizes are no error: such pictures are cropped.
    """
    broken: list[str] = []
    sizes: list[str] = []
    wanted = f"{project.profile.width}x{project.profile.height}"
    for nodes in project.folders.scenes.values():
        found: dict[Node, ImageInfo] = {}
        for node in nodes:
            path = project.folders.pictures.get(node, project.picture(node))
            if one := image_info(path):
                found[node] = one
            else:
                broken.append(f"{path}: it cannot be read, or is cut off; save it anew, or take it out of the folder")
        counted = Counter(one.size for one in found.values())
        usual = counted.most_common(1)[0][0] if counted else (0, 0)
        for node, one in found.items():
            if one.size != usual:
                path = project.folders.pictures.get(node, project.picture(node))
                others = f"most of its folder are {_size(usual)}"
                sizes.append(f"{path}: it is {_size(one.size)}, {others}; all are cut to {wanted}")
    return broken, sizes


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def time_problems(rows: Sequence[SceneRow], analysis: Analysis) -> list[str]:
    """Times of a sequence that the song does not have, or that are out of order: one line each."""
    problems: list[str] = []
    latest, shown, of = -1.0, "", ""
    for row in rows:
        for column, moment in (("at", row.at), ("until", row.until)):
            if moment is None:
                continue
            place = row.locations.get(column, f"scene '{row.scene}'")
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


def _song_problems(project: Project, rows: Sequence[SceneRow], track: int | None) -> list[str]:
    """Problems of times on the project's song; none without a song or times."""
    if not any(row.at or row.until for row in rows) or not (project.song and is_regular(project.song)):
        return []
    song = probe(project.song, track)
    return time_problems(rows, analysis_of(song, Fraction(30), cues=cues_of(song.path)))
