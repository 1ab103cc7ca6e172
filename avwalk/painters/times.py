"""How long painters take for a picture, as it was measured here, for estimates."""

from __future__ import annotations

import hashlib
import json

from avwalk.files.byte_cache import ByteCache
from avwalk.painters.contract import Painter

_CACHE = ByteCache("painting-times", 1 << 20, "how long painters take is not known next time")
LEAST_SECONDS = 0.05
"""Seconds below which a picture of a service was not painted: it was kept from before."""
ENOUGH = 1 << 16
"""Pixels of a picture: of smaller ones most of the time is none of theirs."""
WEIGHT = 0.4  # of the newest measurement in the running mean


def seconds_each(painter: Painter, size: tuple[int, int] | None = None) -> float | None:
    """Seconds of a picture by a painter; None: not measured yet.

    Args:
        painter: that paints.
        size: width and height, pixels; where none of that size was measured, by all that were, as pixels go.
    """
    if size is None:
        return _found(_name(painter))
    if (same := _found(_name(painter, size))) is not None:
        return same
    pixel = _found(_name(painter, (1, 1)))
    return _found(_name(painter)) if pixel is None else pixel * size[0] * size[1]


def remember_seconds(painter: Painter, seconds: float, size: tuple[int, int] | None = None) -> None:
    """Takes a measurement into the running means: of the painter, and of its pictures of that size."""
    _remember(_name(painter), seconds)
    if size is not None:
        _remember(_name(painter, size), seconds)
        if size[0] * size[1] >= ENOUGH:
            _remember(_name(painter, (1, 1)), seconds / (size[0] * size[1]))


def _found(name: str) -> float | None:
    try:
        value = json.loads(_CACHE.find(name) or b"null")
    except ValueError:
        return None
    return float(value) if isinstance(value, int | float) else None


def _remember(name: str, seconds: float) -> None:
    before = _found(name)
    mean = seconds if before is None else before + WEIGHT * (seconds - before)
    _CACHE.store(name, json.dumps(float(f"{mean:.6g}")).encode())


def _name(painter: Painter, size: tuple[int, int] | None = None) -> str:
    identity: dict[str, object] = dict(painter.identity)
    if size is not None:
        identity["size"] = list(size)
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]
