"""Where in a picture text may stand: clear of its edges, and of what players and apps lay over it."""

from __future__ import annotations

from typing import NamedTuple

MARGIN = 0.05
"""Margin at every side, share of the picture's side: what EBU R 95 leaves free for graphics."""
UPRIGHT_BOTTOM, UPRIGHT_RIGHT, UPRIGHT_TOP = 0.20, 0.12, 0.10
"""Margins in upright pictures, where players show controls."""
STORY_TOP = 0.14
"""Of a story: there are the name and the bar of progress (Meta asks for 14 % at the top, 20 % at the bottom)."""


class SafeArea(NamedTuple):
    """Edges, pixels."""

    left: float
    top: float
    right: float
    bottom: float


def safe_area(size: tuple[int, int], profile: str = "") -> SafeArea:
    """Where text may stand.

    Args:
        size: width and height of the picture, pixels.
        profile: name of what the film is for.
    """
    width, height = size
    upright = height > width
    top = (STORY_TOP if profile == "story" else UPRIGHT_TOP) if upright else MARGIN
    right, bottom = (UPRIGHT_RIGHT, UPRIGHT_BOTTOM) if upright else (MARGIN, MARGIN)
    return SafeArea(MARGIN * width, top * height, (1 - right) * width, (1 - bottom) * height)
