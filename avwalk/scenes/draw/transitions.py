"""Draws transitions into folders of frames named by their position, resumable and refinable.

The frame at share t of a transition is named ``t`` and t · 2²⁰, so ``t0524288.png`` is the middle. A slower transition
needs more positions; existing frames keep theirs. Folders of numbered frames, as written by AI-Art, are supported:
frame k of n is at k / (n − 1).
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
from avwalk.events import progress, warning
from avwalk.files.atomic import make_folder
from avwalk.files.image import PICTURES
from avwalk.files.image_meta import METADATA_KEYWORD, image_info, is_large_enough, write
from avwalk.scenes.draw.ordered_pool import in_order
from avwalk.scenes.nodes import Edge, Node

if TYPE_CHECKING:
    from avwalk.scenes.draw.contract import Artist
    from avwalk.scenes.project.project import Project

SCALE = 1 << 20
"""Positions are multiples of 1 / SCALE."""
CUT = 4  # digits of a seed in AI-Art's folder names
_OURS = re.compile(r"t(\d{7})\.png")
_NUMBERED = re.compile(r"(?:frame)?(\d{3,})\.(?:png|jpe?g)", re.IGNORECASE)

FrameFiles = list[tuple[Fraction, Path]]


def grid(steps: int) -> int:
    """Number of equal parts of a transition with at least ``steps`` frames, ends included: a power of two.

    Raises:
        ValueError: steps are less than 2, or more than there are positions.
    """
    if not 2 <= steps <= SCALE + 1:
        raise ValueError(f"steps {steps} are out of range; use 2 to {SCALE + 1}")
    return 1 << (steps - 2).bit_length()


def folders(project: Project) -> dict[Edge, Path]:
    """Transition folders of a project by edge, complete or not, in the direction of their names.

    Abbreviated seeds are matched by prefix if unambiguous; full names take precedence. Folders that match no two
    pictures are omitted.
    """
    known = nodes(project)
    full = {node.id: node for node in known}
    cut: dict[str, list[Node]] = {}
    for node in known:
        cut.setdefault(f"{node.name}-{node.key[:CUT]}", []).append(node)
    found: dict[Edge, Path] = {}
    root = project.transition_images
    for path in sorted(root.iterdir()) if root.is_dir() else ():
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


def frames_of(folder: Path, backwards: bool = False) -> FrameFiles:
    """The complete frames of a folder with their positions, ascending; empty without a folder.

    Args:
        folder: of a transition.
        backwards: reversed: position t becomes 1 − t.
    """
    ours = [(position, path) for position, path in _ours(folder) if image_info(path)]
    ends = {position for position, _ in ours}
    found = ours
    if not {Fraction(0), Fraction(1)} <= ends and (numbered := _numbered(folder)):
        last = numbered[-1][0]
        found = [(Fraction(k, max(1, last)), path) for k, path in numbered if image_info(path)]
    return [(1 - position, path) for position, path in reversed(found)] if backwards else found


def complete(folder: Path, steps: int, size: tuple[int, int] | None = None) -> bool:
    """Whether a folder has all the frames of a transition, each complete.

    Args:
        folder: of a transition.
        steps: required frames, ends included. A folder of numbered frames is complete with any number.
        size: minimum width and height; None: any.
    """
    return _taken(folder) or not missing(folder, steps, size)


def missing(folder: Path, steps: int, size: tuple[int, int] | None = None) -> list[Fraction]:
    """Positions without a complete frame, ascending; numbered frames do not count."""
    there = {
        position
        for position, path in _ours(folder)
        if (found := image_info(path)) and is_large_enough(found.size, size)
    }
    parts = grid(steps)
    return [position for k in range(parts + 1) if (position := Fraction(k, parts)) not in there]


def draw(
    project: Project,
    edges: Iterable[Edge],
    steps: int | None = None,
    on_event: Callable[[Event], None] | None = None,
    *,
    artist: Artist | None = None,
    fresh: bool = False,
) -> int:
    """Draws missing frames of transitions, in existing or new folders.

    Existing complete frames stay, also larger ones than the project's profile requires; smaller ones are redrawn.
    Where frames have to be added to a transition that was drawn with other prompts or settings, all its frames are
    redrawn: a mixture would flicker.

    Args:
        project: whose pictures they go between.
        edges: in either direction; each transition is drawn once.
        steps: minimum frames of each, ends included, see `grid`. None: those of the project's profile.
        on_event: called with ``progress`` after every frame, with ``warning`` about outdated frames.
        artist: None: the project's.
        fresh: redraw all, numbered frames too.

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
        tell(warning(_differing_note(otherwise)))
    total, done, begun = sum(len(positions) for _, _, positions in todo), 0, time.monotonic()
    for edge, folder, positions in todo:
        make_folder(folder)
        for left in folder.glob("*.part"):
            left.unlink(missing_ok=True)
        for _ in in_order(_Writer(folder, edge, artist), zip(positions, _frames(artist, edge, positions), strict=True)):
            done += 1
            tell(progress(done, total, done / max(1e-9, time.monotonic() - begun), "artist"))
    return done


