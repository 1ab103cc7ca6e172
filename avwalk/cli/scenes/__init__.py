"""``avwalk scenes …``: each family of commands has a file of its own."""

from __future__ import annotations

import typer

from avwalk.cli.help import SentenceGroup
from avwalk.cli.scenes import film, graph, images, project
from avwalk.files.text_encoding import reading_as

app = typer.Typer(
    cls=SentenceGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Prompts, seeds and the ways between them, made into films.",
)


@app.callback()
def _scenes(
    ctx: typer.Context,
    encoding: str = typer.Option(None, "--encoding", metavar="NAME", help="of tables that are not UTF-8"),
) -> None:
    """Prompts, seeds and the ways between them, made into films."""
    ctx.with_resource(reading_as(encoding))


for family in (project, images, graph, film):
    family.add(app)
