"""The ways between pictures, drawn once: a folder of frames for each, named by their place on the way.

A frame at share t of the way is called ``t`` and t · 2²⁰, so ``t0524288.png`` is the middle. Who later wants the way to
take longer asks for more places; those that are there stay where they are, and nothing judders. Folders of numbered
frames, as AI-Art made them, are read as they are: frame k of n is at k / (n − 1).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from avwalk.contracts import Event, Frames
from avwalk.events import progress
from avwalk.files.atomic import make_folder
from avwalk.files.image import PICTURES
from avwalk.files.image_meta import DRAWN, enough, seen, write
from avwalk.scenes.draw.ordered_pool import in_order
from avwalk.scenes.nodes import Edge, Node

if TYPE_CHECKING:
    from avwalk.scenes.draw.contract import Artist
    from avwalk.scenes.project.project import Project

WHOLE = 1 << 20
"""Places on a way are multiples of one in so many."""
CUT = 4  # letters that AI-Art leaves of a seed in the name of a folder
_OURS = re.compile(r"t(\d{7})\.png")
_NUMBERED = re.compile(r"(?:frame)?(\d{3,})\.(?:png|jpe?g)", re.IGNORECASE)

Found = list[tuple[Fraction, Path]]


def grid(steps: int) -> int:
    """Into how many equal parts a way is cut so that it has at least ``steps`` frames, ends included: a power of two.

    Raises:
        ValueError: steps are less than 2, or more than there are places.
    """
    if not 2 <= steps <= WHOLE + 1:
        raise ValueError(f"steps {steps} are out of range; use 2 to {WHOLE + 1}")
    return 1 << (steps - 2).bit_length()


def folders(project: Project) -> dict[Edge, Path]:
    """The folders of frames of a project, whole or not, by what their names say; in both directions, as they are.

    Seeds cut to four letters are those of the one picture that begins so. A folder under its full name comes before
    one that is cut. What names no pictures of the project, or several, is left out.
    """
    known = nodes(project)
    full = {node.id: node for node in known}
    cut: dict[str, list[Node]] = {}
    for node in known:
        cut.setdefault(f"{node.name}-{node.key[:CUT]}", []).append(node)
    found: dict[Edge, Path] = {}
    place = project.transition_images
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        a, to, b = path.name.partition(" to ")
        if not to or not path.is_dir():
            continue
        ends = [full.get(_tidy(end)) for end in (a, b)]
        exact = all(ends)
        ends = [end or _only(cut.get(name, [])) for end, name in zip(ends, (a.strip(), b.strip()), strict=True)]
        first, last = ends
        if first and last and (exact or Edge(first, last) not in found):
            found[Edge(first, last)] = path
    return found


def nodes(project: Project) -> list[Node]:
    """All pictures of a project: of its prompts, then those of other scenes."""
    kept = [node for prompt in project.definitions.values() for node in prompt.nodes]
    return list(dict.fromkeys([*kept, *(node for name in project.scenes for node in project.members(name))]))


def frames_of(folder: Path, backwards: bool = False) -> Found:
    """The whole frames of a folder with their places on the way, ascending; none if there is no such folder.

    Args:
        folder: of a transition.
        backwards: from the other end: what is at t is at 1 − t.
    """
    ours = [(place, path) for place, path in _ours(folder) if seen(path)]
    ends = {place for place, _ in ours}
    found = ours
    if not {Fraction(0), Fraction(1)} <= ends and (numbered := _numbered(folder)):
        last = numbered[-1][0]
        found = [(Fraction(k, max(1, last)), path) for k, path in numbered if seen(path)]
    return [(1 - place, path) for place, path in reversed(found)] if backwards else found


def complete(folder: Path, steps: int, size: tuple[int, int] | None = None) -> bool:
    """Whether a folder has all the frames of a way, each whole.

    Args:
        folder: of a transition.
        steps: frames wanted, ends included. A folder of numbered frames is complete with as many as it has.
        size: width and height wanted, at least; None: any.
    """
    return _taken(folder) or not missing(folder, steps, size)


def missing(folder: Path, steps: int, size: tuple[int, int] | None = None) -> list[Fraction]:
    """The places of a way that have no whole frame, ascending; numbered frames do not count."""
    there = {place for place, path in _ours(folder) if (found := seen(path)) and enough(found.size, size)}
    parts = grid(steps)
    return [place for k in range(parts + 1) if (place := Fraction(k, parts)) not in there]


def draw(
    project: Project,
    edges: Iterable[Edge],
    steps: int | None = None,
    on_event: Callable[[Event], None] | None = None,
    *,
    artist: Artist | None = None,
    fresh: bool = False,
) -> int:
    """Draws what is missing of ways, in the folders where a part of them is, or in new ones.

    Frames that are there and whole stay, those larger than the project's profile asks for too; smaller ones are
    drawn anew. Where the way was begun with other words or settings, and frames have to be
    added, it is drawn anew: two ways of drawing in one folder would judder.

    Args:
        project: whose pictures they go between.
        edges: in either direction; a way is drawn once.
        steps: frames of each, ends included; at least, see `grid`. None: those of the project's profile.
        on_event: called with ``progress`` after every frame, with ``warning`` where frames were drawn otherwise.
        artist: None: that of the project.
        fresh: draw all of them anew, numbered frames too.

    Returns:
        The number of frames drawn.

    Raises:
        ScenesError: an artist cannot draw them.
        OutputError: frames cannot be written.
    """
    if artist is None:
        from avwalk.scenes.draw.choose import artist_of

        artist = artist_of(project)
    steps = project.profile.steps_between if steps is None else steps
    tell = on_event or (lambda event: None)
    todo, otherwise = _todo(project, edges, steps, artist, fresh)
    if otherwise:
        tell({"event": "warning", "message": _drawn_otherwise(otherwise)})
    total, done, begun = sum(len(places) for _, _, places in todo), 0, time.monotonic()
    for edge, folder, places in todo:
        make_folder(folder)
        for left in folder.glob("*.part"):
            left.unlink(missing_ok=True)
        for _ in in_order(_Writer(folder, edge, artist), zip(places, _frames(artist, edge, places), strict=True)):
            done += 1
            tell(progress(done, total, done / max(1e-9, time.monotonic() - begun), "artist"))
    return done


class _Writer:
    """Writes frames of a way, each with what it is."""

    def __init__(self, folder: Path, edge: Edge, artist: Artist) -> None:
        self._folder = folder
        self._told = {"from": edge.a.id, "to": edge.b.id, "drawn": artist.drawn(edge.a, edge.b)}

    def __call__(self, frame: tuple[Fraction, Frames]) -> None:
        place, picture = frame
        told = json.dumps({**self._told, "at": str(place)}, ensure_ascii=False)
        write(self._folder / name_of(place), picture, {DRAWN: told})


def _frames(artist: Artist, edge: Edge, places: Sequence[Fraction]) -> Iterator[Frames]:
    return artist.frames(edge.a, edge.b, [float(place) for place in places])


def name_of(place: Fraction) -> str:
    """The file of the frame at a place, which is a multiple of 1 / `WHOLE`."""
    return f"t{int(place * WHOLE):07d}.png"


def _todo(
    project: Project, edges: Iterable[Edge], steps: int, artist: Artist, fresh: bool
) -> tuple[list[tuple[Edge, Path, list[Fraction]]], list[Path]]:
    """Edge, folder and places to draw; and folders that are left as they are, though they were drawn otherwise."""
    there, todo, otherwise = folders(project), [], []
    wanted = {edge.sorted: edge for edge in edges}
    parts = grid(steps)
    every = [Fraction(k, parts) for k in range(parts + 1)]
    for edge in wanted.values():
        way = next((way for way in (edge, edge.back) if way in there), edge)
        folder = there.get(way, project.transition_images / way.folder)
        drawn = artist.drawn(way.a, way.b)
        if fresh:
            old = [place for place, path in _ours(folder) if place not in set(every)]
            todo.append((way, folder, sorted([*every, *old])))
            continue
        if _taken(folder):
            continue
        places = missing(folder, steps, artist.size)
        ours = {place: found.drawn for place, path in _ours(folder) if (found := seen(path))}
        others = {place for place, how in ours.items() if how != drawn and place not in places}
        if others and (places or len(others) < len(ours)):
            places = sorted({*places, *others})
        elif others:
            otherwise.append(folder)
        if places:
            todo.append((way, folder, places))
    return todo, otherwise


def _drawn_otherwise(folders: Sequence[Path]) -> str:
    several = f"{len(folders)} transitions were" if len(folders) > 1 else f"'{folders[0].name}' was"
    return f"{several} drawn with other prompts or settings, and stay so; --fresh draws them anew"


def _taken(folder: Path) -> bool:
    """Whether a folder holds numbered frames, all of them whole, and none of ours that take their place."""
    numbered = _numbered(folder)
    return (
        len(numbered) > 1
        and [k for k, _ in numbered] == list(range(len(numbered)))
        and all(seen(path) for _, path in numbered)
        and not _ours(folder)
    )


def _ours(folder: Path) -> Found:
    """Frames named by their place, whole or not, ascending."""
    found = [(Fraction(int(name[1]), WHOLE), path) for path, name in _named(folder, _OURS)]
    return sorted((place, path) for place, path in found if place <= 1)


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    """Numbered frames, whole or not, ascending; numbers count from the first."""
    found = sorted((int(name[1]), path) for path, name in _named(folder, _NUMBERED))
    return [(k - found[0][0], path) for k, path in found]


def _named(folder: Path, pattern: re.Pattern[str]) -> list[tuple[Path, re.Match[str]]]:
    if not folder.is_dir():
        return []
    files = [path for path in folder.iterdir() if path.suffix.lower() in PICTURES]
    return [(path, name) for path in files if (name := pattern.fullmatch(path.name))]


def _tidy(end: str) -> str:
    """The name of a picture in the name of a folder, without leading zeros."""
    try:
        return Node.read(end).id
    except ValueError:
        return end


def _only(found: Sequence[Node]) -> Node | None:
    return found[0] if len(found) == 1 else None
