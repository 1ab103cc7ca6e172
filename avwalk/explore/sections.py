"""Contact sheet of a prompt's seeds over a song: one row per seed, one column per longest section."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from avwalk.contracts import Frames
from avwalk.errors import OptionError
from avwalk.explore.seeds import Exploration
from avwalk.explore.world_sheet import MAX_COLUMNS, world_row
from avwalk.files.png_text import origin_text
from avwalk.pipeline import plan_of
from avwalk.request.resolve import resolve
from avwalk.scenes.draw.choose import artist_of
from avwalk.scenes.draw.cppn import CppnArtist
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.project import Project
from avwalk.video.contact_sheet import contact_sheet

SIZE = "320x180"


def explore_sections(
    song: str | Path,
    project: Project,
    what: Exploration,
    out: Path,
    *,
    count: int = 8,
    force: bool = False,
    on_cell: Callable[[int, int], None] | None = None,
) -> Path:
    """Draws the sheet. Of the built-in generator a cell is the picture of the seed as the song's curves move it there;
    of the others, the film of the prompt with that seed.

    Args:
        song: any audio file.
        project: that has the prompt.
        what: is explored.
        out: the PNG.
        count: of seeds.
        force: replace what is there.
        on_cell: called with rows done and rows in all.

    Raises:
        OptionError: the file is there.
    """
    if out.exists() and not force:
        raise OptionError(f"'{out}' exists; --force replaces it, --out names another")
    studio, numbers = artist_of(project), range(1, count + 1)
    drawer = studio.drawer(Node(what.name, "0"))
    options: dict[str, Any] = {"size": SIZE, "generator": studio.generators[what.name]}
    cells: list[tuple[str, Frames]] = []
    at: list[tuple[str, dict[str, float]]] = []
    if isinstance(drawer, CppnArtist):
        look = drawer.choice(what.name)
        at = _moments(song, {**options, "preset": look.preset, "seed": look.seed})
    elif project.profile.model:
        options["model"] = project.profile.model
    for number in numbers:
        seed = what.seed(number)
        if isinstance(drawer, CppnArtist):
            world = drawer.world(what.name)
            cells += [(f"{number}   {label}", world.moved(seed, curves)) for label, curves in at]
        else:
            cells += world_row(song, {**options, "prompt": (what.text,), "seed": seed % 2**32}, str(number))
        if on_cell:
            on_cell(number, count)
    out.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(cells, len(cells) // count, out, origin_text("sheet of sections", prompts=[what.text]))
    return out


def _moments(song: str | Path, options: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """Of the middle of each of the longest sections its label, and what the routes of a preset make of the song."""
    plan, _, analysis = plan_of(resolve(song, options))
    longest = sorted(analysis.score.sections, key=lambda s: s.start - s.end)
    found = []
    for section in sorted(longest[:MAX_COLUMNS], key=lambda s: s.start):
        at = (section.start + section.end) / 2
        i = min(plan.i1 - 1, max(plan.i0, round(at * float(plan.fps))))
        curves = {name: float(curve[0]) for name, curve in plan.drive(i, i + 1).params.items()}
        found.append((f"{section.label} {int(at // 60)}:{at % 60:04.1f}", curves))
    return found
