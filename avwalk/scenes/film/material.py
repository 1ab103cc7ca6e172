"""What a film of scenes is made of: its path, and the frames of every piece of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from avwalk.config.options import MAX_SIZE, MIN_SIZE
from avwalk.errors import OptionError, ScenesError, did_you_mean
from avwalk.files.image_meta import image_info
from avwalk.scenes.draw.transitions import complete, folders, frames_of
from avwalk.scenes.film.frames import LegFrames
from avwalk.scenes.film.timing import Leg
from avwalk.scenes.graph.path_csv import Hop, read_path
from avwalk.scenes.graph.path_store import path_shown
from avwalk.scenes.nodes import Edge
from avwalk.scenes.project.names import legal
from avwalk.scenes.project.project import Project

MOST_NAMED = 8  # missing pieces that are named; of the rest their number


def path_of(project: Project, stories: Sequence[str] = ()) -> list[Hop]:
    """The path of a film.

    Args:
        project: whose film it is.
        stories: tables, or names of films in ``stories/``, shown one after the other: each becomes a section. Without
            any: the path that ``scenes story`` or ``scenes plan`` has made last.

    Raises:
        ScenesError: there is none, or something is wrong in it.
    """
    if not stories:
        shown = path_shown(project)
        if shown is None:
            of = f" for its sequence '{project.sequence_name}'" if project.sequence_name else ""
            raise ScenesError(f"'{project.name}' has no path yet{of}; {project.command_line('plan')} makes one")
        return read_path(shown)
    hops: list[Hop] = []
    for number, story in enumerate(stories, 1):
        first = hops[-1].row + 2 if hops else 0
        own = read_path(_table(project, story))
        hops += [replace(hop, section=number, row=first + hop.row) for hop in own]
    return hops


def frames_of_legs(project: Project, legs: Sequence[Leg]) -> list[LegFrames]:
    """The frames of each leg by their place, from 0 to 1.

    Raises:
        ScenesError: some are missing or cut off: a line for each way, and what makes them.
    """
    there = folders(project)
    leg_frames: list[LegFrames] = []
    missing: list[str] = []
    for leg in legs:
        if leg.hop is None:
            picture = project.picture(leg.node)
            leg_frames.append([(Fraction(0), picture)])
            if image_info(picture) is None:
                missing.append(f"picture '{picture.name}' is missing; `avwalk scenes images {project.name}` draws it")
            continue
        folder, backwards = _folder(project, leg.hop, there)
        frames = frames_of(folder, backwards) if folder and complete(folder, 2) else []
        if not frames:
            state = "has no whole set of frames" if folder else "is not there"
            name = folder.name if folder else leg.hop.stored_edge.folder
            missing.append(f"transition '{name}' {state}; `avwalk scenes transitions {project.name}` draws it")
        leg_frames.append(frames)
    if missing := list(dict.fromkeys(missing)):
        more = [f"… and {len(missing) - MOST_NAMED} more"] if len(missing) > MOST_NAMED else []
        raise ScenesError("\n".join(missing[:MOST_NAMED] + more))
    return leg_frames


def size_of(leg_frames: Sequence[LegFrames]) -> tuple[int, int]:
    """The size of the first frame, rounded up to even sides."""
    first = image_info(leg_frames[0][0][1])
    if first is None:
        raise ScenesError(f"picture '{leg_frames[0][0][1]}' is gone; call again")
    width, height = first.size
    return width + width % 2, height + height % 2


def sizes_note(project: Project, leg_frames: Sequence[LegFrames]) -> str:
    """What to say where the frames of a film are of several sizes; empty where they are not."""
    sizes = Counter(one.size for frames in leg_frames for _, path in frames if (one := image_info(path)))
    if len(sizes) < 2:
        return ""
    told = ", ".join(f"{n} of {width}x{height}" for (width, height), n in sizes.most_common(3))
    return f"frames are of several sizes ({told}): `avwalk scenes transitions {project.name}` draws the small ones anew"


def read_size(text: str) -> tuple[int, int]:
    """``"1280x720"`` → ``(1280, 720)``, rounded up to even sides.

    Raises:
        OptionError: it is none, or out of range.
    """
    match = re.fullmatch(r"\s*(\d{1,5})\s*[x×X]\s*(\d{1,5})\s*", text)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (min(width, height) >= MIN_SIZE and max(width, height) <= MAX_SIZE):
        raise OptionError(f"size '{text}' is not understood; write it as 1280x720, {MIN_SIZE} to {MAX_SIZE} a side")
    return width + width % 2, height + height % 2


def _folder(project: Project, hop: Hop, there: dict[Edge, Path]) -> tuple[Path | None, bool]:
    """Where a hop's frames are, and whether they are shown backwards.

    Under its own name they are found too where the pictures are no longer in the project: old stories stay films.
    """
    root = project.transition_images
    if hop.folder and (root / hop.folder).is_dir():
        return root / hop.folder, hop.reversed
    for edge, backwards in ((hop.edge, False), (hop.edge.back, True)):
        folder = there.get(edge, root / edge.folder)
        if folder.is_dir():
            return folder, backwards
    return None, False


def _table(project: Project, story: str) -> Path:
    """The table of a story: a file, or that of a film in ``stories/``."""
    if Path(story).is_file():
        return Path(story)
    folder = project.stories / story
    if legal(story) and (tables := sorted(folder.glob("trans*sequence_*.csv"))):
        return tables[0]
    names = sorted(path.name for path in project.stories.iterdir()) if project.stories.is_dir() else []
    hint = did_you_mean(story, names) or (f"; there are {', '.join(names)}" if names else "")
    raise ScenesError(f"no story '{story}'{hint}; give a film of '{project.stories}', or a table of a path")