class _Writer:
    """Writes the frames of a transition with their metadata."""

    def __init__(self, folder: Path, edge: Edge, artist: Artist) -> None:
        self._folder = folder
        self._record = {"from": edge.a.id, "to": edge.b.id, "drawn": artist.fingerprint(edge.a, edge.b)}

    def __call__(self, frame: tuple[Fraction, Frames]) -> None:
        position, picture = frame
        record = json.dumps({**self._record, "at": str(position)}, ensure_ascii=False)
        write(self._folder / name_of(position), picture, {METADATA_KEYWORD: record}, "no")


def _frames(artist: Artist, edge: Edge, positions: Sequence[Fraction]) -> Iterator[Frames]:
    return artist.frames(edge.a, edge.b, [float(position) for position in positions])


def name_of(position: Fraction) -> str:
    """File name of the frame at a position, a multiple of 1 / `SCALE`."""
    return f"t{int(position * SCALE):07d}.png"


def _todo(
    project: Project, edges: Iterable[Edge], steps: int, artist: Artist, fresh: bool
) -> tuple[list[tuple[Edge, Path, list[Fraction]]], list[Path]]:
    """Edge, folder and positions to draw; and complete folders with an outdated fingerprint, which stay."""
    there, todo, otherwise = folders(project), [], []
    unique = {edge.sorted: edge for edge in edges}
    parts = grid(steps)
    every = [Fraction(k, parts) for k in range(parts + 1)]
    for edge in unique.values():
        stored = next((one for one in (edge, edge.back) if one in there), edge)
        folder = there.get(stored, project.transition_images / stored.folder)
        fingerprint = artist.fingerprint(stored.a, stored.b)
        if fresh:
            old = [position for position, path in _ours(folder) if position not in set(every)]
            todo.append((stored, folder, sorted([*every, *old])))
            continue
        if _taken(folder):
            continue
        positions = missing(folder, steps, artist.size)
        ours = {position: found.fingerprint for position, path in _ours(folder) if (found := image_info(path))}
        others = {position for position, how in ours.items() if how != fingerprint and position not in positions}
        if others and (positions or len(others) < len(ours)):
            positions = sorted({*positions, *others})
        elif others:
            otherwise.append(folder)
        if positions:
            todo.append((stored, folder, positions))
    return todo, otherwise


def _differing_note(folders: Sequence[Path]) -> str:
    several = f"{len(folders)} transitions were" if len(folders) > 1 else f"'{folders[0].name}' was"
    return f"{several} drawn with other prompts or settings, and stay so; --fresh draws them anew"


def _taken(folder: Path) -> bool:
    """Whether a folder holds numbered frames only, all complete."""
    numbered = _numbered(folder)
    return (
        len(numbered) > 1
        and [k for k, _ in numbered] == list(range(len(numbered)))
        and all(image_info(path) for _, path in numbered)
        and not _ours(folder)
    )


def _ours(folder: Path) -> FrameFiles:
    """Frames named by position, complete or not, ascending."""
    found = [(Fraction(int(name[1]), SCALE), path) for path, name in _named(folder, _OURS)]
    return sorted((position, path) for position, path in found if position <= 1)


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    """Numbered frames, complete or not, ascending; numbered from the first."""
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
