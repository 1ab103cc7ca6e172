"""What every painter does: a prompt becomes a picture, with a record of what was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from avwalk.contracts import Frames


@dataclass(frozen=True)
class Painting:
    """A picture, and how it was made.

    Attributes:
        picture: (H, W, 3) float32 sRGB in [0, 1], of the size that was asked for.
        used: what was really used, in the words of infotexts: ``Seed``, ``Steps``, ``Model``, …; and ``notes``, a
            list of lines about what could not be followed.
    """

    picture: Frames
    used: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PaintRequest:
    """All that a picture depends on beside the painter.

    Attributes:
        prompt: what is to be seen.
        negative: what is not.
        seed: 0 to 2⁶³ − 1.
        size: width and height, pixels.
        init_image: (h, w, 3) float32 sRGB in [0, 1]: the picture to start from; None: none.
        strength: how far from it, 0 to 1.
    """

    prompt: str
    negative: str = ""
    seed: int = 0
    size: tuple[int, int] = (512, 512)
    init_image: Frames | None = None
    strength: float = 0.5


class Painter(Protocol):
    """Paints pictures from prompts. Thread-safe.

    Attributes:
        kind: name in the registry.
        identity: JSON values of all that its pictures depend on beside the request; no keys.
        remote: whether it calls a service, whose answers are kept.
        jobs: pictures that it paints at once, at most.
        price: of a picture, as its user says; None: not known.
    """

    kind: str
    identity: Mapping[str, Any]
    remote: bool
    jobs: int
    price: float | None

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        """A picture; see `PaintRequest` for the arguments.

        Raises:
            PainterError: it cannot be painted.
        """
        ...


@runtime_checkable
class Inpainter(Protocol):
    """A painter that can also change a part of a picture."""

    def inpaint(
        self, prompt: str, negative: str, seed: int, picture: Frames, mask: Frames, strength: float = 0.75
    ) -> Painting:
        """A picture that is another where the mask is 1; outside of it it may be a little so too.

        Args:
            prompt: what is to be seen there.
            negative: what is not.
            seed: 0 to 2⁶³ − 1.
            picture: (H, W, 3) float32 sRGB in [0, 1].
            mask: (H, W) float32, 0 or 1.
            strength: how far from what is there, 0 to 1.

        Raises:
            PainterError: it cannot be painted.
        """
        ...


@runtime_checkable
class CountsTokens(Protocol):
    """A painter that knows how long a prompt its model reads."""

    def fits(self, prompt: str) -> bool:
        """Whether the model reads all of a prompt at once.

        Raises:
            PainterError: its tokenizer cannot be loaded.
        """
        ...
