"""Contact sheets of a prompt's seeds, of variations of one seed, and of settings; keeping chosen seeds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from avwalk.contracts import Frames
from avwalk.errors import OptionError, did_you_mean
from avwalk.explore.features import statistics
from avwalk.explore.marked_sheet import SheetWorld, learn_command, worlds_text
from avwalk.explore.page import PageCell, page
from avwalk.files.image_meta import write
from avwalk.files.png_text import origin_text
from avwalk.scenes.draw import images
from avwalk.scenes.draw.choose import artist_of
from avwalk.scenes.draw.seeds import CHILDREN, fresh, variation
from avwalk.scenes.draw.studio import Studio
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.project import Project
from avwalk.scenes.project.prompts_csv import Prompt, keep_seeds
from avwalk.scenes.project.settings_json import Profile
from avwalk.video.contact_sheet import contact_sheet

MAX_SEEDS = 100
MAX_CELLS = 400
COLUMNS = 4
AMOUNT = 0.3
SETTINGS = {"steps": "num_inference_steps", "guidance": "guidance_scale", "control": "controlnet_conditioning_scale"}
"""Short names of settings; others go by their full names."""
SETTINGS_OF = {
    "sd": (*SETTINGS.values(), "control_guidance_start", "control_guidance_end", "scheduler"),
    "biggan": ("truncation",),
}
"""Settings of each generator; those of the built-in one are its targets."""


@dataclass(frozen=True)
class Exploration:
    """The subject of an exploration: a prompt and its seeds.

    Attributes:
        name: of the prompt.
        text: of it.
        first: picks the seeds of the sheet.
        vary: the seed whose variations are shown; None: independent seeds.
        amount: of variation, in (0, 1].
    """

    name: str
    text: str
    first: int = 0
    vary: int | None = None
    amount: float = AMOUNT

    def seed(self, number: int) -> int:
        """The seed of a cell, counted from 1; 0 is the one that is varied.

        Raises:
            OptionError: there is no such cell.
        """
        if number == 0 and self.vary is not None:
            return self.vary
        if not 1 <= number <= (MAX_SEEDS if self.vary is None else CHILDREN):
            raise OptionError(f"--keep {number}: there is no such number on the sheet; they count from 1")
        if self.vary is None:
            return fresh(self.first, number - 1)
        return variation(self.vary, number - 1, self.amount)

    @property
    def options(self) -> str:
        """The command-line options that reproduce the sheet."""
        found = f" --seed {self.first}" if self.first else ""
        if self.vary is not None:
            found += f" --vary {self.vary}" + (f" --amount {self.amount:g}" if self.amount != AMOUNT else "")
        return found


@dataclass(frozen=True)
class Sheet:
    """The contact sheet, its HTML page, and the seed of each cell."""

    picture: Path
    page: Path
    seeds: tuple[int, ...]


def exploration(
    project: Project | None,
    *,
    name: str | None,
    text: str | None,
    first: int = 0,
    vary: int | None = None,
    amount: float | None = None,
) -> Exploration:
    """A validated exploration.

    Raises:
        OptionError: no prompt, or a name that the project does not have.
    """
    if amount is not None and vary is None:
        raise OptionError(f"--amount {amount:g} says how far variations are; give --vary SEED with it")
    if name is not None and text is None:
        if project is None:
            raise OptionError(f"--name {name} is a prompt of a project; say of which: --project SONG")
        if name not in project.definitions:
            near = did_you_mean(name, project.definitions)
            raise OptionError(f"no prompt '{name}' in '{project.name}'{near}; --prompt TEXT with it makes one")
        text = project.definitions[name].text
    if not text or not text.strip():
        raise OptionError("there is no prompt to explore; give --prompt TEXT, or --name of one in a project")
    found = Exploration(name or name_of(text), text, first, vary, AMOUNT if amount is None else amount)
    if vary is not None:
        found.seed(1)
    return found


def name_of(text: str) -> str:
    """A name for an unnamed prompt: its first significant words."""
    words = [word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 2 and word not in ("the", "and")]
    return "_".join(words[:3])[:40] or "prompt"


def single_prompt_project(
    what: Exploration, size: tuple[int, int], *, generator: str | None = None, model: str | None = None
) -> Project:
    """A temporary project of a single prompt."""
    profile = Profile(res_width=size[0], res_height=size[1], generator=generator, model_string=model)
    prompt = Prompt(what.name, what.text)
    return Project("explore", Path(), Path(), {what.name: prompt}, {"default": profile}, profile)


def with_prompt(project: Project, what: Exploration) -> Project:
    """The project with the explored prompt added or updated."""
    prompt = project.definitions.get(what.name, Prompt(what.name, what.text))
    prompt = replace(prompt, text=what.text)
    return replace(project, definitions={**project.definitions, what.name: prompt})


def explore_seeds(
    project: Project,
    what: Exploration,
    out: Path,
    *,
    count: int = 16,
    force: bool = False,
    again: str = "",
    singles: bool = False,
    on_cell: Callable[[int, int], None] | None = None,
    artist: Studio | None = None,
) -> Sheet:
    """Draws a numbered contact sheet of seeds, and a page for a browser on which they are picked.

    Args:
        project: that has the prompt.
        what: is explored.
        out: the PNG; the page has the same name with ``.html``.
        count: of seeds, or of variations beside what they vary.
        force: replace what is there.
        again: the command that keeps seeds, up to ``--keep``.
        singles: write each picture beside the sheet too, ``image_<number>.png``.
        on_cell: called with cells done and cells in all.
        artist: None: that of the project.

    Raises:
        OptionError: too many, or the file is there.
    """
    most = MAX_SEEDS if what.vary is None else CHILDREN
    if not 1 <= count <= most:
        raise OptionError(f"--count {count} is out of range; give 1 to {most}")
    _free(out, force)
    artist = artist or artist_of(project)
    numbers = range(0 if what.vary is not None else 1, count + 1)
    seeds = tuple(what.seed(number) for number in numbers)
    cells: list[tuple[str, Frames]] = []
    out.parent.mkdir(parents=True, exist_ok=True)
    for old in out.parent.glob("image_*.png") if singles else ():
        if old != out:
            old.unlink()
    for number, seed in zip(numbers, seeds, strict=True):
        node = Node(what.name, str(seed))
        picture = next(iter(artist.frames(node, node, [0.0])))
        cells.append((f"{number}   seed {seed}", picture))
        if singles:
            write(out.with_name(f"image_{number}.png"), picture, images.texts(artist, node))
        if on_cell:
            on_cell(len(cells), len(seeds))
    worlds = [
        SheetWorld(str(number), f"{what.name}-{seed}", statistics(picture[None]))
        for number, seed, (_, picture) in zip(numbers, seeds, cells, strict=True)
    ]
    texts = origin_text("sheet of seeds", prompts=[what.text], seeds=list(seeds))
    contact_sheet(cells, COLUMNS, out, {**texts, **worlds_text(worlds)})
    heading = what.text if what.vary is None else f"{what.text}, near seed {what.vary}"
    marked = [
        PageCell(str(number), str(seed), [picture], number, again)
        for number, seed, (_, picture) in zip(numbers, seeds, cells, strict=True)
    ]
    page(heading, marked, learn_command(out), _page(out))
    return Sheet(out, _page(out), seeds)


def explore_settings(
    project: Project,
    what: Exploration,
    grid: Sequence[str],
    seed: int,
    out: Path,
    *,
    force: bool = False,
    device: str = "auto",
    on_cell: Callable[[int, int], None] | None = None,
) -> Path:
    """Draws one seed with all combinations of settings: the last setting's values are the columns.

    Args:
        project: that has the prompt.
        what: is explored.
        grid: such as ``["steps=4,8", "guidance=3,7"]``.
        seed: of all pictures.
        out: the PNG.
        force: replace what is there.
        device: as in `artist_of`.
        on_cell: called with cells done and cells in all.

    Raises:
        OptionError: a setting is unknown or not understood, there are too many, or the file is there.
    """
    axes = [_axis(text) for text in grid]
    _free(out, force)
    kinds = artist_of(project).generators
    kind = kinds[what.name]
    for key, _ in axes:
        _check_setting(key, kind)
    rows = list(itertools.product(*(values for _, values in axes)))
    if len(rows) > MAX_CELLS:
        raise OptionError(f"the grid has {len(rows)} pictures, more than {MAX_CELLS}; give fewer values")
    node, cells = Node(what.name, str(seed)), []
    for row in rows:
        settings = {key: value for (key, _), value in zip(axes, row, strict=True)}
        artist = artist_of(project, device=device, settings=settings)
        short = {long: name for name, long in SETTINGS.items()}
        label = ", ".join(f"{short.get(key, key)} {value}" for key, value in settings.items())
        cells.append((label, next(iter(artist.frames(node, node, [0.0])))))
        if on_cell:
            on_cell(len(cells), len(rows))
    out.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(cells, len(axes[-1][1]), out, origin_text("sheet of settings", prompts=[what.text], seed=seed))
    return out


def keep(project: Project, what: Exploration, numbers: Sequence[int]) -> tuple[int, ...]:
    """Writes the seeds of cells into the project's definitions; a prompt that is new gets a row.

    Returns:
        All seeds of the prompt now.

    Raises:
        OptionError: there is no such cell.
        ScenesError: the definitions cannot be read.
    """
    seeds = [what.seed(number) for number in numbers]
    return keep_seeds(project.definitions_file, what.name, seeds, prompt=what.text)


def _axis(text: str) -> tuple[str, list[Any]]:
    """A setting and its values, of ``"steps=4,8"``."""
    name, equals, values = text.partition("=")
    found = [_value(value.strip()) for value in values.split(",") if value.strip()]
    if not equals or not name.strip() or not found:
        raise OptionError(f"--grid '{text}' is not understood; write it as steps=4,8")
    return SETTINGS.get(name.strip(), name.strip()), found


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _check_setting(key: str, kind: str) -> None:
    from avwalk.generators.cppn.generator import TARGETS

    known = SETTINGS_OF.get(kind, (*TARGETS, "preset"))
    if key not in known:
        short = [{long: name for name, long in SETTINGS.items()}.get(name, name) for name in known]
        near = did_you_mean(key, short)
        raise OptionError(f"--grid {key}: generator {kind} has no such setting{near}; it has {', '.join(short)}")


def _free(out: Path, force: bool) -> None:
    if out.suffix.lower() != ".png":
        raise OptionError(f"--out '{out}' must end in .png")
    if out.exists() and not force:
        raise OptionError(f"'{out}' exists; --force replaces it, --out names another")


def _page(out: Path) -> Path:
    return out.with_suffix(".html")
