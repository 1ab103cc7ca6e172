"""Help texts and defaults of options, from the one place that has them: a pydantic model."""

from __future__ import annotations

import importlib
from typing import Any

from typer.core import TyperCommand


class ModelCommand(TyperCommand):
    """A command whose options are fields of the model: their help is filled in when it is asked for."""

    model = "avwalk.config.options:RenderOptions"

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As typer does it, with help and defaults read from the model."""
        module, _, name = self.model.partition(":")
        fields = getattr(importlib.import_module(module), name).model_fields
        for param in self.params:
            field = fields.get(str(param.name))
            if field is None or getattr(param, "help", None):
                continue
            text = field.description or ""
            if field.default not in (None, (), False, True):
                text += f" [default: {field.default}]"
            param.help = text  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)


class FilmCommand(ModelCommand):
    """A command that makes films of scenes."""

    model = "avwalk.scenes.film.assembly:FilmOptions"


def given(values: dict[str, Any]) -> dict[str, Any]:
    """Only the options that were given: what is left out gets the model's default."""
    return {name: value for name, value in values.items() if value is not None and value != []}
