"""What painters there are, and how one is made from its name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from avwalk.errors import OptionError
from avwalk.painters.address import PainterAddress, parse_address
from avwalk.painters.cached import CachedPainter
from avwalk.painters.contract import CountsTokens, Painter


class PainterEntry(NamedTuple):
    """A kind of painter.

    Attributes:
        place: ``"module:Class"``; the class is made from a `PainterAddress`.
        text: for lists.
        remote: whether it is a service.
    """

    place: str
    text: str
    remote: bool = True


PAINTERS = {
    "worlds": PainterEntry("avwalk.painters.worlds.painter:WorldsPainter", "avwalk's own drawing, by the words", False),
    "sd": PainterEntry("avwalk.painters.diffusers:DiffusersPainter", "a diffusion model on this machine", False),
    "a1111": PainterEntry("avwalk.painters.a1111:A1111Painter", "AUTOMATIC1111, Forge or SD.Next, by their API"),
    "comfyui": PainterEntry("avwalk.painters.comfyui:ComfyPainter", "ComfyUI, with a graph of your own"),
    "openai": PainterEntry("avwalk.painters.openai_images:OpenAIPainter", "an images endpoint as OpenAI has it"),
    "rest": PainterEntry("avwalk.painters.rest:RestPainter", "any other service, described in a TOML file"),
}


def open_painter(text: str, *, fresh: bool = False) -> Painter:
    """A painter by its name, ``KIND[@URL][?name=value&…]``; answers of services are kept.

    Args:
        text: its name.
        fresh: paint anew what is kept.

    Raises:
        OptionError: no such kind or setting, or an address that cannot be used.
        PainterError: it cannot run here.
    """
    address = parse_address(text, PAINTERS)
    painter = _made(address)
    return CachedPainter(painter, fresh=fresh) if PAINTERS[address.kind].remote else painter


def open_painters(text: str, *, fresh: bool = False) -> list[Painter]:
    """The painters of a list, separated by commas.

    Raises:
        OptionError: as `open_painter`; or there is none.
    """
    names: Sequence[str] = [each.strip() for each in text.split(",") if each.strip()]
    if not names:
        raise OptionError(f"--painter '{text}' names no painter; use {', '.join(PAINTERS)}")
    return [open_painter(name, fresh=fresh) for name in names]


def prompt_limit(text: str) -> Callable[[str], bool] | None:
    """Whether prompts are short enough for painters, by tokenizers of their own; None: none of them has one.

    Args:
        text: names of painters, separated by commas.

    Raises:
        OptionError: as `open_painter`.
        PainterError: it cannot run here.
    """
    counting = [painter for painter in open_painters(text) if isinstance(painter, CountsTokens)]
    return (lambda prompt: all(painter.fits(prompt) for painter in counting)) if counting else None


def is_painter(text: str) -> bool:
    """Whether a generator's name names a painter: a kind of them, ``sd`` only with what no generator has."""
    kinds = [each.strip().partition("@")[0].partition("?")[0].lower() for each in text.split(",")]
    plain = len(kinds) == 1 and text.strip().lower() == "sd"
    return not plain and all(kind in PAINTERS for kind in kinds)


def _made(address: PainterAddress) -> Painter:
    module, _, name = PAINTERS[address.kind].place.partition(":")
    maker: Any = getattr(importlib.import_module(module), name)
    made: Painter = maker(address)
    return made
