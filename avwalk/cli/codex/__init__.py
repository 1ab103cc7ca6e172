"""``avwalk codex …``: a style explored as a matrix, learned from, locked, and given away."""

from __future__ import annotations

import typer

from avwalk.cli.codex import lock, new, rank, run, share, show, taste
from avwalk.cli.help import SentenceGroup

app = typer.Typer(
    cls=SentenceGroup,
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Explore a style as scenes × attributes, sort the pictures, lock what you like, and give it away.",
)
for family in (new, run, rank, show, taste, lock, share):
    family.add(app)
