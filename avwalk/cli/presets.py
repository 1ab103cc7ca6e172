"""``avwalk presets …``."""

from __future__ import annotations

import json
from collections.abc import Mapping

import typer

from avwalk.cli.help import SentenceGroup
from avwalk.cli.terminal import echo, echo_error, json_text

app = typer.Typer(
    cls=SentenceGroup,
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="List, show, check and make presets.",
)


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="as one JSON list")) -> None:
    """All presets at hand."""
    from avwalk import presets
    from avwalk.errors import PresetError

    rows = []
    for name in presets.names():
        try:
            preset = presets.load(name).values
        except PresetError as error:
            echo(f"{name}: {str(error).splitlines()[0]}", err=True)
            continue
        rows.append(
            {
                "name": name,
                "title": preset.title or name,
                "description": preset.description,
                "generators": list(preset.generators),
                "reactive": preset.reactive,
            }
        )
    if as_json:
        echo(json_text(rows))
        return
    for row in rows:
        echo(f"{row['name']:<12} {row['title']:<14} {row['description']}")


@app.command()
def show(name: str = typer.Argument(..., metavar="NAME|FILE")) -> None:
    """A preset with every value resolved, as TOML."""
    from avwalk import presets

    loaded = presets.load(name)
    echo(presets.as_toml(loaded.values).rstrip("\n"))


@app.command()
def check(names: list[str] = typer.Argument(..., metavar="NAME|FILE...")) -> None:
    """Every problem of one or more presets; exit code 1 if there is any. What is only unwise is said beside."""
    from avwalk import presets
    from avwalk.errors import PresetError
    from avwalk.features.signals import KINDS
    from avwalk.modulation.routes import crowded
    from avwalk.plan.stems import needed_stems

    bad = False
    for name in names:
        try:
            routes = presets.load(name).routes
            echo(f"{name}: fine")
            for line in crowded(routes, KINDS):
                echo(f"{name}: {line}", err=True)
            for stem in needed_stems(routes):
                echo(f"{name}: needs a stem when it is rendered: --stem {stem}=FILE", err=True)
        except PresetError as error:
            bad = True
            echo_error(error)
    if bad:
        raise typer.Exit(1)


@app.command()
def new(
    name: str = typer.Argument(..., metavar="NAME", help="of the new preset"),
    base: str = typer.Option(
        None, "--from", metavar="PRESET", help="what it starts from; default lsd, with --codex what its words name"
    ),
    codex: str = typer.Option(
        None, "--codex", metavar="LOCK|DIR", help="a locked style, of avwalk codex lock: scenes are painted in it"
    ),
    force: bool = typer.Option(False, "--force", help="replace a preset of yours"),
) -> None:
    """Make a preset of your own that starts from another, and say where it is."""
    from avwalk import presets

    if codex is None:
        echo(str(presets.create(name, base or "lsd", force=force)))
        return
    from pathlib import Path

    from avwalk.codex.lock import read_lock
    from avwalk.presets.locked import create_locked

    lock = read_lock(Path(codex))
    echo(str(create_locked(name, lock.alone, lock.palette, base or "", force=force)))


@app.command()
def gallery(
    names: list[str] = typer.Argument(None, metavar="[NAME]...", help="only these; default all"),
    song: str = typer.Option(None, "--song", metavar="FILE", help="default the demo song"),
    out: str = typer.Option("presets", "--out", "-o", metavar="FOLDER", help="where README.md goes"),
    pictures: str = typer.Option("media/gallery", "--pictures", metavar="FOLDER", help="where the pictures go"),
) -> None:
    """A page that shows every preset: six frames of a song each, in colour and in grey."""
    from pathlib import Path

    from avwalk import presets
    from avwalk.explore.gallery import gallery as make
    from avwalk.settings import shipped

    source = Path(song) if song else shipped("demo-song.ogg")
    made = make(
        source,
        Path(out) / "README.md",
        Path(pictures),
        names or presets.names(),
        lambda name: echo(f"drawing {name}", err=True),
    )
    for path in made:
        echo(str(path))


@app.command("targets")
def targets_(
    names: list[str] = typer.Argument(None, metavar="[NAME|SECTION]...", help="only these"),
    as_json: bool = typer.Option(False, "--json", help="as one JSON list"),
) -> None:
    """The parameters that routes can reach, and the matter that they can spawn."""
    from avwalk.config.matter import MAX_COUNT, SPAWN, SPECIES
    from avwalk.config.preset import targets

    spawned = {f"{SPAWN}{name}": species for name, species in SPECIES.items()}
    chosen = _chosen(names, {**targets(), **spawned})
    found = {name: targets()[name] for name in chosen if name in targets()}
    made = {name: spawned[name] for name in chosen if name in spawned}
    if as_json:
        rows = [{"name": n, **t._asdict()} for n, t in found.items()]
        echo(json_text(rows + [{"name": n, "low": 1, "high": MAX_COUNT, **s._asdict()} for n, s in made.items()]))
        return
    from avwalk.generators.named_palettes import PALETTES

    wide, units = max(map(len, chosen)), max((len(t.unit) for t in found.values()), default=0)
    for name, t in found.items():
        echo(f"{name:<{wide}} {t.low:>7g} … {t.high:<6g} {t.unit:<{units}}  {t.text} [default: {t.default:g}]")
    for name, s in made.items():
        beats = "beat" if s.beats == 1 else "beats"
        echo(f"{name:<{wide}} {1:>7g} … {MAX_COUNT:<6g} {'':<{units}}  {s.text} [lives {s.beats:g} {beats}]")
    if not names:
        echo(f"\npalettes: {', '.join(PALETTES)}")


@app.command()
def signals(
    names: list[str] = typer.Argument(None, metavar="[NAME]...", help="only these"),
    as_json: bool = typer.Option(False, "--json", help="as one JSON list"),
) -> None:
    """What routes can listen to."""
    from avwalk.features.signals import SIGNALS, WORD_SIGNALS
    from avwalk.modulation.sources import GENERATED

    listed = SIGNALS | WORD_SIGNALS | {name: ("made", text) for name, text in GENERATED.items()}
    found = {name: listed[name] for name in _chosen(names, listed)}
    if as_json:
        echo(json.dumps([{"name": n, "kind": kind, "text": text} for n, (kind, text) in found.items()]))
        return
    for name, (kind, text) in found.items():
        echo(f"{name:<20} {kind:<8} {text}")


def _chosen(names: list[str] | None, known: Mapping[str, object]) -> list[str]:
    """The names given, or all of a section (``camera``), or all there are."""
    from avwalk.errors import OptionError, did_you_mean

    found: list[str] = []
    for name in names or ():
        section = [one for one in known if one == name or one.startswith(f"{name}.")]
        if not section:
            raise OptionError(f"'{name}' is not known{did_you_mean(name, known)}; without a name all are listed")
        found += section
    return found if names else list(known)
