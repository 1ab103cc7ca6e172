"""The painter `worlds`: avwalk's own drawing, which reads words by tables. No weights, no network, no diffusion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avwalk.contracts import Frames
from avwalk.painters.address import PainterAddress
from avwalk.painters.answers import fitted
from avwalk.painters.contract import Painting
from avwalk.painters.service import check_request
from avwalk.painters.worlds.draw import draw_meaning, recoloured
from avwalk.painters.worlds.reading import read_prompt

VERSION = 2
"""Of what the tables say and how it is drawn."""
UNKNOWN = "no word of the prompt is known to the built-in painter; name a place, a time of day, a weather, a colour"


class WorldsPainter:
    """Paints what the words mean, as far as its tables know them; the same words and seed always the same picture.

    Args:
        address: without an URL or settings.
    """

    kind = "worlds"
    remote = False
    jobs = 1
    price: float | None = 0.0

    def __init__(self, address: PainterAddress) -> None:
        address.check({})
        self.identity: Mapping[str, Any] = {"kind": self.kind, "version": VERSION}

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        """See `avwalk.painters.contract.Painter`; from a picture: that picture in the colours of the words."""
        check_request(size, strength)
        meaning = read_prompt(prompt, negative)
        picture = draw_meaning(meaning, seed, size)
        if init_image is not None:
            picture = recoloured(fitted(init_image, size), picture, strength)
        used: dict[str, Any] = {
            "Seed": seed,
            "Model": "avwalk worlds",
            **{k.capitalize(): v for k, v in meaning.summary().items()},
        }
        if not meaning.words:
            used["notes"] = [UNKNOWN]
        return Painting(picture, used)
