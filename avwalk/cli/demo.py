"""``avwalk demo``."""

from __future__ import annotations

from typing import Any

import typer

from avwalk.cli.help import GroupedCommand
from avwalk.cli.options import with_options
from avwalk.cli.progress import reporter
from avwalk.config.options import RenderOptions

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(cls=GroupedCommand)
@with_options(RenderOptions, only=("preset", "out", "size", "duration", "force"))
def demo(
    *,
    options: dict[str, Any],
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
) -> None:
    """Render the bundled song."""
    from avwalk.cli.render import run
    from avwalk.settings import shipped

    run(str(shipped("demo-song.ogg")), options, reporter(as_json=False, quiet=quiet))
