"""``avwalk scenes …``: each family of commands has a file of its own."""

from __future__ import annotations

import importlib
import importlib.util

import typer

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="Prompts, seeds and the ways between them, made into films."
)

for _family in ("project", "pictures", "graph", "film"):
    if importlib.util.find_spec(_name := f"avwalk.cli.scenes_{_family}"):
        importlib.import_module(_name).add(app)
