"""What painters of services share: address, settings, key, the check of a request, notes of what cannot be followed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from avwalk.errors import OptionError, PainterError
from avwalk.painters.address import COMMON, PainterAddress

TIMEOUT = 300.0  # seconds for a picture
MAX_SIDE = 4096


class Service:
    """The part of a painter that every service has.

    Args:
        address: as named.
        usual: address where none is given.
        settings: name → text, of settings beside `COMMON`.
        jobs: pictures that the service is given at once, unless said.

    Raises:
        OptionError: a setting is unknown or out of range.
    """

    remote = True

    def __init__(self, address: PainterAddress, usual: str, settings: Mapping[str, str], jobs: int = 1) -> None:
        address.check({**settings, **COMMON})
        self.kind = address.kind
        self.url = (address.url or usual).rstrip("/")
        self.timeout = address.number("timeout", TIMEOUT, 1, 86400)
        self.jobs = int(address.number("jobs", jobs, 1, 64))
        self.price: float | None = address.number("price", 0.0, 0, 1e6) if "price" in address.settings else None
        decisive = {name: value for name, value in sorted(address.settings.items()) if name not in COMMON}
        self.identity: Mapping[str, Any] = {"kind": self.kind, "url": self.url, **decisive}


def key_of(*names: str, required: str = "") -> str:
    """A key from the environment: the first variable that is set.

    Args:
        names: of variables.
        required: who needs it; empty: it may lack.

    Raises:
        PainterError: it lacks.
    """
    found = next((os.environ[name] for name in names if os.environ.get(name)), "")
    if not found and required:
        raise PainterError(f"{required} needs a key; set {' or '.join(names)} in the environment")
    if any(ord(letter) < 33 or ord(letter) > 126 for letter in found):
        raise PainterError(f"the key in {names[0]} holds letters that no key has; copy it anew")
    return found


def check_request(size: tuple[int, int], strength: float) -> None:
    """Refuses sizes and strengths that no painter has.

    Raises:
        OptionError: out of range.
    """
    if not all(8 <= side <= MAX_SIDE for side in size):
        raise OptionError(f"size {size[0]}x{size[1]} is out of range; each side must be 8 to {MAX_SIDE}")
    if not 0 <= strength <= 1:
        raise OptionError(f"strength {strength:g} is out of range; give 0 to 1")


def worked_in(size: tuple[int, int], step: int = 8) -> tuple[int, int]:
    """A size that networks draw in: the next multiples of ``step``."""
    return -(-size[0] // step) * step, -(-size[1] // step) * step
