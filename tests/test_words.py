"""Public names are words of this field: no name is made of words that only riddle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
BANNED = frozenset(
    re.findall(
        r"\w+",
        """
    asked carried cast charted crew drawn elder elders found heard hearing held hire hired kept kin known look
    looks melted own reckoned said saw scout scouted seen settle settled shelf told unawares wanted way ways
    wish wished wishes
""",
    )
)
"""Words that stood for what has a name here: search result, request, path, fingerprint, cache, seed."""

ALLOWED = {
    "avwalk.config.preset.Palette.own": "a key of the preset format",
    "avwalk.config.problems.option_error.known": "the options that there are, as did_you_mean has them",
    "avwalk.spec.__init__.CuesSpec.kept": "a key of stored films",
    "avwalk.spec.__init__.LookSpec": "the part of a film that a preset decides: preset, generator, restyle, effects",
    "avwalk.spec.__init__.FilmSpec.look": "see LookSpec",
    "avwalk.spec.__init__.PinnedSpec.look": "see LookSpec",
    "avwalk.request.build_spec.look_spec": "makes a LookSpec",
    "avwalk.screenplay.scene.Scene.cast": "the word of film for who is in a scene; a column of its table",
    "avwalk.screenplay.passes.Definition.cast": "see Scene.cast",
}
"""Name → why it stays."""


def words(name: str) -> set[str]:
    """``"KeyImage"``, ``"key_image"`` → ``{"key", "image"}``."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def public_names(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    """Classes, functions, methods, fields, constants, and ``function.parameter``, dotted."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield f"{prefix}.{node.name}"
            yield from public_names(node.body, f"{prefix}.{node.name}")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name.startswith("_") and node.name != "__init__":
                continue
            yield f"{prefix}.{node.name}"
            parameters = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            yield from (f"{prefix}.{node.name}.{each.arg}" for each in parameters)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            yield from (f"{prefix}.{name}" for name in names if not name.startswith("_"))


def riddles(source: str, module: str) -> list[str]:
    """The names of a module, its own included, that hold a banned word."""
    names = [module, *public_names(ast.parse(source).body, module)]
    return [name for name in names if words(name.rpartition(".")[2]) & BANNED]


def test_names_are_words_of_the_field() -> None:
    bad: set[str] = set()
    for path in sorted([*(ROOT / "avwalk").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        bad |= set(riddles(path.read_text(encoding="utf-8"), module))
    allowed = set(ALLOWED)
    assert sorted(bad - allowed) == [], "name what it is, in the words of this field"
    assert sorted(allowed - bad) == [], "these names are gone; take them off the list"


def test_a_banned_word_is_found_wherever_it_stands() -> None:
    source = """
WANTED_KEYS, fine = 1, 2
class KeptFrames:
    found: int
    knowledge: int
    def __init__(self, asked: int) -> None: ...
    def _told(self) -> None: ...
def settle(*, way_back: int, own: int = 0, owner: int = 0) -> None: ...
_Seen = 1
"""
    assert riddles(source, "m.shelf") == [
        "m.shelf",
        "m.shelf.WANTED_KEYS",
        "m.shelf.KeptFrames",
        "m.shelf.KeptFrames.found",
        "m.shelf.KeptFrames.__init__.asked",
        "m.shelf.settle",
        "m.shelf.settle.way_back",
        "m.shelf.settle.own",
    ]
