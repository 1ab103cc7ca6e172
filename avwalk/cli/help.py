"""How help is laid out."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

RUNNING = "Running and recovery"
"""Heading of options that change nothing in the film."""


class GroupedCommand(TyperCommand):
    """A command whose help has its options under headings."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then headings of the command's own, each group in the order of `GROUPS`, what belongs to none."""
        from avwalk.config.fields import GROUPS

        rows: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if (record := param.get_help_record(ctx)) is not None:
                heading = "Arguments" if param.param_type_name == "argument" else "Other"
                rows.setdefault(getattr(param, "rich_help_panel", None) or heading, []).append(record)
        own = [heading for heading in rows if heading not in (*GROUPS, "Arguments", "Other")]
        for heading in ("Arguments", *own, *GROUPS, "Other"):
            if lines := rows.get(heading):
                with formatter.section(heading):
                    formatter.write_dl(lines)


class SentenceGroup(TyperGroup):
    """A group whose help says of each command its first sentence, whole."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Names and sentences."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, " ".join((each.help or "").split()).partition(". ")[0].rstrip("."))
            for name, each in commands
            if each
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
