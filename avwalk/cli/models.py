"""``avwalk models …``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from avwalk.cli.help import SentenceGroup
from avwalk.cli.progress import can_animate
from avwalk.cli.terminal import echo, json_text

app = typer.Typer(
    cls=SentenceGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List, fetch and check weights; the names of classes.",
)

LINE_SECONDS = 10


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="as one JSON list")) -> None:
    """Models that there are: size, licence, where they are, and whether they can be used here."""
    from avwalk.device import listed
    from avwalk.models.status import rows

    found = rows()
    if as_json:
        echo(json_text([row._asdict() for row in found]))
        return
    for row in found:
        pixels = f"{row.resolution:>4} px" if row.resolution else " " * 7
        echo(f"{row.name:<18} {pixels} {row.megabytes:>5} MB  {row.licence:<22} {_where(row)}")
    echo(f"\ndevices: {listed()}")


def _where(row: Any) -> str:
    if row.problem:
        return f"not usable here: {row.problem}" + (f" ({row.where})" if row.where else "")
    return row.where or f"not here: avwalk models pull {row.name}"


@app.command()
def pull(
    name: str = typer.Argument(..., metavar="NAME", help="of `avwalk models list`, or owner/name of the hub"),
    source: str = typer.Option(
        "", "--from", metavar="URL|DIR", help="a folder, a file, an https address, hf:owner/name, or mirror (OpenMMLab)"
    ),
    sha256: str = typer.Option("", "--sha256", metavar="DIGITS", help="what the file's sha256 must begin with"),
    safety: bool = typer.Option(False, "--safety-checker", help="the safety checker of a Stable Diffusion too"),
) -> None:
    """Fetch a model, or take it from a folder. This is the only command that asks the network."""
    from avwalk.models import package_files
    from avwalk.models.catalogue import CATALOGUE
    from avwalk.models.pull import pull as fetch
    from avwalk.models.store import card

    with _progress() as progress:
        model = fetch(name, source, sha256=sha256, progress=progress, safety=safety)
    echo(f"{model.name} is in {model.folder}")
    echo(f"sha256 {model.sha256}")
    if model.kind in package_files.KINDS:
        return
    known = name not in CATALOGUE or CATALOGUE[name].kind != "biggan" or CATALOGUE[name].sources[0].sha256
    if not (sha256 or source or known):
        echo("no checksum of it is published: this is that of what came; later pulls: --sha256", err=True)
    if card(model)["source_format"] == "openmmlab":
        echo("this conversion has the statistics of one truncation: truncation then only scales the noise", err=True)


@app.command()
def check(
    name: str = typer.Argument(..., metavar="NAME|DIR", help="a name of the list, a folder, or a file"),
    seed: int = typer.Option(0, "--seed", help="of the picture"),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE", help="write the picture as PNG"),
) -> None:
    """Load a model, check every tensor of it, and draw one picture; of a model of speech, check its files."""
    from avwalk.models import package_files, store

    if name in package_files.package_files():
        folder = package_files.find_files(name)
        files = package_files.package_files()[name]
        echo(f"{name}: {folder}")
        echo(
            f"{len(files)} files of {sum(file.size for file in files):,} bytes: each of the sha256 that it should have"
        )
        return
    kind = store.kind_of(name)
    picture = (_check_diffusion if kind == "sd" else _check_biggan)(store.find(name, kind), seed)
    if out and picture is not None:
        _write(Path(out), picture, Path(name).name)
        echo(out)


def _check_biggan(model: Any, seed: int) -> Any:
    """Says what a BigGAN is like; gives its picture."""
    from avwalk.errors import ModelError
    from avwalk.models import biggan_load, store
    from avwalk.models.biggan_trial import draw
    from avwalk.models.weights import sha256_of

    card = store.card(model)
    if sha256_of(model.folder / store.WEIGHTS) != card["checksum"]:
        raise ModelError(
            f"{model.folder / store.WEIGHTS} has changed on the disk; delete {model.folder}, and pull it again"
        )
    began = time.monotonic()
    gan = biggan_load.load(model)
    loaded = time.monotonic() - began
    sizes = [tensor.numel() for tensor in gan.state_dict().values()]
    trial = draw(gan, seed)
    resolution = gan.config.output_dim
    echo(f"{model.name}: {model.folder}")
    echo(f"from {card['source_format']}, sha256 {model.sha256}")
    echo(f"{len(sizes)} tensors of {sum(sizes):,} numbers: all there, of the right size and finite ({loaded:.1f} s)")
    echo(
        f"draws {resolution} × {resolution} pixels: mean {trial.mean:.2f}, spread {trial.spread:.2f} "
        f"(seed {seed}): neither black nor flat"
    )
    return trial.picture


def _check_diffusion(model: Any, seed: int) -> Any:
    """Says what a Stable Diffusion, or a part of one, is like; gives its picture or None."""
    from avwalk.diffusion.trial import draw
    from avwalk.errors import ModelError
    from avwalk.models import diffusers_folder, store

    if not diffusers_folder.unchanged(store.card(model), anew=True):
        raise ModelError(f"{model.folder} has changed while it was looked at; run it again")
    began = time.monotonic()
    trial = draw(model, seed)
    echo(f"{model.name}: {model.folder}")
    echo(f"{store.card(model)['part']}, sha256 {model.sha256}")
    echo(f"{trial.tensors} tensors of {trial.numbers:,} numbers: all finite ({time.monotonic() - began:.1f} s)")
    if trial.picture is not None:
        height, width = trial.picture.shape[:2]
        echo(
            f"draws {width} × {height} pixels with {trial.recipe} in {trial.steps} steps: "
            f"mean {trial.picture.mean():.2f}, spread {trial.picture.std():.2f} (seed {seed})"
        )
    return trial.picture


def _write(path: Path, picture: Any, model: str) -> None:
    import cv2

    from avwalk.arrays.colour import to_8bit
    from avwalk.files.atomic import write_file
    from avwalk.files.png_text import origin_text, with_text

    eight_bits = to_8bit(picture[..., ::-1])
    _, data = cv2.imencode(".png", eight_bits)
    write_file(path, with_text(data.tobytes(), origin_text("picture of a model", model=model)))


@app.command()
def classes(
    search: str = typer.Option("", "--search", metavar="WORD", help="only those with it in a name, or of that kind"),
    as_json: bool = typer.Option(False, "--json", help="as one JSON list"),
) -> None:
    """The thousand classes of ImageNet that a BigGAN draws: index, name, synonyms, what it is a kind of."""
    from avwalk.errors import OptionError
    from avwalk.models.imagenet import index_of, namesakes, table
    from avwalk.models.imagenet import search as look

    found = look(search)
    if search and not found:
        index_of(search)  # it says what is near
        raise OptionError(f"no class has '{search}' in it; avwalk models classes lists all")
    if as_json:
        echo(json_text([{"index": i, "name": n, "synonyms": list(s)} for i, n, s in found]))
        return
    for index, name, synonyms in found:
        echo(f"{index:>3}  {', '.join((name, *synonyms)):<48} ({table()[index].kinds[0]})")
    if len(several := namesakes(search)) > 1:
        echo(f"'{search}' alone means {several[0]}; write the index for another", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, else a line every ten seconds."""
    if not can_animate():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


class _Lines:
    """Plain lines for logs and notebooks."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Says how far it is, now and then."""
        if time.monotonic() - self._last >= LINE_SECONDS:
            self._last = time.monotonic()
            echo(f"{done / 1e6:.0f} MB" + (f" of {total / 1e6:.0f}" if total else ""), err=True)
