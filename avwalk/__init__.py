"""avwalk turns a song, a story or a voice into a film.

    import avwalk
    avwalk.render("song.wav", preset="lsd", out="song.mp4")
    avwalk.analyze("song.wav").score.beats

Importing avwalk is cheap; the heavy packages are imported when something is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from avwalk._version import __version__

__all__ = ["Plan", "__version__", "analyze", "render"]

if TYPE_CHECKING:
    from avwalk.pipeline import render
    from avwalk.plan.analyze import analyze
    from avwalk.plan.plan import Plan

_HOMES = {"render": "avwalk.pipeline", "analyze": "avwalk.plan.analyze", "Plan": "avwalk.plan.plan"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'avwalk' has no attribute {name!r}")
