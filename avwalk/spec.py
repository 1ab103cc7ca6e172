"""Everything that decides a film, as plain JSON values, and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

PIXELS_VERSION = 13
"""Raised whenever the same plan would give other pixels."""

PACKAGES = ("numpy", "numba", "opencv-python-headless", "av")
SEGMENT_SECONDS = 10


def film_hash(film: Mapping[str, Any]) -> str:
    """sha256 of the inputs, over sorted JSON."""
    text = json.dumps(film, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def film_of(film: Mapping[str, Any], look: str) -> dict[str, Any]:
    """The inputs of a pinned preset's film: those of the film in that look, with nothing written over it."""
    bare = {"looks": {}, "explain": False, "text": {"show": "none", "title": "", "artist": ""}}
    return {**film, **film["looks"][look], **bare}
