"""What README and documentation say: their pages, commands, links and blocks of code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import typer

from tests.conftest import ROOT

README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "meta" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^ *```(\w*).*?\n(.*?)^ *```\s*$", re.M | re.S)
_COMMAND = re.compile(r"^(?: {4})+((?:avwalk|make|python3?|py|source|jupyter|pytest|\.venv\\\S+)(?: .*)?)$", re.M)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def name_of(page: Path) -> str:
    """For the names of tests."""
    return page.relative_to(ROOT).as_posix()


def commands(page: Path) -> list[str]:
    """The lines of a page that a reader pastes into a shell, in order."""
    return _COMMAND.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))


def fenced(page: Path, language: str) -> list[str]:
    """The blocks of code of a page in a language."""
    return [body for kind, body in _FENCED.findall(page.read_text(encoding="utf-8")) if kind == language]


def links(page: Path) -> list[str]:
    """Where a page links to, pictures included."""
    return _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))


def parsed(line: str) -> tuple[Any, dict[str, Any]]:
    """A line that calls avwalk, read by the command line itself and not run: the command and its values.

    Raises:
        click.UsageError: there is no such command or option, or an argument is missing.
    """
    from avwalk.cli.main import app

    command: Any = typer.main.get_command(app)
    words = shlex.split(line)
    name, rest = words[0], words[1:]
    while hasattr(command, "get_command"):
        context = command.make_context(name, [], resilient_parsing=True)
        name, rest = rest[0], rest[1:]
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name!r}: {line}"
    return command, command.make_context(name, list(rest)).params
