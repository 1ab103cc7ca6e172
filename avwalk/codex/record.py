"""What a picture of a codex says of itself: scene, attributes, prompt, seed, in its own PNG texts, on no server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from avwalk._version import __version__
from avwalk.errors import CodexError, VideoError, clipped
from avwalk.files.bounded import parse_json
from avwalk.files.image_meta import METADATA_KEYWORD
from avwalk.files.infotext import infotext
from avwalk.files.png_text import origin_text, read_text

KIND = "codex picture"
"""What avwalk's own PNG text calls such a picture."""
MAX_INDEX = 10**9
MAX_CATEGORIES = 64
MAX_NAME = 200
"""Characters of a name: of a codex, a category."""
MAX_ADDRESS = 2_000
"""Characters of the address of a painter."""
MAX_TEXT = 20_000
"""Characters of a scene, a value, a prompt."""


@dataclass(frozen=True)
class Record:
    """How a picture of a codex came about.

    Attributes:
        index: number of the picture in its codex, from 0.
        codex: name of the codex.
        scene: what is seen, as its row of the scenes has it.
        attributes: category → value, of those that went into the prompt; in the order of the structure.
        prompt: what the painter was given.
        negative: what is not to be seen; empty: nothing.
        style: of the whole codex; empty: none. It is part of the prompt.
        seed: of the picture, 0 to 2⁶³ − 1.
        painter: address of the painter.
        width: pixels.
        height: pixels.
    """

    index: int
    codex: str
    scene: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    prompt: str = ""
    negative: str = ""
    style: str = ""
    seed: int = 0
    painter: str = "worlds"
    width: int = 0
    height: int = 0

    @property
    def identity(self) -> tuple[str, int, int, str, str]:
        """Equal for copies of one picture, wherever they lie: codex, index, seed, painter, prompt."""
        return (self.codex, self.index, self.seed, self.painter, self.prompt)


def record_texts(record: Record, values: Mapping[str, object] | None = None, **facts: object) -> dict[str, str]:
    """PNG texts of a picture: its record as avwalk's own text and as AUTOMATIC1111's infotext.

    Args:
        record: of the picture.
        values: further ones of the infotext, such as ``{"Steps": 20}``; what the painter says that it used.
        facts: further ones of avwalk's own text; JSON values.
    """
    own: dict[str, object] = {
        "Seed": record.seed,
        "Size": f"{record.width}x{record.height}",
        "Painter": record.painter.partition("@")[0].partition("?")[0],
        **(values or {}),
        "Version": f"avwalk {__version__}",
    }
    return {
        "parameters": infotext(record.prompt, record.negative, own),
        **origin_text(KIND, codex=asdict(record) | {"attributes": dict(record.attributes)}, **facts),
    }


def record_of(texts: Mapping[str, str]) -> Record:
    """The record in the PNG texts of a picture, checked: whoever made the picture may have written anything.

    Raises:
        ValueError: there is none, or one that is none; says why.
    """
    if METADATA_KEYWORD not in texts:
        raise ValueError("it does not say how it was made")
    return record_of_tree(parse_json(texts[METADATA_KEYWORD]))


def record_of_tree(tree: Any) -> Record:
    """The record in what avwalk's own text of a picture holds, checked.

    Raises:
        ValueError: there is none, or one that is none; says why.
    """
    if not isinstance(tree, dict) or not isinstance(tree.get("codex"), dict):
        raise ValueError("it is no picture of a codex")
    found: dict[str, Any] = tree["codex"]
    attributes = found.get("attributes", {})
    if not isinstance(attributes, dict) or len(attributes) > MAX_CATEGORIES:
        raise ValueError(f"its attributes are no table of at most {MAX_CATEGORIES}")
    return Record(
        index=_number(found, "index", MAX_INDEX),
        codex=_text(found, "codex", MAX_NAME),
        scene=_text(found, "scene"),
        attributes={_text({"category": name}, "category", MAX_NAME): _text(attributes, name) for name in attributes},
        prompt=_text(found, "prompt"),
        negative=_text(found, "negative"),
        style=_text(found, "style"),
        seed=_number(found, "seed", 2**63 - 1),
        painter=_text(found, "painter", MAX_ADDRESS),
        width=_number(found, "width", 65_535),
        height=_number(found, "height", 65_535),
    )


def read_record(path: Path) -> Record:
    """The record of a picture, read from its file; pixels are not decoded.

    Raises:
        CodexError: the file cannot be opened, is no PNG, or carries no record; names it.
    """
    try:
        return record_of(read_text(path))
    except VideoError as error:
        raise CodexError(str(error)) from None
    except ValueError as error:
        raise CodexError(f"picture '{path}' has no record of a codex: {clipped(error, 120)}") from None


def _number(tree: Mapping[str, Any], name: str, most: int) -> int:
    value = tree.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"its {name} {clipped(repr(value), 30)} is no number from 0 to {most}")
    return value


def _text(tree: Mapping[str, Any], name: str, most: int = MAX_TEXT) -> str:
    value = tree.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"its {clipped(name, 30)} is no text of at most {most} characters")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in value):
        raise ValueError(f"its {clipped(name, 30)} holds control characters")
    return value
