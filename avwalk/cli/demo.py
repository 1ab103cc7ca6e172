"""``avwalk demo``."""

from __future__ import annotations

import time

import typer

from avwalk.cli.model_command import ModelCommand, given
from avwalk.cli.progress import clock_text, reporter

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(cls=ModelCommand)
def demo(
    preset: str = typer.Option(None, "--preset", "-p", metavar="NAME|FILE"),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE"),
    size: str = typer.Option(None, metavar="WxH"),
    duration: str = typer.Option(None, metavar="TIME"),
    force: bool = typer.Option(False, "--force", help="replace a finished file"),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
) -> None:
    """Render the bundled song."""
    from avwalk.cli.render import run
    from avwalk.settings import shipped

    began = time.perf_counter()
    options = {"preset": preset, "out": out, "size": size, "duration": duration, "force": force or None}
    done = run(str(shipped("demo-song.ogg")), given(options), reporter(as_json=False, quiet=quiet))
    typer.echo(f"{done['out']}  ({clock_text(time.perf_counter() - began)})")
