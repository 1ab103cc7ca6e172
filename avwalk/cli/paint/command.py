"""``avwalk paint PROMPT``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from avwalk.cli.terminal import echo, json_text

if TYPE_CHECKING:
    from avwalk.painters.several import Delivery

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_SERVICE = "Services"
"""Heading of the help."""


@app.command()
def paint(
    prompt: str = typer.Argument(..., metavar="PROMPT", help="What is to be seen."),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE.png", help="default: named by the prompt's first words"),
    painter: str = typer.Option(
        "worlds",
        "--painter",
        "-p",
        metavar="KIND[@URL]",
        help="worlds (built in), sd, a1111, comfyui, openai, rest; several: a,b with --random or --all",
    ),
    negative: str = typer.Option("", "--negative", metavar="TEXT", help="what is not to be seen"),
    seed: int = typer.Option(0, "--seed", metavar="N", help="of the first picture"),
    count: int = typer.Option(1, "--count", "-n", metavar="N", help="pictures, with the seeds from --seed on"),
    size: str = typer.Option("1024x576", "--size", metavar="WxH", help="of the pictures"),
    init: str = typer.Option(None, "--init", metavar="FILE", help="a picture to start from"),
    strength: float = typer.Option(0.5, "--strength", metavar="X", help="how far from it, 0 to 1"),
    random: bool = typer.Option(False, "--random", help="one of several painters for each picture, by its seed"),
    every: bool = typer.Option(False, "--all", help="each of several painters"),
    estimate: bool = typer.Option(False, "--estimate", help="say what it will take and cost, and paint nothing"),
    fresh: bool = typer.Option(False, "--fresh", help="ask services anew for pictures that are kept"),
    force: bool = typer.Option(False, "--force", help="replace files that are there"),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object for each picture"),
) -> None:
    """Paint a picture of a prompt: by avwalk's own drawing, a diffusion model, or a service that you run or pay."""
    from pathlib import Path

    from avwalk.cli.files import writable
    from avwalk.cli.values import size_of
    from avwalk.errors import OptionError
    from avwalk.painters import pictures
    from avwalk.painters.contract import PaintRequest
    from avwalk.request.output import safe_stem

    if random and every:
        raise OptionError("--random and --all contradict each other; give one")
    width, height = size_of(size)
    start = pictures.init_picture(Path(init)) if init else None
    request = PaintRequest(prompt, negative, seed, (width, height), start, strength)
    how = "random" if random else "all" if every else ""
    work = pictures.commissions(request, painter, count=count, how=how, fresh=fresh)
    if estimate:
        found = pictures.estimated(work)
        echo(json_text(vars(found)) if as_json else found.text())
        return
    named = Path(out) if out else Path(f"{safe_stem(' '.join(prompt.split()[:6]))}.png")
    if named.suffix.lower() != ".png":
        raise OptionError(f"--out '{named}' is no PNG, which holds how a picture was made; name it {named.stem}.png")
    paths = pictures.file_names(named, work)
    for path in paths:
        writable(str(path), force)

    def told(number: int, delivery: Delivery) -> None:
        if len(work) > 1 or delivery.painting or as_json:  # else the error is the command's
            _tell(str(paths[number]), delivery, quiet, as_json)

    written = pictures.paint_files(work, paths, told)
    if len(written) < len(work):
        raise typer.Exit(1)


def _tell(path: str, delivery: Delivery, quiet: bool, as_json: bool) -> None:
    """Says what became of a picture."""
    from avwalk.cli.progress import say as to_people

    commission, painting = delivery.commission, delivery.painting
    used = dict(painting.used) if painting else {}
    if as_json:
        record = {"out": path if painting else None, "error": delivery.error, "painter": commission.painter.kind}
        echo(json_text({**record, "seconds": round(delivery.seconds, 3), "used": used}))
        return
    if painting is None:
        to_people(f"avwalk: {path}: {delivery.error}")
        return
    if quiet:
        return
    notes = used.pop("notes", [])
    facts = ", ".join(f"{name.lower()} {value}" for name, value in used.items())
    echo(f"{path}  {commission.painter.kind}, {delivery.seconds:.1f} s, {facts}")
    for note in notes:
        to_people(f"note: {note}")
