"""Writes avwalk/config/render_kwargs.py: what `avwalk.render` takes, for editors and type checkers.

PYTHONPATH=. python tests/config/make_render_kwargs.py
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from avwalk.config import render_kwargs
from avwalk.config.fields import bare, opt_of
from avwalk.config.options import RenderOptions

FILE = Path(render_kwargs.__file__)
HEAD = '''"""What `avwalk.render` takes, for editors. Written by tests/config/make_render_kwargs.py."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from os import PathLike
from typing import Literal, TypedDict


class RenderKwargs(TypedDict, total=False):
    """The fields of `avwalk.config.options.RenderOptions`, as Python callers may give them."""
'''


def text_of(kind: Any) -> str:
    """A type as source text."""
    if get_origin(kind) is Literal:
        return f"Literal[{', '.join(repr(value) for value in get_args(kind))}]".replace("'", '"')
    if get_origin(kind) is tuple:
        return f"Sequence[{text_of(get_args(kind)[0])}]"
    assert kind in (bool, int, float, str), kind
    return str(kind.__name__)


def type_of(field: FieldInfo) -> str:
    """What Python callers may give for an option."""
    text = opt_of(field).accepts or text_of(bare(field.annotation))
    return f"{text} | None" if field.default is None else text


def source() -> str:
    """The file's text."""
    lines = [HEAD]
    for name, field in RenderOptions.model_fields.items():
        line = f"    {name}: {type_of(field)}"
        if len(line) > 120:  # as the formatter breaks it
            line = line.replace("[", "[\n        ").replace(", ", ",\n        ").replace("]", ",\n    ]")
        lines.append(line)
        text = f'"""{(field.description or "").rstrip(".")}."""'
        lines += textwrap.wrap(text, 116, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(source(), encoding="utf-8")
