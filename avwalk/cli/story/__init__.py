"""``avwalk story …``: a story becomes pictures and a film; then what is done with its folder."""

from __future__ import annotations

from typing import Any

import typer

from avwalk.cli.help import SentenceGroup
from avwalk.cli.story import change, give, tell


class StoryGroup(SentenceGroup):
    """A group in which a story by itself is told: ``avwalk story tale.txt``."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; what is none is a story, which is told."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, "tell")

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, and what is left for it."""
        name = args[0]
        known = name in self.commands
        return name if known else "tell", self.get_command(ctx, name), args[1:] if known else args

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Options before a story are those of telling it."""
        first = args[0] if args else ""
        if first.startswith("-") and first not in ("-h", "--help"):
            args = ["tell", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=StoryGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="A story becomes a row of pictures, a page and a film that tells it: avwalk story tale.txt.",
    epilog="Options of telling: avwalk story tell --help",
)
for family in (tell, change, give):
    family.add(app)
