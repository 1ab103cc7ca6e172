"""``avwalk explore --prompt`` and ``--name``: seeds of a prompt, kept in a project."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avwalk.cli.progress import can_animate, say
from avwalk.cli.terminal import echo

if TYPE_CHECKING:
    from avwalk.explore.seeds import Exploration
    from avwalk.scenes.project.project import Project

SIZE = (512, 512)


@dataclass(frozen=True)
class Options:
    """What the command line says; names as in ``avwalk explore``."""

    song: str | None = None
    prompt: str | None = None
    name: str | None = None
    project: str | None = None
    count: int = 16
    seed: int | None = None
    vary: int | None = None
    amount: float | None = None
    grid: Sequence[str] = ()
    keep: Sequence[int] | None = None
    out: str | None = None
    size: str | None = None
    settings: str = "default"
    generator: str | None = None
    model: str | None = None
    device: str = "auto"
    force: bool = False
    quiet: bool = False


def explore(options: Options) -> None:
    """Draws the sheet, or keeps seeds of it."""
    from avwalk.errors import OptionError
    from avwalk.explore import seeds

    project = _project(options) if options.project else None
    what = seeds.exploration(
        project,
        name=options.name,
        text=options.prompt,
        first=options.seed or 0,
        vary=options.vary,
        amount=options.amount,
    )
    if options.keep is not None:
        if project is None:
            raise OptionError("--keep writes seeds into a project; say into which: --project SONG")
        kept = seeds.keep(project, what, options.keep)
        echo(f"{project.definitions_file}: {what.name} has seeds {' '.join(map(str, kept))}")
        return
    project = seeds.with_prompt(project, what) if project else _alone(options, what)
    if options.size or options.generator or options.model:
        project = _otherwise(project, options)
    _say_what_words_do(project, what.name, options.quiet)
    tick = None if options.quiet or not can_animate() else lambda done, total: say(f"{done}/{total} pictures")
    if options.grid:
        out = _out(options, project, what, "settings")
        seed = what.seed(0) if what.vary is not None else _one_seed(options, project, what)
        seeds.explore_settings(
            project,
            what,
            options.grid,
            seed,
            out,
            force=options.force or _own(options),
            device=options.device,
            on_cell=tick,
        )
        echo(str(out))
        return
    if options.song:
        from avwalk.explore.sections import explore_sections

        out = _out(options, project, what, "sections")
        force = options.force or _own(options)
        explore_sections(options.song, project, what, out, count=options.count, force=force, on_cell=tick)
        echo(str(out))
        return
    from avwalk.scenes.draw.choose import artist_of

    sheet = seeds.explore_seeds(
        project,
        what,
        _out(options, project, what, "seeds"),
        count=options.count,
        force=options.force or _own(options),
        again=_again(options, what),
        singles=_own(options),
        on_cell=tick,
        artist=artist_of(project, device=options.device),
    )
    echo(f"{sheet.picture}\n{sheet.page}")


def _say_what_words_do(project: Project, name: str, quiet: bool) -> None:
    from avwalk.scenes.draw.choose import words_note

    if not quiet and (note := words_note(project, name)):
        say(f"note: {note}")


def _project(options: Options) -> Project:
    """The project, which may be without a prompt so far."""
    from avwalk.scenes.project.project import load_project

    return load_project(options.project or "", sequence=None, profile=options.settings, empty=True)


def _again(options: Options, what: Exploration) -> str:
    """The command that keeps seeds of the same sheet, up to ``--keep``."""
    words = ["avwalk explore", f"--project {shlex.quote(options.project or 'SONG')}"]
    if options.prompt is not None:
        words.append(f"--prompt {shlex.quote(options.prompt)}")
    if options.name is not None:
        words.append(f"--name {shlex.quote(options.name)}")
    profile = f" --settings {shlex.quote(options.settings)}" if options.settings != "default" else ""
    return " ".join(words) + what.options + profile


def _own(options: Options) -> bool:
    """Whether the sheet goes into its own folder of a project, where the last one is replaced."""
    return options.project is not None and options.out is None


def _out(options: Options, project: Project, what: Exploration, kind: str) -> Path:
    if options.out:
        return Path(options.out)
    if options.project:
        return project.explore_images / what.name / ("image_grid.png" if kind == "seeds" else f"{kind}.png")
    near = f"_near_{what.vary}" if what.vary is not None else ""
    return Path(f"{what.name}{near}_{kind}.png")


def _one_seed(options: Options, project: Project, what: Exploration) -> int:
    """The seed of a grid: the one given, else the first that was kept, else the first of a sheet."""
    if options.seed is not None:
        return options.seed
    kept = project.definitions[what.name].seeds
    return kept[0] if kept else what.seed(1)


def _alone(options: Options, what: Exploration) -> Project:
    from avwalk.explore.seeds import single_prompt_project

    return single_prompt_project(what, _size(options.size) or SIZE, generator=options.generator, model=options.model)


def _otherwise(project: Project, options: Options) -> Project:
    """The project with what the command line wants otherwise."""
    from dataclasses import replace

    changed: dict[str, Any] = {}
    if size := _size(options.size):
        changed |= {"width": size[0], "height": size[1]}
    if options.generator:
        changed["generator"] = options.generator
        plain = {name: replace(prompt, generator=None) for name, prompt in project.definitions.items()}
        project = replace(project, definitions=plain)
    if options.model:
        changed["model"] = options.model
    return replace(project, profile=project.profile.model_copy(update=changed))


def _size(text: str | None) -> tuple[int, int] | None:
    from avwalk.errors import OptionError

    if text is None:
        return None
    width, by, height = text.lower().partition("x")
    if not (by and width.isdecimal() and height.isdecimal() and min(int(width), int(height)) >= 16):
        raise OptionError(f"--size '{text}' is not understood; write it as 512x512, each at least 16")
    return int(width), int(height)
