"""Scene pictures by painters: services, or avwalk's own drawing by the words; transitions cross-fade and zoom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from avwalk.contracts import Frames
from avwalk.painters.contract import Painter, Painting, PaintRequest
from avwalk.painters.several import Commission, share_out
from avwalk.scenes.draw.studio import crossfaded, spacing
from avwalk.scenes.nodes import Node
from avwalk.spec import PIXELS_VERSION

IN_MEMORY = 4  # pictures in memory


class Words(NamedTuple):
    """What a prompt says: text, and what is not to be seen."""

    text: str
    negative: str = ""


class PainterArtist:
    """Draws prompts by painters.

    Args:
        size: width and height of the pictures.
        prompts: name → words.
        painters: one, or several of which each picture has one, by its seed.
    """

    def __init__(self, size: tuple[int, int], prompts: Mapping[str, Words], painters: Sequence[Painter]) -> None:
        self.size, self._prompts, self._painters = size, dict(prompts), list(painters)
        self._paintings: dict[str, Painting] = {}

    def frames(self, a: Node, b: Node, positions: Sequence[float]) -> Iterator[Frames]:
        """See `avwalk.scenes.draw.contract.Artist`.

        Raises:
            PainterError: a picture cannot be painted.
        """
        first = self._painting(a).picture
        if a == b:
            yield from (first.copy() for _ in positions)
            return
        last = self._painting(b).picture
        shares, length = spacing(first, last)
        for position in positions:
            yield crossfaded(first, last, float(np.interp(position, length, shares)))

    def fingerprint(self, a: Node, b: Node) -> str:
        """See `avwalk.scenes.draw.contract.Artist`."""
        inputs = [
            [node.id, *self._prompts[node.name], dict(self._commission(node).painter.identity)] for node in (a, b)
        ]
        text = json.dumps([PIXELS_VERSION, self.size, inputs], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def metadata(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """See `avwalk.scenes.draw.contract.Drawer`."""
        words, painting = self._prompts[node.name], self._painting(node)
        used = {name: value for name, value in painting.used.items() if name != "notes"}
        values: dict[str, object] = {"Seed": node.seed, "Size": f"{self.size[0]}x{self.size[1]}"}
        return words.text, words.negative, {**values, "Painter": self._commission(node).painter.kind, **used}

    def _commission(self, node: Node) -> Commission:
        assert node.seed is not None, "pictures put there by hand are not drawn here"
        words = self._prompts[node.name]
        request = PaintRequest(words.text, words.negative, node.seed, self.size)
        return share_out(self._painters, [request], "random" if len(self._painters) > 1 else "")[0]

    def _painting(self, node: Node) -> Painting:
        """The picture of a node, painted on first use."""
        if node.id not in self._paintings:
            painter, request = self._commission(node)
            made = painter.paint(request.prompt, request.negative, request.seed, request.size)
            while len(self._paintings) >= IN_MEMORY:
                self._paintings.pop(next(iter(self._paintings)))
            self._paintings[node.id] = made
        return self._paintings[node.id]
