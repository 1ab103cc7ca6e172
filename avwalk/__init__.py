"""avwalk turns a song into a music video.

    import avwalk
    avwalk.render("song.wav", preset="lsd", out="song.mp4")
    avwalk.analyze("song.wav").score.beats

Importing avwalk is cheap; the heavy packages are imported when something is first used.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Plan", "__version__", "analyze", "render"]

if TYPE_CHECKING:
    from avwalk.plan import Plan
    from avwalk.render import analyze, render

_HOMES = {"render": "avwalk.render", "analyze": "avwalk.render", "Plan": "avwalk.plan"}


class _Package(ModuleType):
    """`avwalk.render` is the function, though its module has that name: importing the module must not hide it."""

    def __getattr__(self, name: str) -> Any:
        if name in _HOMES:
            return getattr(importlib.import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'avwalk' has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
