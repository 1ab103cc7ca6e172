"""``avwalk scenes …``: each family of commands has a file of its own."""

from __future__ import annotations

import typer

from avwalk.cli.help import SentenceGroup
from avwalk.cli.scenes import film, graph, images, project

app = typer.Typer(
    cls=SentenceGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Prompts, seeds and the ways between them, made into films.",
)

for family in (project, images, graph, film):
    family.add(app)
