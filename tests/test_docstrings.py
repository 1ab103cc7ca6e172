"""Docstrings name the parameters that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "avwalk").rglob("*.py"), *(ROOT / "tools").rglob("*.py")])


def strangers(source: str) -> list[str]:
    """Names under ``Args:`` that are no parameters, as ``function.name``; a class documents its ``__init__``."""
    wrong = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or "Args:\n" not in (ast.get_docstring(node) or ""):
            continue
        built = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        given = node.args if isinstance(node, ast.FunctionDef) else built[0].args if built else None
        if given is None:
            continue
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        names = {each.arg for each in every if each}
        section = re.split(r"\n\s*\n(?=\S)", (ast.get_docstring(node) or "").split("Args:\n", 1)[1])[0]
        listed = re.findall(r"^ {4}\**(\w+(?:, \w+)*):", section, re.MULTILINE)
        wrong += [f"{node.name}.{name}" for row in listed for name in row.split(", ") if name not in names]
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_documented_parameter_exists(path: Path) -> None:
    assert strangers(path.read_text(encoding="utf-8")) == []


def test_a_name_that_is_gone_is_found() -> None:
    doc = "X.\n\n    Args:\n        a: one.\n        c: gone.\n\n    Returns:\n        d: no.\n    "
    text = f'def f(a, *, b):\n    """{doc}"""'
    assert strangers(text) == ["f.c"]
