"""``KIND[@URL][?name=value&…]``: how painters are named on the command line, in presets and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from avwalk.errors import OptionError, clipped, did_you_mean

COMMON = {"timeout": "seconds for a picture", "jobs": "pictures at once", "price": "of a picture, for --estimate"}
"""Settings of every service."""


@dataclass(frozen=True)
class PainterAddress:
    """A painter as it was named.

    Attributes:
        kind: of the registry.
        url: of the service, or a file; empty: the kind's usual one.
        settings: name → value, as text.
    """

    kind: str
    url: str
    settings: Mapping[str, str]

    @property
    def text(self) -> str:
        """The name again, in one spelling."""
        settings = "&".join(f"{name}={value}" for name, value in sorted(self.settings.items()))
        return self.kind + (f"@{self.url}" if self.url else "") + (f"?{settings}" if settings else "")

    def number(self, name: str, usual: float, low: float, high: float) -> float:
        """A setting as a number.

        Raises:
            OptionError: it is none, or out of range.
        """
        text = self.settings.get(name)
        if text is None:
            return usual
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise OptionError(
                f"painter '{self.kind}': {name}={clipped(text)} is out of range; give {low:g} to {high:g}"
            )
        return value

    def check(self, settings: Mapping[str, str]) -> None:
        """Refuses settings that the kind does not have.

        Raises:
            OptionError: there is one.
        """
        for name in self.settings:
            if name not in settings:
                near, listed = did_you_mean(name, settings), ", ".join(settings) or "none"
                raise OptionError(f"painter '{self.kind}' has no setting '{clipped(name)}'{near}; it has {listed}")


def parse_address(text: str, kinds: Mapping[str, Any]) -> PainterAddress:
    """A painter's name, read.

    Args:
        text: such as ``"worlds"``, ``"a1111@http://127.0.0.1:7860?steps=20"``, ``"rest@service.toml"``.
        kinds: those that there are.

    Raises:
        OptionError: the kind is unknown.
    """
    kind, _, rest = text.strip().partition("@")
    if "?" in kind:
        kind, _, query = kind.partition("?")
        url = ""
    else:
        url, _, query = rest.partition("?")
    kind = kind.strip().lower()
    if kind not in kinds:
        near = did_you_mean(kind, kinds)
        raise OptionError(f"painter '{clipped(kind)}' is unknown{near}; use {', '.join(kinds)}, as KIND or KIND@URL")
    return PainterAddress(kind, url.strip(), dict(parse_qsl(query, keep_blank_values=True)))
