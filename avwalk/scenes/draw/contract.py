"""What draws the pictures and transitions of a project, as protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from avwalk.contracts import Frames
from avwalk.scenes.nodes import Node

if TYPE_CHECKING:
    pass


class Artist(Protocol):
    """Draws pictures and the ways between them. A frame depends on its ends and its place alone.

    Attributes:
        size: width and height of all frames.
    """

    size: tuple[int, int]

    def frames(self, a: Node, b: Node, positions: Sequence[float]) -> Iterator[Frames]:
        """Frames on the way from ``a`` to ``b``, in the order of ``positions``.

        Args:
            a: where the way begins.
            b: where it ends; a still picture is ``frames(a, a, [0.0])``.
            places: shares of the way, 0 to 1. The frame at 0 is the picture of ``a``, that at 1 the picture of ``b``.

        Yields:
            (H, W, 3) float32 sRGB in [0, 1].
        """
        ...

    def fingerprint(self, a: Node, b: Node) -> str:
        """Fingerprint of all that decides these frames: words, seeds, settings, model. 16 letters."""
        ...


class Drawer(Artist, Protocol):
    """An artist who draws with one generator, from prompts and seeds alone."""

    def metadata(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """Prompt, negative prompt and values of a picture, as `avwalk.files.infotext.infotext` takes them."""
        ...
