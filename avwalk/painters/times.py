"""How long painters take for a picture, as it was measured here, for estimates."""

from __future__ import annotations

import hashlib
import json

from avwalk.files.byte_cache import ByteCache
from avwalk.painters.contract import Painter

_CACHE = ByteCache("painting-times", 1 << 20, "how long painters take is not known next time")
LEAST_SECONDS = 0.05
"""Seconds below which a picture of a service was not painted: it was kept from before."""
WEIGHT = 0.4  # of the newest measurement in the running mean


def seconds_each(painter: Painter) -> float | None:
    """Seconds of a picture by a painter; None: not measured yet."""
    try:
        value = json.loads(_CACHE.find(_name(painter)) or b"null")
    except ValueError:
        return None
    return float(value) if isinstance(value, int | float) else None


def remember_seconds(painter: Painter, seconds: float) -> None:
    """Takes a measurement into the running mean."""
    before = seconds_each(painter)
    mean = seconds if before is None else before + WEIGHT * (seconds - before)
    _CACHE.store(_name(painter), json.dumps(round(mean, 3)).encode())


def _name(painter: Painter) -> str:
    return hashlib.sha256(json.dumps(dict(painter.identity), sort_keys=True).encode()).hexdigest()[:32]
