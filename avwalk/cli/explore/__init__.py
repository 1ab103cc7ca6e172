"""``avwalk explore SONG``, and ``avwalk explore --prompt TEXT``."""

from __future__ import annotations

from typing import Any

import typer

from avwalk.cli.help import GroupedCommand
from avwalk.cli.options import with_options
from avwalk.cli.progress import say
from avwalk.cli.terminal import echo
from avwalk.config.options import RenderOptions

app = typer.Typer(rich_markup_mode=None, add_completion=False)

WORLDS, PROMPTS = "Worlds and seeds", "Prompts instead of a preset"
"""Headings of the help."""
OF_PROMPTS = ("generator", "model", "device", "preset", "force")
"""Options of a render that a sheet of a prompt takes, too."""


@app.command(cls=GroupedCommand)
@with_options(
    RenderOptions,
    groups=("Look", "Time", "Models"),
    also=("force",),
    without=("prompt", "seed", "source", "side_by_side", "explain", "start", "duration", "loop"),
)
def explore(
    song: str = typer.Argument(None, metavar="SONG", help="Any audio file, or a video with sound."),
    *,
    prompt: str = typer.Option(
        None, metavar="TEXT", help="seeds of this prompt instead of worlds of a preset", rich_help_panel=PROMPTS
    ),
    name: str = typer.Option(
        None,
        metavar="PROMPT",
        help="seeds of this prompt of the project; or what to call TEXT",
        rich_help_panel=PROMPTS,
    ),
    project: str = typer.Option(
        None, metavar="SONG", help="the project that seeds are kept in", rich_help_panel=PROMPTS
    ),
    settings: str = typer.Option(
        "default", metavar="NAME", help="profile of the project's tgen_settings.json", rich_help_panel=PROMPTS
    ),
    grid: list[str] = typer.Option(
        [],
        metavar="steps=4,8",
        help="one seed with these settings; give it again for rows",
        rich_help_panel=PROMPTS,
    ),
    size: str = typer.Option(
        None, metavar="WxH", help="of the pictures [default: the project's, or 512x512]", rich_help_panel=PROMPTS
    ),
    count: int = typer.Option(
        None, "--count", "-n", metavar="N", help="how many [default: 12 worlds, 16 seeds]", rich_help_panel=WORLDS
    ),
    seed: int = typer.Option(
        None,
        "--seed",
        metavar="N",
        help="the first world [default: 0, of children 1]; of a prompt: other seeds",
        rich_help_panel=WORLDS,
    ),
    vary: int = typer.Option(
        None,
        "--vary",
        metavar="7",
        help="variations of this world, or of this seed of a prompt",
        rich_help_panel=WORLDS,
    ),
    breed: str = typer.Option(
        None, "--breed", metavar="3,7,9", help="children of these worlds, which mix them", rich_help_panel=WORLDS
    ),
    amount: float = typer.Option(
        None,
        "--amount",
        metavar="X",
        help="how far children are from their parents, 0 to 1 [default: 0.3]",
        rich_help_panel=WORLDS,
    ),
    like: str = typer.Option(
        None,
        "--like",
        metavar="taste.json",
        help="worlds that suit this taste, of all presets or of --preset; one in four is outside of it",
        rich_help_panel=WORLDS,
    ),
    keep: str = typer.Option(
        None,
        "--keep",
        metavar="3,7",
        help="save these rows as presets of your own; of a prompt: seeds in the project",
        rich_help_panel=WORLDS,
    ),
    out: str = typer.Option(
        None,
        "--out",
        "-o",
        metavar="FILE.png",
        help="default SONG_PRESET_worlds.png",
        rich_help_panel="Output",
    ),
    options: dict[str, Any],
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
) -> None:
    """Worlds of a preset on one sheet: a row for each seed or child, a column for each section, or class of BigGAN.

    On the page beside the sheet, keys g and b mark pictures good and bad; `avwalk codex taste` learns from that.
    With --prompt or --name: numbered pictures of a prompt with other seeds; --keep writes those you like into a
    project.
    """
    from avwalk.errors import OptionError
    from avwalk.explore import worlds

    if prompt is not None or name is not None:
        from avwalk.cli.explore import prompts

        given = {"breed": breed, "like": like, **options}
        of_worlds = [name for name, value in given.items() if name not in OF_PROMPTS and value is not None]
        if of_worlds:
            flags = " and ".join(f"--{name.replace('_', '-')}" for name in of_worlds)
            raise OptionError(f"{flags}: for worlds of a preset; of a prompt there are --vary and --grid")
        prompts.explore(
            prompts.Options(
                song=song, prompt=prompt, name=name, project=project, count=count or (8 if song else 16), seed=seed,
                vary=vary, amount=amount, grid=grid, keep=_numbers("--keep", keep), out=out, size=size,
                settings=settings, generator=options.get("generator"), model=options.get("model"),
                device=options.get("device", "auto"), force="force" in options, quiet=quiet,
            )
        )  # fmt: skip
        return
    if project is not None or grid:
        raise OptionError("--project and --grid are for a prompt; give --prompt TEXT, or --name of one")
    if keep is None and song is None:
        raise OptionError("explore wants a SONG to draw, or --keep to save worlds as presets")
    if like is not None:
        if song is None or vary is not None or breed is not None or amount is not None or keep is not None:
            raise OptionError("--like wants a SONG, and none of --vary, --breed, --amount, --keep")
        _explore_liked(song, like, {**options, "seed": seed, "out": out, "count": count}, quiet)
        return
    preset = options.get("preset", RenderOptions().preset)
    parents, kept = _numbers("--breed", breed), _numbers("--keep", keep)
    if song is not None:
        tick = None if quiet else lambda done, total: say(f"{done}/{total} worlds")
        made = worlds.explore_worlds(
            song,
            count=12 if count is None else count,
            seed=seed,
            vary=vary,
            breed=parents,
            amount=amount,
            out=out,
            on_row=tick,
            **options,
        )
        echo(f"{made}\n{made.with_suffix('.html')}")
    if kept is not None:
        if "set" in options:
            say("note: --keep saves worlds, not what --set changes; write that into the presets")
        for path in worlds.keep(preset, kept, vary=vary, breed=parents, amount=amount, force="force" in options):
            echo(f"{path}   avwalk render SONG --preset {path.stem}")


def _explore_liked(song: str, like: str, options: dict[str, Any], quiet: bool) -> None:
    """Draws worlds by a taste, and says which are outside of it."""
    from avwalk.explore.liked import explore_liked

    def tick(what: str, done: int, total: int) -> None:
        if done == total or done % 8 == 0 or what == "drawn":
            say(f"{done}/{total} worlds {what}")

    given = {name: value for name, value in options.items() if value is not None}
    sheet, page, proposals, caveat = explore_liked(song, like, on_world=None if quiet else tick, **given)
    if caveat:
        say(f"note: these are guesses: {caveat}")
    for each in proposals:
        outside = "   outside of it: unlike anything that was marked" if each.outside else ""
        echo(f"{each.world.name:<16} {each.score:>4.0%}{outside}")
    echo(f"{sheet}\n{page}")


def _numbers(option: str, text: str | None) -> list[int] | None:
    from avwalk.errors import OptionError

    try:
        return None if text is None else [int(number) for number in text.replace(" ", "").split(",") if number]
    except ValueError:
        raise OptionError(f"{option} '{text}' is not understood; write the numbers of rows as 3,7") from None
