"""Protocols of scene drawing: `Artist` draws pictures and transitions, `Drawer` with a single generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from avwalk.contracts import Frames
from avwalk.scenes.nodes import Node

if TYPE_CHECKING:
    pass


class Artist(Protocol):
    """Draws pictures and transitions. A frame is a function of its two nodes and its position.

    Attributes:
        size: width and height of all frames.
    """

    size: tuple[int, int]

    def frames(self, a: Node, b: Node, positions: Sequence[float]) -> Iterator[Frames]:
        """Frames of the transition from ``a`` to ``b``, in the order of ``positions``.

        Args:
            a: first picture.
            b: last picture; a still picture is ``frames(a, a, [0.0])``.
            positions: shares of the transition, 0 to 1. The frame at 0 is the picture of ``a``, that at 1 the picture
                of ``b``.

        Yields:
            (H, W, 3) float32 sRGB in [0, 1].
        """
        ...

    def fingerprint(self, a: Node, b: Node) -> str:
        """Fingerprint of all inputs of these frames (prompts, seeds, settings, model), 16 hex digits."""
        ...


class Drawer(Artist, Protocol):
    """An artist with one generator, which draws from prompts and seeds."""

    def metadata(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """Prompt, negative prompt and values of a picture, as `avwalk.files.infotext.infotext` takes them."""
        ...
