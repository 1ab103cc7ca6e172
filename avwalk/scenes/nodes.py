"""Nodes (pictures) and edges (transitions) of a scene graph, and their names in files."""

from __future__ import annotations

import re
from dataclasses import dataclass

_EDGE = re.compile(r"(?P<a>.+-[^- ]+) to (?P<b>.+-[^- ]+)")


@dataclass(frozen=True, order=True)
class Node:
    """A picture: of a prompt and a seed, or imported into a scene's folder.

    Attributes:
        name: of the prompt; of an imported picture, of the scene. Never contains ``-``.
        key: the seed, digits without leading zeros; of an imported picture, its file's stem.
    """

    name: str
    key: str

    @property
    def id(self) -> str:
        """``name-key``, as used in files, tables and graphs."""
        return f"{self.name}-{self.key}"

    @property
    def seed(self) -> int | None:
        """The seed; None for an imported picture."""
        return int(self.key) if self.key.isdecimal() else None

    @property
    def picture(self) -> str:
        """File name of its picture."""
        return f"{self.name}_{self.key}.png"

    @classmethod
    def read(cls, text: str) -> Node:
        """The reverse of `id`; ``name_key``, as files are called, is read too.

        Raises:
            ValueError: not of either form.
        """
        name, mark, key = text.strip().rpartition("-" if "-" in text else "_")
        if not (name and mark and key):
            raise ValueError(f"'{text}' names no picture; write name-seed")
        return cls(name, str(int(key)) if key.isdecimal() else key)


@dataclass(frozen=True, order=True)
class Edge:
    """The transition between two pictures, rendered once and used in both directions."""

    a: Node
    b: Node

    @property
    def folder(self) -> str:
        """Name of the folder with its frames."""
        return f"{self.a.id} to {self.b.id}"

    @property
    def back(self) -> Edge:
        """The reversed transition."""
        return Edge(self.b, self.a)

    @property
    def sorted(self) -> Edge:
        """The canonical direction, equal for both."""
        return min(self, self.back)

    @classmethod
    def read(cls, folder: str) -> Edge:
        """The reverse of `folder`.

        Raises:
            ValueError: not of this form.
        """
        found = _EDGE.fullmatch(folder.strip())
        if not found:
            raise ValueError(f"'{folder}' names no transition; write a-1 to b-2")
        return cls(Node.read(found["a"]), Node.read(found["b"]))
