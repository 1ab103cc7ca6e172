"""Integer time base of a film: every frame lasts the same number of ticks at any frame rate."""

from __future__ import annotations

from fractions import Fraction

_FINEST = 10_000  # MP4 muxers refine coarser time scales on their own; we do it in one known way

DELAY = 2
"""Frames that decoding runs ahead of showing: enough for two B-frames, one of them a reference."""


def timescale(fps: Fraction) -> int:
    """Ticks per second: the numerator of fps, doubled until it is at least 10000."""
    ticks = fps.numerator
    while ticks < _FINEST:
        ticks *= 2
    return ticks


def ticks_per_frame(fps: Fraction) -> int:
    """Ticks from one frame to the next, exact: 30 fps → 512 of 15360, 30000/1001 → 1001 of 30000."""
    exact = timescale(fps) / fps
    return exact.numerator  # the time scale is a multiple of the numerator, so the denominator is 1
